//! Is what is about to be applied what was reviewed?

use std::collections::BTreeMap;

use crate::digest::{Attribute, Change, Digest, Side};
use crate::plan::Action;
use crate::text::Count;

/// Differences that are named; the rest are counted.
const MOST_NAMED: usize = 10;

/// Why something is not applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no digest of it among those that were reviewed.
    NotReviewed,
    /// It would do something else. In words, a clause each.
    Differs(Vec<String>),
    /// It would destroy or replace something in a protected account.
    Protected(Vec<String>),
}

impl Refusal {
    /// For people.
    pub fn message(&self) -> String {
        let list = |lines: &[String]| {
            let mut shown: Vec<String> = lines.iter().take(MOST_NAMED).cloned().collect();
            if lines.len() > MOST_NAMED {
                shown.push(format!("and {}", Count(lines.len() - MOST_NAMED, "more difference")));
            }
            shown.join("; ")
        };
        match self {
            Self::NotReviewed => "nobody has reviewed it: there is no digest of it".to_owned(),
            Self::Differs(lines) => format!("it is not what was reviewed: {}", list(lines)),
            Self::Protected(addresses) => {
                format!("the account is protected, and this would destroy {}", list(addresses))
            }
        }
    }

    /// What to do about it, for the account of that key.
    pub fn help(&self, account: &str) -> String {
        match self {
            Self::NotReviewed | Self::Differs(_) => {
                "plan and review it again, then apply what that review saw".to_owned()
            }
            Self::Protected(_) => format!("if that is meant: --allow-destroy {account}"),
        }
    }
}

/// Whether a fresh plan may be applied after what was reviewed.
///
/// It may if it has the same fingerprint. Where an earlier apply of the same review stopped half-way (`begun`) it may
/// also be a part of what was reviewed, with values that were not known then. An account that did not exist when it was
/// reviewed may get what its root module declared, and nothing else.
///
/// # Errors
/// It may not, and why.
pub fn accept(fresh: &Digest, reviewed: Option<&Digest>, begun: bool) -> Result<(), Refusal> {
    let Some(reviewed) = reviewed else { return Err(Refusal::NotReviewed) };
    if fresh.fingerprint == reviewed.fingerprint {
        return Ok(());
    }
    let differences = if reviewed.new_account {
        declared(fresh, reviewed)
    } else {
        let differences = compare(fresh, reviewed, begun);
        // Fingerprints cover more than is compared here: without a known difference there still is one.
        if differences.is_empty() && !begun { vec![elsewhere(fresh, reviewed)] } else { differences }
    };
    if differences.is_empty() { Ok(()) } else { Err(Refusal::Differs(differences)) }
}

/// Everything that may not happen in a protected account without an explicit word.
pub(super) fn losses(digest: &Digest) -> Vec<String> {
    let deferred = digest.deferred.iter().map(|deferred| &deferred.change);
    let losses = digest.changes.iter().chain(deferred).filter(|change| change.action.is_destructive());
    losses.map(|change| format!("`{}`", change.address)).collect()
}

/// What a new account would get beyond what its root module declared.
fn declared(fresh: &Digest, reviewed: &Digest) -> Vec<String> {
    let known: Vec<&str> = reviewed.changes.iter().map(|change| change.address.as_str()).collect();
    fresh
        .changes
        .iter()
        .filter(|change| {
            change.action != Action::Create || !known.iter().any(|known| stands_for(known, &change.address))
        })
        .map(|change| format!("it also {}", does(change)))
        .chain(fresh.invocations.iter().map(|invocation| format!("it also invokes `{}`", invocation.address)))
        .collect()
}

/// Whether an address, or one that says `[*]` for keys that are only known while planning, stands for another.
fn stands_for(known: &str, address: &str) -> bool {
    if known == address {
        return true;
    }
    let Some((before, after)) = known.split_once("[*]") else { return false };
    let Some(rest) = address.strip_prefix(before).and_then(|rest| rest.strip_prefix('[')) else { return false };
    rest.match_indices(']').any(|(at, _)| stands_for(after, &rest[at + 1..]))
}

fn compare(fresh: &Digest, reviewed: &Digest, begun: bool) -> Vec<String> {
    type Key<'a> = (&'a str, Option<&'a str>);
    fn by_key(digest: &Digest) -> BTreeMap<Key<'_>, &Change> {
        digest.changes.iter().map(|change| ((change.address.as_str(), change.deposed.as_deref()), change)).collect()
    }
    let (now, then) = (by_key(fresh), by_key(reviewed));
    let mut differences = Vec::new();
    for (key, change) in &now {
        match then.get(key) {
            None => differences.push(format!("it also {}", does(change))),
            Some(seen) if begun && is_half_made(change, seen) => differences.extend(remade(change, seen)),
            Some(seen) if seen.action != change.action => {
                differences.push(format!("it {}, and was to {} it", does(change), seen.action));
            }
            Some(seen) => differences.extend(attributes(change, seen, begun)),
        }
    }
    if !begun {
        let gone = then.iter().filter(|(key, _)| !now.contains_key(*key));
        differences.extend(gone.map(|(_, change)| format!("it no longer {}", does(change))));
    }
    let outputs = fresh.outputs.iter().filter(|output| {
        let seen = reviewed.outputs.iter().find(|seen| seen.name == output.name);
        !seen.is_some_and(|seen| seen == *output || begun && (covers(&seen.attributes, &output.attributes)))
    });
    differences.extend(outputs.map(|output| format!("output `{}` changes in another way", output.name)));
    let invoked = fresh.invocations.iter().filter(|invocation| !reviewed.invocations.contains(invocation));
    differences.extend(invoked.map(|invocation| format!("it invokes `{}` in another way", invocation.address)));
    let deferred = fresh.deferred.iter().filter(|deferred| !reviewed.deferred.contains(deferred));
    differences.extend(deferred.map(|deferred| format!("it leaves `{}` for later", deferred.change.address)));
    differences
}

/// Whether it is what failed while it was being made: Terraform makes it anew, which is what was reviewed.
fn is_half_made(change: &Change, seen: &Change) -> bool {
    change.reason.as_deref() == Some("replace_because_tainted")
        && (seen.action == Action::Create || seen.action.is_replacement())
}

/// Whether something half-made becomes anything else than what was to be made.
fn remade(change: &Change, seen: &Change) -> Option<String> {
    let meant = |now: &Attribute| {
        matches!(now.after, Side::Absent | Side::Unknown)
            || seen.attributes.iter().any(|seen| {
                let same = seen.path == now.path && (seen.after == now.after || seen.after == Side::Unknown);
                same || (seen.after == Side::Unknown && is_below(&seen.path, &now.path))
            })
    };
    let other = change.attributes.iter().any(|attribute| !meant(attribute));
    other.then(|| format!("`{}` is made anew in another way", change.address))
}

/// Where two changes of one resource differ. After a part has been applied, what was unknown may be known.
fn attributes(change: &Change, seen: &Change, begun: bool) -> Vec<String> {
    if change == seen || begun && change.more == seen.more && covers(&seen.attributes, &change.attributes) {
        return Vec::new();
    }
    let then: BTreeMap<&str, &Attribute> =
        seen.attributes.iter().map(|attribute| (attribute.path.as_str(), attribute)).collect();
    let mut paths: Vec<&str> = change
        .attributes
        .iter()
        .filter(|attribute| then.get(attribute.path.as_str()).is_none_or(|seen| !covers_one(seen, attribute, begun)))
        .map(|attribute| attribute.path.as_str())
        .collect();
    let gone = seen
        .attributes
        .iter()
        .filter(|attribute| !change.attributes.iter().any(|other| other.path == attribute.path))
        .map(|attribute| attribute.path.as_str());
    if !begun {
        paths.extend(gone);
    }
    paths.dedup();
    let what = if paths.is_empty() { String::new() } else { format!(": {}", paths.join(", ")) };
    // Dangers and reasons are no difference of what is done.
    let more = change.more != seen.more
        || change.previous_address != seen.previous_address
        || change.importing != seen.importing;
    if paths.is_empty() && !more {
        Vec::new()
    } else {
        vec![format!("`{}` changes in another way{what}", change.address)]
    }
}

/// Whether all of `now` is in `then`, as it is or as something that was not known yet.
fn covers(then: &[Attribute], now: &[Attribute]) -> bool {
    now.iter().all(|attribute| {
        then.iter().any(|seen| {
            covers_one(seen, attribute, true)
                // Of an object that was unknown, nothing below was listed.
                || (seen.after == Side::Unknown && is_below(&seen.path, &attribute.path))
        })
    })
}

fn covers_one(seen: &Attribute, now: &Attribute, begun: bool) -> bool {
    seen == now || begun && seen.path == now.path && seen.before == now.before && seen.after == Side::Unknown
}

fn is_below(path: &str, other: &str) -> bool {
    other.strip_prefix(path).is_some_and(|rest| rest.starts_with(['.', '[']))
}

fn elsewhere(fresh: &Digest, reviewed: &Digest) -> String {
    match (&fresh.seal, &reviewed.seal) {
        (Some(_), None) | (None, Some(_)) => {
            "one of the two was made without GROUNDWORK_SEAL_KEY, or with another, so its secrets cannot be compared"
                .to_owned()
        }
        (now, then) if now != then => "a sensitive value becomes something else".to_owned(),
        _ => "their fingerprints differ".to_owned(),
    }
}

fn does(change: &Change) -> String {
    let verb = match &change.action {
        Action::Create => "creates",
        Action::Update => "updates",
        Action::Delete => "destroys",
        Action::Forget => "forgets",
        Action::NoOp => "moves or imports",
        action if action.is_replacement() => "replaces",
        _ => "changes",
    };
    format!("{verb} `{}`", change.address)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn digest(changes: serde_json::Value) -> Digest {
        let mut digest: Digest =
            serde_json::from_value(json!({ "schema_version": 1, "fingerprint": "", "changes": changes })).unwrap();
        digest.fingerprint = format!("{:?}", digest.changes);
        digest
    }

    fn create(address: &str, size: serde_json::Value) -> serde_json::Value {
        json!({ "address": address, "type": "aws_vpc", "actions": ["create"], "attributes": [{ "path": "size", "after": size }] })
    }

    #[test]
    fn only_what_was_reviewed_is_accepted() {
        let reviewed = digest(json!([create("a", json!(1)), create("b", json!(1))]));
        assert_eq!(accept(&reviewed.clone(), Some(&reviewed), false), Ok(()));
        assert_eq!(accept(&reviewed, None, true), Err(Refusal::NotReviewed));
        for (changes, expected) in [
            (json!([create("a", json!(2)), create("b", json!(1))]), "`a` changes in another way: size"),
            (json!([create("a", json!(1))]), "it no longer creates `b`"),
            (json!([create("a", json!(1)), create("b", json!(1)), create("c", json!(1))]), "it also creates `c`"),
            (
                json!([create("a", json!(1)), { "address": "b", "type": "aws_vpc", "actions": ["delete"] }]),
                "it destroys `b`, and was to create it",
            ),
        ] {
            let refusal = Refusal::Differs(vec![expected.to_owned()]);
            assert_eq!(accept(&digest(changes), Some(&reviewed), false), Err(refusal));
        }
    }

    #[test]
    fn after_a_part_of_it_the_rest_is_accepted_and_nothing_else() {
        let reviewed = digest(json!([create("a", json!(1)), create("b", json!({ "unknown": true }))]));
        let rest = digest(json!([create("b", json!("vpc-1"))]));
        assert!(accept(&rest, Some(&reviewed), false).is_err());
        assert_eq!(accept(&rest, Some(&reviewed), true), Ok(()));
        for other in [create("a", json!(2)), create("c", json!(1))] {
            assert!(accept(&digest(json!([other])), Some(&reviewed), true).is_err(), "{other}");
        }
        let tainted = |size: u8| {
            digest(json!([{
                "address": "a", "type": "aws_vpc", "actions": ["delete", "create"], "reason": "replace_because_tainted",
                "attributes": [{ "path": "size", "before": 9, "after": size }],
            }]))
        };
        assert_eq!(accept(&tainted(1), Some(&reviewed), true), Ok(()));
        assert!(accept(&tainted(2), Some(&reviewed), true).is_err());
        assert!(accept(&tainted(1), Some(&reviewed), false).is_err());
    }

    #[test]
    fn a_new_account_gets_what_its_root_module_declared() {
        let mut reviewed = digest(json!([create("aws_vpc.main", json!(1)), create("aws_subnet.a[*]", json!(1))]));
        reviewed.new_account = true;
        let fresh = |address: &str| digest(json!([create(address, json!(7))]));
        assert_eq!(accept(&fresh("aws_subnet.a[\"x]y\"]"), Some(&reviewed), false), Ok(()));
        assert_eq!(accept(&fresh("aws_vpc.main"), Some(&reviewed), false), Ok(()));
        for other in ["aws_subnet.b[0]", "aws_vpc.mainx", "aws_subnet.a"] {
            assert!(accept(&fresh(other), Some(&reviewed), false).is_err(), "{other}");
        }
    }
}
