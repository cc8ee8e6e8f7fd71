//! An account with a faceless user, a GitHub, and a repository of groundwork's that is about both.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread;
use std::time::Duration;

use groundwork_testing::folder;
use groundwork_testing::moto::Moto;
use groundwork_testing::process::{Output, output};
use groundwork_testing::proxy::{self, Answer, Call, Forward};
use serde_json::{Value, json};

use super::github::GH;
use super::vendor::{self, Vendor};

/// The account that moto takes everybody's credentials for.
const ACCOUNT: &str = "123456789012";

/// The user's secret in Secrets Manager.
const SECRET: &str = "/groundwork/faceless-users/legacy-ci/access-key";

/// The secret that holds a license key.
const LICENSE: &str = "/groundwork/monitoring/newrelic/license-key";

/// Servers that no test uses at the moment: one takes seconds to start.
static IDLE: Mutex<Vec<Arc<Moto>>> = Mutex::new(Vec::new());

/// Ends them: whatever is left in a `static` outlives the process.
pub(crate) fn end() {
    IDLE.lock().unwrap().clear();
}

/// What is between groundwork and both of them, and what it sees.
#[derive(Default)]
pub(crate) struct Layer {
    /// What GitHub holds, by what it is called with: secrets (`secret acme/shop prod NAME`) and variables (`variable PATH`).
    pub(crate) github: Mutex<BTreeMap<String, String>>,
    /// What New Relic holds.
    pub(crate) vendor: Mutex<Vendor>,
    /// Whether GitHub answers nobody.
    pub(crate) away: AtomicBool,
    /// An operation whose answer is lost, once, though it has its effect.
    pub(crate) lose: Mutex<Option<&'static str>>,
    /// An operation that is refused.
    pub(crate) refuse: Mutex<Option<&'static str>>,
    /// What was called.
    pub(crate) operations: Mutex<Vec<String>>,
    /// The call at which the program is killed, counted from one; none is 0.
    pub(crate) kill_at: AtomicUsize,
    /// Whether the call has its effect first.
    pub(crate) after: AtomicBool,
    /// Which program.
    pub(crate) program: AtomicU32,
    /// What was wrong after a call.
    pub(crate) broken: Mutex<Vec<String>>,
}

pub(crate) struct Cloud {
    pub(crate) moto: Arc<Moto>,
    pub(crate) layer: Arc<Layer>,
    folder: tempfile::TempDir,
    endpoint: String,
}

impl Layer {
    /// One call, and what becomes of it.
    fn between(&self, moto: &Moto, call: &Call, forward: Forward<'_>) -> io::Result<Option<Answer>> {
        let body = String::from_utf8_lossy(&call.body).into_owned();
        let operation = match call.operation.as_str() {
            "/gh" => body.split(['\n', '{']).next().unwrap().to_owned(),
            "/graphql" => vendor::operation(&call.json()),
            "/" => body.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or("/").to_owned(),
            other => other.to_owned(),
        };
        let number = {
            let mut operations = self.operations.lock().unwrap();
            operations.push(operation.clone());
            operations.len()
        };
        let is_last = number == self.kill_at.load(Ordering::SeqCst);
        let mut answer = None;
        if !is_last || self.after.load(Ordering::SeqCst) {
            answer = Some(match *self.refuse.lock().unwrap() {
                Some(refused) if refused == operation => Answer::error(400, "AccessDeniedException", "not you"),
                _ if call.operation == "/gh" => self.gh(&body),
                _ if call.operation == "/graphql" => self.vendor.lock().unwrap().answer(&call.json()),
                _ => forward(call)?,
            });
            if !is_read(&operation) {
                let mut broken = broken(moto, self);
                broken.iter_mut().for_each(|what| *what = format!("after {operation}: {what}"));
                self.broken.lock().unwrap().append(&mut broken);
            }
        }
        if is_last {
            let program = loop {
                match self.program.load(Ordering::SeqCst) {
                    0 => thread::sleep(Duration::from_millis(1)),
                    program => break program,
                }
            };
            assert!(Command::new("kill").args(["-KILL", &program.to_string()]).status()?.success());
            return Ok(None);
        }
        let is_lost = self.lose.lock().unwrap().take_if(|lost| *lost == operation).is_some();
        Ok(answer.filter(|_| !is_lost))
    }
}

/// Whether a call changes nothing.
pub(crate) fn is_read(operation: &str) -> bool {
    ["List", "Get", "Describe", "AssumeRole", "api --method GET", "query "]
        .iter()
        .any(|read| operation.starts_with(read))
}

/// Everything that holds a key which AWS would not accept.
fn broken(moto: &Moto, layer: &Layer) -> Vec<String> {
    let keys = keys(moto);
    let mut broken = Vec::new();
    let mut check = |place: &str, id: &str| {
        if keys.get(id) != Some(&true) {
            broken.push(format!("{place} holds {id}, of {keys:?}"));
        }
    };
    if let Some((_, value)) = vault(moto) {
        check("Secrets Manager", value["AccessKeyId"].as_str().unwrap());
    }
    for (name, value) in layer.github.lock().unwrap().iter() {
        if name.starts_with("secret ") {
            let value: Value = serde_json::from_str(value).unwrap();
            check(name, value["AccessKeyId"].as_str().unwrap());
        } else if name.contains("AWS_KEY_ID_") {
            check(name, value);
        }
    }
    if let Some(id) = license(moto)
        && layer.vendor.lock().unwrap().keys.get(&id).is_none_or(|name| name.ends_with(" (retired)"))
    {
        broken.push(format!("Secrets Manager holds the license key {id}"));
    }
    if keys.len() > 2 {
        broken.push(format!("{} keys", keys.len()));
    }
    broken
}

/// The user's keys, and whether each is accepted.
fn keys(moto: &Moto) -> BTreeMap<String, bool> {
    let listed = moto.iam("ListAccessKeys", "UserName=legacy-ci");
    let members = listed.split("<member>").skip(1);
    members.map(|member| (text(member, "AccessKeyId"), text(member, "Status") == "Active")).collect()
}

/// What an element holds.
fn text(of: &str, element: &str) -> String {
    let (_, rest) = of.split_once(&format!("<{element}>")).unwrap();
    rest.split('<').next().unwrap().to_owned()
}

/// The version of the user's secret that everybody reads, and what it holds.
fn vault(moto: &Moto) -> Option<(String, Value)> {
    let (version, value) = current(moto, SECRET)?;
    Some((version, serde_json::from_str(&value).unwrap()))
}

/// The license key in Secrets Manager, by its id.
fn license(moto: &Moto) -> Option<String> {
    let (version, value) = current(moto, LICENSE)?;
    assert_eq!(value, format!("secret-of-{version}"));
    Some(version)
}

fn current(moto: &Moto, name: &str) -> Option<(String, String)> {
    let secrets = moto.json("secretsmanager", "secretsmanager.ListSecrets", &json!({}));
    let secret = secrets["SecretList"].as_array()?.iter().find(|secret| secret["Name"] == name)?;
    let versions = secret["SecretVersionsToStages"].as_object()?;
    versions.values().find(|labels| labels.as_array().unwrap().contains(&json!("AWSCURRENT")))?;
    let found = moto.json("secretsmanager", "secretsmanager.GetSecretValue", &json!({ "SecretId": name }));
    Some((found["VersionId"].as_str()?.to_owned(), found["SecretString"].as_str()?.to_owned()))
}

impl Drop for Cloud {
    fn drop(&mut self) {
        IDLE.lock().unwrap().push(Arc::clone(&self.moto));
    }
}

/// What everybody holds: the ids of all keys that are accepted, of the vault's, and of every secret and variable on GitHub.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) keys: BTreeMap<String, bool>,
    pub(crate) vault: Option<String>,
    pub(crate) github: Vec<String>,
}

impl Cloud {
    /// A user in `repositories`' environment `prod`, for which Terraform has been at work.
    pub(crate) fn new(users: &str) -> Self {
        Self::of(&format!("faceless_users = [{users}]"))
    }

    /// An account with these settings.
    pub(crate) fn of(settings: &str) -> Self {
        let idle = IDLE.lock().unwrap().pop();
        let moto = idle.unwrap_or_else(|| Arc::new(Moto::start().unwrap()));
        let layer = Arc::new(Layer::default());
        let (shared, server): (_, Weak<Moto>) = (Arc::clone(&layer), Arc::downgrade(&moto));
        let endpoint = proxy::start(&moto.endpoint(), move |call, forward| match server.upgrade() {
            Some(moto) => shared.between(&moto, call, forward),
            None => Ok(None),
        });
        let cloud = Self { moto, layer, folder: tempfile::tempdir().unwrap(), endpoint };
        folder::copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("templates"), &cloud.path("templates")).unwrap();
        let domains = format!(
            "[organization]\nname = \"acme\"\nregion = \"us-east-1\"\nmanagement_account = \"111111111111\"\n\
             email = \"aws+{{domain}}-{{environment}}@acme.example\"\n[state]\nbucket = \"acme-state\"\nregion = \"us-east-1\"\n\
             [network]\npools = [\"10.0.0.0/8\"]\n[defaults]\nnetwork = {{ enabled = false }}\n[environments.prod]\n\
             [teams.catalog]\nemail = \"catalog@acme.example\"\ncost_center = \"4210\"\n\
             [domains.shop]\nteam = \"catalog\"\nenvironments = [\"prod\"]\n{settings}\n"
        );
        cloud.write("domains.toml", &domains);
        cloud.write("bin/gh", GH);
        assert!(Command::new("chmod").arg("+x").arg(cloud.path("bin/gh")).status().unwrap().success());
        cloud.groundwork(&["allocate", "-q"]).succeeds();
        let ledger = fs::read_to_string(cloud.path("ledger.toml")).unwrap();
        let header = "[accounts.\"shop/prod\"]\n";
        assert!(ledger.contains(header), "{ledger}");
        cloud.write("ledger.toml", &ledger.replace(header, &format!("{header}id = \"{ACCOUNT}\"\n")));
        cloud.begin();
        cloud
    }

    /// Everything as Terraform leaves it.
    pub(crate) fn begin(&self) {
        self.moto.reset();
        self.moto.iam("CreateUser", "UserName=legacy-ci&Path=/faceless/");
        self.moto.json("secretsmanager", "secretsmanager.CreateSecret", &json!({ "Name": SECRET }));
        let mut github = self.layer.github.lock().unwrap();
        github.clear();
        github.insert("environment acme/shop prod".to_owned(), String::new());
        self.layer.operations.lock().unwrap().clear();
        self.layer.kill_at.store(0, Ordering::SeqCst);
        self.layer.program.store(0, Ordering::SeqCst);
    }

    /// As after a run: one key, everywhere.
    pub(crate) fn has_had_a_run(&self) {
        let made = self.moto.iam("CreateAccessKey", "UserName=legacy-ci");
        let id = text(&made, "AccessKeyId");
        let value = json!({ "Version": 1, "AccessKeyId": id, "SecretAccessKey": text(&made, "SecretAccessKey") });
        let put = json!({ "SecretId": SECRET, "SecretString": value.to_string(), "ClientRequestToken": format!("groundwork-access-key-{id}") });
        self.moto.json("secretsmanager", "secretsmanager.PutSecretValue", &put);
        let mut github = self.layer.github.lock().unwrap();
        github.insert("secret acme/shop prod AWS_KEY_LEGACY_CI".to_owned(), value.to_string());
        github.insert("variable acme/shop/environments/prod/variables/AWS_KEY_ID_LEGACY_CI".to_owned(), id);
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, content: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_groundwork"));
        let path = format!("{}:{}", self.path("bin").display(), std::env::var("PATH").unwrap());
        let port = self.endpoint.rsplit(':').next().unwrap();
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", path)
            .env("GH_PORT", port)
            .env("NEW_RELIC_API_KEY", "NRAK-a-secret-of-the-environment")
            .env("NEW_RELIC_NERDGRAPH_API_URL", format!("{}/graphql", self.endpoint))
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", "a-secret-of-the-environment")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null());
        command
    }

    /// Runs it to its end. No secret is in what it says.
    pub(crate) fn groundwork(&self, arguments: &[&str]) -> Output {
        let said = output(&mut self.command(arguments));
        for secret in ["SecretAccessKey", "secret-of", "a-secret-of-the-environment"] {
            assert!(!said.stdout.contains(secret) && !said.stderr.contains(secret), "a secret is said");
        }
        if let Some((_, value)) = arguments.first().filter(|first| **first == "keys").and_then(|_| vault(&self.moto)) {
            let secret = value["SecretAccessKey"].as_str().unwrap();
            assert!(!said.stdout.contains(secret) && !said.stderr.contains(secret), "a secret is said");
        }
        said
    }

    /// Rotates, with no more patience than it takes.
    pub(crate) fn rotate(&self, more: &[&str]) -> Output {
        self.groundwork(&[&["keys", "rotate", "--poll", "1ms"], more].concat())
    }

    pub(crate) fn held(&self) -> Held {
        let github = self.layer.github.lock().unwrap();
        let ids = github.iter().filter_map(|(name, value)| match name.starts_with("secret ") {
            true => {
                let value: Value = serde_json::from_str(value).unwrap();
                Some(value["AccessKeyId"].as_str().unwrap().to_owned())
            }
            false => name.contains("AWS_KEY_ID_").then(|| value.clone()),
        });
        let vault = vault(&self.moto).map(|(version, value)| {
            let id = value["AccessKeyId"].as_str().unwrap().to_owned();
            assert_eq!(version, format!("groundwork-access-key-{id}"));
            id
        });
        Held { keys: keys(&self.moto), vault, github: ids.collect() }
    }

    /// That there is one key, which is accepted, and that everything holds it; which it is.
    #[track_caller]
    pub(crate) fn has_one_key_everywhere(&self) -> String {
        let held = self.held();
        let id = held.vault.clone().unwrap_or_else(|| panic!("{held:?}"));
        let everywhere =
            Held { keys: BTreeMap::from([(id.clone(), true)]), vault: Some(id.clone()), github: vec![id.clone(); 2] };
        assert_eq!(held, everywhere);
        self.is_sound();
        id
    }

    /// That at no moment anything held a key that was not accepted.
    #[track_caller]
    pub(crate) fn is_sound(&self) {
        let broken = self.layer.broken.lock().unwrap();
        assert!(broken.is_empty(), "{broken:#?}");
    }

    /// The empty secret for a license key, as Terraform makes it.
    pub(crate) fn has_license_secret(&self) {
        self.moto.json("secretsmanager", "secretsmanager.CreateSecret", &json!({ "Name": LICENSE }));
    }

    /// The license key in Secrets Manager, by its id.
    pub(crate) fn license(&self) -> Option<String> {
        license(&self.moto)
    }

    pub(crate) fn away(&self, away: bool) {
        self.layer.away.store(away, Ordering::SeqCst);
    }
}

/// The user of most tests.
pub(crate) const LEGACY: &str = "{ name = \"legacy-ci\", kind = \"access-key\", repositories = [\"acme/shop\"] }";
