//! `groundwork render`

use super::{Context, Failure, parts};
use crate::cli::RenderArgs;
use crate::organization::{Account, Lifecycle, Selection};
use crate::render::disk::{self, Comparison, DiskError, FileChangeKind};
use crate::render::{self, RootModule};
use crate::text::Count;

/// Longer lists of files are cut, and say so.
const MOST_SHOWN: usize = 40;

pub(crate) fn run(context: &Context, args: &RenderArgs) -> Result<(), Failure> {
    let selection = Selection::new(&args.accounts)?;
    let repository = context.load_sound()?;
    let (organization, engine) = parts(&repository)?;
    let mut accounts = selection.of(organization.with_root())?;
    accounts.retain(|account| account.lifecycle != Lifecycle::Closed);
    allocated(&accounts)?;

    let progress = context.ui.progress("rendering", accounts.len());
    let rendered = tracing::info_span!("render")
        .in_scope(|| render::render(organization, &accounts, &repository.features, engine, &|| progress.advance()));
    drop(progress);
    let modules = rendered.map_err(|problems| {
        context.ui.diagnostics(&problems, &repository.sources);
        Failure::Said
    })?;

    let out = args.out.as_deref().unwrap_or(&context.root);
    let output = disk::open(out, !args.check).map_err(|error| Failure::from_error(&error))?;
    let compared = tracing::info_span!("compare")
        .in_scope(|| disk::compare(output.as_ref(), &modules, selection.is_everything()))
        .map_err(|error| explain(&error))?;
    refuse_strangers(&compared)?;
    for path in &compared.kept {
        context
            .ui
            .warning(format_args!("`{path}` is no longer rendered, but has been edited: it stays. Delete it by hand."));
    }
    if args.check {
        return report_differences(context, &compared);
    }
    if let Some(output) = &output {
        let progress = context.ui.progress("writing", compared.changed());
        tracing::info_span!("write")
            .in_scope(|| compared.write(output, &|| progress.advance()))
            .map_err(|error| explain(&error))?;
    }
    summarise(context, &modules, &compared);
    Ok(())
}

/// Rendering an account without its block would render a network nobody has agreed on.
pub(super) fn allocated(accounts: &[&Account]) -> Result<(), Failure> {
    let missing: Vec<String> = accounts
        .iter()
        .filter(|account| !account.is_renderable())
        .map(|account| format!("`{}`", account.key))
        .collect();
    let Some(first) = missing.first() else { return Ok(()) };
    let who = match missing.len() {
        1 => format!("{first} is"),
        many => format!("{first} and {} are", Count(many - 1, "other account")),
    };
    let failure = Failure::because(format!("{who} not in ledger.toml yet, or without a network block"));
    Err(failure.help("`groundwork allocate` adds them; commit the ledger together with domains.toml"))
}

fn refuse_strangers(compared: &Comparison) -> Result<(), Failure> {
    let Some(first) = compared.strangers.first() else { return Ok(()) };
    let more = match compared.strangers.len() - 1 {
        0 => String::new(),
        more => format!(", and {}", Count(more, "more file")),
    };
    let failure = Failure::because(format!(
        "`{first}`{more}: groundwork would write there, but somebody else's file is in the way"
    ));
    Err(failure.help("move it away, or into overlays/, and run this again; nothing was written"))
}

fn report_differences(context: &Context, compared: &Comparison) -> Result<(), Failure> {
    let changes = compared.changes();
    let mut lines: Vec<String> = changes
        .iter()
        .take(MOST_SHOWN)
        .map(|change| {
            let sign = match change.kind {
                FileChangeKind::Added => '+',
                FileChangeKind::Changed => '~',
                FileChangeKind::Removed => '-',
            };
            format!("{sign} {}", change.path)
        })
        .collect();
    if changes.len() > MOST_SHOWN {
        lines.push(format!("  and {} more", changes.len() - MOST_SHOWN));
    }
    if compared.is_clean() {
        context.ui.done(format_args!("{} as they should be", Count(compared.unchanged, "root module")));
        return Ok(());
    }
    if !lines.is_empty() {
        context.ui.answer(&lines.join("\n"))?;
    }
    let failure = Failure::because(format!(
        "{} would change ({})",
        Count(compared.changed(), "root module"),
        Count(changes.len(), "file")
    ));
    Err(failure.help("run `groundwork render`"))
}

fn summarise(context: &Context, modules: &[RootModule], compared: &Comparison) {
    let changes = compared.changes();
    let count = |kind| changes.iter().filter(|change| change.kind == kind).count();
    context.ui.done(format_args!(
        "{}: {} unchanged, {} changed ({} added, {} changed, {} removed)",
        Count(modules.len(), "root module"),
        compared.unchanged,
        compared.changed(),
        Count(count(FileChangeKind::Added), "file"),
        count(FileChangeKind::Changed),
        count(FileChangeKind::Removed),
    ));
}

fn explain(error: &DiskError) -> Failure {
    let failure = Failure::from_error(error);
    match error {
        DiskError::Outside { .. } => failure.help("remove the link, or whatever stands there, and run this again"),
        DiskError::Output { .. } | DiskError::Read { .. } | DiskError::Write { .. } => failure,
    }
}
