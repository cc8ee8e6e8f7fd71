//! Calls to AWS, and the guardrail that denies each.

use groundwork_testing::simulation::Call;

/// The role that groundwork assumes, as domains.toml has it by default.
pub(crate) const GROUNDWORK: &str = "OrganizationAccountAccessRole";
const ROOT: &str = "arn:aws:iam::222222222222:root";

type Context = &'static [(&'static str, &'static str)];

pub(crate) fn call(principal: &str, action: &'static str, resource: &'static str, context: Context) -> Call {
    let resource = Some(resource).filter(|resource| !resource.is_empty());
    Call { principal: principal.to_owned(), action, resource, context: context.to_vec() }
}

pub(crate) fn developer(action: &'static str, resource: &'static str, context: Context) -> Call {
    call("developer", action, resource, context)
}

/// Per statement: a call that it alone denies, and those next to it that nothing denies.
pub(crate) fn cases() -> Vec<(&'static str, Call, Vec<Call>)> {
    let trail = "arn:aws:cloudtrail:eu-west-1:222222222222:trail/organization";
    let volume = "arn:aws:ec2:eu-west-1:222222222222:volume/vol-0123456789abcdef0";
    let snapshot = "arn:aws:ec2:eu-west-1::snapshot/snap-0123456789abcdef0";
    let database = "arn:aws:rds:eu-west-1:222222222222:db:shop";
    let cluster = "arn:aws:rds:eu-west-1:222222222222:cluster:shop";
    let state = "arn:aws:s3:::STATE/catalog/prod/terraform.tfstate";
    let bucket = "arn:aws:s3:::pictures";
    let object = "arn:aws:s3:::pictures/cat.jpg";
    let flow_logs = "arn:aws:logs:eu-west-1:222222222222:log-group:/groundwork/network/flow-logs";
    vec![
        (
            "Leave",
            developer("organizations:LeaveOrganization", "*", &[]),
            vec![developer("organizations:DescribeOrganization", "*", &[])],
        ),
        (
            "Leave",
            call("break-glass", "account:CloseAccount", "", &[]),
            vec![developer("account:GetContactInformation", "", &[])],
        ),
        (
            "RootUser",
            call(ROOT, "s3:DeleteBucketPolicy", bucket, &[]),
            vec![
                call(ROOT, "s3:DeleteBucketPolicy", bucket, &[("aws:AssumedRoot", "true")]),
                developer("s3:DeleteBucketPolicy", bucket, &[]),
            ],
        ),
        (
            "Groundwork",
            developer("iam:DeleteRole", "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole", &[]),
            vec![
                developer("iam:GetRole", "arn:aws:iam::222222222222:role/OrganizationAccountAccessRole", &[]),
                developer("iam:DeleteRole", "arn:aws:iam::222222222222:role/own", &[]),
                call(GROUNDWORK, "iam:DeleteRole", "arn:aws:iam::222222222222:role/groundwork-flow-logs", &[]),
                call(
                    "groundwork-rotation",
                    "iam:CreateAccessKey",
                    "arn:aws:iam::222222222222:user/faceless/legacy",
                    &[],
                ),
            ],
        ),
        (
            "Groundwork",
            developer("iam:PassRole", "arn:aws:iam::222222222222:role/groundwork-flow-logs", &[]),
            vec![developer("iam:PassRole", "arn:aws:iam::222222222222:role/own", &[])],
        ),
        (
            // Or the exceptions would be anybody's.
            "Groundwork",
            developer("iam:CreateRole", "arn:aws:iam::222222222222:role/break-glass", &[]),
            vec![call("break-glass", "iam:UpdateAssumeRolePolicy", "arn:aws:iam::222222222222:role/break-glass", &[])],
        ),
        (
            "Groundwork",
            developer("iam:CreatePolicyVersion", "arn:aws:iam::222222222222:policy/groundwork/faceless-boundary", &[]),
            vec![
                developer("iam:GetPolicyVersion", "arn:aws:iam::222222222222:policy/groundwork/faceless-boundary", &[]),
                developer("iam:CreatePolicyVersion", "arn:aws:iam::222222222222:policy/own", &[]),
            ],
        ),
        (
            "Groundwork",
            developer("iam:PutRolePolicy", "arn:aws:iam::222222222222:role/faceless/deploy", &[]),
            vec![developer("sts:AssumeRole", "arn:aws:iam::222222222222:role/faceless/deploy", &[])],
        ),
        (
            "Groundwork",
            developer("iam:CreateAccessKey", "arn:aws:iam::222222222222:user/faceless/legacy", &[]),
            vec![developer("iam:CreateAccessKey", "arn:aws:iam::222222222222:user/own", &[])],
        ),
        (
            "Groundwork",
            developer(
                "iam:DeleteOpenIDConnectProvider",
                "arn:aws:iam::222222222222:oidc-provider/token.actions.githubusercontent.com",
                &[],
            ),
            // A cluster has a provider of its own.
            vec![developer(
                "iam:DeleteOpenIDConnectProvider",
                "arn:aws:iam::222222222222:oidc-provider/oidc.eks.eu-west-1.amazonaws.com",
                &[],
            )],
        ),
        (
            "State",
            developer("s3:DeleteObject", state, &[]),
            vec![developer("s3:DeleteObject", object, &[]), call(GROUNDWORK, "s3:PutObject", state, &[])],
        ),
        (
            "State",
            developer("s3:DeleteBucket", "arn:aws:s3:::STATE", &[]),
            vec![developer("s3:DeleteBucket", bucket, &[])],
        ),
        (
            "Audit",
            developer("cloudtrail:StopLogging", trail, &[]),
            vec![
                developer("cloudtrail:DescribeTrails", "*", &[]),
                call("break-glass", "cloudtrail:StopLogging", trail, &[]),
            ],
        ),
        ("Audit", developer("guardduty:DeleteDetector", "", &[]), vec![developer("guardduty:ListDetectors", "*", &[])]),
        (
            "Audit",
            developer("securityhub:DisableSecurityHub", "", &[]),
            vec![developer("securityhub:EnableSecurityHub", "", &[])],
        ),
        (
            "Audit",
            developer("config:StopConfigurationRecorder", "", &[]),
            vec![developer("config:StartConfigurationRecorder", "", &[])],
        ),
        (
            "Audit",
            developer("ec2:DeleteFlowLogs", "", &[]),
            vec![developer("ec2:CreateFlowLogs", "", &[]), call(GROUNDWORK, "ec2:DeleteFlowLogs", "", &[])],
        ),
        (
            "AuditLogs",
            developer("logs:DeleteLogGroup", flow_logs, &[]),
            vec![
                developer("logs:DeleteLogGroup", "arn:aws:logs:eu-west-1:222222222222:log-group:/shop/web", &[]),
                call(GROUNDWORK, "logs:PutRetentionPolicy", flow_logs, &[]),
            ],
        ),
        (
            "EncryptionSetting",
            developer("ec2:DisableEbsEncryptionByDefault", "*", &[]),
            vec![
                developer("ec2:EnableEbsEncryptionByDefault", "*", &[]),
                call(GROUNDWORK, "ec2:DisableEbsEncryptionByDefault", "*", &[]),
            ],
        ),
        (
            "Volumes",
            developer("ec2:CreateVolume", volume, &[("ec2:Encrypted", "false")]),
            vec![developer("ec2:CreateVolume", volume, &[("ec2:Encrypted", "true")])],
        ),
        (
            "Volumes",
            developer("ec2:RunInstances", volume, &[("ec2:Encrypted", "false")]),
            vec![developer("ec2:RunInstances", volume, &[("ec2:Encrypted", "true")])],
        ),
        (
            "Databases",
            developer(
                "rds:CreateDBInstance",
                database,
                &[("rds:StorageEncrypted", "false"), ("rds:DatabaseEngine", "postgres")],
            ),
            vec![
                developer(
                    "rds:CreateDBInstance",
                    database,
                    &[("rds:StorageEncrypted", "true"), ("rds:DatabaseEngine", "postgres")],
                ),
                developer(
                    "rds:CreateDBInstance",
                    database,
                    &[("rds:StorageEncrypted", "false"), ("rds:DatabaseEngine", "aurora-postgresql")],
                ),
            ],
        ),
        (
            "Clusters",
            developer("rds:CreateDBCluster", cluster, &[("rds:StorageEncrypted", "false")]),
            vec![developer("rds:CreateDBCluster", cluster, &[("rds:StorageEncrypted", "true")])],
        ),
        (
            "FileSystems",
            developer("elasticfilesystem:CreateFileSystem", "*", &[("elasticfilesystem:Encrypted", "false")]),
            vec![developer("elasticfilesystem:CreateFileSystem", "*", &[("elasticfilesystem:Encrypted", "true")])],
        ),
        (
            "PublicSettings",
            developer("s3:PutAccountPublicAccessBlock", "*", &[]),
            vec![
                developer("s3:GetAccountPublicAccessBlock", "*", &[]),
                developer("s3:PutBucketPublicAccessBlock", bucket, &[]),
                call(GROUNDWORK, "s3:PutAccountPublicAccessBlock", "*", &[]),
            ],
        ),
        (
            // It would be the weaker of its two settings.
            "PublicSettings",
            developer("ec2:EnableSnapshotBlockPublicAccess", "*", &[]),
            vec![developer("ec2:EnableImageBlockPublicAccess", "*", &[])],
        ),
        (
            "PublicObjects",
            developer("s3:PutObject", object, &[("s3:x-amz-acl", "public-read")]),
            vec![
                developer("s3:PutObject", object, &[("s3:x-amz-acl", "bucket-owner-full-control")]),
                developer("s3:PutObject", object, &[]),
            ],
        ),
        (
            "PublicObjects",
            developer("s3:PutBucketAcl", bucket, &[("s3:x-amz-acl", "authenticated-read")]),
            vec![developer("s3:PutBucketAcl", bucket, &[("s3:x-amz-acl", "private")])],
        ),
        (
            "PublicSnapshots",
            developer("ec2:ModifySnapshotAttribute", snapshot, &[("ec2:Add/group", "all")]),
            vec![developer("ec2:ModifySnapshotAttribute", snapshot, &[("ec2:Add/userId", "333333333333")])],
        ),
        (
            "PublicDatabases",
            developer("rds:CreateDBInstance", database, &[("rds:PubliclyAccessible", "true")]),
            vec![developer("rds:CreateDBInstance", database, &[("rds:PubliclyAccessible", "false")])],
        ),
        (
            "Regions",
            developer(
                "ec2:RunInstances",
                "arn:aws:ec2:eu-north-1:222222222222:instance/i-0123456789abcdef0",
                &[("aws:RequestedRegion", "eu-north-1")],
            ),
            vec![
                developer("ec2:RunInstances", "arn:aws:ec2:eu-west-1:222222222222:instance/i-0123456789abcdef0", &[]),
                call(
                    "break-glass",
                    "ec2:TerminateInstances",
                    "arn:aws:ec2:eu-north-1:222222222222:instance/i-0123456789abcdef0",
                    &[("aws:RequestedRegion", "eu-north-1")],
                ),
                call(
                    "aws-reserved/sso.amazonaws.com/AWSReservedSSO_Emergency_0123456789abcdef",
                    "ec2:TerminateInstances",
                    "arn:aws:ec2:eu-north-1:222222222222:instance/i-0123456789abcdef0",
                    &[("aws:RequestedRegion", "eu-north-1")],
                ),
                // One endpoint for all regions, which is in one that is not approved.
                developer("cloudfront:CreateDistribution", "", &[("aws:RequestedRegion", "us-east-1")]),
                developer(
                    "iam:CreateRole",
                    "arn:aws:iam::222222222222:role/own",
                    &[("aws:RequestedRegion", "us-east-1")],
                ),
                developer("sts:GetCallerIdentity", "*", &[("aws:RequestedRegion", "us-east-1")]),
                developer("support:CreateCase", "*", &[("aws:RequestedRegion", "us-east-1")]),
                call(GROUNDWORK, "budgets:ModifyBudget", "", &[("aws:RequestedRegion", "us-east-1")]),
            ],
        ),
        (
            // No exception for groundwork: it works in approved regions.
            "Regions",
            call(GROUNDWORK, "ec2:CreateVpc", "", &[("aws:RequestedRegion", "eu-north-1")]),
            vec![call(GROUNDWORK, "ec2:CreateVpc", "", &[])],
        ),
    ]
}
