//! Permissions and trust: who may do more than before.

use serde_json::Value;

use super::Judged;
use super::statement::{Document, Grant};

/// Managed policies that let their holder do nearly everything, or give it to others.
const POWERFUL: [&str; 4] =
    ["/AdministratorAccess", "/PowerUserAccess", "/IAMFullAccess", "/AWSOrganizationsFullAccess"];

/// What is exposed to everybody by a policy document, and what else is widened.
pub(super) fn judge(change: Judged<'_>) -> (Vec<String>, Vec<String>) {
    let (mut exposed, mut widened) = (Vec::new(), Vec::new());
    if let Some(after) = change.after.as_object() {
        for (attribute, value) in after {
            let Some(new) = document(value) else { continue };
            let old = change.before.get(attribute).and_then(document);
            judge_document(change, attribute, old.as_ref(), &new, &mut exposed, &mut widened);
        }
    }
    widened.extend(attached(change));
    widened.extend(unbound(change));
    if change.resource == "aws_iam_access_key" && change.before.is_null() {
        widened.push("makes a long-lived access key, whose secret stands in the state".to_owned());
    }
    (exposed, widened)
}

fn judge_document(
    change: Judged<'_>,
    attribute: &str,
    old: Option<&Document>,
    new: &Document,
    exposed: &mut Vec<String>,
    widened: &mut Vec<String>,
) {
    let is_update = !change.before.is_null();
    let none = Vec::new();
    let held = old.map_or(&none, |old| &old.allows);
    for grant in &new.allows {
        if held.iter().any(|held| held.covers(grant)) {
            continue;
        }
        let words = format!("{attribute}: allows {}", grant.words());
        // The policy of a VPC endpoint allows everything unless somebody says otherwise; it gives nobody a right.
        if is_everybody(grant) && change.resource != "aws_vpc_endpoint" {
            exposed.push(words);
        } else if is_update || is_broad(grant) {
            widened.push(words);
        }
    }
    for denied in old.map_or(&none, |old| &old.denies) {
        if !new.denies.iter().any(|still| still.covers(denied)) {
            widened.push(format!("{attribute}: no longer denies {}", denied.words()));
        }
    }
}

/// Everybody, and under no condition that could narrow it.
fn is_everybody(grant: &Grant) -> bool {
    grant.principal.as_deref() == Some("*") && grant.condition.is_empty()
}

/// A whole service, or all of them, on everything: for what is attached to somebody. Where a principal is named the
/// policy belongs to a resource, and its `*` means that resource.
fn is_broad(grant: &Grant) -> bool {
    let action = grant.action.as_str();
    let everything = action == "*" || action.starts_with("* but ") || action.ends_with(":*");
    grant.principal.is_none() && everything && (grant.resource == "*" || grant.resource.starts_with("* but "))
}

/// The document in an attribute, or all of those in a list of blocks such as `inline_policy`.
fn document(value: &Value) -> Option<Document> {
    match value {
        Value::String(text) if text.trim_start().starts_with('{') && text.contains("\"Statement\"") => {
            Document::from_value(&serde_json::from_str(text).ok()?)
        }
        Value::Array(items) => {
            let mut whole: Option<Document> = None;
            for block in items.iter().filter_map(Value::as_object) {
                for found in block.values().filter(|value| value.is_string()).filter_map(document) {
                    whole.get_or_insert_default().extend(found);
                }
            }
            whole
        }
        _ => None,
    }
}

/// Powerful managed policies that are attached now and were not before.
fn attached(change: Judged<'_>) -> Vec<String> {
    if !change.resource.starts_with("aws_iam_") && !change.resource.starts_with("aws_ssoadmin_") {
        return Vec::new();
    }
    let arns = |side: &Value| -> Vec<String> {
        let one =
            ["policy_arn", "managed_policy_arn"].into_iter().filter_map(|key| side.get(key)).filter_map(Value::as_str);
        let many =
            side.get("managed_policy_arns").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        one.chain(many).map(str::to_owned).collect()
    };
    let before = arns(change.before);
    // A role that gains a policy in an update has it widened, whichever it is.
    let any = change.resource == "aws_iam_role" && !change.before.is_null();
    arns(change.after)
        .into_iter()
        .filter(|arn| !before.contains(arn))
        .filter(|arn| any || POWERFUL.iter().any(|powerful| arn.ends_with(powerful)))
        .map(|arn| format!("attaches `{arn}`"))
        .collect()
}

/// A permissions boundary that goes.
fn unbound(change: Judged<'_>) -> Option<String> {
    let boundary = |side: &Value| {
        side.get("permissions_boundary").and_then(Value::as_str).filter(|arn| !arn.is_empty()).map(str::to_owned)
    };
    let (before, after) = (boundary(change.before)?, boundary(change.after));
    // Gone with its holder is not gone.
    (!change.after.is_null() && after.is_none()).then(|| format!("takes away the permissions boundary `{before}`"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn policy(statement: &str) -> Value {
        json!({"policy": format!("{{\"Version\":\"2012-10-17\",\"Statement\":{statement}}}")})
    }

    #[track_caller]
    fn case(resource: &str, before: Value, after: Value, expected: &[&str]) {
        let (exposed, widened) = judge(Judged { resource, before: &before, after: &after });
        assert_eq!([exposed, widened].concat(), expected);
    }

    #[test]
    fn more_actions_more_resources_and_fewer_conditions_are_wider() {
        let narrow = r#"{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::a/*"}"#;
        case(
            "aws_iam_policy",
            policy(narrow),
            policy(&narrow.replace("s3:GetObject", "s3:*")),
            &["policy: allows `s3:*` on `arn:aws:s3:::a/*`"],
        );
        case(
            "aws_iam_policy",
            policy(narrow),
            policy(&narrow.replace("arn:aws:s3:::a/*", "*")),
            &["policy: allows `s3:GetObject` on `*`"],
        );
        let bound = narrow.replace('}', r#","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#);
        case(
            "aws_iam_policy",
            policy(&bound),
            policy(narrow),
            &["policy: allows `s3:GetObject` on `arn:aws:s3:::a/*`"],
        );
        case("aws_iam_policy", policy(narrow), policy(&bound), &[]);
        case("aws_iam_policy", policy(&narrow.replace("s3:GetObject", "s3:*")), policy(narrow), &[]);
    }

    #[test]
    fn a_new_policy_is_judged_by_how_wide_it_is() {
        let narrow = r#"[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]"#;
        case("aws_iam_policy", Value::Null, policy(narrow), &[]);
        case(
            "aws_iam_policy",
            Value::Null,
            policy(&narrow.replace("s3:GetObject", "*")),
            &["policy: allows `*` on `*`"],
        );
        case(
            "aws_iam_role_policy",
            Value::Null,
            policy(&narrow.replace("\"Action\"", "\"NotAction\"")),
            &["policy: allows `* but s3:GetObject` on `*`"],
        );
        let key = r#"{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"kms:*","Resource":"*"}"#;
        case("aws_kms_key", Value::Null, policy(key), &[]);
    }

    #[test]
    fn a_denial_that_goes_widens() {
        let deny = r#"[{"Effect":"Deny","Action":"organizations:LeaveOrganization","Resource":"*"}]"#;
        case(
            "aws_organizations_policy",
            policy(deny),
            policy("[]"),
            &["policy: no longer denies `organizations:LeaveOrganization` on `*`"],
        );
        case(
            "aws_organizations_policy",
            policy(deny),
            policy(&deny.replace("organizations:LeaveOrganization", "*")),
            &[],
        );
    }

    #[test]
    fn trust_in_others_widens() {
        let trust = |who: &str| json!({"assume_role_policy": format!(r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{who}"}},"Action":"sts:AssumeRole"}}]}}"#)});
        case(
            "aws_iam_role",
            trust("arn:aws:iam::111111111111:role/ci"),
            trust("arn:aws:iam::222222222222:root"),
            &["assume_role_policy: allows `sts:AssumeRole` to `arn:aws:iam::222222222222:root`"],
        );
        case(
            "aws_iam_role",
            trust("arn:aws:iam::111111111111:role/ci"),
            trust("*"),
            &["assume_role_policy: allows `sts:AssumeRole` to `*`"],
        );
    }

    #[test]
    fn powerful_attachments_and_lost_boundaries_are_seen() {
        let admin = json!({"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"});
        case(
            "aws_iam_role_policy_attachment",
            Value::Null,
            admin,
            &["attaches `arn:aws:iam::aws:policy/AdministratorAccess`"],
        );
        let bound = json!({"permissions_boundary": "arn:aws:iam::111111111111:policy/b"});
        case(
            "aws_iam_role",
            bound.clone(),
            json!({"permissions_boundary": ""}),
            &["takes away the permissions boundary `arn:aws:iam::111111111111:policy/b`"],
        );
        case("aws_iam_role", bound, Value::Null, &[]);
    }
}
