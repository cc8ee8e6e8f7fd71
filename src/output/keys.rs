//! Faceless users' keys, for people and for machines.

use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::keys::{Next, Note, Seen, Step, User, secret_name};
use crate::text::Count;

/// A user, what was seen of it, and what would be done.
#[derive(Debug)]
pub struct Standing<'a> {
    /// Who.
    pub user: &'a User,
    /// What was seen.
    pub seen: Seen,
    /// What a rotation would begin with.
    pub next: Next,
}

/// One paragraph a user.
pub fn to_text(standing: &Standing<'_>, now: Timestamp) -> String {
    let Standing { user, seen, next } = standing;
    let mut text = format!("{} {}\n", user.account, user.name);
    for key in &seen.keys {
        let state = if key.active { "active" } else { "inactive" };
        let used = match &key.used {
            Some((at, service)) => format!("used {} ago ({service})", age(now, *at)),
            None => "never used".to_owned(),
        };
        writeln!(text, "  key {}  {state}, {} old, {used}", key.id, age(now, key.created)).ok();
    }
    for (place, holds) in sinks(user, seen) {
        writeln!(text, "  {} in {place}", holds.unwrap_or_else(|| "no key".to_owned())).ok();
    }
    let lines = match next {
        Next::Do(step) => vec![format!("rotate would {}", in_words(step, user))],
        Next::Rest(notes) => notes.iter().map(note).collect(),
    };
    for line in lines {
        writeln!(text, "  {line}").ok();
    }
    text
}

/// The same for a machine.
pub fn to_json(standing: &Standing<'_>) -> Value {
    let Standing { user, seen, next } = standing;
    let keys = seen.keys.iter().map(|key| {
        let used = key.used.as_ref();
        json!({
            "id": key.id,
            "active": key.active,
            "created": key.created.to_string(),
            "used": used.map(|(at, _)| at.to_string()),
            "service": used.map(|(_, service)| service),
        })
    });
    let sinks = sinks(user, seen).into_iter().map(|(place, holds)| json!({ "place": place, "key": holds }));
    let (step, notes) = match next {
        Next::Do(step) => (Some(in_words(step, user)), Vec::new()),
        Next::Rest(notes) => (None, notes.iter().map(note).collect()),
    };
    json!({
        "account": user.account.to_string(),
        "user": user.name,
        "keys": keys.collect::<Vec<_>>(),
        "sinks": sinks.collect::<Vec<_>>(),
        "next": step,
        "notes": notes,
    })
}

/// What holds which key; what cannot be reached holds nobody knows what.
fn sinks(user: &User, seen: &Seen) -> Vec<(String, Option<String>)> {
    let vault = (secret_name(&user.name), seen.vault.clone());
    let others = user.places.iter().zip(&seen.sinks).map(|(place, held)| {
        let unknown = held.unreached.then(|| "nobody knows which key".to_owned());
        (place.to_string(), unknown.or_else(|| held.key.clone()))
    });
    std::iter::once(vault).chain(others).collect()
}

/// What a step does, as one would say that it is going to.
fn in_words(step: &Step, user: &User) -> String {
    match step {
        Step::Make => "make another key".to_owned(),
        Step::Push(sink, id) => format!("put {id} into {}", user.places[*sink]),
        Step::Deactivate(id) => format!("deactivate {id}"),
        Step::Delete(id) => format!("delete {id}"),
    }
}

/// Why something is left as it is.
pub fn note(note: &Note) -> String {
    let day = |at: &Timestamp| at.strftime("%Y-%m-%d %H:%M UTC").to_string();
    match note {
        Note::Fresh(id, at) => format!("{id} is replaced after {}", day(at)),
        Note::Rests(id, at) => format!("{id} is at no sink any more: it goes on after {}", day(at)),
        Note::Used(id, at) => format!(
            "{id} is at no sink any more, and was used on {}: whoever does has it from elsewhere. It stays until that ends",
            day(at)
        ),
        Note::Lost(id, at) => format!(
            "{id} has never been at a sink: a run that was killed has left it, and it goes after {}; or another run is at work",
            day(at)
        ),
        Note::Inactive(id) => format!("{id} is inactive now, and deleted by a later run"),
        Note::Held(id) => format!("{id} is not what Secrets Manager holds, and some sink holds it: it stays"),
        Note::Unknown(id) => format!("{id} may be at a sink that cannot be reached: it stays"),
        Note::Full => "a new key is due, and there is no room: a user has two keys at most".to_owned(),
    }
}

fn age(now: Timestamp, since: Timestamp) -> String {
    let age = now.duration_since(since).max(SignedDuration::ZERO);
    let number = |number: i64| usize::try_from(number).unwrap_or(0);
    match age.as_secs() {
        seconds if seconds < 120 => Count(number(seconds), "second").to_string(),
        seconds if seconds < 7_200 => Count(number(seconds / 60), "minute").to_string(),
        seconds if seconds < 172_800 => Count(number(seconds / 3_600), "hour").to_string(),
        seconds => Count(number(seconds / 86_400), "day").to_string(),
    }
}
