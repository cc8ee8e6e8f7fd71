//! Plans of an organization that does not exist: the keys, the nesting and the sizes are those that Terraform 1.11 and
//! the AWS provider 6 write, the values are made up. The same numbers give the same bytes.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

/// What their domains are called.
pub(crate) const DOMAINS: [&str; 24] = [
    "catalog",
    "checkout",
    "payments",
    "search",
    "identity",
    "orders",
    "pricing",
    "shipping",
    "inventory",
    "returns",
    "reviews",
    "loyalty",
    "marketing",
    "analytics",
    "billing",
    "fraud",
    "support",
    "messaging",
    "content",
    "media",
    "partners",
    "logistics",
    "recommendations",
    "customer-profile",
];
const ENVIRONMENTS: [&str; 3] = ["dev", "stage", "prod"];

/// One account of the organization.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    index: usize,
    /// Its domain.
    pub(crate) domain: String,
    /// Its environment.
    pub(crate) environment: &'static str,
}

impl Account {
    /// The account of that number.
    pub(crate) fn new(index: usize) -> Self {
        let domain = index / ENVIRONMENTS.len();
        let name = DOMAINS[domain % DOMAINS.len()];
        let round = domain / DOMAINS.len();
        let domain = if round == 0 { name.to_owned() } else { format!("{name}-{}", round + 1) };
        Self { index, domain, environment: ENVIRONMENTS[index % ENVIRONMENTS.len()] }
    }

    fn id(&self) -> String {
        format!("{:012}", 100_000_000_000_usize + self.index * 7_919)
    }

    /// A generated id, different for every account and number.
    fn generated(&self, prefix: &str, number: usize) -> String {
        let digits = (self.index as u64 + 1)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15)
            .rotate_left(u32::try_from(number % 64).unwrap_or(0));
        format!("{prefix}-0{digits:016x}")
    }

    fn network(&self) -> String {
        format!("10.{}.{}.0/20", 64 + self.index / 16 % 128, self.index % 16 * 16)
    }

    fn tags(&self, name: &str) -> Value {
        json!({
            "Name": format!("{}-{}-{name}", self.domain, self.environment),
            "domain": self.domain,
            "environment": self.environment,
            "managed-by": "groundwork",
            "organization": "acme",
        })
    }

    fn arn(&self, service: &str, rest: &str) -> String {
        format!("arn:aws:{service}:eu-west-1:{}:{rest}", self.id())
    }

    /// One of its resources, as it is.
    fn resource(&self, number: usize) -> (String, &'static str, String, Value) {
        let tags = self.tags(&format!("r{number}"));
        let (kind, values) = match number % 5 {
            0 => (
                "aws_subnet",
                json!({
                    "arn": self.arn("ec2", &format!("subnet/{}", self.generated("subnet", number))),
                    "assign_ipv6_address_on_creation": false,
                    "availability_zone_id": format!("euw1-az{}", number % 3 + 1),
                    "cidr_block": format!("10.{}.{}.0/24", 64 + self.index / 16 % 128, self.index % 16 * 16 + number % 16),
                    "enable_dns64": false,
                    "id": self.generated("subnet", number),
                    "ipv6_cidr_block": "",
                    "map_public_ip_on_launch": false,
                    "owner_id": self.id(),
                    "private_dns_hostname_type_on_launch": "ip-name",
                    "tags": tags.clone(), "tags_all": tags,
                    "timeouts": null,
                    "vpc_id": self.generated("vpc", 1),
                }),
            ),
            1 => (
                "aws_iam_role",
                json!({
                    "arn": format!("arn:aws:iam::{}:role/{}-r{number}", self.id(), self.domain),
                    "assume_role_policy": format!(
                        r#"{{"Statement":[{{"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringLike":{{"token.actions.githubusercontent.com:sub":"repo:acme/{}:*"}}}},"Effect":"Allow","Principal":{{"Federated":"arn:aws:iam::{}:oidc-provider/token.actions.githubusercontent.com"}}}}],"Version":"2012-10-17"}}"#,
                        self.domain, self.id()
                    ),
                    "create_date": "2026-01-02T03:04:05Z",
                    "force_detach_policies": false,
                    "id": format!("{}-r{number}", self.domain),
                    "inline_policy": [], "managed_policy_arns": [],
                    "max_session_duration": 3600,
                    "name": format!("{}-r{number}", self.domain),
                    "path": "/",
                    "permissions_boundary": format!("arn:aws:iam::{}:policy/groundwork-boundary", self.id()),
                    "tags": tags.clone(), "tags_all": tags,
                    "unique_id": format!("AROA{:016X}", self.index * 131 + number),
                }),
            ),
            2 => (
                "aws_s3_bucket",
                json!({
                    "arn": format!("arn:aws:s3:::acme-{}-{}-r{number}", self.domain, self.environment),
                    "bucket": format!("acme-{}-{}-r{number}", self.domain, self.environment),
                    "bucket_regional_domain_name": format!("acme-{}-{}-r{number}.s3.eu-west-1.amazonaws.com", self.domain, self.environment),
                    "force_destroy": false,
                    "hosted_zone_id": "Z1BKCTXD74EZPE",
                    "id": format!("acme-{}-{}-r{number}", self.domain, self.environment),
                    "object_lock_enabled": false,
                    "server_side_encryption_configuration": [{"rule": [{"apply_server_side_encryption_by_default": [{"kms_master_key_id": "", "sse_algorithm": "AES256"}], "bucket_key_enabled": true}]}],
                    "tags": tags.clone(), "tags_all": tags,
                    "versioning": [{"enabled": true, "mfa_delete": false}],
                }),
            ),
            3 => (
                "aws_db_instance",
                json!({
                    "address": format!("db-{number}.c1.eu-west-1.rds.amazonaws.com"),
                    "allocated_storage": 100,
                    "arn": self.arn("rds", &format!("db:{}-{number}", self.domain)),
                    "engine": "postgres", "engine_version": "15.4",
                    "id": format!("{}-{number}", self.domain),
                    "instance_class": "db.t4g.medium",
                    "multi_az": self.environment == "prod",
                    "password": format!("correct-horse-{}-{number}", self.id()),
                    "publicly_accessible": false,
                    "storage_encrypted": true,
                    "tags": tags.clone(), "tags_all": tags,
                    "username": "app",
                    "vpc_security_group_ids": [self.generated("sg", number), self.generated("sg", number + 1)],
                }),
            ),
            _ => (
                "aws_cloudwatch_log_group",
                json!({
                    "arn": self.arn("logs", &format!("log-group:/acme/{}/r{number}", self.domain)),
                    "id": format!("/acme/{}/r{number}", self.domain),
                    "kms_key_id": "", "log_group_class": "STANDARD",
                    "name": format!("/acme/{}/r{number}", self.domain), "name_prefix": "",
                    "retention_in_days": 30, "skip_destroy": false,
                    "tags": tags.clone(), "tags_all": tags,
                }),
            ),
        };
        let address = format!("module.part{}.{kind}.r{number}", number % 7);
        (address, kind, format!("r{number}"), values)
    }

    /// Its plan, changed in the way of that pattern; an outlier also loses something.
    pub(crate) fn plan(&self, pattern: usize, outlier: bool, resources: usize) -> Value {
        let (mut changes, mut state, mut planned, mut configuration) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for number in 0..resources {
            let (address, kind, name, before) = self.resource(number);
            let sensitive = if kind == "aws_db_instance" {
                json!({"password": true, "tags": {}, "tags_all": {}})
            } else {
                json!({"tags": {}, "tags_all": {}})
            };
            let mut after = before.clone();
            let mut actions = json!(["no-op"]);
            // Every pattern touches the log groups, and each some others in its own way.
            if kind == "aws_cloudwatch_log_group" {
                after["retention_in_days"] = json!(90);
                actions = json!(["update"]);
            } else if number % 13 == pattern && kind != "aws_db_instance" {
                after["tags"]["pattern"] = json!(format!("p{pattern}-{}", self.domain));
                after["tags_all"] = after["tags"].clone();
                actions = json!(["update"]);
            } else if number % 13 == pattern {
                after["engine_version"] = json!("15.7");
                actions = json!(["update"]);
            }
            if outlier && number == 3 {
                after = Value::Null;
                actions = json!(["delete"]);
            }
            let provider = "registry.terraform.io/hashicorp/aws";
            let resource = json!({
                "address": address, "mode": "managed", "type": kind, "name": name,
                "provider_name": provider, "schema_version": 1, "values": before, "sensitive_values": sensitive,
            });
            if !after.is_null() {
                let mut after_state = resource.clone();
                after_state["values"] = after.clone();
                planned.push(after_state);
            }
            changes.push(json!({
                "address": address, "mode": "managed", "type": kind, "name": name, "provider_name": provider,
                "change": {"actions": actions, "before": before, "after": after, "after_unknown": {},
                    "before_sensitive": sensitive, "after_sensitive": sensitive},
            }));
            configuration.push(json!({
                "address": format!("{kind}.{name}"), "mode": "managed", "type": kind, "name": name, "provider_config_key": "aws",
                "expressions": {"tags": {"references": ["local.tags"]}, "name": {"references": ["var.domain", "var.environment"]}},
                "schema_version": 1,
            }));
            state.push(resource);
        }
        let variables: Map<String, Value> = [
            ("domain", json!(self.domain)),
            ("environment", json!(self.environment)),
            ("network", json!(self.network())),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), json!({"value": value})))
        .collect();
        let declared: Map<String, Value> = variables.keys().map(|name| (name.clone(), json!({}))).collect();
        json!({
            "format_version": "1.2", "terraform_version": "1.11.4",
            "variables": variables,
            "planned_values": {"root_module": {"child_modules": [{"address": "module.part", "resources": planned}]}},
            "resource_changes": changes,
            "prior_state": {"format_version": "1.0", "terraform_version": "1.11.4",
                "values": {"root_module": {"child_modules": [{"address": "module.part", "resources": state}]}}},
            "configuration": {"root_module": {"variables": declared, "module_calls": {"part": {"module": {"resources": configuration}}}}},
            "timestamp": "2026-11-20T10:00:00Z", "applyable": true, "complete": true, "errored": false,
        })
    }
}

/// Writes the plans of that many accounts to `out/<domain>/<environment>.json`; three of them are outliers.
pub(crate) fn write(accounts: usize, patterns: usize, resources: usize, out: &Path) -> io::Result<()> {
    for index in 0..accounts {
        let account = Account::new(index);
        let outlier = [accounts / 3, accounts / 2, accounts * 2 / 3].contains(&index) && accounts > 20;
        let plan = account.plan(index * 7_919 % patterns.max(1), outlier, resources);
        let folder = out.join(&account.domain);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(format!("{}.json", account.environment)), serde_json::to_vec(&plan)?)?;
    }
    Ok(())
}
