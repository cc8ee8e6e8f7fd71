//! `groundwork github`

use std::path::Path;

use super::{Context, Failure};
use crate::cli::{
    AddCommand, AddDomainArgs, GitHubBranchArgs, GitHubCommand, GitHubCommentArgs, GitHubIssueArgs, GitHubReviewedArgs,
};
use crate::diagnostic::{Diagnostics, Sources};
use crate::forge::{GitHub, Kept, request};
use crate::ledger::Ledger;
use crate::system::gh::{Gh, GhError};
use crate::system::inputs::{DOMAINS, LEDGER};
use crate::system::{environment, files};
use crate::workflows::{PLAN_WORKFLOW, REVIEWED};

/// The largest text that is sent anywhere.
const LARGEST_TEXT: u64 = 1 << 20;

/// The largest review or event that is read.
const LARGEST_JSON: u64 = 256 << 20;

pub(crate) fn run(context: &Context, command: &GitHubCommand) -> Result<(), Failure> {
    let gh = Gh::find();
    let repository = environment::variable("GITHUB_REPOSITORY").ok_or_else(|| {
        Failure::because("GITHUB_REPOSITORY is not set").help("workflows have it; elsewhere it is `owner/name`")
    })?;
    let github = GitHub { gh: &gh, repository };
    match command {
        GitHubCommand::Comment(args) => comment(context, &github, args),
        GitHubCommand::Issue(args) => issue(context, &github, args),
        GitHubCommand::Reviewed(args) => reviewed(context, &github, args),
        GitHubCommand::Ledger(args) => ledger(context, &github, args),
        GitHubCommand::Request(args) => ask(context, &github, args),
    }
}

fn failed(error: &GhError) -> Failure {
    let failure = Failure::because(error.to_string());
    match error {
        GhError::Start { .. } => failure.help("install GitHub's `gh`, and set GH_TOKEN or log in with it"),
        GhError::Failed { .. } | GhError::Answer { .. } => failure,
    }
}

fn text(path: &Path) -> Result<String, Failure> {
    let bytes = files::read_bytes(path, LARGEST_TEXT)
        .map_err(|error| Failure::because(format!("cannot read `{}`: {error}", path.display())))?;
    String::from_utf8(bytes).map_err(|_| Failure::because(format!("`{}` is not UTF-8", path.display())))
}

fn json(path: &Path) -> Result<serde_json::Value, Failure> {
    let bytes = files::read_bytes(path, LARGEST_JSON)
        .map_err(|error| Failure::because(format!("cannot read `{}`: {error}", path.display())))?;
    serde_json::from_slice(&bytes)
        .map_err(|error| Failure::because(format!("`{}` is not JSON: {error}", path.display())))
}

fn say(context: &Context, what: &str, kept: Kept) {
    context.ui.done(match kept {
        Kept::Created => format!("{what} is there"),
        Kept::Updated => format!("{what} is up to date"),
        Kept::Closed => format!("{what} is closed"),
        Kept::Unchanged => format!("{what}: nothing to say"),
    });
}

fn comment(context: &Context, github: &GitHub<'_>, args: &GitHubCommentArgs) -> Result<(), Failure> {
    let kept = github.comment(args.number, &text(&args.file)?).map_err(|error| failed(&error))?;
    say(context, "the comment", kept);
    Ok(())
}

fn issue(context: &Context, github: &GitHub<'_>, args: &GitHubIssueArgs) -> Result<(), Failure> {
    let review = json(&args.review)?;
    let patterns = review["patterns"]
        .as_array()
        .ok_or_else(|| Failure::because(format!("`{}` is no review", args.review.display())))?;
    let lists = patterns.iter().filter_map(|pattern| pattern["accounts"].as_array());
    let outliers = review["outliers"].as_array().map_or(0, Vec::len);
    let drifted = lists.map(Vec::len).sum::<usize>() + outliers;
    let kept = github.drift(drifted, &text(&args.file)?).map_err(|error| failed(&error))?;
    say(context, "the issue", kept);
    Ok(())
}

fn reviewed(context: &Context, github: &GitHub<'_>, args: &GitHubReviewedArgs) -> Result<(), Failure> {
    let run = match args.run.clone().filter(|run| !run.is_empty()) {
        Some(run) => Some(run),
        None => github
            .reviewing_run(&args.commit, PLAN_WORKFLOW)
            .map_err(|error| failed(&error))?
            .map(|run| run.to_string()),
    };
    std::fs::create_dir_all(&args.out)
        .map_err(|error| Failure::because(format!("cannot make `{}`: {error}", args.out.display())))?;
    let Some(run) = run else {
        context.ui.warning(format_args!(
            "nothing was reviewed for {}: nothing is applied. Run the plan workflow by hand, and this one with its number",
            args.commit
        ));
        return Ok(());
    };
    let found = github.download(&run, REVIEWED, &args.out.display().to_string()).map_err(|error| failed(&error))?;
    if found {
        context.ui.done(format_args!("what run {run} reviewed is in {}", args.out.display()));
    } else {
        context.ui.done(format_args!("run {run} reviewed no account"));
    }
    Ok(())
}

fn parse(text: &str) -> Result<Ledger, String> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let file = sources.add(LEDGER, text);
    let ledger = Ledger::parse(&sources, file, &mut diagnostics);
    let problem = diagnostics.iter().next().map(|found| found.message.clone());
    problem.map_or(Ok(ledger), |problem| Err(format!("{LEDGER}: {problem}")))
}

fn ledger(context: &Context, github: &GitHub<'_>, args: &GitHubBranchArgs) -> Result<(), Failure> {
    let own = parse(&text(&context.root.join(LEDGER))?).map_err(Failure::because)?;
    let edit = |theirs: &str| {
        let ledger = parse(theirs)?;
        let news = ledger.with_news_of(&own);
        Ok(if news == ledger { theirs.to_owned() } else { news.to_toml() })
    };
    let message = "ledger: what AWS has made";
    let written = github.write(&args.branch, LEDGER, message, &edit).map_err(|error| failed(&error))?;
    context.ui.done(if written { "the ledger is committed" } else { "the ledger has no news" });
    Ok(())
}

fn ask(context: &Context, github: &GitHub<'_>, args: &GitHubBranchArgs) -> Result<(), Failure> {
    let event =
        environment::variable("GITHUB_EVENT_PATH").ok_or_else(|| Failure::because("GITHUB_EVENT_PATH is not set"))?;
    let event = json(Path::new(&event))?;
    let request = match request::read(&event) {
        Ok(request) => request,
        Err(reason) => return refuse(github, event["issue"]["number"].as_u64(), &reason),
    };
    let domain = AddDomainArgs {
        name: request.name.clone(),
        team: request.team.clone(),
        environments: request.environments.clone(),
        description: request.description.clone(),
        repository: request.repository.clone(),
        runbook: None,
    };
    let made = super::add::run(context, &AddCommand::Domain(domain))
        .and_then(|()| super::allocate::run(context, &crate::cli::AllocateArgs::default()));
    if made.is_err() {
        refuse(github, Some(request.issue), "domains.toml would not be right with it; the log of this run says why")
            .ok();
        return made;
    }
    let branch = format!("groundwork/request-{}", request.issue);
    github.branch(&branch, &args.branch).map_err(|error| failed(&error))?;
    let title = format!("domains: add {}", request.name);
    for path in [DOMAINS, LEDGER] {
        let new = text(&context.root.join(path))?;
        github.write(&branch, path, &title, &|_| Ok(new.clone())).map_err(|error| failed(&error))?;
    }
    let body = format!("Asked for in #{}.", request.issue);
    let number = github.pull_request(&branch, &args.branch, &title, &body).map_err(|error| failed(&error))?;
    github.answer(request.issue, &format!("#{number} adds it.")).map_err(|error| failed(&error))?;
    context.ui.done(format_args!("pull request {number} adds `{}`", request.name));
    Ok(())
}

/// Tells whoever asked what is wrong.
fn refuse(github: &GitHub<'_>, issue: Option<u64>, reason: &str) -> Result<(), Failure> {
    if let Some(issue) = issue {
        let answer = format!("This cannot be done: {reason}. Edit the request, and it is tried again.");
        github.answer(issue, &answer).map_err(|error| failed(&error))?;
    }
    Err(Failure::because(format!("the request cannot be used: {reason}")))
}
