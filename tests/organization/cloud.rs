//! An AWS organization, and a repository that is about it.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use groundwork_testing::moto::Moto;
use groundwork_testing::process::{Output, output};
use serde_json::{Value, json};

/// The account whose credentials everything here has, by moto's choice.
pub(crate) const MANAGEMENT: &str = "123456789012";

/// A moto of its own, with an organization in it.
pub(crate) struct Cloud {
    pub(crate) moto: Moto,
    pub(crate) folder: tempfile::TempDir,
    /// Where groundwork is told that AWS is.
    pub(crate) endpoint: String,
}

/// An account as it is, but for its id.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Found {
    pub(crate) email: String,
    pub(crate) unit: String,
    pub(crate) state: String,
    pub(crate) tags: BTreeMap<String, String>,
}

/// Everything but the domains.
pub(crate) fn organization(more: &str) -> String {
    format!(
        "[organization]\nname = \"acme\"\nregion = \"eu-west-1\"\nmanagement_account = \"{MANAGEMENT}\"\n\
         email = \"aws+{{domain}}-{{environment}}@acme.example\"\n{more}\n\
         [state]\nbucket = \"acme-state\"\nregion = \"eu-west-1\"\n[network]\npools = [\"10.0.0.0/8\"]\n[templates]\nbuilt_in = []\n\
         [defaults]\nunit = \"Workloads/{{environment}}\"\n\
         [environments.dev]\n[environments.stage]\n[environments.prod]\n\
         [teams.catalog]\nemail = \"catalog@acme.example\"\ncost_center = \"4210\"\n"
    )
}

impl Cloud {
    pub(crate) fn new(domains: &str) -> Self {
        let moto = Moto::start().unwrap();
        let endpoint = moto.endpoint();
        let cloud = Self { moto, folder: tempfile::tempdir().unwrap(), endpoint };
        cloud.found();
        cloud.write("domains.toml", domains);
        cloud.write("templates/things/feature.toml", "description = \"Things.\"\n");
        cloud.write("templates/things/main.tf", "");
        cloud.groundwork(&["allocate", "-q"]).succeeds();
        cloud
    }

    /// Makes the organization, and the bucket.
    pub(crate) fn found(&self) {
        self.moto.organizations("CreateOrganization", &json!({ "FeatureSet": "ALL" }));
        self.moto.bucket("acme-state");
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let content = self.read(path);
        assert!(content.contains(from), "{path} has no {from:?}: {content}");
        self.write(path, &content.replacen(from, to, 1));
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_groundwork"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "a-secret-of-the-environment")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn groundwork(&self, arguments: &[&str]) -> Output {
        output(&mut self.command(arguments))
    }

    pub(crate) fn apply(&self) -> Output {
        self.groundwork(&["organization", "apply", "--yes", "--poll", "20ms", "--settle", "20ms", "--timeout", "60s"])
    }

    pub(crate) fn plan(&self) -> Output {
        self.groundwork(&["organization", "plan"])
    }

    /// All accounts but the management account.
    pub(crate) fn accounts(&self) -> Vec<Found> {
        let mut units = vec![(self.root(), String::new())];
        let mut found = Vec::new();
        while let Some((id, path)) = units.pop() {
            for unit in self.list("ListOrganizationalUnitsForParent", &json!({ "ParentId": id }), "OrganizationalUnits")
            {
                let name = unit["Name"].as_str().unwrap();
                let path = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
                units.push((unit["Id"].as_str().unwrap().to_owned(), path));
            }
            for account in self.list("ListAccountsForParent", &json!({ "ParentId": id }), "Accounts") {
                if account["Id"] == MANAGEMENT {
                    continue;
                }
                let tags = self.list("ListTagsForResource", &json!({ "ResourceId": account["Id"] }), "Tags");
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                found.push(Found {
                    email: text(&account["Email"]),
                    unit: path.clone(),
                    state: text(&account["Status"]),
                    tags: tags.iter().map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect(),
                });
            }
        }
        found.sort();
        found
    }

    pub(crate) fn root(&self) -> String {
        let roots = self.moto.organizations("ListRoots", &json!({}));
        roots["Roots"][0]["Id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn list(&self, operation: &str, input: &Value, items: &str) -> Vec<Value> {
        let mut input = input.clone();
        let mut found = Vec::new();
        loop {
            let page = self.moto.organizations(operation, &input);
            found.extend(page[items].as_array().unwrap().iter().cloned());
            if page["NextToken"].is_null() {
                return found;
            }
            input["NextToken"] = page["NextToken"].clone();
        }
    }

    /// What the ledger says of an account.
    pub(crate) fn held(&self, key: &str) -> toml::Table {
        let ledger: toml::Table = self.read("ledger.toml").parse().unwrap();
        ledger["accounts"][key].as_table().unwrap().clone()
    }

    pub(crate) fn id(&self, key: &str) -> String {
        self.held(key)["id"].as_str().unwrap().to_owned()
    }
}

/// That a plan has found nothing to do.
#[track_caller]
pub(crate) fn finds_nothing_to_do(planned: &Output) {
    assert!(planned.stdout.starts_with("nothing to do"), "{}\n{}", planned.stdout, planned.stderr);
}
