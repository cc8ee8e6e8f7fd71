//! What the schema of the AWS provider does not say, and what rendered root modules rely on: tags that are inherited,
//! the region, which changes replace an object, names as AWS gives them, policy documents.

use std::collections::BTreeMap;

use rmpv::Value;
use serde_json::{Map, Value as Json, json};

use super::generic::hash;
use super::schema::Block;
use super::value::{fields, get, is_open, is_unknown, items, name, set, to_json, unknown};
use super::world::{World, unit_id};

const REGION: &str = "eu-west-1";
const ACCOUNT: &str = "123456789012";
/// The one kind of organization policy that is enabled.
const POLICIES: &str = "SERVICE_CONTROL_POLICY";

/// Fields whose change replaces an object, by its type. From the provider's documentation.
const REPLACED: &[(&str, &[&str])] = &[
    ("aws_accessanalyzer_analyzer", &["analyzer_name", "type"]),
    ("aws_budgets_budget", &["name", "budget_type"]),
    ("aws_ce_anomaly_monitor", &["monitor_type", "monitor_dimension"]),
    ("aws_ce_cost_allocation_tag", &["tag_key"]),
    ("aws_ce_cost_category", &["name"]),
    ("aws_cloudtrail", &["name"]),
    ("aws_cloudwatch_event_rule", &["name", "event_bus_name"]),
    ("aws_cloudwatch_event_target", &["rule", "target_id", "event_bus_name"]),
    ("aws_cloudwatch_log_group", &["name"]),
    ("aws_cloudwatch_metric_alarm", &["alarm_name"]),
    ("aws_default_network_acl", &["default_network_acl_id"]),
    ("aws_default_route_table", &["default_route_table_id"]),
    ("aws_default_security_group", &["vpc_id"]),
    ("aws_egress_only_internet_gateway", &["vpc_id"]),
    ("aws_eip", &["domain", "network_border_group", "public_ipv4_pool"]),
    (
        "aws_flow_log",
        &["log_destination", "log_format", "max_aggregation_interval", "traffic_type", "vpc_id", "iam_role_arn"],
    ),
    ("aws_iam_instance_profile", &["name", "path"]),
    ("aws_iam_openid_connect_provider", &["url"]),
    ("aws_iam_policy", &["name", "path", "description"]),
    ("aws_iam_role", &["name", "path"]),
    ("aws_iam_role_policy", &["name", "role"]),
    ("aws_iam_role_policy_attachment", &["role", "policy_arn"]),
    ("aws_iam_user_policy_attachment", &["user", "policy_arn"]),
    ("aws_lambda_function", &["function_name", "package_type"]),
    ("aws_lambda_function_event_invoke_config", &["function_name", "qualifier"]),
    ("aws_lambda_invocation", &["function_name", "input", "qualifier", "triggers"]),
    ("aws_lambda_permission", &["action", "function_name", "principal", "source_arn", "statement_id"]),
    ("aws_nat_gateway", &["subnet_id", "allocation_id", "connectivity_type", "availability_mode", "vpc_id"]),
    ("aws_organizations_policy_attachment", &["policy_id", "target_id"]),
    (
        "aws_route",
        &["route_table_id", "destination_cidr_block", "destination_ipv6_cidr_block", "destination_prefix_list_id"],
    ),
    ("aws_route_table", &["vpc_id"]),
    ("aws_route_table_association", &["subnet_id", "gateway_id"]),
    ("aws_scheduler_schedule", &["name", "group_name"]),
    ("aws_scheduler_schedule_group", &["name"]),
    ("aws_s3_bucket", &["bucket", "object_lock_enabled"]),
    ("aws_s3_bucket_lifecycle_configuration", &["bucket"]),
    ("aws_s3_bucket_object_lock_configuration", &["bucket"]),
    ("aws_s3_bucket_policy", &["bucket"]),
    ("aws_s3_bucket_public_access_block", &["bucket"]),
    ("aws_s3_bucket_server_side_encryption_configuration", &["bucket"]),
    ("aws_s3_bucket_versioning", &["bucket"]),
    ("aws_secretsmanager_secret", &["name"]),
    ("aws_security_group", &["name", "name_prefix", "description", "vpc_id"]),
    ("aws_sns_topic", &["name", "fifo_topic"]),
    ("aws_sns_topic_subscription", &["topic_arn", "protocol", "endpoint"]),
    ("aws_ssm_parameter", &["name"]),
    ("aws_route53_resolver_query_log_config", &["name", "destination_arn"]),
    ("aws_route53_resolver_query_log_config_association", &["resolver_query_log_config_id", "resource_id"]),
    (
        "aws_ssoadmin_account_assignment",
        &["instance_arn", "permission_set_arn", "principal_id", "principal_type", "target_id", "target_type"],
    ),
    ("aws_ssoadmin_permission_set", &["instance_arn", "name"]),
    ("aws_subnet", &["vpc_id", "cidr_block", "availability_zone", "availability_zone_id", "ipv6_native"]),
    ("aws_vpc", &["cidr_block", "instance_tenancy"]),
    ("aws_vpc_dhcp_options", &["domain_name", "domain_name_servers"]),
    ("aws_vpc_dhcp_options_association", &["vpc_id"]),
    ("aws_vpc_endpoint", &["vpc_id", "service_name", "vpc_endpoint_type"]),
];

/// How AWS begins an object's id.
const IDS: &[(&str, &str)] = &[
    ("aws_default_network_acl", "acl"),
    ("aws_default_route_table", "rtb"),
    ("aws_default_security_group", "sg"),
    ("aws_default_vpc", "vpc"),
    ("aws_egress_only_internet_gateway", "eigw"),
    ("aws_eip", "eipalloc"),
    ("aws_flow_log", "fl"),
    ("aws_internet_gateway", "igw"),
    ("aws_nat_gateway", "nat"),
    ("aws_route_table", "rtb"),
    ("aws_route_table_association", "rtbassoc"),
    ("aws_security_group", "sg"),
    ("aws_subnet", "subnet"),
    ("aws_vpc", "vpc"),
    ("aws_vpc_dhcp_options", "dopt"),
    ("aws_vpc_endpoint", "vpce"),
    ("aws_vpc_security_group_egress_rule", "sgr"),
    ("aws_vpc_security_group_ingress_rule", "sgr"),
];

fn of<T: Copy>(table: &[(&str, T)], kind: &str) -> Option<T> {
    table.iter().find(|(name, _)| *name == kind).map(|(_, found)| *found)
}

/// A provider block: where it works.
#[derive(Debug)]
pub(crate) struct Place {
    region: String,
    account: String,
    /// Unknown, if one of them is.
    default_tags: Option<BTreeMap<String, Value>>,
}

impl Default for Place {
    fn default() -> Self {
        Self { region: REGION.to_owned(), account: ACCOUNT.to_owned(), default_tags: Some(BTreeMap::new()) }
    }
}

impl Place {
    pub(crate) fn of(config: &Value) -> Self {
        let mut place = Self::default();
        if let Some(region) = get(config, "region").as_str() {
            region.clone_into(&mut place.region);
        }
        let role = items(get(config, "assume_role")).find_map(|role| get(role, "role_arn").as_str());
        let account = role.and_then(|arn| arn.split(':').nth(4));
        let account = account.or_else(|| items(get(config, "allowed_account_ids")).find_map(Value::as_str));
        if let Some(account) = account {
            account.clone_into(&mut place.account);
        }
        for tags in items(get(config, "default_tags")).map(|block| get(block, "tags")) {
            place.default_tags = match place.default_tags {
                Some(known) if !is_unknown(tags) => Some(merged(known, tags)),
                _ => None,
            };
        }
        place
    }

    /// What the provider knows of an object before it is made.
    pub(crate) fn know(&self, block: &Block, value: &mut Value) {
        if block.attributes.contains_key("tags") && block.attributes.contains_key("tags_all") {
            let tags = get(value, "tags");
            let all = match &self.default_tags {
                Some(known) if !is_unknown(tags) => {
                    let all = merged(known.clone(), tags);
                    Value::Map(all.into_iter().map(|(key, value)| (key.into(), value)).collect())
                }
                _ => unknown(),
            };
            set(value, "tags_all", all);
        }
        if block.attributes.get("region").is_some_and(|region| region.computed) && is_open(get(value, "region")) {
            set(value, "region", self.region.as_str().into());
        }
    }

    /// Names as AWS makes them up.
    pub(crate) fn invent(&self, kind: &str, field: &str, seed: &str) -> String {
        let hash = hash(seed);
        let short = kind.trim_start_matches("aws_");
        match field {
            "id" => format!("{}-0{hash}", of(IDS, kind).unwrap_or(short)),
            "account_id" | "owner_id" => self.account.clone(),
            field if field == "arn" || field.ends_with("_arn") => {
                format!(
                    "arn:aws:{}:{}:{}:{short}/{hash}",
                    short.split('_').next().unwrap_or(short),
                    self.region,
                    self.account
                )
            }
            "ipv6_cidr_block" => format!("2001:db8:{}:{}00::/56", &hash[..4], &hash[4..6]),
            // Of the range that nothing in the world is in.
            "public_ip" => {
                let byte = |index: usize| hash.get(index..index + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
                format!("198.18.{}.{}", byte(0).unwrap_or(0), byte(2).unwrap_or(0))
            }
            // A zone's name, by its id: the real ones differ from account to account.
            "availability_zone" => format!("{}a", self.region),
            _ => format!("{field}-{hash}"),
        }
    }

    /// What a data source finds out.
    pub(crate) fn look_up(&self, kind: &str, value: &mut Value, world: &World) {
        match kind {
            "aws_caller_identity" => {
                set(value, "account_id", self.account.as_str().into());
                set(value, "id", self.account.as_str().into());
            }
            "aws_region" => {
                ["region", "name", "id"].iter().for_each(|field| set(value, field, self.region.as_str().into()));
            }
            "aws_partition" => {
                ["partition", "id"].iter().for_each(|field| set(value, field, "aws".into()));
                set(value, "dns_suffix", "amazonaws.com".into());
            }
            "aws_organizations_organization" => {
                set(value, "id", "o-acme123456".into());
                let types = object([("type", POLICIES.into()), ("status", "ENABLED".into())]);
                let root = object([
                    ("id", unit_id("").into()),
                    ("name", "Root".into()),
                    ("arn", "arn:aws:organizations::111111111111:root/o-acme123456/r-acme".into()),
                    ("policy_types", Value::Array(vec![types])),
                ]);
                set(value, "roots", Value::Array(vec![root]));
                let account = |(email, id): (String, String)| {
                    let arn = format!("arn:aws:organizations::111111111111:account/o-acme123456/{id}");
                    let fixed = [("arn", arn.as_str()), ("name", "any"), ("state", "ACTIVE"), ("status", "ACTIVE")];
                    let own = [("email", email.as_str()), ("id", id.as_str())];
                    let joined = [("joined_method", "CREATED"), ("joined_timestamp", "2026-01-01T00:00:00Z")];
                    let all = fixed.into_iter().chain(own).chain(joined);
                    Value::Map(all.map(|(name, text)| (name.into(), text.into())).collect())
                };
                set(value, "accounts", world.accounts().into_iter().map(account).collect::<Vec<_>>().into());
                let enabled = |name: &str| if world.is_new() { Vec::new() } else { vec![Value::from(name)] };
                set(value, "enabled_policy_types", enabled(POLICIES).into());
                set(value, "aws_service_access_principals", enabled("cloudtrail.amazonaws.com").into());
            }
            "aws_organizations_organizational_units" => {
                let below = world.units_below(get(value, "parent_id").as_str().unwrap_or_default());
                let unit = |(id, name): (String, String)| {
                    let arn = format!("arn:aws:organizations::111111111111:ou/o-acme123456/{id}");
                    object([("arn", arn.into()), ("id", id.into()), ("name", name.into())])
                };
                set(value, "children", below.into_iter().map(unit).collect::<Vec<_>>().into());
            }
            "aws_iam_policy_document" => {
                let document = policy_document(&to_json(value));
                set(value, "minified_json", document.to_string().into());
                set(value, "json", serde_json::to_string_pretty(&document).unwrap_or_default().into());
            }
            _ => {}
        }
    }
}

fn object<const N: usize>(fields: [(&str, Value); N]) -> Value {
    Value::Map(fields.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

fn merged(mut tags: BTreeMap<String, Value>, more: &Value) -> BTreeMap<String, Value> {
    tags.extend(fields(more).map(|(key, value)| (name(key).to_owned(), value.clone())));
    tags
}

/// The fields whose change replaces an object of that type.
pub(crate) fn replaced_by(kind: &str) -> &'static [&'static str] {
    of(REPLACED, kind).unwrap_or_default()
}

/// One text as it is, several as a list.
fn one_or_many(values: &Json) -> Json {
    match values.as_array().map(Vec::as_slice) {
        Some([one]) => one.clone(),
        _ => values.clone(),
    }
}

fn policy_document(config: &Json) -> Json {
    let list = |value: &Json| value.as_array().cloned().unwrap_or_default();
    let statement = |statement: &Json| {
        let mut policy = Map::new();
        if let Some(sid) = statement["sid"].as_str() {
            policy.insert("Sid".to_owned(), sid.into());
        }
        policy.insert("Effect".to_owned(), statement["effect"].as_str().unwrap_or("Allow").into());
        for (from, to) in [
            ("actions", "Action"),
            ("not_actions", "NotAction"),
            ("resources", "Resource"),
            ("not_resources", "NotResource"),
        ] {
            if !list(&statement[from]).is_empty() {
                policy.insert(to.to_owned(), one_or_many(&statement[from]));
            }
        }
        for (from, to) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
            let all = list(&statement[from]);
            let one = |principal: &Json| {
                Some((principal["type"].as_str()?.to_owned(), one_or_many(&principal["identifiers"])))
            };
            if all.iter().any(|principal| principal["type"] == "*") {
                policy.insert(to.to_owned(), json!("*"));
            } else if !all.is_empty() {
                policy.insert(to.to_owned(), Json::Object(all.iter().filter_map(one).collect()));
            }
        }
        let mut conditions = Map::new();
        for condition in list(&statement["condition"]) {
            let (Some(test), Some(variable)) = (condition["test"].as_str(), condition["variable"].as_str()) else {
                continue;
            };
            conditions.entry(test).or_insert_with(|| json!({}))[variable] = one_or_many(&condition["values"]);
        }
        if !conditions.is_empty() {
            policy.insert("Condition".to_owned(), conditions.into());
        }
        Json::Object(policy)
    };
    let statements: Vec<Json> = list(&config["statement"]).iter().map(statement).collect();
    json!({ "Version": config["version"].as_str().unwrap_or("2012-10-17"), "Statement": statements })
}
