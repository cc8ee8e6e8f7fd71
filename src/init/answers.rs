//! What has to be known of an organization before its repository can be written.

use clap::ValueEnum;
use regex::Regex;

use crate::diagnostic::{Sources, did_you_mean};
use crate::network::zones;
use crate::schema::Composer;

/// Whose workflows are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Ci {
    /// GitHub Actions: .github
    #[default]
    Github,
    /// GitLab: .gitlab
    Gitlab,
    /// None.
    None,
}

/// What is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// The organization's short name.
    pub name: String,
    /// The id of its management account.
    pub management_account: String,
    /// The pattern of the accounts' e-mails.
    pub email: String,
    /// Where accounts and state are.
    pub region: String,
    /// The bucket of the state.
    pub bucket: String,
    /// Whose workflows are written.
    pub ci: Ci,
    /// The repository that this becomes, as `owner/name`.
    pub repository: Option<String>,
    /// The repository on GitHub whose releases hold groundwork.
    pub releases: String,
}

/// One thing to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// The organization's short name.
    Name,
    /// The id of its management account.
    ManagementAccount,
    /// The pattern of the accounts' e-mails.
    Email,
    /// Where accounts and state are.
    Region,
    /// The bucket of the state.
    Bucket,
    /// The repository that this becomes.
    Repository,
    /// The repository whose releases hold groundwork.
    Releases,
}

impl Question {
    /// The flag that answers it.
    pub const fn flag(self) -> &'static str {
        match self {
            Self::Name => "--name",
            Self::ManagementAccount => "--management-account",
            Self::Email => "--email",
            Self::Region => "--region",
            Self::Bucket => "--state-bucket",
            Self::Repository => "--repository",
            Self::Releases => "--releases",
        }
    }

    /// What is asked.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Name => "What is the organization called, in short (acme)?",
            Self::ManagementAccount => "What is the id of its management account?",
            Self::Email => "What is the pattern of the accounts' e-mails (aws+{domain}-{environment}@acme.example)?",
            Self::Region => "In which region are its accounts (eu-west-1)?",
            Self::Bucket => "Which S3 bucket keeps Terraform's state? It need not exist yet.",
            Self::Repository => "Which repository on GitHub will hold this (acme/accounts)?",
            Self::Releases => "Which repository on GitHub has groundwork's releases?",
        }
    }

    /// Where domains.toml has the answer.
    const fn path(self) -> [&'static str; 2] {
        match self {
            Self::Name => ["organization", "name"],
            Self::ManagementAccount => ["organization", "management_account"],
            Self::Email => ["organization", "email"],
            Self::Region => ["organization", "region"],
            Self::Bucket => ["state", "bucket"],
            Self::Repository | Self::Releases => ["workflows", "releases"],
        }
    }

    /// Why an answer will not do, as what comes behind it.
    pub fn refuse(self, answer: &str) -> Option<String> {
        if self == Self::Email {
            return refuse_email(answer);
        }
        self.misspelled(answer).or_else(|| self.break_rule(answer))
    }

    /// Whether a region is none that groundwork knows; one that is newer can be written into domains.toml, with its zones.
    fn misspelled(self, answer: &str) -> Option<String> {
        let is_known = self != Self::Region || zones::of_region(answer).is_some() || self.break_rule(answer).is_some();
        let help = did_you_mean(answer, zones::regions()).unwrap_or_else(|| "is it written as `eu-west-1`?".to_owned());
        (!is_known).then(|| format!("is not a region that groundwork knows: {help}"))
    }

    fn break_rule(self, answer: &str) -> Option<String> {
        let schema = Composer::new(&mut Sources::default()).compose(&[]);
        let [table, key] = self.path();
        let property = &schema["properties"][table]["properties"][key];
        let pattern = Regex::new(property["pattern"].as_str()?).ok()?;
        let rule = property["x-rule"].as_str().unwrap_or_default();
        (!pattern.is_match(answer)).then(|| format!("is not {}", rule.trim_end_matches(", quoted")))
    }
}

fn refuse_email(pattern: &str) -> Option<String> {
    let is_address = pattern.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty() && host.contains('.') && !host.contains('@') && !pattern.contains(char::is_whitespace)
    });
    if !is_address {
        return Some("is not an e-mail address".to_owned());
    }
    let differs = pattern.contains("{domain}") && pattern.contains("{environment}");
    (!differs).then(|| "has to contain {domain} and {environment}: every account has an e-mail of its own".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_to_be_what_domains_toml_takes() {
        for (question, answer, expected) in [
            (Question::Name, "acme", None),
            (Question::Name, "Acme", Some("is not lower-case letters")),
            (Question::ManagementAccount, "111111111111", None),
            (Question::ManagementAccount, "1111", Some("is not twelve digits")),
            (Question::Region, "eu-west-1", None),
            (Question::Region, "europe", Some("is not a region's code")),
            (Question::Region, "eu-wst-1", Some("is not a region that groundwork knows: did you mean `eu-west-1`?")),
            (Question::Bucket, "Acme", Some("is not 3 to 63")),
            (Question::Repository, "acme/accounts", None),
            (Question::Repository, "accounts", Some("is not `owner/name`")),
            (Question::Email, "aws+{domain}-{environment}@acme.example", None),
            (Question::Email, "aws@acme.example", Some("has to contain {domain}")),
            (Question::Email, "aws+{domain}-{environment}", Some("is not an e-mail")),
        ] {
            let refused = question.refuse(answer);
            match expected {
                None => assert_eq!(refused, None, "{answer}"),
                Some(start) => {
                    assert!(refused.as_ref().is_some_and(|it| it.starts_with(start)), "{answer}: {refused:?}");
                }
            }
        }
    }
}
