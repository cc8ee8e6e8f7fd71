//! A new repository: every file it starts with. Pure: answers in, files out.
//!
//! domains.toml is written as text, for people; all others are made from it by the rooms that make them every day, so
//! that what a new repository holds is what `check`, `render` and `workflows --check` want.

mod answers;
mod domains;

pub use answers::{Answers, Ci, Question};

use jiff::civil::Date;

use crate::built_in::{self, Tree};
use crate::config::feature_inputs;
use crate::diagnostic::{Diagnostics, Place, Sources};
use crate::ledger::{Allotment, Asked, Ledger, allocate};
use crate::organization::{AccountKey, Lifecycle};
use crate::proposal::Proposal;
use crate::repository::Repository;
use crate::system::inputs::{DOMAINS, Inputs, LEDGER};
use crate::workflows::{for_github, for_gitlab, is_unwanted};

/// Where the editor finds what domains.toml takes.
const SCHEMA: &str = "domains.schema.json";

/// The folder of the policies.
const POLICIES: &str = "policies";

/// Files that are the same for everybody.
const FIXED: [(&str, &str); 4] = [
    (".gitignore", include_str!("gitignore")),
    (".gitattributes", include_str!("gitattributes")),
    (".vscode/settings.json", include_str!("vscode/settings.json")),
    (".vscode/extensions.json", include_str!("vscode/extensions.json")),
];

/// What a new repository holds.
#[derive(Debug)]
pub struct NewRepository {
    /// Contents by path.
    pub files: Tree,
    /// How many accounts it has.
    pub accounts: usize,
}

/// Names of files that every new repository has, whatever is answered.
pub fn names() -> impl Iterator<Item = String> {
    let fixed = FIXED.iter().map(|(name, _)| *name).chain([DOMAINS, LEDGER, SCHEMA]).map(str::to_owned);
    fixed.chain(built_in::policies().into_keys().map(|name| format!("{POLICIES}/{name}")))
}

/// The files of a new repository, with the accounts that it adopts.
///
/// # Errors
/// The repository as far as it came, with what is wrong: a fault of this program, or an answer that nobody checked.
pub fn files(answers: &Answers, adopted: Option<&Proposal>, today: Date) -> Result<NewRepository, Box<Repository>> {
    let text = domains::text(answers, adopted);
    let mut inputs = Inputs::default();
    inputs.files.insert(DOMAINS.to_owned(), text.as_bytes().into());
    if let Some(proposal) = adopted {
        inputs.files.insert(LEDGER.to_owned(), ledger(answers, proposal).to_toml().into_bytes().into());
    }
    let mut repository = Repository::load(&inputs, Diagnostics::default(), today);
    let Some(organization) = repository.organization.as_ref().filter(|_| !repository.diagnostics.has_errors()) else {
        return Err(Box::new(repository));
    };
    let zone_ids = |region: &str| repository.zone_ids(region);
    let (ledger, _, problems) =
        allocate(&repository.wanted(), &repository.ledger, &organization.address_space, &zone_ids, today);
    let pages = organization.workflows.as_ref().map(|settings| match answers.ci {
        Ci::Gitlab => for_gitlab(organization, settings),
        Ci::Github | Ci::None => for_github(organization, settings),
    });
    let (accounts, mut pages) = (organization.accounts.len(), pages.and_then(Result::ok).unwrap_or_default());
    pages.retain(|_, page| !is_unwanted(page));
    if problems.has_errors() {
        repository.diagnostics.extend(problems);
        return Err(Box::new(repository));
    }
    let schema =
        repository.config.as_ref().map(|config| config.composer.publish(&feature_inputs(&repository.features)));
    let schema = serde_json::to_string_pretty(&schema).unwrap_or_default() + "\n";
    let mut files = Tree::new();
    files.insert(DOMAINS.to_owned(), text.into_bytes());
    files.insert(LEDGER.to_owned(), ledger.to_toml().into_bytes());
    files.insert(SCHEMA.to_owned(), schema.into_bytes());
    files.extend(FIXED.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())));
    let policies = built_in::policies().into_iter();
    files.extend(policies.map(|(name, bytes)| (format!("{POLICIES}/{name}"), bytes.to_vec())));
    if answers.ci == Ci::Gitlab {
        files.insert(".gitlab-ci.yml".to_owned(), include_bytes!("gitlab-ci.yml").to_vec());
    }
    files.extend(pages.into_iter().map(|(name, text)| (name, text.into_bytes())));
    Ok(NewRepository { files, accounts })
}

/// What accounts hold that exist: their id and e-mail. They have no network of groundwork's.
fn ledger(answers: &Answers, proposal: &Proposal) -> Ledger {
    let place = Place::new(Sources::default().add(LEDGER, ""), 0..0);
    let mut ledger = Ledger::default();
    for (name, domain) in &proposal.domains {
        for (environment, adopted) in &domain.accounts {
            let key = AccountKey::new(name.as_str(), environment.as_str());
            let allotment = Allotment {
                id: Some(adopted.id.clone()),
                email: Some(adopted.email.clone()),
                state_key: format!("{key}/terraform.tfstate"),
                region: answers.region.clone(),
                network: None,
                zones: Vec::new(),
                lifecycle: Lifecycle::Active,
                newrelic: None,
                asked: Asked::default(),
                place,
            };
            ledger.accounts.insert(key, allotment);
        }
    }
    ledger
}
