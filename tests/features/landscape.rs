//! An organization with the repository's own templates, and providers that need no network.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use groundwork_testing::folder;
use groundwork_testing::process::{Output, output};
use groundwork_testing::providers::Providers;
use serde_json::Value;

use super::World;

/// A repository, its state in a bucket of its own, and the world that its providers make.
pub(crate) struct Landscape<'a> {
    world: &'a World,
    folder: tempfile::TempDir,
    /// Where its state is.
    pub(crate) bucket: String,
    /// Whether Terraform works with the real providers.
    real: bool,
    pub(crate) providers: Providers,
}

impl<'a> Landscape<'a> {
    /// These domains, each with one account in `prod`; as text, in any form.
    pub(crate) fn new(world: &'a World, domains: &str) -> Self {
        Self::with(world, domains, false)
    }

    /// The same, with the providers that Terraform finds by itself.
    pub(crate) fn with_real_providers(world: &'a World, domains: &str) -> Self {
        Self::with(world, domains, true)
    }

    fn with(world: &'a World, domains: &str, real: bool) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let bucket = format!("acme-features-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        world.moto.bucket(&bucket);
        let (folder, providers) = (tempfile::tempdir().unwrap(), Providers::start());
        let landscape = Self { world, folder, bucket: bucket.clone(), real, providers };
        folder::copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &landscape.path("templates")).unwrap();
        let head = format!(
            "[organization]\nname = \"acme\"\nregion = \"us-west-2\"\nmanagement_account = \"111111111111\"\n\
             email = \"aws+{{domain}}-{{environment}}@acme.example\"\n[state]\nbucket = \"{bucket}\"\nregion = \"eu-west-1\"\n\
             [network]\npools = [\"10.0.0.0/8\"]\n[environments.prod]\n[teams.catalog]\nemail = \"catalog@acme.example\"\n\
             cost_center = \"4210\"\n"
        );
        landscape.write("head.toml", &head);
        landscape.rewrite(domains);
        landscape
    }

    /// Other domains, and all that follows from it.
    pub(crate) fn rewrite(&self, domains: &str) {
        self.write("domains.toml", &(self.read("head.toml") + domains));
        self.settle();
    }

    /// Other domains, whose new accounts nobody has made yet.
    pub(crate) fn declare(&self, domains: &str) {
        self.write("domains.toml", &(self.read("head.toml") + domains));
        self.groundwork(&["allocate", "-q"]).succeeds();
        self.groundwork(&["render", "-q"]).succeeds();
    }

    /// Allocates, gives every account an id, and renders.
    fn settle(&self) {
        self.groundwork(&["allocate", "-q"]).succeeds();
        let mut ledger = String::new();
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let text = self.read("ledger.toml");
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            writeln!(ledger, "{line}").unwrap();
            if line.starts_with("[accounts.") && !lines.peek().is_some_and(|next| next.starts_with("id = ")) {
                writeln!(ledger, "id = \"2222{:08}\"", NUMBER.fetch_add(1, Ordering::SeqCst)).unwrap();
            }
        }
        self.write("ledger.toml", &ledger);
        let ledger: toml::Table = ledger.parse().unwrap();
        for held in ledger.get("accounts").and_then(toml::Value::as_table).into_iter().flat_map(toml::Table::values) {
            self.providers.add_account(held["email"].as_str().unwrap(), held["id"].as_str().unwrap());
        }
        self.groundwork(&["render", "-q"]).succeeds();
    }

    /// The accounts' keys by their ids.
    pub(crate) fn account_ids(&self) -> BTreeMap<String, String> {
        let ledger: toml::Table = self.read("ledger.toml").parse().unwrap();
        let accounts = ledger["accounts"].as_table().unwrap();
        accounts.iter().map(|(key, held)| (held["id"].as_str().unwrap().to_owned(), key.clone())).collect()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn write(&self, path: &str, content: &str) {
        fs::write(self.path(path), content).unwrap();
    }

    /// Changes domains.toml, and all that follows from it.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let domains = self.read("domains.toml");
        assert!(domains.contains(from), "there is no {from:?}");
        self.write("domains.toml", &domains.replace(from, to));
        self.settle();
    }

    pub(crate) fn groundwork(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_groundwork"));
        command.args(arguments).current_dir(self.folder.path());
        self.world.equip(&mut command, self.folder.path());
        if !self.real {
            let (name, value) = self.providers.environment();
            command.env(name, value);
        }
        output(&mut command)
    }

    /// Loses an account's state; what it made is there.
    pub(crate) fn forget(&self, account: &str) {
        let path = format!("/{}/{account}/terraform.tfstate", self.bucket);
        assert_eq!(self.world.moto.request("DELETE", &path, b"").0, 204);
    }

    /// Runs with more text at the end of domains.toml.
    pub(crate) fn groundwork_with(&self, more: &str, arguments: &[&str]) -> Output {
        let domains = self.read("domains.toml");
        self.write("domains.toml", &format!("{domains}{more}"));
        let output = self.groundwork(arguments);
        self.write("domains.toml", &domains);
        output
    }

    /// Every account's plan, whole.
    pub(crate) fn plans(&self) -> BTreeMap<String, Value> {
        self.plans_of(&[])
    }

    /// The plans of these accounts; without any, of all. That of the organization's own root module is `organization`.
    pub(crate) fn plans_of(&self, accounts: &[&str]) -> BTreeMap<String, Value> {
        fs::remove_dir_all(self.path("plans")).ok();
        self.groundwork(&[&["plan", "-q", "--keep-plans", "plans"], accounts].concat()).succeeds();
        let mut plans = BTreeMap::new();
        let mut folders = vec![self.path("plans")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let key = path.strip_prefix(self.path("plans")).unwrap().with_extension("").display().to_string();
                plans.insert(key, serde_json::from_slice(&fs::read(&path).unwrap()).unwrap());
            }
        }
        plans
    }
}

/// What a plan would make: type, address, values.
pub(crate) fn made(plan: &Value) -> Vec<(&str, &str, &Value)> {
    let changes = plan["resource_changes"].as_array().unwrap().iter();
    let one = |change: &'_ Value| change["mode"] == "managed" && !change["change"]["after"].is_null();
    changes
        .filter(|change| one(change))
        .map(|change| {
            (change["type"].as_str().unwrap(), change["address"].as_str().unwrap(), &change["change"]["after"])
        })
        .collect()
}
