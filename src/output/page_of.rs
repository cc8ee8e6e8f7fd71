//! A review as the page draws it.

use std::collections::HashMap;

use super::page::{
    Account, Attribute, Change, Common, Danger, Drift, Outlier, Page, Pattern, State, Varying, VaryingValue, Verdict,
};
use super::words;
use crate::organization::Organization;
use crate::plan::Action;
use crate::review::Review;
use crate::review::model;
use crate::review::model::{PatternChange, Severity, Shown};
use crate::text::Count;

/// The page of a review. With the organization its environments stand in the order in which they were declared.
pub fn page_of(review: &Review, organization: Option<&Organization>) -> Page {
    let mut changes = Changes::default();
    let accounts: HashMap<&str, usize> =
        review.accounts.iter().enumerate().map(|(index, account)| (account.key.as_str(), index)).collect();
    let of =
        |keys: &[String]| -> Vec<usize> { keys.iter().filter_map(|key| accounts.get(key.as_str()).copied()).collect() };
    let name_of = |id: &str| review.pattern(id).map_or_else(String::new, |pattern| pattern.name.clone());
    let mut patterns: Vec<Pattern> =
        review.patterns.iter().map(|one| pattern(one, &mut changes, &of, &name_of)).collect();
    let mut own: HashMap<&str, usize> = HashMap::new();
    for outlier in &review.outliers {
        own.insert(&outlier.account, patterns.len());
        patterns.push(Pattern {
            name: outlier.account.clone(),
            lone: true,
            accounts: of(std::slice::from_ref(&outlier.account)),
            changes: outlier.changes.iter().map(|one| changes.add(one)).collect(),
            ..Pattern::default()
        });
    }
    let index_of = |id: &str| review.patterns.iter().position(|pattern| pattern.id == id);
    let common = review.common.as_ref().map(|common| Common {
        patterns: common.patterns.iter().filter_map(|id| index_of(id)).collect(),
        changes: common.changes.iter().map(|one| changes.add(one)).collect(),
    });
    for account in &review.accounts {
        if let Some(index) = account.pattern.as_deref().and_then(index_of) {
            own.insert(&account.key, index);
        }
    }
    let reasons: HashMap<&str, &str> =
        review.not_planned.iter().map(|missing| (missing.account.as_str(), missing.reason.as_str())).collect();
    Page {
        title: "groundwork review".to_owned(),
        summary: format!("{}. In all accounts together: {}.", words::headline(review), words::tally(&review.totals)),
        environments: environments(review, organization),
        accounts: review
            .accounts
            .iter()
            .map(|one| account(one, own.get(one.key.as_str()).copied(), reasons.get(one.key.as_str()).copied()))
            .collect(),
        outliers: review
            .outliers
            .iter()
            .map(|outlier| Outlier {
                account: accounts.get(outlier.account.as_str()).copied().unwrap_or_default(),
                nearest: index_of(&outlier.nearest),
                differences: outlier.differences.iter().map(|one| words::difference(one, &str::to_owned)).collect(),
            })
            .collect(),
        dangers: review.dangers.iter().map(|one| danger(one, of(&one.accounts))).collect(),
        policy: review.policy.iter().map(|one| verdict(one, of(&one.accounts))).collect(),
        policies_ran: review.policies_ran,
        drift: review
            .drift
            .iter()
            .map(|pattern| Drift {
                lines: pattern.changes.iter().map(|change| words::drifted(change, &str::to_owned)).collect(),
                accounts: of(&pattern.accounts),
            })
            .collect(),
        since: review.since.as_ref().map(words::since),
        patterns,
        common,
        changes: changes.list,
    }
}

/// Changes, each different one once.
#[derive(Default)]
struct Changes {
    list: Vec<Change>,
    known: HashMap<Change, usize>,
}

impl Changes {
    fn add(&mut self, change: &PatternChange) -> usize {
        let drawn = drawn(change);
        if let Some(index) = self.known.get(&drawn) {
            return *index;
        }
        let index = self.list.len();
        self.known.insert(drawn.clone(), index);
        self.list.push(drawn);
        index
    }
}

fn drawn(change: &PatternChange) -> Change {
    let mut notes = Vec::new();
    let because = words::because(&change.forced_by, change.reason.as_deref(), &str::to_owned);
    notes.extend(Some(because).filter(|text| !text.is_empty()));
    notes.extend(change.previous_address.as_ref().map(|previous| format!("moved from {previous}")));
    notes.extend(change.importing.as_ref().map(|id| format!("imported as {id}")));
    notes.extend(change.deposed.as_ref().map(|deposed| format!("deposed object {deposed}")));
    notes.extend(change.deferred.as_ref().map(|reason| format!("left for a later run: {reason}")));
    if change.more > 0 {
        notes.push(format!("{} not kept", Count(change.more, "more attribute")));
    }
    let attributes = change.attributes.iter().map(|attribute| {
        let mark = if change.forced_by.contains(&attribute.path) { "forces replacement" } else { "" };
        let side = |side: &Shown| (!side.is_absent()).then(|| words::shown(side).to_owned());
        Attribute(attribute.path.clone(), side(&attribute.before), side(&attribute.after), mark.to_owned())
    });
    Change {
        address: change.address.clone(),
        kind: change.kind.clone(),
        action: action(change).to_owned(),
        notes,
        attributes: attributes.collect(),
    }
}

/// The action as the page's script knows it.
fn action(change: &PatternChange) -> &'static str {
    match change.action {
        Action::NoOp if change.importing.is_some() => "import",
        Action::NoOp => "move",
        ref action => action_name(action),
    }
}

fn action_name(action: &Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Delete => "delete",
        Action::DeleteThenCreate | Action::CreateThenDelete | Action::CreateThenForget | Action::ForgetThenCreate => {
            "replace"
        }
        Action::Forget => "forget",
        Action::Read | Action::Open => "read",
        Action::NoOp | Action::Other(_) => "other",
    }
}

/// How a pattern differs from the one of the same shape.
fn same_values(same: &model::SameShape, name_of: &dyn Fn(&str) -> String) -> String {
    let places: Vec<String> = same
        .differences
        .iter()
        .map(|difference| format!("{} {}", difference.address, difference.path.as_deref().unwrap_or_default()))
        .collect();
    format!("What pattern {} does, with other values for {}", name_of(&same.pattern), places.join(", "))
}

fn pattern(
    pattern: &model::Pattern,
    changes: &mut Changes,
    of: &dyn Fn(&[String]) -> Vec<usize>,
    name_of: &dyn Fn(&str) -> String,
) -> Pattern {
    let value = |values: &model::Values| VaryingValue {
        value: match (&values.before, &values.after) {
            (Shown::Absent, after) => words::shown(after).to_owned(),
            (before, after) => format!("{} → {}", words::shown(before), words::shown(after)),
        },
        accounts: of(&values.accounts),
    };
    Pattern {
        name: pattern.name.clone(),
        lone: false,
        accounts: of(&pattern.accounts),
        changes: pattern.changes.iter().map(|one| changes.add(one)).collect(),
        note: pattern.same_shape.as_ref().map_or_else(String::new, |same| same_values(same, name_of)),
        varying: pattern
            .varying
            .iter()
            .map(|varying| Varying {
                path: format!("{} {}", varying.address, varying.path),
                values: varying.values.iter().map(value).collect(),
            })
            .collect(),
    }
}

fn account(account: &model::Account, pattern: Option<usize>, reason: Option<&str>) -> Account {
    let mut reasons: Vec<String> = reason.map(str::to_owned).into_iter().collect();
    if matches!(account.state, model::State::Errored | model::State::Incomplete | model::State::New) {
        reasons.push(words::state(account.state).to_owned());
    }
    reasons.extend(account.checks.iter().map(|check| format!("check failed: {check}")));
    Account {
        key: account.key.clone(),
        domain: account.domain.clone().unwrap_or_else(|| account.key.clone()),
        environment: account.environment.clone().unwrap_or_else(|| NO_ENVIRONMENT.to_owned()),
        team: account.team.clone().unwrap_or_default(),
        protected: account.protected,
        state: match account.state {
            model::State::Planned | model::State::New | model::State::Unchanged => State::Planned,
            model::State::Errored => State::Errored,
            model::State::Incomplete => State::Incomplete,
            model::State::NotPlanned => State::NotPlanned,
        },
        reason: Some(reasons.join("; ")).filter(|text| !text.is_empty()),
        pattern,
        values: account.values.clone(),
    }
}

/// The column of accounts whose key names no environment.
const NO_ENVIRONMENT: &str = "account";

fn environments(review: &Review, organization: Option<&Organization>) -> Vec<String> {
    let mut environments: Vec<String> =
        organization.map(|organization| organization.environments.clone()).unwrap_or_default();
    let mut seen: Vec<String> = review
        .accounts
        .iter()
        .map(|account| account.environment.clone().unwrap_or_else(|| NO_ENVIRONMENT.to_owned()))
        .collect();
    seen.sort();
    seen.dedup();
    environments.retain(|name| seen.contains(name));
    let more: Vec<String> = seen.into_iter().filter(|name| !environments.contains(name)).collect();
    environments.extend(more);
    environments
}

fn danger(danger: &model::Danger, accounts: Vec<usize>) -> Danger {
    let because = words::because(&danger.forced_by, danger.reason.as_deref(), &str::to_owned);
    let parts: Vec<String> =
        Some(because).filter(|text| !text.is_empty()).into_iter().chain(danger.details.iter().cloned()).collect();
    Danger {
        kind: words::does_what(danger),
        action: action_name(&danger.action).to_owned(),
        address: match &danger.deposed {
            Some(deposed) => format!("{} (deposed {deposed})", danger.address),
            None => danger.address.clone(),
        },
        text: parts.join("; "),
        protected: danger.protected,
        accounts,
    }
}

fn verdict(verdict: &model::Verdict, accounts: Vec<usize>) -> Verdict {
    let level = match verdict.severity {
        Severity::Deny => "deny",
        Severity::Violation => "violation",
        Severity::Error => "error",
        Severity::Warn => "warn",
    };
    Verdict {
        level: level.to_owned(),
        rule: verdict.policy.clone(),
        message: verdict.message.clone(),
        place: verdict.line.map_or_else(|| verdict.file.clone(), |line| format!("{}:{line}", verdict.file)),
        accounts,
    }
}
