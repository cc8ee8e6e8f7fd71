//! `[[waves]]`: who is applied when.

use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::document::Node;
use crate::organization::{Organization, Selection, Wave};

/// The one wave of an organization that declares none.
const ONLY: &str = "everyone";

/// Reads the waves and puts every account into the first that claims it; the last takes the rest.
pub(super) fn assign(root: &Node, organization: &mut Organization, diagnostics: &mut Diagnostics) {
    let declared = root.get("waves").and_then(Node::as_array).unwrap_or_default();
    let last = declared.len().saturating_sub(1);
    let mut claims = Vec::new();
    for (index, node) in declared.iter().enumerate() {
        let Some(name) = node.get("name").and_then(Node::as_str) else { continue };
        if organization.waves.iter().any(|wave| wave.name == name) {
            diagnostics
                .push(Diagnostic::error(Code::Duplicate, format!("there are two waves `{name}`")).at(node.place));
            continue;
        }
        if let Some(problem) = node.get("name").and_then(|node| super::root::reserved(name, node)) {
            diagnostics.push(problem);
            continue;
        }
        let claim = Claim::read(node, organization, diagnostics);
        let says_which = ["domains", "accounts"].iter().any(|key| node.get(key).is_some());
        if !says_which && index != last {
            diagnostics.push(
                Diagnostic::warning(Code::Wave, format!("wave `{name}` claims no account"))
                    .at(node.get("name").map_or(node.place, |name| name.place))
                    .help("say which: domains = [\"…\"], or accounts = [\"*/dev\"]"),
            );
        }
        organization.waves.push(Wave { name: name.to_owned() });
        claims.push(claim);
    }
    if organization.waves.is_empty() {
        organization.waves.push(Wave { name: ONLY.to_owned() });
    }
    let rest = organization.waves.len() - 1;
    for account in &mut organization.accounts {
        account.wave = claims.iter().position(|claim| claim.takes(&account.key)).unwrap_or(rest);
    }
    twice(declared, diagnostics);
}

/// What a wave says it takes.
struct Claim {
    domains: Vec<String>,
    accounts: Option<Selection>,
}

impl Claim {
    fn read(node: &Node, organization: &Organization, diagnostics: &mut Diagnostics) -> Self {
        let list = |key: &str| node.get(key).and_then(Node::as_array).unwrap_or_default();
        for item in list("domains") {
            let Some(name) = item.as_str() else { continue };
            if !organization.domains.contains_key(name) {
                diagnostics.push(
                    Diagnostic::error(Code::Unknown, format!("there is no domain `{name}`"))
                        .at(item.place)
                        .maybe_help(did_you_mean(name, organization.domains.keys().map(String::as_str))),
                );
            }
        }
        let mut patterns = Vec::new();
        for item in list("accounts") {
            let Some(pattern) = item.as_str() else { continue };
            let one = [pattern.to_owned()];
            match Selection::new(&one).and_then(|selection| selection.of(&organization.accounts).map(|_| ())) {
                Ok(()) => patterns.extend(one),
                Err(error) => {
                    diagnostics
                        .push(Diagnostic::error(Code::Unknown, error.message).at(item.place).maybe_help(error.help));
                }
            }
        }
        let texts = |key: &str| list(key).iter().filter_map(Node::as_str).map(str::to_owned).collect();
        let accounts = (!patterns.is_empty()).then(|| Selection::new(&patterns).ok()).flatten();
        Self { domains: texts("domains"), accounts }
    }

    fn takes(&self, key: &crate::organization::AccountKey) -> bool {
        self.domains.iter().any(|domain| domain == key.domain())
            || self.accounts.as_ref().is_some_and(|selection| selection.contains(key))
    }
}

/// Pushes domains that two waves claim by name.
fn twice(declared: &[Node], diagnostics: &mut Diagnostics) {
    let mut seen: Vec<&Node> = Vec::new();
    for item in declared.iter().filter_map(|wave| wave.get("domains")?.as_array()).flatten() {
        match seen.iter().find(|first| first.as_str() == item.as_str()) {
            Some(first) => diagnostics.push(
                Diagnostic::error(Code::Wave, format!("`{}` is claimed twice", item.as_str().unwrap_or_default()))
                    .at(item.place)
                    .label(first.place, "already claimed here")
                    .help("an account is applied in one wave; remove one of the two"),
            ),
            None => seen.push(item),
        }
    }
}
