//! `groundwork init`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::ValueEnum as _;

use super::organization::{failed, read_snapshot};
use super::{Context, Failure};
use crate::aws::{Asking, Organizations};
use crate::cli::InitArgs;
use crate::init::{self, Answers, Ci, Question};
use crate::proposal::{Proposal, propose};
use crate::snapshot::Snapshot;
use crate::system::inputs::DOMAINS;
use crate::system::tree::{self, CreateError};
use crate::system::{clock, files};
use crate::text::{Count, inert};

pub(crate) fn run(context: &Context, args: &InitArgs) -> Result<(), Failure> {
    let folder: PathBuf = context.here.join(&args.folder).components().collect();
    // Nobody answers questions for nothing.
    let names: Vec<String> = init::names().collect();
    let in_the_way = tree::in_the_way(&folder, names.iter());
    if !in_the_way.is_empty() {
        return Err(refuse(&folder, &in_the_way));
    }
    let mut asker = Asker { context, can_ask: context.ui.can_ask(), missing: Vec::new(), refused: Vec::new() };
    let (answers, adopted) = answers(&mut asker, args)?;
    let proposal = adopted.as_ref().map(|(_, proposal)| proposal);
    let new = init::files(&answers, proposal, clock::today()).map_err(|repository| {
        context.ui.diagnostics(&repository.diagnostics, &repository.sources);
        Failure::because(format!("this would make no sound {DOMAINS}; nothing was written"))
    })?;
    tree::create(&folder, &new.files).map_err(|error| match error {
        CreateError::InTheWay(files) => refuse(&folder, &files),
        CreateError::Write(error) => Failure::from_error(&error),
    })?;
    if let (Some(path), Some((snapshot, _))) = (&args.write_snapshot, &adopted) {
        let text = serde_json::to_string_pretty(snapshot).unwrap_or_default() + "\n";
        files::replace_with_folder(&context.here.join(path), &text).map_err(|error| Failure::from_error(&error))?;
    }
    conclude(context, args, &new, proposal);
    if answers.ci != Ci::None
        && let Some(outer) = repository_around(&folder)
    {
        context.ui.warning(format_args!(
            "`{}` is the root of a git repository around this folder: CI reads workflows from there alone",
            outer.display()
        ));
    }
    Ok(())
}

/// The git repository that a folder is in without being its root.
fn repository_around(folder: &Path) -> Option<PathBuf> {
    let folder = folder.canonicalize().ok()?;
    let outer = folder.ancestors().find(|folder| folder.join(".git").exists())?;
    (outer != folder).then(|| outer.to_owned())
}

fn refuse(folder: &Path, in_the_way: &[String]) -> Failure {
    let (are, they) = if in_the_way.len() == 1 { ("is", "it") } else { ("are", "them") };
    Failure::because(format!("{} {are} in `{}` already; nothing was written", in_the_way.join(", "), folder.display()))
        .help(format!("nothing is overwritten: name another folder, or move {they} away"))
}

/// Asks on a terminal; elsewhere collects what nobody can be asked for.
struct Asker<'a> {
    context: &'a Context,
    can_ask: bool,
    missing: Vec<&'static str>,
    refused: Vec<String>,
}

impl Asker<'_> {
    /// The answer: the flag's, or what somebody says, or else the default. Empty where there is none; that is said later.
    fn answer(&mut self, question: Question, given: Option<&str>, default: Option<String>) -> Result<String, Failure> {
        if let Some(given) = given {
            if let Some(reason) = question.refuse(given) {
                self.refused.push(format!("{} `{}` {reason}", question.flag(), inert(given)));
            }
            return Ok(given.to_owned());
        }
        if !self.can_ask {
            if default.is_none() {
                self.missing.push(question.flag());
            }
            return Ok(default.unwrap_or_default());
        }
        loop {
            let said = self.ask(question.text(), default.as_deref())?;
            match question.refuse(&said) {
                None => return Ok(said),
                Some(reason) => self.context.ui.status(format_args!("  `{}` {reason}", inert(&said))),
            }
        }
    }

    fn ask(&self, question: &str, default: Option<&str>) -> Result<String, Failure> {
        self.context
            .ui
            .question(question, default)
            .ok_or_else(|| Failure::because("there was no answer; nothing was written"))
    }

    fn ci(&self, given: Option<Ci>) -> Result<Ci, Failure> {
        if given.is_some() || !self.can_ask {
            return Ok(given.unwrap_or_default());
        }
        loop {
            let said = self.ask("For which CI are workflows written: github, gitlab or none?", Some("github"))?;
            match Ci::from_str(&said, true) {
                Ok(ci) => return Ok(ci),
                Err(_) => self.context.ui.status(format_args!("  `{}` is none of them", inert(&said))),
            }
        }
    }

    /// Says at once all that is missing or will not do.
    fn conclude(&self) -> Result<(), Failure> {
        for problem in &self.refused {
            self.context.ui.error(problem, &[], &[]);
        }
        if !self.missing.is_empty() {
            let problem = format!("{} missing, and nobody can be asked here", listed(&self.missing));
            return Err(Failure::because(problem).help(
                "for example: groundwork init --name acme --management-account 111111111111 --region eu-west-1 \
                 --email 'aws+{domain}-{environment}@acme.example' --repository acme/accounts",
            ));
        }
        if self.refused.is_empty() { Ok(()) } else { Err(Failure::Said) }
    }
}

fn listed(flags: &[&str]) -> String {
    match flags {
        [one] => format!("{one} is"),
        [first @ .., last] => format!("{} and {last} are", first.join(", ")),
        [] => String::new(),
    }
}

fn answers(asker: &mut Asker<'_>, args: &InitArgs) -> Result<(Answers, Option<(Snapshot, Proposal)>), Failure> {
    let name = asker.answer(Question::Name, args.name.as_deref(), None)?;
    let (mut management_account, mut email) = (String::new(), String::new());
    if !args.from_organization {
        management_account = asker.answer(Question::ManagementAccount, args.management_account.as_deref(), None)?;
        email = asker.answer(Question::Email, args.email.as_deref(), None)?;
    }
    let region = asker.answer(Question::Region, args.region.as_deref(), None)?;
    let bucket =
        asker.answer(Question::Bucket, args.state_bucket.as_deref(), Some(format!("{name}-groundwork-state")))?;
    let ci = asker.ci(args.ci)?;
    let repository = match (ci, &args.repository) {
        (Ci::Github, given) => Some(asker.answer(Question::Repository, given.as_deref(), None)?),
        (Ci::Gitlab | Ci::None, Some(given)) => Some(asker.answer(Question::Repository, Some(given), None)?),
        (Ci::Gitlab | Ci::None, None) => None,
    };
    let owner =
        repository.as_deref().and_then(|repository| repository.split_once('/')).map_or(&*name, |(owner, _)| owner);
    let releases = match &args.releases {
        Some(given) => asker.answer(Question::Releases, Some(given), None)?,
        None => format!("{owner}/groundwork"),
    };
    asker.conclude()?;
    let adopted = if args.from_organization {
        let snapshot = match &args.snapshot {
            Some(path) => read_snapshot(path)?,
            None => live(&region)?,
        };
        let proposal = propose(&snapshot, &name);
        Some((snapshot, proposal))
    } else {
        None
    };
    if let Some((_, proposal)) = &adopted {
        management_account.clone_from(&proposal.management_account);
        email = asker.answer(Question::Email, args.email.as_deref(), Some(proposal.email.clone()))?;
        if let Some(given) = args.management_account.as_ref().filter(|given| **given != management_account) {
            asker.refused.push(format!(
                "{} `{given}` is not the organization's, which is {management_account}",
                Question::ManagementAccount.flag()
            ));
        }
        asker.conclude()?;
    }
    Ok((Answers { name, management_account, email, region, bucket, ci, repository, releases }, adopted))
}

/// One walk through AWS; what a proposal has no use for is not asked for.
fn live(region: &str) -> Result<Snapshot, Failure> {
    let cloud = Organizations::new(region).map_err(|error| Failure::because(format!("cannot call AWS: {error}")))?;
    let asking = Asking { contacts: &|_| false, policies: &BTreeSet::new(), cases: Vec::new() };
    cloud
        .snapshot(clock::now(), &asking)
        .map_err(|error| failed(&error).help("or read a snapshot that somebody else took: --snapshot FILE"))
}

fn conclude(context: &Context, args: &InitArgs, new: &init::NewRepository, proposal: Option<&Proposal>) {
    let ui = &context.ui;
    if let Some(proposal) = proposal {
        for account in proposal.left_out.iter().filter(|account| account.undecided) {
            ui.warning(account);
        }
        for note in &proposal.notes {
            ui.warning(note);
        }
        let settled = proposal.left_out.iter().filter(|account| !account.undecided).count();
        let undecided = proposal.left_out.len() - settled;
        ui.status(format_args!(
            "{} adopted, {undecided} to decide, {settled} not for {DOMAINS} (all are listed there)",
            Count(new.accounts, "account"),
        ));
    }
    ui.done(format_args!(
        "{} written to `{}`: {} in {DOMAINS}",
        Count(new.files.len(), "file"),
        args.folder.display(),
        Count(new.accounts, "account"),
    ));
    let cd = if args.folder == Path::new(".") { String::new() } else { format!("  cd {}\n", args.folder.display()) };
    let commands = if proposal.is_some() {
        "  groundwork organization plan     What would be different in AWS Organizations.\n  \
           groundwork render                The Terraform of every account, to accounts/.\n  \
           groundwork plan                  What Terraform would add to them."
    } else {
        "  groundwork render                The Terraform of every account, to accounts/.\n  \
           groundwork organization plan     What would be made in AWS Organizations; needs credentials.\n  \
           groundwork state bootstrap       Make the bucket that keeps Terraform's state."
    };
    ui.status(format_args!("next:\n{cd}{commands}"));
}
