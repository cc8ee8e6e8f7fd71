//! Which rules of a policy are asked, and what an answer means.

use regorus::unstable::{Expr, Module, Rule as SyntaxRule, RuleHead};

/// What a rule's answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The change must not be applied.
    Deny,
    /// The same as deny; conftest keeps the word for messages with more than a text, and so do policies written for it.
    Violation,
    /// Worth a look.
    Warn,
}

impl Level {
    /// As policies spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Violation => "violation",
            Self::Warn => "warn",
        }
    }

    /// Reads it from a rule's name: the word alone, or with a suffix after an underscore.
    fn of_rule(name: &str) -> Option<Self> {
        [Self::Deny, Self::Violation, Self::Warn].into_iter().find(|level| {
            name.strip_prefix(level.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        })
    }
}

/// One rule that is asked about a change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rule {
    /// Its package, written as Rego writes it: `groundwork.all`.
    pub package: String,
    /// Its name: `deny_public`.
    pub name: String,
    /// What its answers mean.
    pub level: Level,
    /// The file that declares it; the first one, if several add to it.
    pub path: String,
    /// The line of that declaration.
    pub line: u32,
}

impl Rule {
    /// Whether it is about all accounts at once.
    pub fn sees_all_accounts(&self) -> bool {
        self.package == "groundwork.all" || self.package.starts_with("groundwork.all.")
    }

    /// The path under which the interpreter knows it.
    pub(super) fn query(&self) -> String {
        format!("data.{}.{}", self.package, self.name)
    }
}

/// A rule that a module declares: its name and its line.
pub(super) struct Declared {
    pub(super) name: String,
    pub(super) line: u32,
}

/// The rules that a module declares, functions excepted: they have no answer of their own.
pub(super) fn declared(module: &Module) -> impl Iterator<Item = Declared> {
    module.policy.iter().filter_map(|rule| {
        let reference = match rule.as_ref() {
            SyntaxRule::Spec { head: RuleHead::Compr { refr, .. } | RuleHead::Set { refr, .. }, .. } => refr,
            SyntaxRule::Spec { head: RuleHead::Func { .. }, .. } | SyntaxRule::Default { .. } => return None,
        };
        let name = root_name(reference.as_ref())?;
        Some(Declared { name, line: rule.span().line })
    })
}

/// The first word of a rule's reference: `deny` of `deny`, of `deny[x]` and of `deny.x`.
fn root_name(reference: &Expr) -> Option<String> {
    let text = reference.span().text();
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

/// The rule that a declaration stands for, if it is one that is asked.
pub(super) fn asked(package: &str, path: &str, declared: &Declared) -> Option<Rule> {
    let level = Level::of_rule(&declared.name)?;
    Some(Rule {
        package: package.to_owned(),
        name: declared.name.clone(),
        level,
        path: path.to_owned(),
        line: declared.line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_needs_the_whole_word() {
        assert_eq!(Level::of_rule("deny"), Some(Level::Deny));
        assert_eq!(Level::of_rule("deny_public"), Some(Level::Deny));
        assert_eq!(Level::of_rule("warn_tags"), Some(Level::Warn));
        assert_eq!(Level::of_rule("violation"), Some(Level::Violation));
        assert_eq!(Level::of_rule("denylist"), None);
        assert_eq!(Level::of_rule("warning"), None);
    }
}
