//! Writes a synthetic organization of any size.

use std::fs;
use std::io;
use std::path::Path;

use groundwork::diagnostic::{Diagnostics, Sources};
use groundwork::ledger::allocate;
use groundwork::repository::Repository;
use groundwork::system::inputs::{self, DOMAINS, LEDGER, TEMPLATES};

/// The day the ledger of the synthetic organization is made: a fixed one, so that it is the same every time.
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 20);

/// Writes domains.toml, ledger.toml and this project's own templates to `out`.
pub(crate) fn write(accounts: usize, out: &Path) -> io::Result<()> {
    fs::create_dir_all(out)?;
    let templates = out.join(TEMPLATES);
    if !templates.exists() {
        groundwork_testing::folder::copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(TEMPLATES), &templates)?;
    }
    fs::write(out.join(DOMAINS), groundwork::demo::domains(accounts))?;
    fs::remove_file(out.join(LEDGER)).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    fs::write(out.join(LEDGER), ledger(out)?)
}

/// The ledger of a freshly written organization, with an id for every account.
fn ledger(root: &Path) -> io::Result<String> {
    let mut diagnostics = Diagnostics::default();
    let inputs = inputs::read(root, &mut diagnostics);
    let repository = Repository::load(&inputs, diagnostics, TODAY);
    let problem = |diagnostics: &Diagnostics, sources: &Sources| {
        io::Error::other(groundwork::diagnostic::print::to_text(diagnostics, sources, false))
    };
    let Some(organization) = repository.organization.as_ref().filter(|_| repository.is_sound()) else {
        return Err(problem(&repository.diagnostics, &repository.sources));
    };
    let zone_ids = |region: &str| repository.zone_ids(region);
    let (mut ledger, _, problems) =
        allocate(&repository.wanted(), &repository.ledger, &organization.address_space, &zone_ids, TODAY);
    if problems.has_errors() {
        return Err(problem(&problems, &repository.sources));
    }
    for (number, held) in (1_u64..).zip(ledger.accounts.values_mut()) {
        held.id = Some(format!("{:012}", 222_200_000_000 + number));
    }
    Ok(ledger.to_toml())
}
