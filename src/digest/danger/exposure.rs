//! Settings that let the public in.

use serde_json::Value;

use super::Judged;

/// Types and the attribute that exposes them when it becomes true.
const TRUE_EXPOSES: [(&str, &str); 11] = [
    ("aws_db_instance", "publicly_accessible"),
    ("aws_rds_cluster_instance", "publicly_accessible"),
    ("aws_redshift_cluster", "publicly_accessible"),
    ("aws_dms_replication_instance", "publicly_accessible"),
    ("aws_mq_broker", "publicly_accessible"),
    ("aws_neptune_cluster_instance", "publicly_accessible"),
    ("aws_docdb_cluster_instance", "publicly_accessible"),
    ("aws_instance", "associate_public_ip_address"),
    ("aws_launch_configuration", "associate_public_ip_address"),
    ("aws_elasticache_serverless_cache", "publicly_accessible"),
    ("aws_lightsail_database", "publicly_accessible"),
];

/// The switches of a block on public access; all of them on is the only safe setting.
const BLOCKS: [&str; 4] = ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];

/// Ways in which the change exposes its resource.
pub(super) fn judge(change: Judged<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (resource, attribute) in TRUE_EXPOSES {
        if change.resource == resource && becomes(change, attribute, &Value::Bool(true)) {
            found.push(format!("`{attribute}` becomes true"));
        }
    }
    match change.resource {
        "aws_s3_bucket_public_access_block" | "aws_s3_account_public_access_block" => found.extend(unblocked(change)),
        "aws_s3_bucket" | "aws_s3_bucket_acl" | "aws_s3_object" => {
            for acl in ["public-read", "public-read-write", "authenticated-read", "website"] {
                if becomes(change, "acl", &Value::from(acl)) {
                    found.push(format!("`acl` becomes `{acl}`"));
                }
            }
        }
        "aws_lambda_function_url" if becomes(change, "authorization_type", &Value::from("NONE")) => {
            found.push("anybody may call it: `authorization_type` becomes `NONE`".to_owned());
        }
        "aws_lambda_permission" | "aws_sns_topic_policy" if becomes(change, "principal", &Value::from("*")) => {
            found.push("anybody may call it: `principal` becomes `*`".to_owned());
        }
        "aws_lb" | "aws_alb" | "aws_elb"
            if !change.before.is_null() && becomes(change, "internal", &Value::Bool(false)) =>
        {
            found.push("`internal` becomes false".to_owned());
        }
        "aws_eks_cluster" => found.extend(open_cluster(change)),
        "aws_ami_launch_permission" if becomes(change, "group", &Value::from("all")) => {
            found.push("anybody may launch it: `group` becomes `all`".to_owned());
        }
        "aws_ebs_snapshot_block_public_access" | "aws_ec2_image_block_public_access"
            if !change.before.is_null()
                && (change.after.is_null() || becomes(change, "state", &Value::from("unblocked"))) =>
        {
            found.push("public sharing is no longer blocked".to_owned());
        }
        _ => {}
    }
    found
}

/// Whether an attribute has that value now and had another, or none, before.
fn becomes(change: Judged<'_>, attribute: &str, value: &Value) -> bool {
    change.after.get(attribute) == Some(value) && change.before.get(attribute) != Some(value)
}

fn unblocked(change: Judged<'_>) -> Vec<String> {
    if change.after.is_null() {
        return if change.before.is_null() {
            Vec::new()
        } else {
            vec!["public access is no longer blocked".to_owned()]
        };
    }
    BLOCKS
        .into_iter()
        .filter(|block| becomes(change, block, &Value::Bool(false)))
        .map(|block| format!("`{block}` becomes false"))
        .collect()
}

fn open_cluster(change: Judged<'_>) -> Option<String> {
    let open = |side: &Value| {
        let config = side.get("vpc_config").and_then(|blocks| blocks.get(0))?;
        let everywhere = config
            .get("public_access_cidrs")
            .and_then(Value::as_array)
            .is_none_or(|blocks| blocks.is_empty() || blocks.iter().any(|block| block == "0.0.0.0/0"));
        Some(config.get("endpoint_public_access") == Some(&Value::Bool(true)) && everywhere)
    };
    (open(change.after) == Some(true) && open(change.before) != Some(true))
        .then(|| "its endpoint can be reached from everywhere".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn case(resource: &str, before: Value, after: Value, expected: &[&str]) {
        assert_eq!(judge(Judged { resource, before: &before, after: &after }), expected);
    }

    #[test]
    fn a_switch_that_is_thrown_is_seen_and_one_that_stays_is_not() {
        let instance = |public: bool| json!({"publicly_accessible": public});
        case("aws_db_instance", instance(false), instance(true), &["`publicly_accessible` becomes true"]);
        case("aws_db_instance", Value::Null, instance(true), &["`publicly_accessible` becomes true"]);
        case("aws_db_instance", instance(true), instance(true), &[]);
        case("aws_db_instance", instance(true), instance(false), &[]);
    }

    #[test]
    fn public_access_that_is_unblocked_is_seen() {
        let block = |on: bool| json!({"block_public_acls": on, "restrict_public_buckets": true});
        case("aws_s3_bucket_public_access_block", block(true), block(false), &["`block_public_acls` becomes false"]);
        case("aws_s3_bucket_public_access_block", block(true), Value::Null, &["public access is no longer blocked"]);
        case("aws_s3_bucket_public_access_block", Value::Null, block(true), &[]);
    }

    #[test]
    fn a_cluster_for_everybody_is_seen() {
        let cluster =
            |blocks: &[&str]| json!({"vpc_config": [{"endpoint_public_access": true, "public_access_cidrs": blocks}]});
        case(
            "aws_eks_cluster",
            cluster(&["203.0.113.0/24"]),
            cluster(&["0.0.0.0/0"]),
            &["its endpoint can be reached from everywhere"],
        );
        case("aws_eks_cluster", cluster(&["0.0.0.0/0"]), cluster(&["203.0.113.0/24"]), &[]);
    }
}
