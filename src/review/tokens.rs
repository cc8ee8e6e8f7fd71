//! What is this account's own in a text, and the tokens that stand for it.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Write as _;
use std::net::Ipv4Addr;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use ipnet::Ipv4Net;
use regex::{Captures, Regex};

use super::subject::Subject;

/// Shorter texts stand in too many places to be anybody's own.
const SHORTEST: usize = 2;

/// The texts that are one account's, ready to be found.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    searcher: Option<AhoCorasick>,
    /// What stands for each of the searcher's texts, and what it is called without its form.
    found: Vec<(String, String)>,
    /// What a token stands for.
    values: BTreeMap<String, String>,
    networks: Vec<Ipv4Net>,
}

/// A variable whose values are not the account's names has to be different in one account of this many, at least, to be
/// taken for the account's own.
const DIFFERENT_IN_ONE_OF: usize = 2;

/// The tokens of every subject, in their order.
///
/// A text is worth a token only if another account has another one in its place: with one environment under review the
/// word `dev` says what it means. And not every variable says who the account is: a token for an instance type would
/// hide the one account that takes a larger one.
pub(super) fn tokens(subjects: &[Subject]) -> Vec<Tokens> {
    let known: Vec<Vec<(String, String)>> = subjects.iter().map(known).collect();
    let mut names: HashMap<&str, Values<'_>> = HashMap::new();
    for (subject, known) in subjects.iter().zip(&known) {
        for (name, value) in known {
            let values = names.entry(name).or_default();
            values.accounts += 1;
            values.named += usize::from(is_part(value, &subject.key));
            values.different.insert(value);
        }
    }
    let telling: HashSet<&str> =
        names.into_iter().filter(|(name, values)| values.tell(name)).map(|(name, _)| name).collect();
    subjects
        .iter()
        .zip(&known)
        .map(|(subject, known)| {
            let own = known.iter().filter(|(name, _)| telling.contains(name.as_str()));
            Tokens::new(own, networks(subject))
        })
        .collect()
}

/// The values of one name.
#[derive(Default)]
struct Values<'a> {
    accounts: usize,
    /// In how many accounts the value is a part of the account's key.
    named: usize,
    different: HashSet<&'a str>,
}

impl Values<'_> {
    fn tell(&self, name: &str) -> bool {
        let of_account = !name.starts_with(VARIABLE)
            || self.named == self.accounts
            || self.different.len() * DIFFERENT_IN_ONE_OF >= self.accounts;
        self.different.len() > 1 && of_account
    }
}

/// What the names of variables begin with.
const VARIABLE: &str = "var.";

/// Whether a value is the key, or some of its words: `payments` and `payments-prod` of `payments-prod`.
fn is_part(value: &str, key: &str) -> bool {
    key.match_indices(value).any(|(start, found)| !found.is_empty() && is_word(key, start, start + found.len()))
}

/// What is known of an account: by the organization first, then by its plan.
fn known(subject: &Subject) -> Vec<(String, String)> {
    let mut known = subject.about.known.clone();
    if let Ok(digest) = &subject.digest {
        if let Some(id) = &digest.account_id
            && !known.iter().any(|(name, _)| name == "account_id")
        {
            known.push(("account_id".to_owned(), id.clone()));
        }
        known.extend(digest.variables.iter().map(|(name, value)| (format!("{VARIABLE}{name}"), value.clone())));
    }
    known
}

fn networks(subject: &Subject) -> Vec<Ipv4Net> {
    let planned = subject.digest.iter().flat_map(|digest| &digest.networks).filter_map(|network| network.parse().ok());
    let mut networks = subject.about.networks.clone();
    for network in planned {
        // The default route is nobody's own.
        if !networks.contains(&network) && network.prefix_len() >= 8 {
            networks.push(network);
        }
    }
    networks
}

impl Tokens {
    fn new<'a>(known: impl Iterator<Item = &'a (String, String)>, networks: Vec<Ipv4Net>) -> Self {
        let (mut texts, mut found, mut values) = (Vec::new(), Vec::new(), BTreeMap::new());
        let mut seen = HashSet::new();
        for (name, value) in known {
            if value.chars().filter(|character| character.is_alphanumeric()).count() < SHORTEST {
                continue;
            }
            let token = format!("{{{name}}}");
            for (text, form) in forms(value, name) {
                // The first to claim a text has it: what the organization says goes before what variables say.
                if seen.insert(text.clone()) {
                    texts.push(text);
                    found.push((format!("{{{form}}}"), token.clone()));
                }
            }
            values.entry(token).or_insert_with(|| value.clone());
        }
        for (index, network) in networks.iter().enumerate() {
            values.insert(format!("{{{}}}", network_name(index)), network.to_string());
        }
        let searcher = AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(&texts).ok();
        Self { searcher: searcher.filter(|_| !texts.is_empty()), found, values, networks }
    }

    /// What a token of this account stands for.
    pub(super) fn value(&self, token: &str) -> Option<&str> {
        self.values.get(token).map(String::as_str)
    }

    /// The text with tokens for what is known to be the account's own. Those that were needed go into `used`.
    pub(super) fn known<'a>(&self, text: &'a str, used: &mut BTreeSet<String>) -> Cow<'a, str> {
        let text = self.addresses(text, used);
        let Some(searcher) = &self.searcher else { return text };
        let mut result = String::new();
        let mut copied = 0;
        for found in searcher.find_iter(&*text) {
            if !is_word(&text, found.start(), found.end()) {
                continue;
            }
            let (shown, token) = &self.found[found.pattern().as_usize()];
            result.push_str(&text[copied..found.start()]);
            result.push_str(shown);
            copied = found.end();
            used.insert(token.clone());
        }
        if copied == 0 {
            return text;
        }
        result.push_str(&text[copied..]);
        Cow::Owned(result)
    }

    /// Addresses within the account's networks, by where in them they are: `{network}`, `{network+0.0.4.0/24}`.
    fn addresses<'a>(&self, text: &'a str, used: &mut BTreeSet<String>) -> Cow<'a, str> {
        static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"\b(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?:/(\d{1,2}))?\b").expect("the pattern is well formed")
        });
        if self.networks.is_empty() || !text.contains('.') {
            return Cow::Borrowed(text);
        }
        ADDRESS.replace_all(text, |captures: &Captures<'_>| {
            self.address(captures).map_or_else(
                || captures[0].to_owned(),
                |(shown, token)| {
                    used.insert(token);
                    shown
                },
            )
        })
    }

    fn address(&self, captures: &Captures<'_>) -> Option<(String, String)> {
        let address: Ipv4Addr = captures[1].parse().ok()?;
        let length = captures.get(2).map_or(Ok(32), |length| length.as_str().parse()).ok()?;
        let block = Ipv4Net::new(address, length).ok()?;
        let (index, network) = self.networks.iter().enumerate().find(|(_, network)| network.contains(&block))?;
        let name = network_name(index);
        let token = format!("{{{name}}}");
        if block == *network {
            return Some((token.clone(), token));
        }
        let offset = Ipv4Addr::from(u32::from(address) - u32::from(network.network()));
        let length = captures.get(2).map_or_else(String::new, |length| format!("/{}", length.as_str()));
        Some((format!("{{{name}+{offset}{length}}}"), token))
    }
}

fn network_name(index: usize) -> String {
    if index == 0 { "network".to_owned() } else { format!("network {}", index + 1) }
}

/// The spellings in which a name turns up, and what each is called.
fn forms(value: &str, name: &str) -> Vec<(String, String)> {
    let mut forms = vec![(value.to_owned(), name.to_owned())];
    if value.contains('-') {
        forms.push((value.replace('-', "_"), format!("{name}_")));
    }
    let upper = value.to_uppercase();
    forms.push((upper.replace('-', "_"), name.to_uppercase()));
    forms.push((upper, name.to_uppercase()));
    let mut characters = value.chars();
    if let Some(first) = characters.next() {
        let capital: String = first.to_uppercase().chain(characters).collect();
        let mut shown = name.to_owned();
        if let Some(first) = shown.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        forms.push((capital, shown));
    }
    forms
}

/// Whether what stands there is not a part of a longer word: `dev` is none in `device`.
fn is_word(text: &str, start: usize, end: usize) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[end..].chars().next();
    !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
}

/// What looks made by a machine, for one resource: numbered where there are several of a kind.
///
/// Only for values that no other account has in the same place; whatever two accounts share is no account's own.
#[derive(Debug, Default)]
pub(super) struct Generated {
    seen: HashMap<String, Vec<String>>,
}

impl Generated {
    /// The text with tokens for generated ids, account numbers, e-mail addresses and times.
    pub(super) fn replace<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        static GENERATED: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(
                r"(?x)
                (?P<uuid>\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b)
                | (?P<time>\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)
                | \b(?P<kind>[a-z]{1,12}(?:-[a-z]{1,12}){0,2})-(?:[0-9a-f]{17}|[0-9a-f]{8})\b
                | (?P<principal>\b(?:AIDA|AROA|AKIA|ASIA|AIPA|ANPA|AGPA)[A-Z0-9]{12,20}\b)
                | (?P<zone>\bZ[A-Z0-9]{9,31}\b)
                | (?P<email>[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)
                | (?P<digits>\b\d{12}\b|\b\d{17,}\b)
                | (?P<hex>\b[0-9a-f]{16,128}\b)
                ",
            )
            .expect("the pattern is well formed")
        });
        GENERATED.replace_all(text, |captures: &Captures<'_>| {
            let raw = &captures[0];
            let name = if let Some(kind) = captures.name("kind") {
                format!("{}-id", kind.as_str())
            } else {
                let names = ["uuid", "time", "principal", "zone", "email", "digits", "hex"];
                let name = names.into_iter().find(|name| captures.name(name).is_some()).unwrap_or("id");
                match name {
                    "digits" if raw.len() == 12 => "account_id".to_owned(),
                    "principal" => "principal-id".to_owned(),
                    "zone" => "zone-id".to_owned(),
                    other => other.to_owned(),
                }
            };
            let seen = self.seen.entry(name.clone()).or_default();
            let number = seen.iter().position(|other| other == raw).unwrap_or_else(|| {
                seen.push(raw.to_owned());
                seen.len() - 1
            });
            let mut token = format!("{{{name}");
            if number > 0 {
                write!(token, " {}", number + 1).ok();
            }
            token.push('}');
            token
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(known: &[(&str, &str)], networks: &[&str]) -> Tokens {
        let known: Vec<_> = known.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Tokens::new(known.iter(), networks.iter().map(|network| network.parse().unwrap()).collect())
    }

    #[track_caller]
    fn case(tokens: &Tokens, text: &str, expected: &str) {
        assert_eq!(tokens.known(text, &mut BTreeSet::new()), expected);
    }

    #[test]
    fn names_are_found_as_words_and_in_their_spellings() {
        let tokens = own(&[("domain", "customer-profile"), ("environment", "dev")], &[]);
        case(&tokens, "customer-profile-dev-logs", "{domain}-{environment}-logs");
        case(&tokens, "CUSTOMER_PROFILE_DEV customer_profile", "{DOMAIN}_{ENVIRONMENT} {domain_}");
        case(&tokens, "device customer-profiles", "device customer-profiles");
        case(&tokens, "Dev", "{Environment}");
    }

    #[test]
    fn addresses_are_known_by_where_they_are_in_the_network() {
        let tokens = own(&[], &["10.64.16.0/20", "10.80.0.0/20"]);
        case(&tokens, "10.64.16.0/20, 10.64.20.0/24, 10.64.16.2", "{network}, {network+0.0.4.0/24}, {network+0.0.0.2}");
        case(&tokens, "10.80.0.0/20", "{network 2}");
        case(&tokens, "0.0.0.0/0 10.0.0.0/8 10.64.32.0/24 999.1.1.1", "0.0.0.0/0 10.0.0.0/8 10.64.32.0/24 999.1.1.1");
    }

    #[test]
    fn generated_ids_are_numbered_by_their_first_appearance() {
        let mut generated = Generated::default();
        let mut case = |text: &str, expected: &str| assert_eq!(generated.replace(text), expected);
        case("subnet-0a1b2c3d4e5f60718", "{subnet-id}");
        case("subnet-11112222333344445 subnet-0a1b2c3d4e5f60718", "{subnet-id 2} {subnet-id}");
        case("arn:aws:iam::123456789012:role/x", "arn:aws:iam::{account_id}:role/x");
        case("3f2504e0-4f89-11d3-9a0c-0305e82c3301", "{uuid}");
        case("aws+catalog@acme.example 2026-01-02T03:04:05Z", "{email} {time}");
        case("vpc-peering 10.0.0.0/16 t3.small", "vpc-peering 10.0.0.0/16 t3.small");
    }
}
