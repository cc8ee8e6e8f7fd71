//! `[network]`: the address space.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;

use super::Config;
use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::document::Node;
use crate::network::{AddressSpace, Pool, Reserved};

/// The pools and reserved ranges, those that are networks; the others are pushed.
pub(super) fn address_space(config: &Config, environments: &[String], diagnostics: &mut Diagnostics) -> AddressSpace {
    let network = config.root.get("network");
    let list = |key: &str| network.and_then(|network| network.get(key)).and_then(Node::as_array).unwrap_or_default();
    let mut pools = Vec::new();
    for item in list("pools") {
        let named = item.as_table().is_some();
        let Some(cidr) = (if named { item.get("cidr") } else { Some(item) }) else { continue };
        let Some(net) = parse(cidr, diagnostics) else { continue };
        let texts =
            |key: &str| -> Vec<&Node> { item.get(key).and_then(Node::as_array).unwrap_or_default().iter().collect() };
        for node in texts("environments") {
            let Some(name) = node.as_str() else { continue };
            if !environments.iter().any(|known| known == name) {
                diagnostics.push(
                    Diagnostic::error(Code::Unknown, format!("there is no environment `{name}`"))
                        .at(node.place)
                        .maybe_help(did_you_mean(name, environments.iter().map(String::as_str))),
                );
            }
        }
        let strings = |key: &str| texts(key).iter().filter_map(|node| node.as_str()).map(str::to_owned).collect();
        pools.push(Pool {
            cidr: net,
            regions: strings("regions"),
            environments: strings("environments"),
            place: cidr.place,
        });
    }
    let reserved = list("reserved")
        .iter()
        .filter_map(|item| Some(Reserved { cidr: parse(item, diagnostics)?, place: item.place }))
        .collect();
    let own = network.and_then(|network| network.get("quarantine_days"));
    let quarantine = own.or_else(|| config.composer.default_of(&["network", "quarantine_days"]));
    let space = AddressSpace {
        pools,
        reserved,
        quarantine_days: quarantine.and_then(Node::as_integer).and_then(|days| u32::try_from(days).ok()).unwrap_or(0),
    };
    space.check(diagnostics);
    space
}

/// Zone ids by region, where `[network.zones]` overrides the built-in list.
pub(super) fn zones(root: &Node) -> BTreeMap<String, Vec<String>> {
    let table = root.get("network").and_then(|network| network.get("zones")).and_then(Node::as_table);
    let ids = |node: &Node| -> Vec<String> {
        node.as_array().unwrap_or_default().iter().filter_map(Node::as_str).map(str::to_owned).collect()
    };
    table.into_iter().flatten().map(|(region, entry)| (region.clone(), ids(&entry.node))).collect()
}

/// A network as people write it; what is wrong with it is pushed.
pub(crate) fn parse(node: &Node, diagnostics: &mut Diagnostics) -> Option<Ipv4Net> {
    let text = node.as_str()?;
    let problem = |message: String| Diagnostic::error(Code::Network, message).at(node.place);
    match text.parse::<Ipv4Net>() {
        Ok(net) if net.trunc() == net => Some(net),
        Ok(net) => {
            diagnostics.push(
                problem(format!("`{text}` has bits set beyond its prefix")).help(format!("write `{}`", net.trunc())),
            );
            None
        }
        Err(_) => {
            diagnostics.push(problem(format!("`{text}` is not an IPv4 network")).help("write it as `10.64.0.0/10`"));
            None
        }
    }
}
