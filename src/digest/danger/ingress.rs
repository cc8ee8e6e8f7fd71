//! Security groups: who gets in that did not before.

use ipnet::{Ipv4Net, Ipv6Net};
use serde_json::Value;

use super::Judged;

/// Protocol, ports and source of one opening.
#[derive(Debug, PartialEq, Eq)]
struct Opening {
    ports: String,
    source: String,
}

/// Sources that are let in now and were not before: the public in any case, private ones where the group was there
/// already.
pub(super) fn judge(change: Judged<'_>) -> Vec<String> {
    let openings: fn(&Value) -> Vec<Opening> = match change.resource {
        "aws_security_group" | "aws_default_security_group" => of_group,
        "aws_security_group_rule" => of_rule,
        "aws_vpc_security_group_ingress_rule" => of_ingress_rule,
        _ => return Vec::new(),
    };
    let before = openings(change.before);
    openings(change.after)
        .into_iter()
        .filter(|opening| {
            !before.iter().any(|held| held.ports == opening.ports && contains(&held.source, &opening.source))
        })
        .filter(|opening| is_public(&opening.source) || !change.before.is_null())
        .map(|opening| {
            let whole = matches!(opening.source.as_str(), "0.0.0.0/0" | "::/0");
            let world = if whole { ", the whole world" } else { "" };
            format!("lets in {} from `{}`{world}", opening.ports, opening.source)
        })
        .collect()
}

fn of_group(group: &Value) -> Vec<Opening> {
    let rules = group.get("ingress").and_then(Value::as_array);
    rules.into_iter().flatten().flat_map(|rule| with_blocks(rule, "protocol")).collect()
}

fn of_rule(rule: &Value) -> Vec<Opening> {
    if rule.get("type").and_then(Value::as_str) == Some("ingress") { with_blocks(rule, "protocol") } else { Vec::new() }
}

fn with_blocks(rule: &Value, protocol: &str) -> Vec<Opening> {
    let ports = ports(rule, protocol);
    ["cidr_blocks", "ipv6_cidr_blocks"]
        .into_iter()
        .filter_map(|key| rule.get(key).and_then(Value::as_array))
        .flatten()
        .filter_map(Value::as_str)
        .map(|source| Opening { ports: ports.clone(), source: source.to_owned() })
        .collect()
}

fn of_ingress_rule(rule: &Value) -> Vec<Opening> {
    let ports = ports(rule, "ip_protocol");
    ["cidr_ipv4", "cidr_ipv6"]
        .into_iter()
        .filter_map(|key| rule.get(key).and_then(Value::as_str))
        .map(|source| Opening { ports: ports.clone(), source: source.to_owned() })
        .collect()
}

fn ports(rule: &Value, protocol: &str) -> String {
    let protocol = rule.get(protocol).and_then(Value::as_str).unwrap_or("unknown protocol");
    if matches!(protocol, "-1" | "all") {
        return "everything".to_owned();
    }
    // Numbers may be written as 22 or 22.0, or be absent; only their text is wanted.
    let port = |key: &str| rule.get(key).filter(|value| !value.is_null()).map(Value::to_string);
    match (port("from_port"), port("to_port")) {
        (Some(from), Some(to)) if from == to => format!("{protocol} {from}"),
        (Some(from), Some(to)) => format!("{protocol} {from} to {to}"),
        _ => protocol.to_owned(),
    }
}

fn contains(held: &str, wanted: &str) -> bool {
    if let (Ok(held), Ok(wanted)) = (held.parse::<Ipv4Net>(), wanted.parse::<Ipv4Net>()) {
        return held.contains(&wanted);
    }
    if let (Ok(held), Ok(wanted)) = (held.parse::<Ipv6Net>(), wanted.parse::<Ipv6Net>()) {
        return held.contains(&wanted);
    }
    held == wanted
}

/// Whether addresses of the internet are in it. Private ranges are those of RFC 1918, RFC 6598 and RFC 4193.
fn is_public(source: &str) -> bool {
    const PRIVATE: [&str; 4] = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
    const PRIVATE_6: &str = "fc00::/7";
    !PRIVATE.iter().chain([&PRIVATE_6]).any(|private| contains(private, source))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn group(blocks: &[&str]) -> Value {
        json!({"ingress": [{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_blocks": blocks, "ipv6_cidr_blocks": []}]})
    }

    #[track_caller]
    fn case(resource: &str, before: Value, after: Value, expected: &[&str]) {
        assert_eq!(judge(Judged { resource, before: &before, after: &after }), expected);
    }

    #[test]
    fn what_is_let_in_anew_is_named() {
        let world = "lets in tcp 22 from `0.0.0.0/0`, the whole world";
        case("aws_security_group", Value::Null, group(&["10.0.0.0/8"]), &[]);
        case("aws_security_group", Value::Null, group(&["0.0.0.0/0"]), &[world]);
        case("aws_security_group", group(&["10.0.0.0/8"]), group(&["10.0.0.0/8", "0.0.0.0/0"]), &[world]);
        case(
            "aws_security_group",
            group(&["10.1.0.0/16"]),
            group(&["10.0.0.0/8"]),
            &["lets in tcp 22 from `10.0.0.0/8`"],
        );
        case("aws_security_group", group(&["10.0.0.0/8"]), group(&["10.1.0.0/16"]), &[]);
        case("aws_security_group", group(&["0.0.0.0/0"]), group(&["203.0.113.0/24"]), &[]);
    }

    #[test]
    fn rules_of_their_own_are_seen_too() {
        case(
            "aws_vpc_security_group_ingress_rule",
            Value::Null,
            json!({"ip_protocol": "-1", "cidr_ipv6": "::/0"}),
            &["lets in everything from `::/0`, the whole world"],
        );
        let rule = json!({"type": "ingress", "protocol": "tcp", "from_port": 8000, "to_port": 8080, "cidr_blocks": ["198.51.100.0/24"]});
        case("aws_security_group_rule", Value::Null, rule, &["lets in tcp 8000 to 8080 from `198.51.100.0/24`"]);
        case("aws_security_group_rule", Value::Null, json!({"type": "egress", "cidr_blocks": ["0.0.0.0/0"]}), &[]);
    }
}
