//! A demonstration: an organization that does not exist, a pull request against it, and the review of that.
//!
//! ```text
//! domains.toml, templates ─┬─ before ─ render ─┐
//!                          └─ after ── render ─┴─ plans ─ digests ─ policies, review
//! ```
//! Nothing is staged but the inputs and AWS's part: both sides are rendered by the code that always does, a plan is what
//! differs between the two, and the rest is what every review goes through. Pure, offline, and the same every time.

mod organization;
mod plans;

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use similar::TextDiff;

use crate::built_in;
use crate::changes::{Changes, Revision, Side, changes};
use crate::diagnostic::{Diagnostics, print};
use crate::ledger::allocate;
use crate::policy::{Limits, Policies, PolicyFile, input};
use crate::repository::Repository;
use crate::review::{Planned, Review, review, roster};
use crate::system::inputs::{DOMAINS, Inputs, LEDGER};
use crate::system::plans::read_one;

pub use organization::domains;

/// The accounts of the organization.
pub const ACCOUNTS: usize = 130;

/// The day of the demonstration.
const TODAY: Date = date(2026, 11, 20);

/// The account whose job was lost on the way.
const LOST: &str = "returns/stage";

/// Files of the repository beside domains.toml, before and after the pull request.
const FILES: [(&str, &str, &str); 5] = [
    (
        "templates/observability/feature.toml",
        include_str!("observability/feature.toml"),
        include_str!("observability/feature.toml"),
    ),
    (
        "templates/observability/services_logs.tf.tera",
        include_str!("observability/logs.tf.tera"),
        include_str!("observability/logs_after.tf.tera"),
    ),
    ("templates/exports/feature.toml", include_str!("exports/feature.toml"), include_str!("exports/feature.toml")),
    (
        "templates/exports/company_exports.tf.tera",
        include_str!("exports/exports.tf.tera"),
        include_str!("exports/exports.tf.tera"),
    ),
    ("overlays/media/dev/media_debugging.tf", "", include_str!("debugging.tf")),
];

/// What the pull request changes in domains.toml: somebody meant dev.
const EDIT: (&str, &str) = (
    "[domains.payments.environment.prod]\nexports = { enabled = true }\n",
    "[domains.payments.environment.prod]\nexports = { enabled = false }\n",
);

/// Everything that is shown.
#[derive(Debug)]
pub struct Demonstration {
    /// The pull request, as a patch.
    pub patch: String,
    /// The repository with the pull request.
    pub repository: Repository,
    /// Whom it touches.
    pub changes: Changes,
    /// The review of their plans.
    pub review: Review,
}

/// Makes all of it.
///
/// # Errors
/// A fault of this program, as text.
pub fn demonstrate() -> Result<Demonstration, String> {
    let (before, after) = (inputs(false)?, inputs(true)?);
    let (base, head) = (load(&before)?, load(&after)?);
    let (base_modules, head_modules) = (plans::render(&base)?, plans::render(&head)?);
    let side = |repository: &Repository| match (&repository.organization, &repository.engine) {
        (Some(organization), Some(engine)) => Side::of(organization, repository, engine, &|| ())
            .map_err(|problems| print::to_text(&problems, &repository.sources, false)),
        _ => Err(String::new()),
    };
    let revision = Revision { inputs: &before, side: Some(&side(&base)?) };
    let changes = changes("0000000", &revision, &after, &side(&head)?, TODAY);
    let touched: BTreeSet<String> = changes.accounts.iter().map(|account| account.key.to_string()).collect();
    let mut planned = Vec::new();
    for key in touched.iter().filter(|key| *key != LOST) {
        let (Some(before), Some(after)) = (base_modules.get(key), head_modules.get(key)) else { continue };
        let plan = plans::plan(before, after)?.to_string();
        let digest = read_one(plan.as_bytes(), Some(key), None);
        planned.push(Planned { key: key.clone(), path: format!("{key}.json"), digest });
    }
    let subjects = roster(planned, &touched, head.organization.as_ref());
    let judged: Vec<(String, String)> = subjects.iter().filter_map(input).collect();
    let mut review = review(subjects);
    review.judge(policies()?.evaluate(&judged).into_verdicts());
    Ok(Demonstration { patch: patch(&before, &after), repository: head, changes, review })
}

fn policies() -> Result<Policies, String> {
    let file = |(name, bytes): (&str, &[u8])| PolicyFile {
        path: format!("policies/{name}"),
        text: String::from_utf8_lossy(bytes).into_owned(),
    };
    let files: Vec<PolicyFile> = built_in::policies().into_iter().map(file).collect();
    Policies::compile(&files, Limits::default())
        .map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

/// The repository before the pull request, or with it.
fn inputs(is_after: bool) -> Result<Inputs, String> {
    let mut inputs = Inputs::default();
    let mut put = |path: &str, text: &str| inputs.files.insert(path.to_owned(), text.as_bytes().into());
    let text = domains(ACCOUNTS) + organization::DEMONSTRATED;
    put(DOMAINS, &if is_after { text.replace(EDIT.0, EDIT.1) } else { text });
    for (path, before, after) in FILES {
        let text = if is_after { after } else { before };
        if !text.is_empty() {
            put(path, text);
        }
    }
    let ledger = ledger(&inputs)?;
    inputs.files.insert(LEDGER.to_owned(), ledger.into_bytes().into());
    Ok(inputs)
}

/// The ledger of an organization whose accounts all exist.
fn ledger(inputs: &Inputs) -> Result<String, String> {
    let repository = load(inputs)?;
    let Some(organization) = &repository.organization else { return Err(String::new()) };
    let zone_ids = |region: &str| repository.zone_ids(region);
    let (mut ledger, _, problems) =
        allocate(&repository.wanted(), &repository.ledger, &organization.address_space, &zone_ids, TODAY);
    if problems.has_errors() {
        return Err(print::to_text(&problems, &repository.sources, false));
    }
    for (number, held) in (1_u64..).zip(ledger.accounts.values_mut()) {
        held.id = Some(format!("{:012}", 222_200_000_000 + number * 7_919));
    }
    Ok(ledger.to_toml())
}

fn load(inputs: &Inputs) -> Result<Repository, String> {
    let repository = Repository::load(inputs, Diagnostics::default(), TODAY);
    if repository.is_sound() {
        return Ok(repository);
    }
    Err(print::to_text(&repository.diagnostics, &repository.sources, false))
}

/// What the pull request changes and adds, as git shows it.
fn patch(before: &Inputs, after: &Inputs) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut patch = String::new();
    for (path, bytes) in &after.files {
        let (old, new) = (before.files.get(path).map(|bytes| text(bytes)), text(bytes));
        if old.as_ref() != Some(&new) {
            let from = if old.is_some() { format!("a/{path}") } else { "/dev/null".to_owned() };
            let old = old.unwrap_or_default();
            let diff = TextDiff::from_lines(&old, &new);
            patch.push_str(&diff.unified_diff().context_radius(2).header(&from, &format!("b/{path}")).to_string());
        }
    }
    patch
}
