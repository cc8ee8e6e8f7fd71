//! `groundwork changes`

use std::fmt::Write as _;

use super::{Context, Failure, parts};
use crate::changes::{ChangeKind, Changes, Revision, Side, changes};
use crate::cli::{ChangesArgs, Format};
use crate::diagnostic::{Diagnostics, Severity};
use crate::repository::Repository;
use crate::system::git::{Base, merge_base};
use crate::system::{clock, inputs};
use crate::text::Count;

/// Files named per account in the list for people; the rest are counted.
const MOST_SHOWN: usize = 4;

pub(crate) fn run(context: &Context, args: &ChangesArgs) -> Result<(), Failure> {
    let (repository, changes, orphans) = since(context, &args.since)?;
    let total = repository.organization.as_ref().map_or(0, |organization| organization.accounts.len());
    let text = match args.format {
        Format::Json => serde_json::to_string_pretty(&changes).unwrap_or_default(),
        Format::Text => list(&changes, &args.since, total),
    };
    context.ui.answer(&text)?;
    orphans
}

/// What is different since the merge base with `revision`, and whether it may be: an account that disappears without
/// having been retired is a failure, for whoever has printed what there is to print.
pub(super) fn since(context: &Context, revision: &str) -> Result<(Repository, Changes, Result<(), Failure>), Failure> {
    let today = clock::today();
    let mut diagnostics = Diagnostics::default();
    let head = tracing::info_span!("read").in_scope(|| inputs::read(&context.root, &mut diagnostics));
    let repository = tracing::info_span!("load").in_scope(|| Repository::load(&head, diagnostics, today));
    let repository = context.sound(repository)?;
    let base = tracing::info_span!("base").in_scope(|| merge_base(&context.root, revision)).map_err(|error| {
        let failure = Failure::from_error(&error);
        error.help().into_iter().fold(failure, Failure::help)
    })?;
    let (organization, engine) = parts(&repository)?;
    let progress = context.ui.progress("rendering", organization.accounts.len());
    let rendered = tracing::info_span!("render head")
        .in_scope(|| Side::of(organization, &repository, engine, &|| progress.advance()));
    drop(progress);
    let head_side = rendered.map_err(|problems| {
        context.ui.diagnostics(&problems, &repository.sources);
        Failure::Said
    })?;
    let Base { commit, configured, inputs: base, diagnostics } = base;
    let base_side = if !configured {
        // Before domains.toml there was no account.
        Some(Side::default())
    } else if base.files == head.files && !diagnostics.has_errors() {
        Some(head_side.clone())
    } else {
        tracing::info_span!("render base")
            .in_scope(|| Side::load(&base, diagnostics, today))
            .map_err(|broken| explain(context, &commit, &broken))
            .ok()
    };
    let revision = Revision { inputs: &base, side: base_side.as_ref() };
    let changes = tracing::info_span!("compare").in_scope(|| changes(&commit, &revision, &head, &head_side, today));
    let orphans = base_side.map_or(Ok(()), |side| refuse_orphans(&changes, &side));
    Ok((repository, changes, orphans))
}

fn explain(context: &Context, commit: &str, broken: &Repository) {
    let first = broken.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
    let because = first.map_or_else(String::new, |first| format!(": {}", first.message));
    context.ui.warning(format_args!(
        "the base, commit {}, cannot be rendered by this groundwork{because}. Every account counts as changed",
        short(commit)
    ));
}

fn refuse_orphans(changes: &Changes, base: &Side) -> Result<(), Failure> {
    let orphans: Vec<String> = changes.orphans(base).map(|key| format!("`{key}`")).collect();
    if orphans.is_empty() {
        return Ok(());
    }
    let failure = Failure::because(format!(
        "{} gone without having been retired: {}",
        if orphans.len() == 1 { "an account is" } else { "accounts are" },
        orphans.join(", ")
    ));
    Err(failure
        .help("to retire it, put it back first, with lifecycle = \"retiring\"; its resources are destroyed then")
        .help("if its domain has a new name, say so there: renamed_from = \"…\""))
}

fn list(changes: &Changes, revision: &str, total: usize) -> String {
    let mut text = format!("since {} (merge base with {revision}):\n", short(&changes.base));
    for account in &changes.accounts {
        let causes: Vec<&str> = account.causes.iter().map(|cause| cause.as_str()).collect();
        write!(text, "  {:9} {}", account.change.as_str(), account.key).ok();
        if let Some(old) = &account.renamed_from {
            write!(text, " (was {old})").ok();
        }
        write!(text, "  {}", causes.join(", ")).ok();
        if !matches!(account.change, ChangeKind::Added | ChangeKind::Removed) && !account.files.is_empty() {
            let shown: Vec<&str> = account.files.iter().take(MOST_SHOWN).map(String::as_str).collect();
            write!(text, ": {}", shown.join(", ")).ok();
            if account.files.len() > MOST_SHOWN {
                write!(text, " and {} more", account.files.len() - MOST_SHOWN).ok();
            }
        }
        text.push('\n');
    }
    let removed = changes.accounts.iter().filter(|account| account.change == ChangeKind::Removed).count();
    let touched = changes.accounts.len();
    let untouched = (total + removed).saturating_sub(touched);
    writeln!(text, "{} touched, {untouched} not", Count(touched, "account")).ok();
    text
}

fn short(commit: &str) -> &str {
    commit.get(..10).unwrap_or(commit)
}
