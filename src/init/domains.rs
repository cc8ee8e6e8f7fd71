//! The domains.toml of a new repository, written for people.

use std::fmt::Write as _;

use super::{Answers, Ci};
use crate::proposal::{LeftOut, Proposal};
use crate::text::inert;

/// What a repository starts with that adopts nothing.
const EXAMPLE: &str = include_str!("example.toml");

/// The text. Every answer is in quotes; what only a comment holds cannot end it.
pub(super) fn text(answers: &Answers, adopted: Option<&Proposal>) -> String {
    let mut text = head(answers, adopted.is_some());
    match adopted {
        Some(proposal) => adopt(&mut text, proposal),
        None => {
            let host = answers.email.rsplit_once('@').map_or("example.com", |(_, host)| host);
            text.push_str(&EXAMPLE.replace("PLATFORM", &quoted(&format!("platform@{host}"))));
        }
    }
    text
}

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string().trim().to_owned()
}

/// A text on one line that can stand in a comment.
fn remark(text: &str) -> String {
    inert(text).replace('\n', " ")
}

/// What differs between organizations that were there before.
const ROLE: &str = "\
# The role that Terraform assumes in every account. Accounts that were invited do not have it, and Control Tower's have
# another as well: AWSControlTowerExecution.
role = \"OrganizationAccountAccessRole\"
";

fn head(answers: &Answers, is_adopting: bool) -> String {
    let [name, region, management, email, bucket] =
        [&answers.name, &answers.region, &answers.management_account, &answers.email, &answers.bucket]
            .map(|text| quoted(text));
    let mut text = format!(
        "#:schema ./domains.schema.json
# Which team has which domain, and in which environments each domain has an AWS account.
# `groundwork explain ACCOUNT` tells what an account gets, and which line of this file says so.

[organization]
name = {name}
region = {region}
management_account = {management}
email = {email} # 64 characters at most after filling in
"
    );
    if let Some(repository) = &answers.repository {
        writeln!(text, "repository = {}", quoted(repository)).ok();
    }
    if is_adopting {
        text.push_str(ROLE);
    }
    if let (Ci::Github, Some(repository)) = (answers.ci, &answers.repository) {
        write!(
            text,
            "
# The roles of [workflows], made in the management account; only this repository's workflows may assume them.
[organization.ci_roles]
repository = {}
",
            quoted(repository)
        )
        .ok();
    }
    write!(
        text,
        "
# Where Terraform keeps its state. `groundwork state bootstrap` makes the bucket.
[state]
bucket = {bucket}
region = {region}

# Where the accounts' networks are taken from; nobody else's addresses may be in there.
[network]
pools = [\"10.64.0.0/10\"]
reserved = [] # offices, data centres, partners: what is in the pool and is not free
"
    )
    .ok();
    if answers.ci != Ci::None {
        let role = |name: &str| quoted(&format!("arn:aws:iam::{}:role/groundwork-{name}", answers.management_account));
        write!(
            text,
            "
# `groundwork workflows` writes the pages of CI from this.
[workflows]
plan_role = {}
apply_role = {}
releases = {} # the repository on GitHub that groundwork is installed from
",
            role("plan"),
            role("apply"),
            quoted(&answers.releases)
        )
        .ok();
    }
    text
}

fn adopt(text: &mut String, proposal: &Proposal) {
    text.push_str(
        "
# Applied in this order; a failure stops here. The best first wave is a domain that is nobody's and has one of everything:
# `groundwork add domain rehearsal --team TEAM`, and domains = [\"rehearsal\"] in a wave of its own.
",
    );
    if let [first, _, ..] = proposal.environments.as_slice() {
        write!(text, "[[waves]]\nname = \"early\"\naccounts = [{}]\n", quoted(&format!("*/{}", first.name))).ok();
    }
    text.push_str("[[waves]]\nname = \"everyone\"\n");
    let mut names: Vec<&str> = proposal.environments.iter().map(|environment| environment.name.as_str()).collect();
    if names.is_empty() {
        names = vec!["dev", "stage", "prod"];
    }
    text.push_str("\n# The kinds of environment, and what all accounts of a kind get.\n");
    for name in names {
        writeln!(text, "\n[environments.{name}]").ok();
        let own = proposal.environments.iter().find(|environment| environment.name == name);
        for (setting, value) in [
            ("account_name", own.and_then(|it| it.account_name.as_ref())),
            ("unit", own.and_then(|it| it.unit.as_ref())),
        ] {
            if let Some(value) = value {
                writeln!(text, "{setting} = {}", quoted(value)).ok();
            }
        }
        if name == "prod" {
            text.push_str("network = { prefix = 20, nat = \"per-az\", zones = 3 }\nprotected = true\n");
        } else {
            text.push_str("network = { prefix = 22, nat = \"single\", zones = 2 }\n");
        }
    }
    text.push_str("\n# Who stewards what.\n");
    for (name, email) in &proposal.teams {
        write!(text, "\n[teams.{}]\nemail = {}\n", name, quoted(email)).ok();
    }
    undecided(text, proposal);
    if proposal.domains.is_empty() {
        text.push_str("\n# None was found: `groundwork add domain NAME --team TEAM` adds one.\n[domains]\n");
        return;
    }
    text.push_str(
        "
# What was found. These accounts exist and have networks of their own, or none, so they are not given another:
# network = { enabled = false }. Nor is anything closed that somebody may be using, the default VPC among it:
# account = { hardening = false, default_vpc = \"keep\" }; docs/migration.md has the way from there. Their names, e-mails and
# units stay what they are. Which region they are in is not known: where it is not the organization's, say `region`.
",
    );
    for (name, domain) in &proposal.domains {
        let environments: Vec<String> = ordered(proposal, domain.accounts.keys()).map(|name| quoted(name)).collect();
        write!(
            text,
            "\n[domains.{}]\nteam = {}\nenvironments = [{}]\n\
             network = {{ enabled = false }}\naccount = {{ hardening = false, default_vpc = \"keep\" }}\n",
            name,
            quoted(&domain.team),
            environments.join(", ")
        )
        .ok();
        for environment in ordered(proposal, domain.accounts.keys()) {
            let Some(adopted) = domain.accounts.get(environment) else { continue };
            let own = [("account_name", &adopted.account_name), ("unit", &adopted.unit)];
            if own.iter().all(|(_, value)| value.is_none()) {
                continue;
            }
            writeln!(text, "[domains.{name}.environment.{environment}]").ok();
            for (setting, value) in own {
                if let Some(value) = value {
                    writeln!(text, "{setting} = {}", quoted(value)).ok();
                }
            }
        }
    }
}

/// Names of environments in the order in which they are declared.
fn ordered<'a>(proposal: &'a Proposal, names: impl Iterator<Item = &'a String>) -> impl Iterator<Item = &'a String> {
    let names: Vec<&String> = names.collect();
    proposal.environments.iter().map(|environment| &environment.name).filter(move |name| names.contains(name))
}

/// What somebody has to decide, and what is not for domains.toml.
fn undecided(text: &mut String, proposal: &Proposal) {
    let (undecided, settled): (Vec<&LeftOut>, Vec<&LeftOut>) = proposal.left_out.iter().partition(|it| it.undecided);
    let mut list = |title: &str, left_out: &[&LeftOut]| {
        if left_out.is_empty() {
            return;
        }
        writeln!(text, "\n# {title}").ok();
        for account in left_out {
            writeln!(text, "#   {}", remark(&account.to_string())).ok();
        }
    };
    list(
        "TO DECIDE: these accounts are in no domain. Write a domain with `groundwork add domain`, then\n\
         # `groundwork allocate` and `groundwork organization adopt DOMAIN/ENVIRONMENT --id ID`; until then nothing touches them.",
        &undecided,
    );
    list("Not for domains.toml:", &settled);
    if !proposal.notes.is_empty() {
        text.push_str("\n# TO LOOK AT:\n");
        for note in &proposal.notes {
            writeln!(text, "#   {}", remark(note)).ok();
        }
    }
}
