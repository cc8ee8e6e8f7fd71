//! `groundwork notify`

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Context, Failure};
use crate::cli::NotifyArgs;
use crate::forge::failure_message;
use crate::system::{curl, environment};

/// Where the chat listens. Whoever knows it can write there, so it is a secret.
const WEBHOOK: &str = "GROUNDWORK_SLACK_WEBHOOK";

pub(crate) fn run(context: &Context, args: &NotifyArgs) -> Result<(), Failure> {
    let mut failed = Vec::new();
    for path in args.reports.iter().flat_map(|folder| reports(folder)) {
        let report: Option<Value> = fs::read(&path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        for entry in report.iter().filter_map(|report| report["accounts"].as_array()).flatten() {
            if let (Some(account), Some(message)) = (entry["account"].as_str(), entry["message"].as_str()) {
                failed.push((account.to_owned(), message.to_owned()));
            }
        }
    }
    failed.sort();
    let text = failure_message(&args.run, &failed, args.link.as_deref());
    let Some(webhook) = environment::variable(WEBHOOK) else {
        context.ui.warning(format_args!("{WEBHOOK} is not set: nobody is told\n{text}"));
        return Ok(());
    };
    curl::post(&webhook, &json!({ "text": text }))
        .map_err(|reason| Failure::because(format!("the chat was not told: {reason}")))?;
    context.ui.done("the chat is told");
    Ok(())
}

/// JSON files below a folder; it may not be there.
fn reports(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok) {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => waiting.push(entry.path()),
                Ok(kind) if kind.is_file() && entry.path().extension().is_some_and(|end| end == "json") => {
                    found.push(entry.path());
                }
                _ => {}
            }
        }
    }
    found.sort();
    found
}
