//! The rule: what is done next.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{Key, MOST_KEYS, Note, Policy, Seen, Step};

/// How long after it was made a key is proven at most. A key whose last use was that has never been used in earnest.
const PROVING: Duration = Duration::from_secs(10 * 60);

/// The service by which keys are proven.
const PROVED_BY: &str = "sts";

/// What is done next, or why nothing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// That.
    Do(Step),
    /// Nothing, for now.
    Rest(Vec<Note>),
}

/// What is done next. First every sink gets the vault's key; only when all of them have it, keys that no sink holds go:
/// deactivated, then deleted. A new one is made when the vault's is too old, is gone, or is not accepted.
///
/// A key that a sink says it holds is never touched; while a sink cannot be reached, none is.
pub fn next(seen: &Seen, policy: &Policy) -> Next {
    let current = seen.keys.iter().find(|key| key.active && seen.vault.as_ref() == Some(&key.id));
    let is_full = seen.keys.len() >= MOST_KEYS;
    let due = match current {
        Some(current) => {
            if let Some(index) = seen.sinks.iter().position(|sink| sink.lacks(&current.id)) {
                return Next::Do(Step::Push(index, current.id.clone()));
            }
            policy.now >= later(current.created, policy.older_than)
        }
        // Whoever reads the vault is without a key: nothing is more urgent.
        None if !is_full && !seen.made => return Next::Do(Step::Make),
        None => true,
    };
    let mut notes = Vec::new();
    let mut others: Vec<(&Key, Fate)> = Vec::new();
    for key in seen.keys.iter().filter(|key| Some(*key) != current) {
        if holds(seen, &key.id) {
            notes.push(Note::Held(key.id.clone()));
        } else if seen.sinks.iter().any(|sink| sink.unreached) {
            notes.push(Note::Unknown(key.id.clone()));
        } else {
            others.push((key, fate(key, current, seen, policy)));
        }
    }
    // The one that was left alone the longest goes first: one less is enough to go on.
    others.sort_by_key(|(_, fate)| fate.at());
    for (key, fate) in others {
        if fate.at().is_none_or(|at| policy.now >= at) {
            return match fate {
                Fate::Waits(_) => Next::Do(Step::Deactivate(key.id.clone())),
                Fate::Rests(_) if seen.rested.contains(&key.id) && !policy.grace.is_zero() => {
                    notes.push(Note::Inactive(key.id.clone()));
                    continue;
                }
                Fate::Rests(_) => Next::Do(Step::Delete(key.id.clone())),
                Fate::Lost(_) if key.active => Next::Do(Step::Deactivate(key.id.clone())),
                Fate::Lost(_) => Next::Do(Step::Delete(key.id.clone())),
            };
        }
        let (id, at) = (key.id.clone(), fate.at().unwrap_or(policy.now));
        notes.push(match (&fate, &key.used) {
            (Fate::Lost(_), _) => Note::Lost(id, at),
            (Fate::Waits(_), Some((used, _))) if at == later(*used, policy.grace) => Note::Used(id, *used),
            _ => Note::Rests(id, at),
        });
    }
    match current {
        _ if due && !seen.made && !is_full => return Next::Do(Step::Make),
        _ if due && !seen.made => notes.push(Note::Full),
        Some(current) if !due => notes.push(Note::Fresh(current.id.clone(), later(current.created, policy.older_than))),
        _ => {}
    }
    Next::Rest(notes)
}

/// What becomes of a key that no sink holds, and when; at once where there is no time.
enum Fate {
    /// It is active, and is deactivated then.
    Waits(Option<Timestamp>),
    /// It is inactive, and is deleted then.
    Rests(Option<Timestamp>),
    /// Nobody has its secret: it goes then, without grace.
    Lost(Option<Timestamp>),
}

impl Fate {
    fn at(&self) -> Option<Timestamp> {
        let (Self::Waits(at) | Self::Rests(at) | Self::Lost(at)) = self;
        *at
    }
}

fn fate(key: &Key, current: Option<&Key>, seen: &Seen, policy: &Policy) -> Fate {
    // When sinks got what they hold: a key that was made before that may have been held by them until then.
    let filled =
        current.map(|current| current.created).into_iter().chain(seen.sinks.iter().filter_map(|sink| sink.since));
    let filled = filled.max();
    // One that was made after it never got to the vault, or it would be the vault's.
    if filled.is_none_or(|filled| key.created > filled) && !is_used(key) {
        return Fate::Lost(after(key.created, policy.settle));
    }
    // Since when nobody should need it: every sink has another one by then, and it was used no later.
    let used = key.used.as_ref().map(|(at, _)| *at);
    let since = [Some(key.created), filled, used].into_iter().flatten().max().unwrap_or(key.created);
    if key.active {
        Fate::Waits(after(since, policy.grace))
    } else {
        Fate::Rests(after(since, policy.grace.saturating_mul(2)))
    }
}

fn holds(seen: &Seen, id: &str) -> bool {
    seen.vault.as_deref() == Some(id) || seen.sinks.iter().any(|sink| sink.key.as_deref() == Some(id))
}

/// Whether a key was used for more than proving that it works.
fn is_used(key: &Key) -> bool {
    key.used.as_ref().is_some_and(|(at, service)| service != PROVED_BY || *at > later(key.created, PROVING))
}

/// That long after; at once, where it is no time: clocks differ.
fn after(at: Timestamp, pause: Duration) -> Option<Timestamp> {
    (!pause.is_zero()).then(|| later(at, pause))
}

fn later(at: Timestamp, pause: Duration) -> Timestamp {
    let pause = SignedDuration::try_from(pause).unwrap_or(SignedDuration::MAX);
    at.saturating_add(pause).unwrap_or(Timestamp::MAX)
}
