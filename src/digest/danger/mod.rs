//! What makes a change worth a second look, judged on whole values, before they are reduced to what differs.

mod exposure;
mod iam;
mod ingress;
mod statement;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::plan::Action;

/// What kind of danger it is, in the order in which people should see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DangerKind {
    /// Something is destroyed.
    Destroy,
    /// Something is destroyed and made anew.
    Replace,
    /// Something is made anew, and the old one goes on existing, unknown to Terraform.
    LeftBehind,
    /// Something goes on existing, unknown to Terraform.
    Forget,
    /// A network is destroyed or replaced: what is behind it loses its connection or its address.
    Network,
    /// Something is done that groundwork does not know.
    UnknownAction,
    /// Something can be reached or read by everybody.
    PublicExposure,
    /// A security group lets in more than before, or the whole world.
    IngressOpened,
    /// Somebody may do more than before, or everything.
    Iam,
}

impl DangerKind {
    /// As JSON and `--fail-on` spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Destroy => "destroy",
            Self::Network => "network",
            Self::Replace => "replace",
            Self::LeftBehind => "left-behind",
            Self::Forget => "forget",
            Self::UnknownAction => "unknown-action",
            Self::PublicExposure => "public-exposure",
            Self::IngressOpened => "ingress-opened",
            Self::Iam => "iam",
        }
    }

    /// What it does to its resource, in a word or two.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Destroy => "destroys",
            Self::Network => "cuts the network of",
            Self::Replace => "replaces",
            Self::LeftBehind => "replaces and leaves behind",
            Self::Forget => "forgets",
            Self::UnknownAction => "does something unknown to",
            Self::PublicExposure => "exposes to the public",
            Self::IngressOpened => "opens",
            Self::Iam => "widens permissions of",
        }
    }
}

/// One reason to look twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub struct Danger {
    /// What kind.
    pub kind: DangerKind,
    /// What exactly; empty where the kind says it all.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// Details of one kind that are kept for one change.
const MOST_DETAILS: usize = 8;

/// Whose destruction takes something off the network, or changes the address it is known by.
const NETWORK: [&str; 22] = [
    "aws_vpc",
    "aws_subnet",
    "aws_nat_gateway",
    "aws_internet_gateway",
    "aws_egress_only_internet_gateway",
    "aws_eip",
    "aws_route",
    "aws_route_table",
    "aws_route_table_association",
    "aws_vpc_ipv4_cidr_block_association",
    "aws_vpc_peering_connection",
    "aws_vpc_endpoint",
    "aws_vpn_connection",
    "aws_vpn_gateway",
    "aws_customer_gateway",
    "aws_dx_gateway",
    "aws_dx_connection",
    "aws_ec2_transit_gateway",
    "aws_ec2_transit_gateway_vpc_attachment",
    "aws_ec2_transit_gateway_route_table",
    "aws_networkfirewall_firewall",
    "aws_route53_zone",
];

/// Everything about a change that is worth a second look, in the order of its kinds.
///
/// `resource` is the resource's type. Details quote values: they have to be redacted before anybody sees them.
pub(super) fn judge(resource: &str, action: &Action, before: &Value, after: &Value) -> Vec<Danger> {
    let mut dangers = of_action(action);
    let gone = action.is_destructive() || action.leaves_behind();
    if gone && NETWORK.contains(&resource) {
        dangers.push(Danger { kind: DangerKind::Network, detail: String::new() });
    }
    if matches!(action, Action::NoOp | Action::Read | Action::Open) {
        return dangers;
    }
    let change = Judged { resource, before, after };
    let mut kinds: Vec<(DangerKind, Vec<String>)> = vec![
        (DangerKind::PublicExposure, exposure::judge(change)),
        (DangerKind::IngressOpened, ingress::judge(change)),
    ];
    let (exposed, widened) = iam::judge(change);
    kinds[0].1.extend(exposed);
    kinds.push((DangerKind::Iam, widened));
    for (kind, mut details) in kinds {
        details.sort();
        details.dedup();
        let more = details.len().saturating_sub(MOST_DETAILS);
        details.truncate(MOST_DETAILS);
        if more > 0 {
            details.push(format!("and {more} more of this kind"));
        }
        dangers.extend(details.into_iter().map(|detail| Danger { kind, detail }));
    }
    // Stable: what is said last within a kind stays last.
    dangers.sort_by_key(|danger| danger.kind);
    dangers
}

/// A change as the judges see it. A side that is not there is null.
#[derive(Clone, Copy)]
struct Judged<'a> {
    resource: &'a str,
    before: &'a Value,
    after: &'a Value,
}

/// What an action alone says, whatever it is done to.
pub(crate) fn of_action(action: &Action) -> Vec<Danger> {
    let kind = match action {
        Action::NoOp | Action::Create | Action::Read | Action::Update | Action::Open => None,
        Action::Delete => Some(DangerKind::Destroy),
        Action::DeleteThenCreate | Action::CreateThenDelete => Some(DangerKind::Replace),
        Action::Forget => Some(DangerKind::Forget),
        Action::CreateThenForget | Action::ForgetThenCreate => Some(DangerKind::LeftBehind),
        Action::Other(words) => {
            let detail = words.join(", ");
            let mut dangers = vec![Danger { kind: DangerKind::UnknownAction, detail }];
            if action.is_destructive() {
                dangers.insert(0, Danger { kind: DangerKind::Destroy, detail: String::new() });
            }
            return dangers;
        }
    };
    kind.map(|kind| Danger { kind, detail: String::new() }).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn case(resource: &str, action: &[&str], before: Value, after: Value, expected: &[&str]) {
        let found: Vec<String> = judge(resource, &Action::from_words(action), &before, &after)
            .iter()
            .map(|danger| format!("{}: {}", danger.kind.as_str(), danger.detail))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_goes_is_a_danger_and_what_comes_is_not() {
        case("null_resource", &["create"], Value::Null, json!({}), &[]);
        case("null_resource", &["update"], json!({}), json!({}), &[]);
        case("null_resource", &["delete"], json!({}), Value::Null, &["destroy: "]);
        case("null_resource", &["create", "delete"], json!({}), json!({}), &["replace: "]);
        case("null_resource", &["create", "forget"], json!({}), json!({}), &["left-behind: "]);
        case("aws_nat_gateway", &["delete", "create"], json!({}), json!({}), &["replace: ", "network: "]);
        case(
            "null_resource",
            &["delete", "vanish"],
            json!({}),
            json!({}),
            &["destroy: ", "unknown-action: delete, vanish"],
        );
    }

    #[test]
    fn a_bucket_that_everybody_may_read_is_exposed() {
        let policy = |principal: &str, condition: &str| {
            json!({"policy": format!(
                r#"{{"Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"{condition}}}]}}"#
            )})
        };
        let open = policy("\"*\"", "");
        case(
            "aws_s3_bucket_policy",
            &["create"],
            Value::Null,
            open.clone(),
            &["public-exposure: policy: allows `s3:GetObject` on `arn:aws:s3:::b/*` to `*`"],
        );
        case("aws_s3_bucket_policy", &["update"], open.clone(), open, &[]);
        case(
            "aws_s3_bucket_policy",
            &["create"],
            Value::Null,
            policy("{\"AWS\":\"arn:aws:iam::111111111111:root\"}", ""),
            &[],
        );
        let limited = policy("\"*\"", r#","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1"}}"#);
        case("aws_s3_bucket_policy", &["create"], Value::Null, limited, &[]);
    }
}
