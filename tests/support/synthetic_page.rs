//! Review pages of any size, the same for the same numbers: realistic names, twelve patterns, a few outliers.

use std::collections::BTreeMap;

use groundwork::output::page::{
    Account, Attribute, Change, Danger, Outlier, Page, Pattern, State, Varying, VaryingValue, Verdict,
};

use crate::plans::DOMAINS;

const TEAMS: [&str; 9] =
    ["storefront", "money", "discovery", "platform", "fulfilment", "growth", "data", "trust", "care"];

fn attribute(path: &str, before: Option<&str>, after: Option<&str>, note: &str) -> Attribute {
    Attribute(path.into(), before.map(Into::into), after.map(Into::into), note.into())
}

fn change(address: &str, action: &str, notes: &[&str], attributes: Vec<Attribute>) -> Change {
    let kind = address.rsplit_once('.').map_or(address, |(before, _)| before).rsplit('.').next().unwrap_or(address);
    Change {
        address: address.into(),
        kind: kind.into(),
        action: action.into(),
        notes: notes.iter().map(|note| (*note).into()).collect(),
        attributes,
    }
}

/// The changes that everybody knows from plans.
fn vocabulary() -> Vec<Change> {
    vec![
        change(
            "module.network.aws_flow_log.main",
            "create",
            &[],
            vec![
                attribute("log_destination", None, Some("\"arn:aws:s3:::acme-logs-{account_id}/flow\""), ""),
                attribute("traffic_type", None, Some("\"ALL\""), ""),
                attribute("tags.owner", None, Some("\"{team}\""), ""),
                attribute("id", None, Some("known after apply"), "unknown"),
            ],
        ),
        change(
            "module.baseline.aws_iam_role.ci",
            "update",
            &[],
            vec![
                attribute(
                    "assume_role_policy.Statement[0].Condition.StringLike.sub",
                    Some("\"repo:acme/{domain}:ref:refs/heads/main\""),
                    Some("\"repo:acme/{domain}:environment:{environment}\""),
                    "",
                ),
                attribute("max_session_duration", Some("3600"), Some("7200"), ""),
            ],
        ),
        change(
            "module.network.aws_nat_gateway.main[0]",
            "replace",
            &["cannot be changed in place"],
            vec![
                attribute("subnet_id", Some("\"subnet-0a1b2c3d\""), Some("\"subnet-9f8e7d6c\""), "forces replacement"),
                attribute("public_ip", Some("\"203.0.113.7\""), Some("known after apply"), "unknown"),
            ],
        ),
        change(
            "aws_s3_bucket.exports",
            "delete",
            &["no longer in the configuration"],
            vec![
                attribute("bucket", Some("\"acme-exports-{account_id}\""), None, ""),
                attribute("force_destroy", Some("true"), None, ""),
            ],
        ),
        change(
            "module.network.aws_security_group.bastion",
            "update",
            &[],
            vec![attribute("ingress[0].cidr_blocks[0]", Some("\"10.0.0.0/8\""), Some("\"0.0.0.0/0\""), "")],
        ),
        change(
            "module.budget.aws_budgets_budget.monthly",
            "update",
            &[],
            vec![attribute("limit_amount", Some("\"800\""), Some("\"1200\""), "")],
        ),
        change(
            "module.guard.aws_config_rule.encrypted_volumes",
            "create",
            &[],
            vec![
                attribute("source.owner", None, Some("\"AWS\""), ""),
                attribute("source.source_identifier", None, Some("\"ENCRYPTED_VOLUMES\""), ""),
            ],
        ),
        change("aws_iam_user.deploy", "forget", &["stays in AWS, leaves the state"], vec![]),
        change(
            "module.secrets.aws_secretsmanager_secret_version.token",
            "update",
            &[],
            vec![attribute("secret_string", Some("(sensitive)"), Some("(sensitive)"), "sensitive")],
        ),
    ]
}

/// A page with this many accounts, and at least this many changes in all.
///
/// Accounts beyond the patterns get change sets of their own, so that nothing is shared and the page has to
/// carry every change.
pub(crate) fn page(accounts: usize, changes_each: usize) -> Page {
    let environments = ["dev", "stage", "prod"];
    let mut page = Page {
        title: format!("{accounts} accounts reviewed"),
        summary: "A rehearsal of what the next merge would do.".into(),
        environments: environments.map(String::from).to_vec(),
        changes: vocabulary(),
        policies_ran: true,
        ..Page::default()
    };
    let sets: [&[usize]; 6] = [&[0, 1], &[0, 1, 6], &[], &[1, 5], &[0, 1, 2], &[0, 1, 3, 7, 8]];
    let names = ["A", "B", "C", "D", "E", "F"];
    for (name, set) in names.iter().zip(sets) {
        page.patterns.push(Pattern { name: (*name).into(), changes: set.to_vec(), ..Pattern::default() });
    }
    for index in 0..accounts {
        let (domain_index, environment) = (index / 3, environments[index % 3]);
        let domain = match domain_index / DOMAINS.len() {
            0 => DOMAINS[domain_index].to_owned(),
            round => format!("{}-{}", DOMAINS[domain_index % DOMAINS.len()], round + 1),
        };
        let pattern = match (index * 7919 + 13) % 100 {
            0..=54 => 0,
            55..=76 => 1,
            77..=88 => 2,
            89..=95 => 3,
            96..=98 => 4,
            _ => 5,
        };
        let mut account = Account {
            key: format!("{domain}/{environment}"),
            domain,
            environment: environment.into(),
            team: TEAMS[domain_index % TEAMS.len()].into(),
            protected: environment == "prod",
            pattern: Some(pattern),
            values: BTreeMap::from([
                ("{account_id}".into(), format!("{:012}", 100_000_000_000_usize + index * 7)),
                ("{environment}".into(), environment.into()),
            ]),
            ..Account::default()
        };
        account.values.insert("{domain}".into(), account.domain.clone());
        account.values.insert("{team}".into(), account.team.clone());
        if index % 61 == 40 {
            account.pattern = None;
            account.state = State::NotPlanned;
            account.reason = Some("no digest was found: the job that plans it did not finish".into());
        } else if index % 97 == 55 {
            account.state = State::Errored;
            account.reason = Some("Terraform stopped: error assuming role groundwork-plan".into());
        }
        page.accounts.push(account);
    }
    if changes_each > 0 {
        own_changes(&mut page, changes_each);
    }
    for (index, account) in page.accounts.iter().enumerate() {
        if let Some(pattern) = account.pattern {
            page.patterns[pattern].accounts.push(index);
        }
    }
    speak(&mut page);
    page
}

/// Gives every account a change set that no other has.
fn own_changes(page: &mut Page, each: usize) {
    for (index, account) in page.accounts.iter_mut().enumerate() {
        if account.pattern.is_none() {
            continue;
        }
        let first = page.changes.len();
        for number in 0..each {
            let address = format!("module.service.aws_ssm_parameter.setting[\"{}-{number}\"]", account.domain);
            let before = format!("\"value {number} of {}\"", account.key);
            let after = format!("\"value {} of {}\"", number + 1, account.key);
            page.changes.push(change(
                &address,
                "update",
                &[],
                vec![attribute("value", Some(&before), Some(&after), "")],
            ));
        }
        let base = page.patterns[account.pattern.unwrap_or_default().min(5)].changes.clone();
        account.pattern = Some(page.patterns.len());
        page.patterns.push(Pattern {
            name: format!("P{index}"),
            changes: base.into_iter().chain(first..first + each).collect(),
            ..Pattern::default()
        });
    }
}

/// Dangers, outliers, verdicts.
fn speak(page: &mut Page) {
    let with = |page: &Page, change: usize| -> Vec<usize> {
        page.accounts
            .iter()
            .enumerate()
            .filter(|(_, account)| account.pattern.is_some_and(|at| page.patterns[at].changes.contains(&change)))
            .map(|(index, _)| index)
            .collect()
    };
    for (change, kind, text) in [
        (3, "destroys", "the bucket holds objects: force_destroy is on"),
        (2, "replaces", "every connection through it breaks while it is gone; forced by subnet_id"),
        (7, "forgets", "stays in AWS and nobody looks after it any more"),
    ] {
        let accounts = with(page, change);
        if !accounts.is_empty() {
            page.dangers.push(Danger {
                kind: kind.into(),
                action: page.changes[change].action.clone(),
                address: page.changes[change].address.clone(),
                text: text.into(),
                protected: accounts.iter().any(|index| page.accounts[*index].protected),
                accounts,
            });
        }
    }
    let replaced = with(page, 2);
    page.policy.push(Verdict {
        level: "deny".into(),
        rule: "groundwork.all.network.deny".into(),
        message: format!("{} accounts replace a NAT gateway in one change; 5 may", replaced.len()),
        place: "policies/all/network.rego:12".into(),
        accounts: replaced.clone(),
    });
    page.policy.push(Verdict {
        level: "warn".into(),
        rule: "groundwork.tags.warn".into(),
        message: "module.network.aws_flow_log.main is created without an owner tag".into(),
        place: "policies/tags.rego:9".into(),
        accounts: page.patterns[0].accounts.iter().copied().take(40).collect(),
    });
    if let Some(account) = replaced.first() {
        page.outliers.push(Outlier {
            account: *account,
            nearest: Some(0),
            differences: vec!["and also replaces module.network.aws_nat_gateway.main[0]".into()],
        });
    }
    let everybody = page.patterns[0].accounts.clone();
    if everybody.len() > 2 {
        page.patterns[0].varying.push(Varying {
            path: "module.baseline.aws_iam_role.ci max_session_duration".into(),
            values: vec![
                VaryingValue { value: "3600 → 7200".into(), accounts: everybody[2..].to_vec() },
                VaryingValue { value: "3600 → 43200".into(), accounts: everybody[..2].to_vec() },
            ],
        });
    }
}
