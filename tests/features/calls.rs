//! Calls that somebody with a level makes, and whether AWS is to allow them.

/// A call: who makes it, what it is, on what, and the boundary of the role it is about.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) set: &'static str,
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
    /// `iam:PermissionsBoundary`, where the call carries it.
    pub(crate) boundary: Option<&'static str>,
    pub(crate) allowed: bool,
}

const fn yes(set: &'static str, action: &'static str, resource: &'static str) -> Call {
    Call { set, action, resource, boundary: None, allowed: true }
}

const fn no(set: &'static str, action: &'static str, resource: &'static str) -> Call {
    Call { set, action, resource, boundary: None, allowed: false }
}

const fn within(call: Call, boundary: &'static str) -> Call {
    Call { boundary: Some(boundary), ..call }
}

const ANY: &str = "*";
const OWN: &str = "arn:aws:iam::222200000000:role/workloads/worker";
const BOUNDARY: &str = "arn:aws:iam::222200000000:policy/groundwork/boundary";
const ADMIN: &str = "arn:aws:iam::aws:policy/AdministratorAccess";
const GROUNDWORK: &str = "arn:aws:iam::222200000000:role/OrganizationAccountAccessRole";
const BREAK_GLASS: &str = "arn:aws:iam::222200000000:role/groundwork/break-glass";
const FACELESS: &str = "arn:aws:iam::222200000000:role/faceless/deploy";
const SIGN_IN: &str = "arn:aws:iam::222200000000:role/aws-reserved/sso.amazonaws.com/eu-west-1/AWSReservedSSO_developer-dev_0123456789abcdef";
const FACT: &str = "arn:aws:ssm:eu-west-1:222200000000:parameter/groundwork/network/vpc-id";
const SECRET: &str = "arn:aws:secretsmanager:eu-west-1:222200000000:secret:database";

/// What has to hold, whatever the policies look like.
pub(crate) const CALLS: &[Call] = &[
    // A developer builds.
    yes("developer-dev", "lambda:CreateFunction", ANY),
    yes("developer-dev", "dynamodb:Query", ANY),
    yes("developer-dev", "secretsmanager:GetSecretValue", SECRET),
    yes("developer-dev", "iam:GetRole", GROUNDWORK),
    yes("developer-dev", "iam:PassRole", OWN),
    yes("developer-dev", "sts:AssumeRole", OWN),
    yes("developer-dev", "iam:DeleteRole", OWN),
    yes("developer-dev", "ssm:GetParameter", FACT),
    within(yes("developer-dev", "iam:CreateRole", OWN), BOUNDARY),
    within(yes("developer-dev", "iam:AttachRolePolicy", OWN), BOUNDARY),
    within(yes("developer-dev", "iam:PutRolePermissionsBoundary", OWN), BOUNDARY),
    // Nobody raises their own rights: not by a role without boundary or with a wider one,
    no("developer-dev", "iam:CreateRole", OWN),
    within(no("developer-dev", "iam:CreateRole", OWN), ADMIN),
    within(no("developer-dev", "iam:CreateRole", OWN), "arn:aws:iam::222200000000:policy/boundary"),
    within(no("developer-dev", "iam:PutRolePermissionsBoundary", OWN), ADMIN),
    no("developer-dev", "iam:DeleteRolePermissionsBoundary", OWN),
    no("developer-dev", "iam:PutRolePolicy", OWN),
    no("developer-dev", "iam:AttachRolePolicy", OWN),
    // by opening one that is there,
    no("developer-dev", "iam:UpdateAssumeRolePolicy", OWN),
    within(no("developer-dev", "iam:AttachRolePolicy", SIGN_IN), BOUNDARY),
    no("developer-dev", "iam:DeleteRole", SIGN_IN),
    // by what the boundary itself says,
    no("developer-dev", "iam:CreatePolicyVersion", BOUNDARY),
    no("developer-dev", "iam:SetDefaultPolicyVersion", BOUNDARY),
    no("developer-dev", "iam:DeletePolicy", BOUNDARY),
    // by a role of somebody else's,
    no("developer-dev", "iam:PassRole", "arn:aws:iam::222200000000:role/worker"),
    no("developer-dev", "iam:PassRole", GROUNDWORK),
    no("developer-dev", "iam:PassRole", BREAK_GLASS),
    no("developer-dev", "iam:PassRole", FACELESS),
    no("developer-dev", "iam:PassRole", "arn:aws:iam::222200000000:role/groundwork-flow-logs"),
    no("developer-dev", "sts:AssumeRole", GROUNDWORK),
    no("developer-dev", "sts:AssumeRole", "arn:aws:iam::333300000000:role/OrganizationAccountAccessRole"),
    no("developer-dev", "sts:AssumeRole", BREAK_GLASS),
    no("developer-dev", "sts:AssumeRole", FACELESS),
    // by what runs with rights of its own,
    no("developer-dev", "lambda:UpdateFunctionCode", "arn:aws:lambda:eu-west-1:222200000000:function:groundwork-keys"),
    no("developer-dev", "events:DisableRule", "arn:aws:events:eu-west-1:222200000000:rule/groundwork-keys"),
    no(
        "developer-dev",
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager:eu-west-1:222200000000:secret:/groundwork/faceless-users/ci/access-key-a1b2c3",
    ),
    // or by another way in.
    no("developer-dev", "iam:CreateUser", "arn:aws:iam::222200000000:user/me"),
    no("developer-dev", "iam:CreateAccessKey", "arn:aws:iam::222200000000:user/faceless/legacy-ci"),
    no("developer-dev", "iam:CreateLoginProfile", "arn:aws:iam::222200000000:user/me"),
    no("developer-dev", "iam:CreateOpenIDConnectProvider", "arn:aws:iam::222200000000:oidc-provider/evil.example"),
    no("developer-dev", "iam:CreateSAMLProvider", "arn:aws:iam::222200000000:saml-provider/evil"),
    no("developer-dev", "sso:CreateInstance", ANY),
    no("developer-dev", "organizations:LeaveOrganization", ANY),
    no("developer-dev", "account:PutAlternateContact", ANY),
    no("developer-dev", "ec2:DeleteVpc", ANY),
    no("developer-dev", "ssm:PutParameter", FACT),
    // An operator repairs, and leaves roles to CI.
    yes("operator-prod", "ecs:UpdateService", ANY),
    yes("operator-prod", "iam:PassRole", OWN),
    yes("operator-prod", "secretsmanager:GetSecretValue", SECRET),
    within(no("operator-prod", "iam:CreateRole", OWN), BOUNDARY),
    no("operator-prod", "iam:CreatePolicyVersion", "arn:aws:iam::222200000000:policy/worker"),
    no("operator-prod", "iam:PassRole", GROUNDWORK),
    no("operator-prod", "sts:AssumeRole", BREAK_GLASS),
    no("operator-prod", "ec2:DeleteNatGateway", ANY),
    // Who looks sees neither data nor secrets.
    no("read-only-prod", "s3:GetObject", "arn:aws:s3:::orders/1"),
    no("read-only-prod", "s3:GetObjectVersion", "arn:aws:s3:::orders/1"),
    no("read-only-prod", "dynamodb:Query", ANY),
    no("read-only-prod", "sqs:ReceiveMessage", ANY),
    no("read-only-prod", "secretsmanager:GetSecretValue", SECRET),
    no("read-only-prod", "ssm:GetParametersByPath", "arn:aws:ssm:eu-west-1:222200000000:parameter/database"),
    no("read-only-prod", "kms:Decrypt", ANY),
    no("read-only-prod", "lambda:GetFunctionConfiguration", ANY),
    no("read-only-prod", "sts:AssumeRole", OWN),
    no("read-only-prod", "apigateway:GET", "arn:aws:apigateway:eu-west-1::/apikeys/a1b2c3"),
    no("reader", "s3:GetObject", "arn:aws:s3:::orders/1"),
    no("reader", "ssm:StartSession", ANY),
    // A contractor works, and has nothing of IAM.
    yes("contractor-redesign", "lambda:UpdateFunctionCode", ANY),
    no("contractor-redesign", "iam:PassRole", OWN),
    within(no("contractor-redesign", "iam:CreateRole", OWN), BOUNDARY),
    no("contractor-redesign", "secretsmanager:GetSecretValue", SECRET),
    no("contractor-redesign", "ssm:GetParameter", "arn:aws:ssm:eu-west-1:222200000000:parameter/database"),
    yes("contractor-redesign", "ssm:GetParameter", FACT),
    no("contractor-redesign", "kms:Decrypt", ANY),
    no("contractor-redesign", "sts:AssumeRole", OWN),
    no("contractor-redesign", "organizations:DescribeAccount", ANY),
    no("contractor-audit", "s3:GetObject", "arn:aws:s3:::orders/1"),
    no("contractor-audit", "iam:PassRole", OWN),
];
