//! The workflows of CI, from the waves and the settings of domains.toml. Pure: paths and contents.
//!
//! What a workflow does in a shell is a groundwork command, so that another CI is a page of YAML away. Where these
//! pages differ from one repository to the next, they are filled in; what is filled in has passed the schema's patterns, and
//! is of letters, digits and a few signs that mean nothing to YAML or a shell.

use std::collections::BTreeMap;

use serde::Serialize;
use tera::{Context, Delimiters, Tera};

use crate::keys::{KEYS, ROLES, has_users, is_watched};
use crate::organization::{Account, Lifecycle, ORGANIZATION, Organization, Workflows};

/// Actions of others, by commit. The names behind them are for people and for programs that keep them up to date.
const CHECKOUT: &str = "actions/checkout@08eba0b27e820071cde6df949e0beb9ba4906955 # v4.3.0";
const UPLOAD_ARTIFACT: &str = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2";
const DOWNLOAD_ARTIFACT: &str = "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0";
const AWS_CREDENTIALS: &str = "aws-actions/configure-aws-credentials@b47578312673ae6fa5b5096b330d9fbac3d116df # v4.2.1";
const SETUP_TERRAFORM: &str = "hashicorp/setup-terraform@b9cd54a3c349d3f38e8881555d616ced269862dd # v3.1.2";

/// Each page, and where it goes. One that is filled in to nothing but white space is not to be there.
const PAGES: [(&str, &str); 7] = [
    (".github/workflows/groundwork-plan.yml", include_str!("github/plan.yml")),
    (".github/workflows/groundwork-apply.yml", include_str!("github/apply.yml")),
    (".github/workflows/groundwork-drift.yml", include_str!("github/drift.yml")),
    (".github/workflows/groundwork-keys.yml", include_str!("github/keys.yml")),
    (".github/workflows/groundwork-request.yml", include_str!("github/request.yml")),
    (".github/ISSUE_TEMPLATE/groundwork-request.yml", include_str!("github/request-form.yml")),
    (".github/actions/groundwork/action.yml", include_str!("github/action.yml")),
];

/// The same for GitLab: a pipeline to include, and what the jobs of its child pipeline extend.
const GITLAB_PAGES: [(&str, &str); 2] = [
    (".gitlab/groundwork-pipeline.yml", include_str!("gitlab/pipeline.yml")),
    (".gitlab/groundwork-jobs.yml", include_str!("gitlab/jobs.yml")),
];

/// The workflow that reviews are made by.
pub const PLAN_WORKFLOW: &str = "groundwork-plan.yml";

/// The artifact that holds what was reviewed.
pub const REVIEWED: &str = "reviewed";

/// A wave, as the pages want it.
#[derive(Serialize)]
struct Wave<'a> {
    name: &'a str,
    previous: Option<&'a str>,
}

/// What is to be done every day, in any account that is in use, whether or not it exists yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Duties {
    /// Keys of faceless users.
    pub rotates: bool,
    /// Names of the roles of faceless users.
    pub publishes: bool,
    /// Accounts at New Relic, and their license keys.
    pub watches: bool,
}

impl Duties {
    /// What these accounts need.
    pub fn of(accounts: &[Account]) -> Self {
        let any = |needs: &dyn Fn(&Account) -> bool| {
            accounts.iter().any(|account| account.lifecycle == Lifecycle::Active && needs(account))
        };
        Self {
            rotates: any(&|account| has_users(account, KEYS)),
            publishes: any(&|account| has_users(account, ROLES)),
            watches: any(&is_watched),
        }
    }

    /// Whether there is anything to do.
    pub const fn any(self) -> bool {
        self.rotates || self.publishes || self.watches
    }
}

/// The pages for GitHub Actions, by their path.
///
/// # Errors
/// A page is broken: a fault of this program.
pub fn for_github(organization: &Organization, settings: &Workflows) -> Result<BTreeMap<String, String>, tera::Error> {
    fill_in(&PAGES, &context(organization, settings))
}

/// The pages for GitLab, by their path.
///
/// # Errors
/// A page is broken: a fault of this program.
pub fn for_gitlab(organization: &Organization, settings: &Workflows) -> Result<BTreeMap<String, String>, tera::Error> {
    fill_in(&GITLAB_PAGES, &context(organization, settings))
}

/// Whether a page, filled in, is not to be there.
pub fn is_unwanted(page: &str) -> bool {
    page.trim().is_empty()
}

fn fill_in(pages: &[(&'static str, &'static str)], context: &Context) -> Result<BTreeMap<String, String>, tera::Error> {
    let mut engine = Tera::default();
    // GitHub's expressions are in double braces.
    engine.set_delimiters(Delimiters {
        block_start: "<%".into(),
        block_end: "%>".into(),
        variable_start: "<<".into(),
        variable_end: ">>".into(),
        comment_start: "<#".into(),
        comment_end: "#>".into(),
    })?;
    engine.autoescape_on(Vec::<&str>::new());
    engine.add_raw_templates(pages.iter().copied())?;
    pages.iter().map(|(path, _)| Ok(((*path).to_owned(), engine.render(path, context)?))).collect()
}

fn context(organization: &Organization, settings: &Workflows) -> Context {
    // The organization's own root module comes before all waves.
    let root = organization.root.iter().map(|_| ORGANIZATION);
    let names: Vec<&str> = root.chain(organization.waves.iter().map(|wave| wave.name.as_str())).collect();
    let previous = [None].into_iter().chain(names.iter().map(|name| Some(*name)));
    let waves: Vec<Wave<'_>> = names.iter().zip(previous).map(|(name, previous)| Wave { name, previous }).collect();
    let credentials = |role: &str| {
        step(&[
            &format!("uses: {AWS_CREDENTIALS}"),
            "with:",
            &format!("  role-to-assume: {role}"),
            &format!("  aws-region: {}", organization.region),
        ])
    };
    let duties = Duties::of(&organization.accounts);
    let mut context = Context::new();
    context.insert("has_keys", &(settings.keys.is_some() && duties.any()));
    context.insert("rotates", &duties.rotates);
    context.insert("publishes", &duties.publishes);
    context.insert("watches", &duties.watches);
    if let Some(keys) = &settings.keys {
        context.insert("keys_schedule", &keys.schedule);
        context.insert("keys_role", &keys.role);
        context.insert("keys_credentials", &credentials(&keys.role));
    }
    context.insert("waves", &waves);
    context.insert("teams", &organization.teams.keys().collect::<Vec<_>>());
    context.insert("environments", &organization.environments);
    context.insert("branch", &settings.branch);
    context.insert("runner", &settings.runner);
    context.insert("max_parallel", &settings.max_parallel);
    context.insert("schedule", &settings.schedule);
    context.insert("releases", &settings.releases);
    context.insert("region", &organization.region);
    context.insert("plan_role", &settings.plan_role);
    context.insert("apply_role", &settings.apply_role);
    context.insert("version", env!("CARGO_PKG_VERSION"));
    context.insert("upload_artifact", UPLOAD_ARTIFACT);
    context.insert("download_artifact", DOWNLOAD_ARTIFACT);
    let checkout = format!("uses: {CHECKOUT}");
    context.insert("checkout", &step(&[&checkout, "with:", "  fetch-depth: 0", "  persist-credentials: false"]));
    context.insert("install", &step(&["uses: ./.github/actions/groundwork"]));
    context.insert("terraform_version", &settings.terraform);
    let terraform = format!("uses: {SETUP_TERRAFORM}");
    let version = format!("  terraform_version: {}", settings.terraform);
    // Its wrapper would stand between groundwork and what Terraform says.
    context.insert("terraform", &step(&[&terraform, "with:", &version, "  terraform_wrapper: false"]));
    context.insert("plan_credentials", &credentials(&settings.plan_role));
    context.insert("apply_credentials", &credentials(&settings.apply_role));
    context
}

/// A step of a job, indented as all of them are.
fn step(lines: &[&str]) -> String {
    let line = |(index, line): (usize, &&str)| format!("      {} {line}", if index == 0 { "-" } else { " " });
    lines.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}
