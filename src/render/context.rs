//! Exactly what a template may see.
//!
//! docs/features.md lists it for people who write features.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tera::{Context, Value as TeraValue};

use crate::document::{Node, Value};
use crate::feature::Features;
use crate::organization::{Account, Lifecycle, Organization, Team};

/// What AWS gives no account: stands for the id of one that does not exist yet, so that nothing rendered
/// for it can reach any account.
pub const NO_ACCOUNT: &str = "000000000000";

/// What all templates of one account see; `inputs` is added per feature.
pub(super) fn of_account(organization: &Organization, account: &Account, features: &Features) -> Context {
    let mut context = Context::new();
    let held = account.allotment.as_ref();
    let id = held.and_then(|held| held.id.as_deref());
    let lifecycle = account.lifecycle;
    let mut put = |name: &'static str, value: TeraValue| context.insert_value(name, value);
    put(
        "organization",
        map([
            ("name", text(&organization.name)),
            ("region", text(&organization.region)),
            ("management_account", text(&organization.management_account)),
            ("role", text(&organization.role)),
        ]),
    );
    put(
        "state",
        map([
            ("bucket", text(&organization.state.bucket)),
            ("region", text(&organization.state.region)),
            ("role_arn", optional(organization.state.role_arn.as_deref())),
        ]),
    );
    let domain = &account.domain;
    put(
        "domain",
        map([
            ("name", text(&domain.name)),
            ("description", optional(domain.description.as_deref())),
            ("repository", optional(domain.repository.as_deref())),
            ("runbook", optional(domain.runbook.as_deref())),
        ]),
    );
    put("environment", text(account.key.environment()));
    put("team", team(&domain.team));
    let account_id = id.unwrap_or(NO_ACCOUNT);
    put(
        "account",
        map([
            ("key", text(&account.key.to_string())),
            ("domain", text(account.key.domain())),
            ("environment", text(account.key.environment())),
            ("id", text(account_id)),
            ("exists", TeraValue::from(id.is_some())),
            ("name", text(&account.name)),
            ("email", text(&account.email)),
            ("region", text(&account.region)),
            ("role_arn", text(&format!("arn:aws:iam::{account_id}:role/{}", organization.role))),
            ("state_key", optional(held.map(|held| held.state_key.as_str()))),
            ("protected", TeraValue::from(account.protected)),
            ("lifecycle", text(lifecycle.as_str())),
            ("retiring", TeraValue::from(lifecycle != Lifecycle::Active)),
            ("support", text(&account.support)),
            ("newrelic", held.and_then(|held| held.newrelic).map_or_else(|| TeraValue::from(()), TeraValue::from)),
            ("wave", text(&organization.wave_of(account).name)),
        ]),
    );
    put("network", network(account));
    put("tags", TeraValue::from(account.tags.iter().map(|(k, v)| (k.clone().into(), text(v))).collect::<tera::Map>()));
    put(
        "features",
        TeraValue::from(account.inputs.iter().map(|(k, v)| (k.clone().into(), to_tera(v))).collect::<tera::Map>()),
    );
    put("providers", providers(account, features));
    context
}

/// What all templates of the organization's own root module see.
pub(super) fn of_organization(organization: &Organization, root: &Account, features: &Features) -> Context {
    let mut context = of_account(organization, root, features);
    let account = |account: &Account| {
        let held = account.allotment.as_ref();
        map([
            ("key", text(&account.key.to_string())),
            ("domain", text(account.key.domain())),
            ("environment", text(account.key.environment())),
            ("id", optional(held.and_then(|held| held.id.as_deref()))),
            ("name", text(&account.name)),
            ("email", text(&account.email)),
            ("team", text(&account.domain.team.name)),
            ("unit", text(&account.unit)),
            ("region", text(&account.region)),
            ("protected", TeraValue::from(account.protected)),
            ("lifecycle", text(account.lifecycle.as_str())),
            ("renamed_from", optional(account.domain.renamed_from.as_deref())),
        ])
    };
    context.insert_value("accounts", TeraValue::from(organization.accounts.iter().map(account).collect::<Vec<_>>()));
    context.insert_value("teams", TeraValue::from(organization.teams.values().map(|of| team(of)).collect::<Vec<_>>()));
    // What `groundwork organization` attaches to units, and the unit that it parks accounts in.
    let membership = &organization.membership;
    let names = |names: &BTreeSet<String>| names.iter().map(|name| text(name)).collect::<Vec<_>>();
    let policies = membership.policies.iter().map(|(unit, of)| (unit.clone().into(), TeraValue::from(names(of))));
    context.insert_value("policies", TeraValue::from(policies.collect::<tera::Map>()));
    context.insert_value("retired_unit", text(&membership.retired_unit));
    let environments = organization.environments.iter().map(|name| text(name));
    context.insert_value("environments", TeraValue::from(environments.collect::<Vec<_>>()));
    let workflows = organization.workflows.as_ref();
    context.insert_value(
        "workflows",
        workflows.map_or_else(TeraValue::none, |workflows| {
            map([
                ("branch", text(&workflows.branch)),
                ("plan_role", text(&workflows.plan_role)),
                ("apply_role", text(&workflows.apply_role)),
                ("keys_role", optional(workflows.keys.as_ref().map(|keys| keys.role.as_str()))),
            ])
        }),
    );
    context
}

fn team(team: &Team) -> TeraValue {
    map([
        ("name", text(&team.name)),
        ("email", text(&team.email)),
        ("slack", optional(team.slack.as_deref())),
        ("on_call", optional(team.on_call.as_deref())),
        ("cost_center", optional(team.cost_center.as_deref())),
        ("github", optional(team.github.as_deref())),
        ("identity_group", optional(team.identity_group.as_deref())),
    ])
}

/// What the templates of one feature see besides.
pub(super) fn with_inputs(context: &mut Context, inputs: Option<&Arc<Node>>) {
    context.insert_value("inputs", inputs.map_or_else(TeraValue::none, |inputs| to_tera(inputs)));
}

fn network(account: &Account) -> TeraValue {
    let Some(held) = &account.allotment else { return TeraValue::none() };
    let Some(block) = held.network else { return TeraValue::none() };
    map([
        ("cidr", text(&block.to_string())),
        ("prefix", TeraValue::from(u64::from(block.prefix_len()))),
        ("zones", TeraValue::from(held.zones.iter().map(|zone| text(zone)).collect::<Vec<_>>())),
    ])
}

/// The providers of all features that are on, by local name.
fn providers(account: &Account, features: &Features) -> TeraValue {
    let mut providers = BTreeMap::new();
    for feature in features.of(account).filter(|feature| account.inputs.contains_key(&feature.key)) {
        for (name, provider) in &feature.providers {
            providers.insert(name, map([("source", text(&provider.source)), ("version", text(&provider.version))]));
        }
    }
    TeraValue::from(providers.into_iter().map(|(name, value)| (name.clone().into(), value)).collect::<tera::Map>())
}

/// A value of domains.toml as templates see it.
pub(super) fn to_tera(node: &Node) -> TeraValue {
    match &node.value {
        Value::String(string) => text(string),
        Value::Integer(number) => TeraValue::from(*number),
        Value::Float(number) => TeraValue::from(*number),
        Value::Boolean(boolean) => TeraValue::from(*boolean),
        Value::Array(items) => TeraValue::from(items.iter().map(to_tera).collect::<Vec<_>>()),
        Value::Table(table) => TeraValue::from(
            table.iter().map(|(key, entry)| (key.clone().into(), to_tera(&entry.node))).collect::<tera::Map>(),
        ),
    }
}

fn text(text: &str) -> TeraValue {
    TeraValue::normal_string(text)
}

fn optional(value: Option<&str>) -> TeraValue {
    value.map_or_else(TeraValue::none, text)
}

fn map<const N: usize>(entries: [(&'static str, TeraValue); N]) -> TeraValue {
    TeraValue::from(entries.into_iter().map(|(key, value)| (key.into(), value)).collect::<tera::Map>())
}
