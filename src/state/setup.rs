//! How the bucket is to be set up. Everything else about it is left as it is.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Value, json};

/// Versions of a state that have been replaced are kept for this long: until then a mistake can be taken back.
pub const OLD_VERSION_DAYS: i32 = 365;

/// Uploads that nobody finished are removed after this long.
pub const ABANDONED_UPLOAD_DAYS: i32 = 7;

/// The name of groundwork's lifecycle rule.
pub const RULE: &str = "groundwork-old-versions";

/// The name of groundwork's statement in the bucket's policy.
const STATEMENT: &str = "GroundworkRequireTls";

/// How a bucket is set up, as far as it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// Whether all four kinds of public access are blocked.
    pub is_private: bool,
    /// Whether old versions are kept.
    pub is_versioned: bool,
    /// Whether there is a default encryption, whichever.
    pub is_encrypted: bool,
    /// Its policy, JSON.
    pub policy: Option<String>,
    /// The ids of its lifecycle rules.
    pub rules: BTreeSet<String>,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Make the bucket, without access lists of its objects' own.
    Create,
    /// Block all public access.
    BlockPublicAccess,
    /// Keep old versions.
    Version,
    /// Encrypt by default.
    Encrypt,
    /// Refuse what does not come over TLS.
    RequireTls {
        /// The whole policy that is to be there, JSON.
        policy: String,
    },
    /// Let old versions go at last.
    Expire,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create => f.write_str("create the bucket"),
            Self::BlockPublicAccess => f.write_str("block public access"),
            Self::Version => f.write_str("keep old versions"),
            Self::Encrypt => f.write_str("encrypt by default (SSE-S3)"),
            Self::RequireTls { .. } => f.write_str("refuse requests without TLS"),
            Self::Expire => write!(f, "remove old versions after {OLD_VERSION_DAYS} days"),
        }
    }
}

/// What is to be done to a bucket that is set up like that, or is not there; in order, and nothing if it is as it should
/// be.
///
/// # Errors
/// Its policy is not JSON, or none that a statement can be added to.
pub fn steps(bucket: &str, partition: &str, now: Option<&Settings>) -> Result<Vec<Step>, String> {
    let missing = Settings::default();
    let settings = now.unwrap_or(&missing);
    let mut steps = Vec::new();
    let mut wanted = |is: bool, step: Step| {
        if !is {
            steps.push(step);
        }
    };
    wanted(now.is_some(), Step::Create);
    wanted(settings.is_private, Step::BlockPublicAccess);
    wanted(settings.is_versioned, Step::Version);
    wanted(settings.is_encrypted, Step::Encrypt);
    if let Some(policy) = with_tls(bucket, partition, settings.policy.as_deref())? {
        wanted(false, Step::RequireTls { policy });
    }
    wanted(settings.rules.contains(RULE), Step::Expire);
    Ok(steps)
}

/// The policy with a statement that refuses what does not come over TLS; nothing where there is one.
fn with_tls(bucket: &str, partition: &str, policy: Option<&str>) -> Result<Option<String>, String> {
    let mut policy: Value = match policy {
        Some(text) => serde_json::from_str(text).map_err(|_| "the bucket's policy is not JSON".to_owned())?,
        None => json!({ "Version": "2012-10-17", "Statement": [] }),
    };
    let statements = policy.get_mut("Statement").ok_or("the bucket's policy has no statements")?;
    // A single one need not be a list.
    if statements.is_object() {
        *statements = json!([statements.take()]);
    }
    let statements = statements.as_array_mut().ok_or("the statements of the bucket's policy are no list")?;
    if statements.iter().any(|statement| requires_tls(bucket, partition, statement)) {
        return Ok(None);
    }
    statements.push(json!({
        "Sid": STATEMENT,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": resources(bucket, partition),
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    }));
    Ok(Some(policy.to_string()))
}

fn resources(bucket: &str, partition: &str) -> [String; 2] {
    [format!("arn:{partition}:s3:::{bucket}"), format!("arn:{partition}:s3:::{bucket}/*")]
}

/// Whether a statement refuses everybody everything without TLS, on the bucket and on all objects.
fn requires_tls(bucket: &str, partition: &str, statement: &Value) -> bool {
    let list = |value: &Value| -> Vec<String> {
        match value {
            Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            Value::String(text) => vec![text.clone()],
            _ => Vec::new(),
        }
    };
    let everybody = statement["Principal"] == "*" || statement["Principal"]["AWS"] == "*";
    let off = &statement["Condition"]["Bool"]["aws:SecureTransport"];
    let covers = list(&statement["Resource"]);
    statement["Effect"] == "Deny"
        && everybody
        && list(&statement["Action"]).iter().any(|action| action == "s3:*" || action == "*")
        && (*off == "false" || *off == false || list(off) == ["false"])
        && statement["Condition"].as_object().is_some_and(|conditions| conditions.len() == 1)
        && (covers.iter().any(|one| one == "*") || resources(bucket, partition).iter().all(|one| covers.contains(one)))
}

/// The partition that a region is in: the second part of every ARN there.
pub fn partition(region: &str) -> &'static str {
    match region {
        _ if region.starts_with("cn-") => "aws-cn",
        _ if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn done(policy: &str) -> Settings {
        Settings {
            is_private: true,
            is_versioned: true,
            is_encrypted: true,
            policy: Some(policy.to_owned()),
            rules: BTreeSet::from([RULE.to_owned()]),
        }
    }

    #[test]
    fn what_is_done_is_not_done_again() {
        let all = steps("b", "aws", None).unwrap();
        assert_eq!(all.len(), 6);
        let Some(Step::RequireTls { policy }) = all.iter().find(|step| matches!(step, Step::RequireTls { .. })) else {
            panic!("{all:?}");
        };
        assert_eq!(steps("b", "aws", Some(&done(policy))).unwrap(), []);
        // The same for another bucket does not count.
        assert_eq!(steps("other", "aws", Some(&done(policy))).unwrap().len(), 1);
    }

    #[test]
    fn statements_of_others_stay() {
        let theirs = r#"{"Version":"2012-10-17","Statement":{"Sid":"Theirs","Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}}"#;
        let all = steps("b", "aws", Some(&done(theirs))).unwrap();
        let [Step::RequireTls { policy }] = all.as_slice() else { panic!("{all:?}") };
        let policy: Value = serde_json::from_str(policy).unwrap();
        assert_eq!(policy["Statement"].as_array().unwrap().len(), 2);
        assert_eq!(policy["Statement"][0]["Sid"], "Theirs");
        assert!(steps("b", "aws", Some(&done("{"))).is_err());
        assert!(steps("b", "aws", Some(&done("{}"))).is_err());
    }

    #[test]
    fn a_statement_that_refuses_less_does_not_count() {
        let whole = json!({
            "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        });
        let policy = |statement: &Value| json!({ "Statement": [statement] }).to_string();
        assert_eq!(steps("b", "aws", Some(&done(&policy(&whole)))).unwrap(), []);
        for (path, value) in [
            ("/Effect", json!("Allow")),
            ("/Principal", json!({ "AWS": "111122223333" })),
            ("/Action", json!("s3:PutObject")),
            ("/Resource", json!("arn:aws:s3:::b/*")),
            ("/Condition/Bool/aws:SecureTransport", json!("true")),
            ("/Condition/StringEquals", json!({ "aws:x": "y" })),
        ] {
            let mut less = whole.clone();
            match less.pointer_mut(path) {
                Some(place) => *place = value,
                None => less["Condition"]["StringEquals"] = value,
            }
            assert_eq!(steps("b", "aws", Some(&done(&policy(&less)))).unwrap().len(), 1, "{path}");
        }
    }
}
