//! curl, for what is nobody's program.

use std::path::Path;

use serde_json::Value;

use super::gh::{Trouble, run, start};

/// What curl says first when it could not even connect, and when the other side has refused.
const NOT_DONE: [&str; 3] = ["curl: (6)", "curl: (7)", "curl: (22) The requested URL returned error: 4"];

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{said}")]
pub struct NoAnswer {
    /// What curl said, and the other side.
    pub said: String,
    /// Whether the other side may have got it all the same.
    pub unsure: bool,
}

/// Posts JSON to an address that is itself a secret: no argument, and so no list of processes, has it.
///
/// # Errors
/// curl cannot be started, or the other side refuses; never with the address.
pub fn post(address: &str, body: &Value) -> Result<(), String> {
    let more = ["--fail", "--max-time", "30", "--retry", "3", "--output", "/dev/null"];
    call(address, &[], body, &more).map(drop).map_err(|error| error.said.replace(address, "…"))
}

/// Posts JSON once, with headers that may be secrets, and returns what is answered. An answer that is not JSON is null.
///
/// # Errors
/// curl cannot be started, or the other side refuses, or nobody knows.
pub fn ask(address: &str, headers: &[(&str, &str)], body: &Value) -> Result<Value, NoAnswer> {
    let answer = call(address, headers, body, &["--fail-with-body", "--max-time", "90"])?;
    Ok(serde_json::from_str(&answer).unwrap_or_default())
}

/// Everything that may be a secret goes in by the standard input.
fn call(address: &str, headers: &[(&str, &str)], body: &Value, more: &[&str]) -> Result<String, NoAnswer> {
    let quote = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut configuration = format!("url = \"{}\"\nheader = \"Content-Type: application/json\"\n", quote(address));
    for (name, value) in headers {
        configuration += &format!("header = \"{}\"\n", quote(&format!("{name}: {value}")));
    }
    configuration += &format!("data = \"{}\"\n", quote(&body.to_string()));
    let mut command = start(Path::new("curl"));
    command.args(["--silent", "--show-error"]).args(more).args(["--config", "-"]);
    run(&mut command, Some(&configuration)).map_err(|trouble| match trouble {
        Trouble::Start(error) => NoAnswer { said: format!("curl cannot be started: {error}"), unsure: false },
        Trouble::Failed(said) => NoAnswer { unsure: !NOT_DONE.iter().any(|start| said.starts_with(start)), said },
    })
}
