//! `groundwork policy`

use super::{Context, Failure};
use crate::cli::{PolicyCommand, PolicyTestArgs};
use crate::policy::{Limits, read_folder, run_tests};
use crate::text::{Count, inert};

pub(crate) fn run(context: &Context, command: &PolicyCommand) -> Result<(), Failure> {
    match command {
        PolicyCommand::Test(args) => test(context, args),
    }
}

fn test(context: &Context, args: &PolicyTestArgs) -> Result<(), Failure> {
    let files = read_folder(&args.folder).map_err(|fault| Failure::because(fault.to_string()))?;
    let results = run_tests(&files, Limits::default()).map_err(|faults| {
        for fault in &faults {
            context.ui.error(&fault.to_string(), &[], &[]);
        }
        Failure::Said
    })?;
    let failed: Vec<_> = results.iter().filter(|result| result.failure.is_some()).collect();
    for result in &failed {
        let why = result.failure.as_deref().unwrap_or_default();
        context.ui.error(&format!("{}:{}: {}: {}", result.path, result.line, result.name, inert(why)), &[], &[]);
    }
    if failed.is_empty() {
        context.ui.done(format_args!("{} passed", Count(results.len(), "test")));
        return Ok(());
    }
    Err(Failure::because(format!("{} of {} failed", failed.len(), Count(results.len(), "test"))))
}
