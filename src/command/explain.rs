//! `groundwork explain`

use serde::Serialize;
use serde_json::Value as Json;

use super::{Context, Failure};
use crate::cli::{ExplainArgs, Format};
use crate::config::Layers;
use crate::diagnostic::{Place, did_you_mean};
use crate::document::{Node, Value};
use crate::organization::AccountKey;
use crate::repository::Repository;

/// The resolved configuration of an account.
#[derive(Debug, Serialize)]
struct Explanation {
    key: AccountKey,
    values: Vec<Resolved>,
}

/// One value and the line that says so.
#[derive(Debug, Serialize)]
struct Resolved {
    path: String,
    value: Json,
    origin: Origin,
}

#[derive(Debug, Serialize)]
struct Origin {
    file: String,
    line: usize,
}

pub(crate) fn run(context: &Context, args: &ExplainArgs) -> Result<(), Failure> {
    let repository = context.load_sound()?;
    let key: AccountKey = args.account.parse().map_err(|error: crate::organization::NotAKey| {
        Failure::because(format!("`{}` is no account: {error}", args.account)).help("for example: catalog/prod")
    })?;
    let mut values = resolve(&repository, &key)?;
    if let Some(path) = &args.path {
        let known: Vec<String> = values.iter().map(|value| value.path.clone()).collect();
        values.retain(|value| is_at_or_below(&value.path, path));
        if values.is_empty() {
            let help = did_you_mean(path, known.iter().map(String::as_str)).unwrap_or_default();
            return Err(Failure::because(format!("`{key}` has no value at `{path}`")).help(help));
        }
    }
    let explanation = Explanation { key, values };
    let text = match args.format {
        Format::Json => serde_json::to_string_pretty(&explanation).unwrap_or_default(),
        Format::Text => table(&explanation.values),
    };
    Ok(context.ui.answer(&text)?)
}

fn is_at_or_below(path: &str, wanted: &str) -> bool {
    path.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn resolve(repository: &Repository, key: &AccountKey) -> Result<Vec<Resolved>, Failure> {
    let (Some(config), Some(organization)) = (&repository.config, &repository.organization) else {
        return Err(Failure::Said);
    };
    if key.is_organization() {
        return Err(Failure::because("the organization's own root module has no layers")
            .help("its inputs stand in `[organization]` in domains.toml, feature by feature"));
    }
    let domain = config.root.get("domains").and_then(|domains| domains.get(key.domain()));
    let (Some(account), Some(domain)) = (organization.account(key), domain) else {
        let keys: Vec<String> = organization.accounts.iter().map(|account| account.key.to_string()).collect();
        let help = did_you_mean(&key.to_string(), keys.iter().map(String::as_str)).unwrap_or_default();
        return Err(Failure::because(format!("there is no account `{key}`")).help(help));
    };
    let mut collector = Collector { repository, values: Vec::new() };
    for (name, node) in Layers::new(config, &repository.features).of_account(domain, key.environment()) {
        collector.collect(&name, &node);
    }
    for name in ["team", "description", "repository", "runbook", "renamed_from", "lifecycle"] {
        let own = domain.get("environment").and_then(|all| all.get(key.environment())).and_then(|own| own.get(name));
        if let Some(node) = own.or_else(|| domain.get(name)) {
            collector.collect(&format!("domain.{name}"), node);
        }
    }
    collector.derived("aws.name", Json::from(account.name.as_str()), account.place);
    collector.derived("aws.email", Json::from(account.email.as_str()), account.place);
    collector.derived("wave", Json::from(organization.wave_of(account).name.as_str()), account.place);
    if let Some(held) = repository.ledger.accounts.get(key) {
        let text = |value: Option<String>| value.map_or(Json::Null, Json::from);
        collector.derived("ledger.id", text(held.id.clone()), held.place);
        collector.derived("ledger.network", text(held.network.map(|block| block.to_string())), held.place);
        collector.derived("ledger.zones", Json::from(held.zones.clone()), held.place);
        collector.derived("ledger.state_key", Json::from(held.state_key.as_str()), held.place);
    }
    let mut values = collector.values;
    values.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(values)
}

struct Collector<'a> {
    repository: &'a Repository,
    values: Vec<Resolved>,
}

impl Collector<'_> {
    /// The leaves of a value; a list is one leaf, since layers replace it as a whole.
    fn collect(&mut self, path: &str, node: &Node) {
        match &node.value {
            Value::Table(table) if !table.is_empty() => {
                for (name, entry) in table {
                    self.collect(&format!("{path}.{name}"), &entry.node);
                }
            }
            _ => self.derived(path, node.to_json(), node.place),
        }
    }

    fn derived(&mut self, path: &str, value: Json, place: Place) {
        let sources = &self.repository.sources;
        let origin =
            Origin { file: sources.path(place.file).display().to_string(), line: sources.line_column(place).0 };
        self.values.push(Resolved { path: path.to_owned(), value, origin });
    }
}

fn table(values: &[Resolved]) -> String {
    let shown: Vec<(&str, String, String)> = values
        .iter()
        .map(|value| {
            let text = match &value.value {
                Json::Null => "(none yet)".to_owned(),
                other => crate::text::inert(&other.to_string()).into_owned(),
            };
            (value.path.as_str(), text, format!("{}:{}", value.origin.file, value.origin.line))
        })
        .collect();
    let width = |of: fn(&(&str, String, String)) -> usize| shown.iter().map(of).max().unwrap_or(0);
    let (path, value) = (width(|row| row.0.chars().count()), width(|row| row.1.chars().count()).min(48));
    let line = |(p, v, o): &(&str, String, String)| format!("{p:path$}  {v:value$}  {o}");
    shown.iter().map(line).collect::<Vec<_>>().join("\n")
}
