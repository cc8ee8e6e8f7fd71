//! `groundwork review`

use std::collections::BTreeSet;
use std::path::Path;

use super::{Context, Failure};
use crate::cli::{ReviewArgs, ReviewOutputs};
use crate::digest::Seal;
use crate::organization::Organization;
use crate::output::markdown::{self, to_markdown};
use crate::output::{page_of, text::to_text};
use crate::policy::{Limits, Policies, input, read_folder};
use crate::repository::Repository;
use crate::review::model::Verdict;
use crate::review::{Earlier, FailOn, Review, Subject, expected, protect, review, roster, since};
use crate::system::inputs::DOMAINS;
use crate::system::{files, plans};
use crate::text::Count;

/// A step summary above 1 MiB is lost whole; a little is left for what else the step says.
const SUMMARY_BYTES: usize = (1 << 20) - 16 * 1_024;

/// The largest file of expectations, and the largest earlier review.
const MOST_BYTES: u64 = 256 << 20;

pub(crate) fn run(context: &Context, args: &ReviewArgs) -> Result<(), Failure> {
    // What was asked for in vain is said before the work, and not after.
    let expected = args.expect.as_deref().map(read_expected).transpose()?.unwrap_or_default();
    let earlier = args.compare.as_deref().map(read_earlier).transpose()?;
    let policies = args.policy.as_deref().map(|folder| compile(context, folder)).transpose()?;
    let repository = repository(context)?;
    let organization = repository.as_ref().and_then(|repository| repository.organization.as_ref());

    let mut subjects = subjects(context, args, &expected, organization)?;
    protect(&mut subjects, &args.protected).map_err(Failure::because)?;
    let verdicts = policies.map(|policies| judge(context, &policies, &subjects));
    let mut review = review(subjects);
    if let Some(verdicts) = verdicts {
        review.judge(verdicts);
    }
    review.since = earlier.map(|earlier| since(&earlier, &review));

    write(context, &args.outputs, &review, organization)?;
    gate(&args.fail_on, &review)
}

/// Fails on what it was asked to fail on.
pub(super) fn gate(fail_on: &[FailOn], review: &Review) -> Result<(), Failure> {
    let found: Vec<String> = fail_on.iter().filter_map(|what| what.found(review)).collect();
    if found.is_empty() { Ok(()) } else { Err(Failure::because(format!("the review fails on {}", found.join(", ")))) }
}

/// The groundwork repository that the review is made in, if it is one.
fn repository(context: &Context) -> Result<Option<Repository>, Failure> {
    // In a broken one nobody could say which accounts are protected: better no review than one that keeps silent.
    context.root.join(DOMAINS).exists().then(|| context.load_sound()).transpose()
}

fn read(path: &Path) -> Result<String, Failure> {
    let text = files::read_bytes(path, MOST_BYTES).and_then(|bytes| files::to_text(&bytes).map(str::to_owned));
    text.map_err(|error| Failure::because(format!("cannot read `{}`: {error}", path.display())))
}

fn read_expected(path: &Path) -> Result<BTreeSet<String>, Failure> {
    expected(&read(path)?).map_err(|reason| Failure::because(format!("cannot use `{}`: {reason}", path.display())))
}

fn read_earlier(path: &Path) -> Result<Earlier, Failure> {
    Earlier::read(&read(path)?)
        .map_err(|reason| Failure::because(format!("cannot compare with `{}`: {reason}", path.display())))
}

fn compile(context: &Context, folder: &Path) -> Result<Policies, Failure> {
    let files = read_folder(folder).map_err(|fault| Failure::because(fault.to_string()))?;
    let policies = Policies::compile(&files, Limits::default()).map_err(|faults| {
        for fault in &faults {
            context.ui.error(&fault.to_string(), &[], &[]);
        }
        Failure::Said
    })?;
    if policies.rules().is_empty() {
        context.ui.warning(format_args!(
            "no policy in `{}` has a rule that is asked: deny, violation or warn",
            folder.display()
        ));
    }
    Ok(policies)
}

fn subjects(
    context: &Context,
    args: &ReviewArgs,
    expected: &BTreeSet<String>,
    organization: Option<&Organization>,
) -> Result<Vec<Subject>, Failure> {
    let listing = plans::list(&args.folder).map_err(|error| Failure::from_error(&error))?;
    if listing.files.is_empty() && expected.is_empty() {
        let message = format!("there is no plan in `{}`", args.folder.display());
        return Err(Failure::because(message)
            .help("a plan is a .json file with what `terraform show -json PLANFILE` printed, or a digest of that"));
    }
    if listing.ignored > 0 {
        context
            .ui
            .status(format_args!("{} with other names than plans have passed over", Count(listing.ignored, "file")));
    }
    let seal = args.seal_key.as_deref().map(Seal::new);
    let progress = context.ui.progress("reading", listing.files.len());
    let planned = tracing::info_span!("plans")
        .in_scope(|| plans::read_all(&args.folder, &listing, seal.as_ref(), &|| progress.advance()));
    Ok(roster(planned, expected, organization))
}

fn judge(context: &Context, policies: &Policies, subjects: &[Subject]) -> Vec<Verdict> {
    let progress = context.ui.progress("judging", 1);
    let inputs: Vec<(String, String)> = subjects.iter().filter_map(input).collect();
    let outcome = tracing::info_span!("policies").in_scope(|| policies.evaluate(&inputs));
    progress.advance();
    outcome.into_verdicts()
}

/// Writes a review to everything that was asked for, or else to the terminal.
pub(super) fn write(
    context: &Context,
    args: &ReviewOutputs,
    review: &Review,
    organization: Option<&Organization>,
) -> Result<(), Failure> {
    let link = args.link.as_deref();
    let comment = || to_markdown(review, markdown::Options { most_bytes: args.max_bytes, link });
    let summary = || to_markdown(review, markdown::Options { most_bytes: SUMMARY_BYTES, link });
    let page = || page_of(review, organization).to_html();
    let json = || serde_json::to_string(review).unwrap_or_default() + "\n";
    let outputs: [(&Option<_>, &dyn Fn() -> String); 4] =
        [(&args.markdown, &comment), (&args.summary, &summary), (&args.html, &page), (&args.json, &json)];
    let mut answered = false;
    for (path, text) in outputs {
        let Some(path) = path else { continue };
        if path == Path::new("-") {
            answered = true;
            context.ui.answer(&text())?;
        } else {
            files::replace(path, &text()).map_err(|error| Failure::from_error(&error))?;
        }
    }
    if !answered {
        context.ui.answer(&to_text(review))?;
    }
    Ok(())
}
