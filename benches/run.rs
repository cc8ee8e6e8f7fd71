//! What `groundwork plan` costs over many root modules, next to a shell that runs Terraform's own init and plan over the
//! same folders, as many at a time.
//!
//! `cargo bench --bench run`. The root modules need no provider, so that Terraform takes as little time as it ever does:
//! whatever groundwork adds is seen. Interleaved rounds, medians, ratios.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a bench prints, and starts programs"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use groundwork_testing::process::{median, ratio, run};
use groundwork_testing::terraform::Terraform;

const DOMAINS: usize = 100;
const ACCOUNTS: usize = 3 * DOMAINS;
const ROUNDS: usize = 5;

fn main() {
    let terraform = Terraform::find().unwrap();
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("groundwork-bench-run");
    fs::remove_dir_all(&folder).ok();
    repository(&folder);
    let parallel = std::thread::available_parallelism().map_or(2, usize::from);
    let command = |program: &str| {
        let mut command = Command::new(program);
        command
            .current_dir(&folder)
            .env("GROUNDWORK_TERRAFORM", terraform.program())
            .env("TF_CLI_CONFIG_FILE", terraform.configuration())
            .env("CHECKPOINT_DISABLE", "1")
            .env("TF_IN_AUTOMATION", "1")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    };
    let groundwork = |arguments: &[&str]| {
        let mut command = command(env!("CARGO_BIN_EXE_groundwork"));
        command.args(arguments);
        command
    };
    run(&mut groundwork(&["allocate"]));
    exist(&folder);
    run(&mut groundwork(&["render"]));
    let script = format!(
        "find accounts -name main.tf -printf '%h\\n' | xargs -P {parallel} -I {{}} sh -c 'cd {{}} && \
         {0} init -input=false -no-color && {0} plan -input=false -no-color -out=plan'",
        terraform.program().display()
    );
    let (mut bare, mut cold, mut warm) = (vec![], vec![], vec![]);
    let mut peak = 0;
    for _ in 0..ROUNDS {
        forget(&folder);
        bare.push(run(command("sh").args(["-c", &script])).0);
        forget(&folder);
        let jobs = parallel.to_string();
        let (time, memory) = run(&mut groundwork(&["plan", "-j", &jobs]));
        cold.push(time);
        peak = peak.max(memory);
        warm.push(run(&mut groundwork(&["plan", "-j", &jobs])).0);
    }
    let [bare, cold, warm] = [bare, cold, warm].map(median);
    println!("{ACCOUNTS} root modules without providers, {parallel} at a time:");
    println!("  init and plan, by xargs    {:>6.1} s", bare.as_secs_f64());
    println!(
        "  groundwork plan            {:>6.1} s, {:.2} times that (at most 1.05)",
        cold.as_secs_f64(),
        ratio(cold, bare)
    );
    println!("  groundwork plan, again     {:>6.1} s, {:.2} times that", warm.as_secs_f64(), ratio(warm, bare));
    println!("  groundwork's own memory    {:>6} MB (below 60)", peak / 1_000);
    fs::remove_dir_all(&folder).ok();
}

fn repository(folder: &Path) {
    let mut text = "[organization]\nname = \"acme\"\nregion = \"eu-west-1\"\nmanagement_account = \"111111111111\"\n\
         email = \"aws+{domain}-{environment}@acme.example\"\n\
         [state]\nbucket = \"acme-state\"\nregion = \"eu-west-1\"\n[network]\npools = [\"10.0.0.0/8\"]\n[templates]\nbuilt_in = []\n\
         [[waves]]\nname = \"everyone\"\n[environments.dev]\n[environments.stage]\n[environments.prod]\n\
         [teams.platform]\nemail = \"platform@acme.example\"\n"
        .to_owned();
    for index in 0..DOMAINS {
        write!(text, "[domains.d{index}]\nteam = \"platform\"\nenvironments = [\"dev\", \"stage\", \"prod\"]\n")
            .unwrap();
    }
    let feature = folder.join("templates/things");
    fs::create_dir_all(&feature).unwrap();
    fs::write(folder.join("domains.toml"), text).unwrap();
    fs::write(feature.join("feature.toml"), "description = \"Things.\"\n").unwrap();
    let resources: String = (0..5)
        .map(|index| {
            format!("resource \"terraform_data\" \"thing_{index}\" {{\n  input = {{{{ account.key | hcl }}}}\n}}\n")
        })
        .collect();
    fs::write(feature.join("main.tf.tera"), resources).unwrap();
}

/// Gives every account an id: AWS has made them.
fn exist(folder: &Path) {
    let path = folder.join("ledger.toml");
    let mut ledger = String::new();
    let mut number = 100_000_000_000_u64;
    for line in fs::read_to_string(&path).unwrap().lines() {
        writeln!(ledger, "{line}").unwrap();
        if line.starts_with("[accounts.") {
            number += 1;
            writeln!(ledger, "id = \"{number}\"").unwrap();
        }
    }
    fs::write(path, ledger).unwrap();
}

/// Everything that Terraform keeps in a root module.
fn forget(folder: &Path) {
    let modules =
        fs::read_dir(folder.join("accounts")).unwrap().flat_map(|domain| fs::read_dir(domain.unwrap().path()).unwrap());
    for module in modules {
        let module = module.unwrap().path();
        fs::remove_dir_all(module.join(".terraform")).ok();
        fs::remove_file(module.join("plan")).ok();
    }
}
