//! Every value of every option, and every two of them together.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What an account can choose, and the lines of domains.toml that choose it. The first three are tried in every combination,
/// and are what `number` counts: `nat` slowest. The others stand with the widest first, so that few accounts suffice.
const AXES: &[&[&str]] = &[
    &["network.nat = \"none\"", "network.nat = \"single\"", "network.nat = \"per-az\"", "network.nat = \"regional\""],
    &["network.zones = 2", "network.zones = 3", "network.zones = 4"],
    &["network.isolated = false", "network.isolated = true"],
    // Without any: `bare`.
    &[
        "monitoring = { enabled = true }",
        "monitoring = { enabled = true, vendor = \"newrelic\" }",
        "monitoring = { enabled = true, vendor = \"newrelic\", newrelic = { account_id = 4211 }, \
         policies = [\"arn:aws:iam::aws:policy/SecurityAudit\"] }",
        "monitoring = { enabled = true, vendor = \"datadog\", datadog = { external_id = \"an-id\" } }",
        "monitoring = { enabled = true, vendor = \"none\" }",
    ],
    &[
        "",
        "faceless_users = [{ name = \"ci\", kind = \"oidc\", repositories = [\"acme/a\"] }]",
        "faceless_users = [{ name = \"ci\", kind = \"oidc\", repositories = [\"acme/a\", \"acme/b\"], branches = [\"main\"], \
         environments = [\"prod\"], repository_ids = { \"acme/a\" = { owner = 1, repository = 2 } }, \
         policies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"] }]",
        "faceless_users = [{ name = \"legacy\", kind = \"access-key\", repositories = [\"acme/a\"], policies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"] }, \
         { name = \"ci\", kind = \"oidc\", repositories = [\"acme/a\"] }]",
    ],
    &["", "network.dns.servers = [\"192.0.2.53\"]", "network.dns = { domain = \"acme.example\", query_logs = true }"],
    &["", "budget.enabled = true", "budget = { enabled = true, limit = 9000, thresholds = [90] }"],
    &["", "network.ipv6 = true"],
    &["network.flow_logs.enabled = false", "network.flow_logs.retention_days = 90"],
    &["", "network.interface_endpoints = [\"ecr.api\", \"logs\"]"],
    &["", "account.hardening = false"],
    &["", "account.default_vpc = \"keep\""],
    &["", "account.alias = \"acme-{domain}-{environment}\""],
];

/// The axis of monitoring.
pub(crate) const MONITORING: usize = 3;

/// The axis of faceless users, and the choice on it that has one with keys.
pub(crate) const USERS: usize = 4;
pub(crate) const WITH_KEYS: usize = 3;

/// The axis of IPv6.
pub(crate) const IPV6: usize = 7;

/// The axis of budgets.
pub(crate) const BUDGET: usize = 6;

/// How many accounts choose something.
pub(crate) const ACCOUNTS: usize = 24;

/// What each of them chooses on every axis.
///
/// # Panics
/// Two values of different axes are together in no account.
pub(crate) fn choices() -> Vec<Vec<usize>> {
    let mut missing: BTreeSet<(usize, usize, usize, usize)> = BTreeSet::new();
    for (a, first) in AXES.iter().enumerate() {
        for (b, second) in AXES.iter().enumerate().skip(a + 1) {
            missing.extend((0..first.len()).flat_map(|x| (0..second.len()).map(move |y| (a, x, b, y))));
        }
    }
    let rows = (0..ACCOUNTS).map(|number| {
        let mut row = vec![number / 6, number / 2 % 3, number % 2];
        for (axis, values) in AXES.iter().enumerate().skip(row.len()) {
            // Whatever brings most of what has not been together yet.
            let news = |value: &usize| {
                row.iter().enumerate().filter(|(a, x)| missing.contains(&(*a, **x, axis, *value))).count()
            };
            let best = (0..values.len()).rev().max_by_key(news).unwrap();
            row.push(best);
        }
        for (b, y) in row.iter().enumerate() {
            for (a, x) in row[..b].iter().enumerate() {
                missing.remove(&(a, *x, b, *y));
            }
        }
        row
    });
    let rows = rows.collect();
    assert!(missing.is_empty(), "never together: {missing:?}");
    rows
}

/// The domains `d0` to `d23` with those choices, and `bare`, which has no network.
pub(crate) fn domains(choices: &[Vec<usize>]) -> String {
    let mut text = String::new();
    for (number, row) in choices.iter().enumerate() {
        writeln!(text, "[domains.d{number}]\nteam = \"catalog\"\nenvironments = [\"prod\"]").unwrap();
        for (axis, value) in row.iter().enumerate().filter(|(axis, value)| !AXES[*axis][**value].is_empty()) {
            writeln!(text, "{}", AXES[axis][*value]).unwrap();
        }
    }
    text + "[domains.bare]\nteam = \"catalog\"\nenvironments = [\"prod\"]\nnetwork = { enabled = false }\n"
}
