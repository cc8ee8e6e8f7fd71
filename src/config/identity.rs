//! What AWS knows an account by: its name and the e-mail of its root user.

use std::collections::{BTreeMap, HashMap};

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place};
use crate::document::Node;
use crate::organization::{AccountKey, Domain};
use crate::text::Count;

/// Longest account name and e-mail, in characters (AWS Organizations, `CreateAccount`).
const LONGEST_NAME: usize = 50;
const LONGEST_EMAIL: usize = 64;
const SHORTEST_EMAIL: usize = 6;

/// Fills in a pattern of names. An unknown placeholder is pushed, once for the pattern.
pub(super) fn fill_in(
    pattern: &Node,
    key: &AccountKey,
    domain: &Domain,
    organization: &str,
    diagnostics: &mut Diagnostics,
) -> Option<String> {
    let text = pattern.as_str()?;
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        let (name, after) = match rest[open + 1..].split_once('}') {
            Some(parts) => parts,
            None => (&rest[open + 1..], ""),
        };
        match name {
            "domain" => filled.push_str(key.domain()),
            "environment" => filled.push_str(key.environment()),
            "team" => filled.push_str(&domain.team.name),
            "organization" => filled.push_str(organization),
            other => {
                diagnostics.push(
                    Diagnostic::error(Code::BadValue, format!("nothing can be filled in for `{{{other}}}`"))
                        .at(pattern.place)
                        .help("known here: `{domain}`, `{environment}`, `{team}`, `{organization}`"),
                );
                return None;
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// An account's name and e-mail, each with the pattern it was filled in from.
#[derive(Debug)]
pub(super) struct Identity {
    pub(super) key: AccountKey,
    /// Where domains.toml asks for the account.
    pub(super) place: Place,
    pub(super) name: String,
    pub(super) name_pattern: Place,
    pub(super) email: String,
    /// None for an e-mail that the ledger has pinned: AWS has accepted it.
    pub(super) email_pattern: Option<Place>,
}

/// Pushes names and e-mails that AWS would refuse: one diagnostic a pattern, for the worst of its accounts.
pub(super) fn check_values(identities: &[Identity], diagnostics: &mut Diagnostics) {
    let names = identities.iter().map(|of| (of.name_pattern, of.name.as_str(), of));
    let emails = identities.iter().filter_map(|of| Some((of.email_pattern?, of.email.as_str(), of)));
    check_by_pattern("account name", "account_name", names, refuse_name, diagnostics);
    check_by_pattern("e-mail", "email", emails, refuse_email, diagnostics);
}

fn check_by_pattern<'a>(
    what: &str,
    setting: &str,
    values: impl Iterator<Item = (Place, &'a str, &'a Identity)>,
    refuse: fn(&str) -> Option<String>,
    diagnostics: &mut Diagnostics,
) {
    let mut refused: BTreeMap<Place, Vec<(&str, String, &Identity)>> = BTreeMap::new();
    for (pattern, value, identity) in values {
        if let Some(reason) = refuse(value) {
            refused.entry(pattern).or_default().push((value, reason, identity));
        }
    }
    for (pattern, accounts) in refused {
        let Some((value, reason, worst)) = accounts.iter().max_by_key(|(value, ..)| value.chars().count()) else {
            continue;
        };
        let others = match accounts.len() - 1 {
            0 => String::new(),
            others => format!(", and so for {}", Count(others, "other account")),
        };
        diagnostics.push(
            Diagnostic::error(
                Code::AccountIdentity,
                format!("the {what} of `{}`, `{value}`, {reason}{others}", worst.key),
            )
            .at(pattern)
            .label(worst.place, "for this account")
            .help(format!("change the pattern, or give the domain its own: {setting} = \"…\"")),
        );
    }
}

fn refuse_name(name: &str) -> Option<String> {
    let length = name.chars().count();
    if length > LONGEST_NAME {
        Some(format!("is {length} characters long, and AWS takes {LONGEST_NAME}"))
    } else if let Some(bad) = name.chars().find(|c| !(' '..='~').contains(c) || matches!(c, '<' | '>')) {
        Some(format!("has a character that AWS refuses: `{bad}`"))
    } else {
        name.trim().is_empty().then(|| "is empty".to_owned())
    }
}

fn refuse_email(email: &str) -> Option<String> {
    let length = email.chars().count();
    let accepted = |c: char| c.is_ascii_graphic() && !"<>()[]\\,;:\"".contains(c);
    if length > LONGEST_EMAIL {
        Some(format!("is {length} characters long, and AWS takes {LONGEST_EMAIL}"))
    } else if length < SHORTEST_EMAIL {
        Some(format!("is too short, AWS wants {SHORTEST_EMAIL} characters"))
    } else if let Some(bad) = email.chars().find(|c| !accepted(*c)) {
        Some(format!("has a character that AWS refuses: `{bad}`"))
    } else {
        (!is_address(email)).then(|| "is not an address".to_owned())
    }
}

fn is_address(email: &str) -> bool {
    match email.split_once('@') {
        Some((local, host)) => {
            !local.is_empty()
                && !host.contains('@')
                && host.contains('.')
                && host.split('.').all(|label| !label.is_empty())
        }
        None => false,
    }
}

/// Pushes names and e-mails that two accounts share. E-mails are unique across all of AWS, without regard
/// to case; names only confuse people, but those are the ones who close accounts.
pub(super) fn check_collisions(identities: &[Identity], diagnostics: &mut Diagnostics) {
    let mut names: HashMap<String, &Identity> = HashMap::with_capacity(identities.len());
    let mut emails: HashMap<String, &Identity> = HashMap::with_capacity(identities.len());
    for identity in identities {
        let shared = [
            ("name", &identity.name, names.insert(identity.name.to_lowercase(), identity)),
            ("e-mail", &identity.email, emails.insert(identity.email.to_lowercase(), identity)),
        ];
        for (what, value, first) in shared {
            let Some(first) = first else { continue };
            let problem = format!("`{}` and `{}` have the same {what}: `{value}`", first.key, identity.key);
            diagnostics.push(
                Diagnostic::error(Code::AccountIdentity, problem).at(identity.place).label(first.place, "and this one").help(
                    format!("every account needs its own; put both `{{domain}}` and `{{environment}}` into the pattern of the {what}"),
                ),
            );
        }
    }
}
