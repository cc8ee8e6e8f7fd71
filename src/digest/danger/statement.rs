//! IAM policy documents as far as widening is concerned: who may do what to what, and under which condition.
//!
//! Source: the grammar of the IAM JSON policy language in the IAM user guide.

use serde_json::Value;

/// Combinations of one statement that are told apart; a larger statement is compared as a whole.
const MOST_GRANTS: usize = 4_096;

/// One thing that somebody may, or may not, do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Grant {
    /// Who; none in a policy that is attached to somebody.
    pub(super) principal: Option<String>,
    pub(super) action: String,
    pub(super) resource: String,
    /// As JSON; empty where there is none.
    pub(super) condition: String,
}

impl Grant {
    /// Whether this one allows all that the other does.
    pub(super) fn covers(&self, other: &Self) -> bool {
        let principal = match (&self.principal, &other.principal) {
            (Some(own), Some(other)) => matches(own, other),
            (own, other) => own == other,
        };
        principal
            && matches(&self.action.to_ascii_lowercase(), &other.action.to_ascii_lowercase())
            && matches(&self.resource, &other.resource)
            && (self.condition.is_empty() || self.condition == other.condition)
    }

    /// For people: "`s3:*` on `*` to `*`".
    pub(super) fn words(&self) -> String {
        let mut words = format!("`{}`", self.action);
        if !self.resource.is_empty() {
            words.push_str(&format!(" on `{}`", self.resource));
        }
        if let Some(principal) = &self.principal {
            words.push_str(&format!(" to `{principal}`"));
        }
        if !self.condition.is_empty() {
            words.push_str(" under a condition");
        }
        words
    }
}

/// What a document allows and what it denies.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) allows: Vec<Grant>,
    pub(super) denies: Vec<Grant>,
}

impl Document {
    /// Reads a document, if it is one.
    pub(super) fn from_value(value: &Value) -> Option<Self> {
        let statements = list(value.get("Statement")?);
        let mut document = Self::default();
        for statement in statements {
            let grants = grants(statement);
            match statement.get("Effect").and_then(Value::as_str) {
                Some("Deny") => document.denies.extend(grants),
                _ => document.allows.extend(grants),
            }
        }
        Some(document)
    }

    /// Takes in what another one says.
    pub(super) fn extend(&mut self, other: Self) {
        self.allows.extend(other.allows);
        self.denies.extend(other.denies);
    }
}

fn grants(statement: &Value) -> Vec<Grant> {
    let principals = principals(statement);
    // `NotAction` with Allow is everything but that, and so as wide as `*` for who has to judge it.
    let actions = either(statement, "Action", "NotAction");
    let mut resources = either(statement, "Resource", "NotResource");
    if resources.is_empty() {
        // A trust policy is about the role it belongs to.
        resources.push(String::new());
    }
    let condition =
        statement.get("Condition").filter(|value| !value.is_null()).map_or_else(String::new, Value::to_string);
    if principals.len().saturating_mul(actions.len()).saturating_mul(resources.len()) > MOST_GRANTS {
        let action = format!("{} actions", actions.len());
        return vec![Grant { principal: None, action, resource: statement.to_string(), condition }];
    }
    let mut grants = Vec::new();
    for principal in &principals {
        for action in &actions {
            for resource in &resources {
                grants.push(Grant {
                    principal: principal.clone(),
                    action: action.clone(),
                    resource: resource.clone(),
                    condition: condition.clone(),
                });
            }
        }
    }
    grants
}

fn principals(statement: &Value) -> Vec<Option<String>> {
    if statement.get("NotPrincipal").is_some() {
        return vec![Some("everybody but some (NotPrincipal)".to_owned())];
    }
    match statement.get("Principal") {
        None | Some(Value::Null) => vec![None],
        Some(Value::Object(kinds)) => kinds.values().flat_map(texts).map(Some).collect(),
        Some(other) => texts(other).into_iter().map(Some).collect(),
    }
}

fn either(statement: &Value, positive: &str, negative: &str) -> Vec<String> {
    match (statement.get(positive), statement.get(negative)) {
        (Some(value), _) => texts(value),
        (None, Some(value)) => vec![format!("* but {}", texts(value).join(", "))],
        (None, None) => Vec::new(),
    }
}

fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(items) => items,
        one => std::slice::from_ref(one),
    }
}

fn texts(value: &Value) -> Vec<String> {
    list(value).iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether an IAM pattern (`*`, `?`) covers a text, which may itself be a pattern.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut done) = (0, 0);
    // Where to go on when what follows the last star does not fit.
    let mut star: Option<(usize, usize)> = None;
    while done < text.len() {
        if at < pattern.len() && pattern[at] == '*' {
            star = Some((at, done));
            at += 1;
        } else if at < pattern.len() && (pattern[at] == text[done] || (pattern[at] == '?' && text[done] != '*')) {
            at += 1;
            done += 1;
        } else if let Some((star_at, star_done)) = star {
            at = star_at + 1;
            done = star_done + 1;
            star = Some((star_at, done));
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|character| *character == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_what_they_match_and_narrower_patterns() {
        for (pattern, text) in
            [("*", "s3:*"), ("s3:*", "s3:Get*"), ("s3:Get?bject", "s3:GetObject"), ("a*b*c", "axbyc"), ("", "")]
        {
            assert!(matches(pattern, text), "{pattern} covers {text}");
        }
        for (pattern, text) in [("s3:Get*", "s3:*"), ("s3:?", "s3:*"), ("a*b", "abc"), ("", "a")] {
            assert!(!matches(pattern, text), "{pattern} does not cover {text}");
        }
    }
}
