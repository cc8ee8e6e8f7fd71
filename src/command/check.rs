//! `groundwork check`

use super::{Context, Failure, parts};
use crate::cli::{CheckArgs, Deny, Format};
use crate::diagnostic::{Severity, json};
use crate::feature::{advice, parity};
use crate::render;
use crate::system::clock;
use crate::text::Count;

pub(crate) fn run(context: &Context, args: &CheckArgs) -> Result<(), Failure> {
    let mut repository = context.load();
    // Templates are only known to work once they have rendered; accounts without a ledger entry cannot be.
    if repository.is_sound() {
        let (organization, engine) = parts(&repository)?;
        let accounts: Vec<_> = organization.with_root().filter(|account| account.is_renderable()).collect();
        let progress = context.ui.progress("checking", accounts.len());
        let rendered = render::render(organization, &accounts, &repository.features, engine, &|| progress.advance());
        drop(progress);
        let severity = if args.deny.contains(&Deny::Parity) { Severity::Error } else { Severity::Warning };
        let gaps = parity(organization, &repository.features, severity);
        let teams = repository.config.as_ref().and_then(|config| config.root.get("teams"));
        let advice = advice(organization, &repository.features, teams, clock::today());
        if let Err(problems) = rendered {
            repository.diagnostics.extend(problems);
        }
        repository.diagnostics.extend(gaps.into_iter().chain(advice));
    }
    match args.format {
        Format::Json => {
            let items = json::to_items(&repository.diagnostics, &repository.sources);
            context.ui.answer(&serde_json::to_string_pretty(&items).unwrap_or_default())?;
        }
        Format::Text => context.ui.diagnostics(&repository.diagnostics, &repository.sources),
    }
    if repository.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return Err(Failure::Said);
    }
    let (organization, _) = parts(&repository)?;
    context.ui.done(format_args!(
        "{} in {}, {}: nothing wrong",
        Count(organization.accounts.len(), "account"),
        Count(organization.domains.len(), "domain"),
        Count(repository.features.features.len(), "feature"),
    ));
    Ok(())
}
