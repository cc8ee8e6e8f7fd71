//! What reviews say in the same words wherever they say it.

use crate::plan::Action;
use crate::review::Review;
use crate::review::model::{
    Danger, Difference, DifferenceKind, PatternChange, Shown, Since, State, Tally, reason_in_words,
};

/// Counts with their verbs: `3 to create, 1 to destroy`; the worst first.
pub(crate) fn tally(tally: &Tally) -> String {
    let parts = [
        (tally.destroy, "destroy"),
        (tally.replace, "replace"),
        (tally.forget, "forget"),
        (tally.create, "create"),
        (tally.update, "update"),
        (tally.import, "import"),
        (tally.moved, "move"),
        (tally.output, "change as output"),
        (tally.other, "do otherwise"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(number, _)| *number > 0).map(|(number, verb)| format!("{number} to {verb}")).collect();
    if parts.is_empty() { "nothing to do".to_owned() } else { parts.join(", ") }
}

/// What a plus, a minus or an exclamation mark does not say of an action, with `code` around what comes from the plan.
pub(super) fn how(action: &Action, code: &dyn Fn(&str) -> String) -> Option<String> {
    match action {
        Action::NoOp | Action::Create | Action::Update | Action::Delete => None,
        Action::Read => Some("read".to_owned()),
        Action::Open => Some("opened".to_owned()),
        Action::DeleteThenCreate => Some("replaced: destroyed, then created".to_owned()),
        Action::CreateThenDelete => Some("replaced: created, then the old one destroyed".to_owned()),
        Action::Forget => Some("forgotten: it goes on existing".to_owned()),
        Action::CreateThenForget | Action::ForgetThenCreate => {
            Some("replaced: the old one goes on existing".to_owned())
        }
        Action::Other(words) => Some(format!("not known to groundwork: {}", code(&words.join(", ")))),
    }
}

/// The third person of an action: `also destroys`.
pub(super) fn does(action: &Action, code: &dyn Fn(&str) -> String) -> String {
    match action {
        Action::NoOp => "leaves".to_owned(),
        Action::Create => "creates".to_owned(),
        Action::Read => "reads".to_owned(),
        Action::Update => "updates".to_owned(),
        Action::Delete => "destroys".to_owned(),
        Action::DeleteThenCreate | Action::CreateThenDelete => "replaces".to_owned(),
        Action::Forget => "forgets".to_owned(),
        Action::CreateThenForget | Action::ForgetThenCreate => "replaces and leaves behind".to_owned(),
        Action::Open => "opens".to_owned(),
        Action::Other(words) => format!("does {} to", code(&words.join(", "))),
    }
}

/// One side of an attribute. A value is JSON text.
pub(super) fn shown(side: &Shown) -> &str {
    match side {
        Shown::Absent => "null",
        Shown::Unknown => "(known after apply)",
        Shown::Sensitive => "(sensitive)",
        Shown::Text(text) => text,
        Shown::Varies => "(differs, see below)",
    }
}

/// What an outlier does otherwise, with `code` around what comes from the plan.
pub(super) fn difference(difference: &Difference, code: &dyn Fn(&str) -> String) -> String {
    let address = code(&difference.address);
    let does = does(&difference.actions, code);
    match difference.kind {
        DifferenceKind::Also => format!("also {does} {address}"),
        DifferenceKind::OtherAction => format!("{does} {address} instead"),
        DifferenceKind::Lacks => format!("lacks {address}"),
        DifferenceKind::OtherValue => {
            let side = |side: &Option<Shown>| code(side.as_ref().map_or("nothing", shown));
            let path = code(difference.path.as_deref().unwrap_or_default());
            let here = side(&difference.here);
            match &difference.pattern {
                // The others do not agree either; but none of them has this.
                Some(Shown::Varies) => format!("has {here} for {path} of {address}, as no other"),
                pattern => format!("has {here} and not {} for {path} of {address}", side(pattern)),
            }
        }
    }
}

/// Why something is replaced or goes: the attributes that force it, and Terraform's reason.
pub(super) fn because(forced_by: &[String], reason: Option<&str>, code: &dyn Fn(&str) -> String) -> String {
    let mut parts = Vec::new();
    if !forced_by.is_empty() {
        let paths: Vec<String> = forced_by.iter().map(|path| code(path)).collect();
        parts.push(format!("forced by {}", paths.join(", ")));
    }
    // Where the attributes are named, that the provider cannot change them in place says nothing more.
    if let Some(reason) = reason.filter(|reason| forced_by.is_empty() || *reason != "replace_because_cannot_update") {
        let words = reason_in_words(reason);
        // Words of ours are words; a reason nobody knows yet is foreign text.
        parts.push(if words == reason { code(reason) } else { words.to_owned() });
    }
    parts.join("; ")
}

/// What is the matter with an account whose plan is not whole.
pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Planned => "planned",
        State::New => "does not exist yet: this is what its root module declares",
        State::Unchanged => "unchanged",
        State::Errored => "Terraform stopped with an error half-way: there is more to come than is shown",
        State::Incomplete => "Terraform left something for a later run",
        State::NotPlanned => "not planned",
    }
}

/// One sentence: what a review found.
pub(super) fn headline(review: &Review) -> String {
    use crate::text::Count;
    let mut parts = vec![Count(review.accounts.len(), "account").to_string()];
    let changed = review.accounts.iter().filter(|account| account.pattern.is_some() || account.outlier).count();
    if changed == 0 {
        parts.push("no change".to_owned());
    } else {
        parts.push(Count(review.patterns.len(), "pattern").to_string());
        if !review.outliers.is_empty() {
            parts.push(Count(review.outliers.len(), "outlier").to_string());
        }
    }
    let unchanged = review.accounts.iter().filter(|account| account.state == State::Unchanged).count();
    if unchanged > 0 && changed > 0 {
        parts.push(format!("{unchanged} unchanged"));
    }
    let new = review.accounts.iter().filter(|account| account.state == State::New).count();
    if new > 0 {
        parts.push(format!("{new} new"));
    }
    if !review.dangers.is_empty() {
        parts.push(Count(review.dangers.len(), "danger").to_string());
    }
    let missing = review.not_planned.len();
    if missing > 0 {
        parts.push(format!("{missing} not planned"));
    }
    parts.join(", ")
}

/// What had happened to a resource outside of Terraform.
pub(super) fn drifted(change: &PatternChange, code: &dyn Fn(&str) -> String) -> String {
    let address = code(&change.address);
    if change.action == Action::Delete {
        return format!("{address} is gone");
    }
    let paths: Vec<String> = change.attributes.iter().map(|attribute| code(&attribute.path)).collect();
    if paths.is_empty() {
        format!("{address} is different")
    } else {
        format!("{address} has another {}", paths.join(", "))
    }
}

/// What is different from an earlier review, a line each; none where nothing is.
pub(super) fn since(since: &Since) -> Vec<String> {
    let accounts =
        [("changes otherwise", &since.changed), ("is new", &since.added), ("is no longer there", &since.gone)];
    let accounts = accounts
        .into_iter()
        .filter(|(_, keys)| !keys.is_empty())
        .map(|(what, keys)| format!("{what}: {}", keys.join(", ")));
    let new = since.new_dangers.iter().map(|danger| format!("new danger: {danger}"));
    let gone = since.gone_dangers.iter().map(|danger| format!("no longer a danger: {danger}"));
    accounts.chain(new).chain(gone).collect()
}

/// The kinds of a danger, as one verb: `destroys and cuts the network of`.
pub(super) fn does_what(danger: &Danger) -> String {
    let kinds: Vec<&str> = danger.kinds.iter().map(|kind| kind.words()).collect();
    kinds.join(" and ")
}
