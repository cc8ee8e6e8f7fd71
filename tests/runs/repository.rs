//! A small repository whose accounts need no provider, and the binary run in it.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use groundwork_testing::folder;
use groundwork_testing::process::{Output, output};
use groundwork_testing::providers::Providers;

use super::World;

/// A repository, and the bucket of its state.
pub(crate) struct Repository<'a> {
    pub(crate) world: &'a World,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) bucket: String,
    /// What serves the providers that its root modules need.
    pub(crate) providers: Option<Providers>,
}

/// The state where production has it.
pub(crate) const BACKEND: &str = r#"terraform {
  backend "s3" {
    bucket       = {{ state.bucket | hcl }}
    key          = {{ account.state_key | hcl }}
    region       = {{ state.region | hcl }}
    encrypt      = true
    use_lockfile = true
  }
}
"#;

/// Resources that need no provider, as many as the account says.
pub(crate) const THINGS: &str = r#"
resource "terraform_data" "thing" {
  for_each = toset([for number in range({{ inputs.number }}) : tostring(number)])
  input    = "${each.key} of {{ account.key }}"
}
"#;

impl<'a> Repository<'a> {
    /// These domains, in the environments dev and prod, of which prod is protected. The first domain is the first wave.
    pub(crate) fn new(world: &'a World, domains: &[&str], template: &str) -> Self {
        let repository = Self::empty(world, None);
        let mut text = format!(
            "[organization]\nname = \"acme\"\nregion = \"eu-west-1\"\nmanagement_account = \"111111111111\"\n\
             email = \"aws+{{domain}}-{{environment}}@acme.example\"\n\
             [state]\nbucket = \"{}\"\nregion = \"eu-west-1\"\n[network]\npools = [\"10.0.0.0/8\"]\n[templates]\nbuilt_in = []\n\
             [[waves]]\nname = \"rehearsal\"\ndomains = [\"{}\"]\n[[waves]]\nname = \"everyone\"\n\
             [defaults.things]\nnumber = 1\n\
             [environments.dev]\n[environments.prod]\nprotected = true\n\
             [teams.platform]\nemail = \"platform@acme.example\"\n",
            repository.bucket, domains[0]
        );
        for domain in domains {
            write!(text, "[domains.{domain}]\nteam = \"platform\"\nenvironments = [\"dev\", \"prod\"]\n").unwrap();
        }
        repository.write("domains.toml", &text);
        repository.write(
            "templates/things/feature.toml",
            "description = \"Things.\"\n[inputs.properties.number]\ntype = \"integer\"\ndescription = \"How many.\"\ndefault = 1\n\
             [inputs.properties.text]\ntype = \"string\"\ndescription = \"Anything.\"\ndefault = \"\"\n",
        );
        repository.write("templates/things/main.tf.tera", template);
        repository.groundwork(&["allocate", "-q"]).succeeds();
        repository.exist(domains);
        repository.groundwork(&["render", "-q"]).succeeds();
        repository
    }

    fn empty(world: &'a World, providers: Option<Providers>) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let bucket = format!("acme-state-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::SeqCst));
        world.moto.bucket(&bucket);
        Self { world, folder: tempfile::tempdir().unwrap(), bucket, providers }
    }

    /// The organization of groundwork's own repository, rendered from its own templates.
    pub(crate) fn example(world: &'a World) -> Self {
        let repository = Self::empty(world, Some(Providers::start()));
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for file in ["domains.toml", "ledger.toml"] {
            fs::copy(root.join(file), repository.path(file)).unwrap();
        }
        folder::copy(&root.join("templates"), &repository.path("templates")).unwrap();
        repository.edit("domains.toml", "acme-groundwork-state", &repository.bucket);
        repository
    }

    /// Gives the accounts of these domains an id: AWS has made them.
    pub(crate) fn exist(&self, domains: &[&str]) {
        let mut ledger = self.read("ledger.toml");
        for (index, domain) in domains.iter().enumerate() {
            for (number, environment) in ["dev", "prod"].iter().enumerate() {
                let table = format!("[accounts.\"{domain}/{environment}\"]\n");
                assert!(ledger.contains(&table), "{ledger}");
                ledger = ledger.replace(&table, &format!("{table}id = \"1111{index:07}{number}\"\n"));
            }
        }
        self.write("ledger.toml", &ledger);
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

    /// Replaces text in a file, and renders.
    pub(crate) fn edit(&self, path: &str, from: &str, to: &str) {
        let content = self.read(path);
        assert!(content.contains(from), "{path} has no {from:?}");
        self.write(path, &content.replacen(from, to, 1));
        self.groundwork(&["render", "-q"]).succeeds();
    }

    /// How many things every account has.
    pub(crate) fn things(&self, before: usize, number: usize) {
        self.edit("domains.toml", &format!("number = {before}\n"), &format!("number = {number}\n"));
    }

    /// The binary, with nothing of the caller's environment but what Terraform needs.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_groundwork"));
        command.args(arguments).current_dir(self.folder.path());
        self.world.equip(&mut command, self.folder.path());
        if let Some(providers) = &self.providers {
            let (name, value) = providers.environment();
            command.env(name, value);
        }
        command
    }

    pub(crate) fn groundwork(&self, arguments: &[&str]) -> Output {
        output(&mut self.command(arguments))
    }

    /// Starts the binary in a process group of its own, as a shell does.
    pub(crate) fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command.process_group(0).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Plans, and returns the folder of the digests.
    pub(crate) fn plan(&self) -> String {
        let digests = self.path("digests");
        fs::remove_dir_all(&digests).ok();
        self.groundwork(&["plan", "-q", "--digests", "digests"]).succeeds();
        "digests".to_owned()
    }

    /// The addresses in an account's state.
    pub(crate) fn state(&self, account: &str) -> Vec<String> {
        let key = self.state_key(account);
        let Some(state) = self.world.moto.object(&self.bucket, &key) else { return Vec::new() };
        let state: serde_json::Value = serde_json::from_slice(&state).unwrap();
        let mut addresses: Vec<String> = state["resources"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|resource| {
                let instances = resource["instances"].as_array().unwrap();
                instances
                    .iter()
                    .map(|instance| format!("{}[{}]", resource["name"].as_str().unwrap(), instance["index_key"]))
            })
            .collect();
        addresses.sort();
        addresses
    }

    pub(crate) fn state_key(&self, account: &str) -> String {
        let ledger: toml::Table = self.read("ledger.toml").parse().unwrap();
        ledger["accounts"][account]["state_key"].as_str().unwrap().to_owned()
    }

    /// Whether there is a lock on the account's state.
    pub(crate) fn is_locked(&self, account: &str) -> bool {
        self.world.moto.object(&self.bucket, &format!("{}.tflock", self.state_key(account))).is_some()
    }

    /// Every run's folder, the earliest first.
    pub(crate) fn runs(&self) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.path("target/groundwork/runs")) else { return Vec::new() };
        let mut runs: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        runs.sort();
        runs
    }

    /// What the last run reported of an account.
    pub(crate) fn reported(&self, account: &str) -> serde_json::Value {
        let run = self.runs().pop().unwrap();
        let report: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(run.join("report.json")).unwrap()).unwrap();
        let entries = report["accounts"].as_array().unwrap();
        entries.iter().find(|entry| entry["account"] == account).unwrap_or_else(|| panic!("{report:#}")).clone()
    }

    /// Processes that work below this folder.
    pub(crate) fn processes(&self) -> Vec<String> {
        self.processes_with_ids().into_iter().map(|(_, command)| command).collect()
    }

    pub(crate) fn processes_with_ids(&self) -> Vec<(u32, String)> {
        let folder = fs::canonicalize(self.folder.path()).unwrap();
        let mut found = Vec::new();
        for entry in fs::read_dir("/proc").unwrap().filter_map(Result::ok) {
            if fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd.starts_with(&folder)) {
                let command = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                let id = entry.file_name().to_string_lossy().parse().unwrap();
                found.push((id, String::from_utf8_lossy(&command).replace('\0', " ")));
            }
        }
        found
    }
}

/// All files below a folder, with what they hold.
pub(crate) fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
            if entry.file_type().unwrap().is_dir() {
                waiting.push(entry.path());
            } else {
                found.push((entry.path(), fs::read(entry.path()).unwrap_or_default()));
            }
        }
    }
    found
}
