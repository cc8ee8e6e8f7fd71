//! `groundwork matrix`

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::{Context, Failure, changes, parts};
use crate::cli::{MatrixArgs, MatrixFormat};
use crate::matrix::{Action, Matrix, Timings, flat, matrix, to_github, to_github_output, to_gitlab};
use crate::organization::Selection;
use crate::system::{files, plans};
use crate::text::Count;

/// Accounts named per job in the table for people; the rest are counted.
const MOST_SHOWN: usize = 4;

/// The largest report of a run; one of 10,000 accounts has about 2 MiB.
const LARGEST_TIMINGS: u64 = 64 << 20;

pub(crate) fn run(context: &Context, args: &MatrixArgs) -> Result<(), Failure> {
    let selection = Selection::new(&args.accounts)?;
    let timings = read_timings(&args.timings)?;
    let (repository, touched) = match args.since.as_ref().filter(|since| !since.is_empty()) {
        None => (context.load_sound()?, None),
        Some(revision) => {
            let (repository, changes, orphans) = changes::since(context, revision)?;
            orphans?;
            (repository, Some(changes))
        }
    };
    let (organization, _) = parts(&repository)?;
    let mut accounts = selection.of(organization.with_root())?;
    if let Some(changes) = &touched {
        let touched: BTreeSet<_> = changes.accounts.iter().map(|account| &account.key).collect();
        accounts.retain(|account| touched.contains(&account.key));
    }
    if let Some(folder) = &args.reviewed {
        let reviewed = reviewed(folder)?;
        accounts.retain(|account| reviewed.contains(&account.key.to_string()));
    }
    let most = usize::from(args.max_jobs);
    let matrix = if args.flat {
        flat(&accounts, most, timings.as_ref())
    } else {
        matrix(organization, &accounts, most, timings.as_ref())
    };
    let text = match args.format {
        MatrixFormat::Text => table(&matrix),
        MatrixFormat::Json => serde_json::to_string_pretty(&matrix).unwrap_or_default(),
        MatrixFormat::Github => to_github(&matrix).to_string(),
        MatrixFormat::GithubOutput => to_github_output(&matrix),
        MatrixFormat::Gitlab => to_gitlab(&matrix),
    };
    Ok(context.ui.answer(&text)?)
}

/// Who has a digest there. A folder that is not there is one in which nobody has.
fn reviewed(folder: &Path) -> Result<BTreeSet<String>, Failure> {
    if !folder.exists() {
        return Ok(BTreeSet::new());
    }
    let listing = plans::list(folder).map_err(|error| Failure::from_error(&error))?;
    Ok(plans::read_all(folder, &listing, None, &|| ()).into_iter().map(|planned| planned.key).collect())
}

fn read_timings(paths: &[PathBuf]) -> Result<Option<Timings>, Failure> {
    let mut timings: Option<Timings> = None;
    for path in paths {
        let more = read_report(path)?;
        timings = Some(match timings {
            None => more,
            Some(timings) => timings.and(more),
        });
    }
    Ok(timings)
}

fn read_report(path: &Path) -> Result<Timings, Failure> {
    let name = path.display();
    let bytes = files::read_bytes(path, LARGEST_TIMINGS)
        .map_err(|error| Failure::because(format!("cannot read `{name}`: {error}")))?;
    let text = files::to_text(&bytes).map_err(|error| Failure::because(format!("cannot read `{name}`: {error}")))?;
    Timings::read(text).map_err(|reason| Failure::because(format!("cannot use `{name}`: {reason}")))
}

fn table(matrix: &Matrix) -> String {
    let mut text = String::new();
    for wave in &matrix.waves {
        let accounts = wave.jobs.iter().map(|job| job.accounts.len()).sum();
        let (jobs, accounts) = (Count(wave.jobs.len(), "job"), Count(accounts, "account"));
        writeln!(text, "{}: {jobs}, {accounts}", wave.name).ok();
        for job in &wave.jobs {
            let verb = match job.action {
                Action::Apply => "apply  ",
                Action::Destroy => "destroy",
            };
            let named: Vec<String> = job.accounts.iter().take(MOST_SHOWN).map(ToString::to_string).collect();
            let more = match job.accounts.len().saturating_sub(MOST_SHOWN) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            writeln!(text, "  {verb}  {}{more}", named.join(", ")).ok();
        }
    }
    text
}
