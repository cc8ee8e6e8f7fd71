//! From what is meant and what there is to what is to be done. Pure: the same organization, ledger and snapshot give the
//! same actions, in the same order.

mod action;
mod identity;

pub use action::Action;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::Serialize;

use crate::ledger::Ledger;
use crate::organization::{Account, AccountKey, Lifecycle, Organization};
use crate::snapshot::{Creation, KEY_TAG, Member, Progress, Snapshot, State};
use crate::text::Count;
use identity::Identities;

/// How long before it was written down a request may have reached AWS, whose clock is another one: ten minutes.
const CLOCKS_DIFFER: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);

/// What a service control policy may be attached to at once (AWS Organizations, "Quotas"); AWS's own is one of them.
const MOST_POLICIES: usize = 5;

/// AWS's own policy, without which nothing is allowed.
const FULL_ACCESS: &str = "p-FullAWSAccess";

/// The days in which AWS counts closures.
const CLOSURE_DAYS: i64 = 30;

/// The support plan that every account has.
const FREE_PLAN: &str = "basic";

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub struct Given<'a> {
    /// What is meant.
    pub organization: &'a Organization,
    /// What has been allotted and asked for.
    pub ledger: &'a Ledger,
    /// What there is.
    pub snapshot: &'a Snapshot,
    /// Today, for what AWS counts by the month.
    pub today: Date,
}

/// What is to be done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Reconciled {
    /// In order: units and policies first, then account by account.
    pub actions: Vec<Action>,
    /// Why nothing of it may be done.
    pub refusals: Vec<Refusal>,
    /// What is left for later, and why.
    pub waiting: Vec<Waiting>,
    /// The ids of accounts that exist.
    pub found: BTreeMap<AccountKey, String>,
}

/// Something that has to be decided by somebody first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// What is wrong.
    pub problem: String,
    /// What to do about it.
    pub help: String,
}

/// Something that a later run does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Whose it is.
    pub account: AccountKey,
    /// What it waits for.
    pub reason: String,
}

/// What is to be done so that AWS holds what is meant.
pub fn reconcile(given: Given<'_>) -> Reconciled {
    let mut work =
        Work { given, units: given.snapshot.units_by_path(), accounts: Vec::new(), done: Reconciled::default() };
    if given.snapshot.management_account != given.organization.management_account {
        work.refuse(
            format!(
                "this is the organization of {}, and domains.toml is about that of {}",
                given.snapshot.management_account, given.organization.management_account
            ),
            "use credentials of the other one, or correct management_account in domains.toml",
        );
        return work.done;
    }
    let identities = Identities::new(given);
    for account in &given.organization.accounts {
        work.account(account, &identities);
    }
    work.closures(&identities);
    work.quota();
    let mut actions = work.units_and_policies();
    actions.append(&mut work.accounts);
    work.done.actions = actions;
    work.done
}

struct Work<'a> {
    given: Given<'a>,
    /// Ids of the units there are, by path.
    units: BTreeMap<String, String>,
    /// What is to be done with accounts.
    accounts: Vec<Action>,
    done: Reconciled,
}

impl Work<'_> {
    fn refuse(&mut self, problem: impl Into<String>, help: impl Into<String>) {
        self.done.refusals.push(Refusal { problem: problem.into(), help: help.into() });
    }

    fn wait(&mut self, account: &Account, reason: impl Into<String>) {
        self.done.waiting.push(Waiting { account: account.key.clone(), reason: reason.into() });
    }

    fn account(&mut self, account: &Account, identities: &Identities<'_>) {
        match identities.find(account) {
            Err((problem, help)) => self.refuse(problem, help),
            Ok(Some(member)) => {
                self.done.found.insert(account.key.clone(), member.id.clone());
                self.member(account, member);
            }
            Ok(None) if account.lifecycle == Lifecycle::Active => self.create(account, identities),
            // It was given up before it was ever made.
            Ok(None) => {}
        }
    }

    fn create(&mut self, account: &Account, identities: &Identities<'_>) {
        let key = account.key.clone();
        if let Some(other) = identities.by_email(&account.email) {
            self.refuse(
                format!("`{key}` is to have the e-mail `{}`, which the account {other} has had", account.email),
                "AWS never accepts an e-mail twice, not even of a closed account: give the domain another pattern",
            );
            return;
        }
        if let Some(request) = self.creation(account) {
            self.accounts.push(Action::FollowCreation { account: key.clone(), request, unit: account.unit.clone() });
        } else {
            self.accounts.push(Action::CreateAccount {
                account: key.clone(),
                name: account.name.clone(),
                email: account.email.clone(),
                unit: account.unit.clone(),
                tags: tags(account),
            });
        }
        self.accounts.push(Action::Record { account: key.clone() });
        for (contact, to) in &account.domain.team.contacts {
            self.accounts.push(Action::Contact { account: key.clone(), contact: *contact, to: to.clone() });
        }
        self.support(account);
    }

    /// A request for this account that AWS has not refused: the ledger's own, or one that was sent by somebody who did
    /// not live to write it down.
    fn creation(&self, account: &Account) -> Option<String> {
        let asked = &self.given.ledger.accounts.get(&account.key)?.asked;
        let listed = &self.given.snapshot.creations;
        let Some(own) = &asked.request else {
            return creation_of(listed, &account.name, asked.creation).map(|creation| creation.id.clone());
        };
        let has_failed = |creation: &Creation| creation.id == *own && matches!(creation.progress, Progress::Failed(_));
        Some(own.clone()).filter(|_| !listed.iter().any(has_failed))
    }

    fn member(&mut self, account: &Account, member: &Member) {
        let key = || account.key.clone();
        if member.state.is_closing() {
            if account.lifecycle == Lifecycle::Active {
                self.wait(account, format!("{} is {}: nothing is done", member.id, member.state.in_words()));
            }
            return;
        }
        if member.state != State::Active {
            self.wait(account, format!("{} is {}: nothing is done", member.id, member.state.in_words()));
            return;
        }
        let from = self.given.snapshot.path(&member.parent);
        let to = if account.lifecycle == Lifecycle::Active {
            account.unit.clone()
        } else if self.is_destroyed(&account.key) {
            self.given.organization.membership.retired_unit.clone()
        } else {
            self.wait(account, "its Terraform is not destroyed: `groundwork apply` does that, and then it is parked");
            from.clone()
        };
        if from != to {
            let account = key();
            self.accounts.push(if to == self.given.organization.membership.retired_unit {
                Action::Park { account, from, to }
            } else {
                Action::Move { account, from, to }
            });
        }
        self.tags(account, member);
        let held = self.given.ledger.accounts.get(&account.key);
        if held.is_none_or(|held| held.id.as_deref() != Some(member.id.as_str())) {
            self.accounts.push(Action::Record { account: key() });
        }
        if account.lifecycle != Lifecycle::Active {
            if self.is_destroyed(&account.key) && held.is_some_and(|held| held.asked.destroyed.is_none()) {
                self.accounts.push(Action::Destroyed { account: key() });
            }
            return;
        }
        if member.name != account.name {
            let (from, to) = (member.name.clone(), account.name.clone());
            self.accounts.push(Action::Rename { account: key(), from, to });
        }
        for (contact, to) in &account.domain.team.contacts {
            let now = member.contacts.as_ref().and_then(|contacts| contacts.get(contact));
            if member.contacts.is_some() && now != Some(to) {
                self.accounts.push(Action::Contact { account: key(), contact: *contact, to: to.clone() });
            }
        }
        self.support(account);
    }

    fn is_destroyed(&self, key: &AccountKey) -> bool {
        self.given.snapshot.destroyed.contains(&key.to_string())
    }

    fn tags(&mut self, account: &Account, member: &Member) {
        let wanted = tags(account);
        let missing: BTreeMap<String, String> = wanted
            .iter()
            .filter(|(key, value)| member.tags.get(*key) != Some(value))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        // Only what groundwork sets somewhere is its to remove, and only where it has been.
        let is_ours = member.tags.contains_key(KEY_TAG);
        let known =
            |key: &&String| self.given.organization.accounts.iter().any(|account| account.tags.contains_key(*key));
        let surplus: BTreeSet<String> =
            member.tags.keys().filter(|key| is_ours && !wanted.contains_key(*key)).filter(known).cloned().collect();
        if !missing.is_empty() {
            self.accounts.push(Action::Tag { account: account.key.clone(), tags: missing });
        }
        if !surplus.is_empty() {
            self.accounts.push(Action::Untag { account: account.key.clone(), keys: surplus });
        }
    }

    fn support(&mut self, account: &Account) {
        let asked = self.given.ledger.accounts.get(&account.key).and_then(|held| held.asked.support.as_ref());
        match asked {
            Some(asked) if asked.plan == account.support => {
                if !asked.resolved && self.given.snapshot.cases.get(&asked.case) == Some(&true) {
                    let (account, case) = (account.key.clone(), asked.case.clone());
                    self.accounts.push(Action::SupportResolved { account, case });
                }
            }
            // What was never asked for is what every account has.
            None if account.support == FREE_PLAN => {}
            _ => self.accounts.push(Action::Support { account: account.key.clone(), plan: account.support.clone() }),
        }
    }

    /// Accounts to be closed, as many as may be; the others stay in the queue.
    fn closures(&mut self, identities: &Identities<'_>) {
        let Given { organization, ledger, snapshot, today } = self.given;
        let membership = &organization.membership;
        let lately = |day: &Date| today.since(*day).is_ok_and(|span| i64::from(span.get_days()) < CLOSURE_DAYS);
        let closed = ledger.accounts.values().filter_map(|held| held.asked.closed).filter(lately).count();
        let pending = snapshot.accounts.iter().filter(|member| member.state == State::PendingClosure).count();
        let mut left_of_month = membership.closures_per_month.saturating_sub(closed);
        let mut left_at_once = membership.closures_at_once.saturating_sub(pending);
        for account in organization.accounts.iter().filter(|account| account.lifecycle == Lifecycle::Closed) {
            let Ok(Some(member)) = identities.find(account) else { continue };
            if member.state != State::Active || !self.is_destroyed(&account.key) {
                continue;
            }
            if left_of_month == 0 {
                self.wait(
                    account,
                    format!(
                        "{} in thirty days is all that AWS closes: it is closed later",
                        Count(membership.closures_per_month, "account")
                    ),
                );
            } else if left_at_once == 0 {
                self.wait(account, "others are being closed: it is closed by a later run");
            } else {
                left_of_month -= 1;
                left_at_once -= 1;
                self.accounts.push(Action::Close { account: account.key.clone() });
            }
        }
        // Stable: of one account, closing comes last.
        self.accounts.sort_by(|a, b| a.account().cmp(&b.account()));
    }

    /// More accounts than there may be are not begun with.
    fn quota(&mut self) {
        let Some(quota) = self.given.organization.membership.account_quota else { return };
        let new = self.accounts.iter().filter(|action| matches!(action, Action::CreateAccount { .. })).count();
        let there = self.given.snapshot.accounts.iter().filter(|member| member.state != State::Closed).count();
        if new > 0 && there + new > quota {
            self.refuse(
                format!(
                    "{} and {} to be made are more than the {quota} that account_quota allows",
                    Count(there, "account"),
                    Count(new, "account")
                ),
                "ask AWS for more (Service Quotas, AWS Organizations), then raise account_quota in [organization]",
            );
        }
    }

    /// Units that something goes to, or is attached to, and that are not there, parents first; and the policies on them.
    fn units_and_policies(&mut self) -> Vec<Action> {
        let policies = &self.given.organization.membership.policies;
        let mut wanted: BTreeSet<&str> = policies.keys().map(String::as_str).collect();
        // What is attached to it has to be there before the first account is parked.
        if self.given.organization.root.is_some() {
            wanted.insert(&self.given.organization.membership.retired_unit);
        }
        for action in &self.accounts {
            match action {
                Action::CreateAccount { unit, .. } | Action::FollowCreation { unit, .. } => wanted.insert(unit),
                Action::Move { to, .. } | Action::Park { to, .. } => wanted.insert(to),
                _ => false,
            };
        }
        let mut missing = BTreeSet::new();
        for path in wanted {
            let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
            missing.extend(ends.map(|end| &path[..end]).filter(|path| !self.units.contains_key(*path)));
        }
        // A path sorts before what is below it.
        let mut actions: Vec<Action> =
            missing.iter().map(|path| Action::CreateUnit { unit: (*path).to_owned() }).collect();
        let named: BTreeSet<&str> = policies.values().flatten().map(String::as_str).collect();
        let snapshot = self.given.snapshot;
        for name in &named {
            if !snapshot.policies.iter().any(|policy| policy.name == **name) {
                self.refuse(
                    format!("there is no service control policy `{name}`"),
                    "make it first, or correct its name in [organization.policies]",
                );
            }
        }
        for (path, names) in policies {
            let id = self.units.get(path).cloned();
            let is_on = |policy: &crate::snapshot::Policy| id.as_ref().is_some_and(|id| policy.targets.contains(id));
            let own = snapshot.policies.iter().filter(|policy| named.contains(policy.name.as_str()));
            let others = snapshot
                .policies
                .iter()
                .filter(|policy| !named.contains(policy.name.as_str()) && is_on(policy))
                .count();
            if others.max(1) + names.len() > MOST_POLICIES {
                self.refuse(
                    format!("`{path}` would have more than {MOST_POLICIES} service control policies, AWS's own `{FULL_ACCESS}` among them"),
                    "join some of them into one",
                );
            }
            for policy in own {
                let (name, id, unit) = (policy.name.clone(), policy.id.clone(), path.clone());
                match (names.contains(&policy.name), is_on(policy)) {
                    (true, false) => actions.push(Action::AttachPolicy { policy: name, id, unit }),
                    (false, true) => actions.push(Action::DetachPolicy { policy: name, id, unit }),
                    _ => {}
                }
            }
        }
        actions
    }
}

/// A request for an account of that name that AWS has not refused: one in progress, or one that was answered after it was
/// `asked` for. Names of accounts are only asked for once at a time, so it is nobody else's.
pub fn creation_of<'a>(listed: &'a [Creation], name: &str, asked: Option<Timestamp>) -> Option<&'a Creation> {
    listed.iter().filter(|creation| creation.name == name).find(|creation| match creation.progress {
        Progress::Failed(_) => false,
        Progress::Pending => true,
        Progress::Done(_) => {
            let earliest = asked.and_then(|asked| asked.checked_sub(CLOCKS_DIFFER).ok());
            earliest.is_some_and(|earliest| creation.requested >= earliest)
        }
    })
}

/// The tags of an AWS account: who owns it, and which account it is.
fn tags(account: &Account) -> BTreeMap<String, String> {
    let mut tags = account.tags.clone();
    tags.insert(KEY_TAG.to_owned(), account.key.to_string());
    tags
}
