//! A synthetic organization of any size: believable names, three environments, some domains that differ.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use groundwork::diagnostic::{Diagnostics, Sources};
use groundwork::ledger::allocate;
use groundwork::repository::Repository;
use groundwork::system::inputs::{self, DOMAINS, LEDGER, TEMPLATES};

const ENVIRONMENTS: [&str; 3] = ["dev", "stage", "prod"];
const TEAMS: usize = 40;
const SUBJECTS: [&str; 16] = [
    "catalog",
    "checkout",
    "payments",
    "search",
    "shipping",
    "returns",
    "pricing",
    "media",
    "identity",
    "billing",
    "inventory",
    "reviews",
    "offers",
    "loyalty",
    "support",
    "reporting",
];

/// The day the ledger of the synthetic organization is made: a fixed one, so that it is the same every time.
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 20);

/// Writes domains.toml, ledger.toml and this project's own templates to `out`.
pub(crate) fn write(accounts: usize, out: &Path) -> io::Result<()> {
    fs::create_dir_all(out)?;
    let templates = out.join(TEMPLATES);
    if !templates.exists() {
        groundwork_testing::folder::copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(TEMPLATES), &templates)?;
    }
    fs::write(out.join(DOMAINS), domains(accounts))?;
    fs::remove_file(out.join(LEDGER)).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })?;
    fs::write(out.join(LEDGER), ledger(out)?)
}

fn domains(accounts: usize) -> String {
    let mut text = "\
[organization]
name = \"acme\"
region = \"eu-west-1\"
management_account = \"111111111111\"
email = \"aws+{domain}-{environment}@acme.example\"

[state]
bucket = \"acme-groundwork-state\"
region = \"eu-west-1\"

[network]
pools = [\"10.0.0.0/8\"]

[[waves]]
name = \"rehearsal\"
domains = [\"catalog-0\"]
[[waves]]
name = \"everyone\"

[environments.dev]
network = { prefix = 22, nat = \"single\" }
[environments.stage]
network = { prefix = 22, nat = \"single\" }
[environments.prod]
network = { prefix = 22, nat = \"per-az\" }
protected = true
"
    .to_owned();
    for team in 0..TEAMS {
        write!(
            text,
            "\n[teams.team-{team}]\nemail = \"team-{team}@acme.example\"\nslack = \"#team-{team}\"\ncost_center = \"{}\"\n",
            4000 + team
        )
        .ok();
    }
    let domains = accounts.div_ceil(ENVIRONMENTS.len());
    for index in 0..domains {
        let name = format!("{}-{}", SUBJECTS[index % SUBJECTS.len()], index / SUBJECTS.len());
        let count = (accounts - index * ENVIRONMENTS.len()).min(ENVIRONMENTS.len());
        // The last domain may be in fewer environments.
        let environments =
            ENVIRONMENTS[..count].iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        write!(
            text,
            "\n[domains.{name}]\nteam = \"team-{}\"\nenvironments = [{environments}]\nrepository = \"acme/{name}\"\n",
            index % TEAMS
        )
        .ok();
        if index % 10 == 3 {
            write!(text, "[domains.{name}.environment.dev]\nnetwork = {{ zones = 2 }}\n").ok();
        }
        if index % 4 == 0 {
            write!(
                text,
                "[[domains.{name}.faceless_users]]\nname = \"github-actions\"\nkind = \"oidc\"\nrepositories = [\"acme/{name}\"]\n"
            )
            .ok();
        }
    }
    text
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
