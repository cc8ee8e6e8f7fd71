//! Plans of accounts that do not exist: what their root modules declare before a change and after it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::diagnostic::print;
use crate::organization::Account;
use crate::preview::{Resource, resources};
use crate::render::{self, RootModule};
use crate::repository::Repository;

/// The root modules of a repository, by account.
pub(super) fn render(repository: &Repository) -> Result<BTreeMap<String, RootModule>, String> {
    let (Some(organization), Some(engine)) = (&repository.organization, &repository.engine) else {
        return Err("there is no organization".to_owned());
    };
    let accounts: Vec<&Account> = organization.accounts.iter().collect();
    let modules = render::render(organization, &accounts, &repository.features, engine, &|| ())
        .map_err(|problems| print::to_text(&problems, &repository.sources, false))?;
    Ok(modules.into_iter().map(|module| (module.key.to_string(), module)).collect())
}

/// The plan that leads from one root module to the other, as `terraform show -json` prints it. Only files that differ are
/// read: what is declared elsewhere is the same on both sides.
pub(super) fn plan(before: &RootModule, after: &RootModule) -> Result<Value, String> {
    let differs =
        |name: &str| before.files.get(name).map(|file| file.digest) != after.files.get(name).map(|file| file.digest);
    let part = |of: &RootModule| {
        let mut part = of.clone();
        part.files.retain(|name, _| differs(name));
        resources(&part)
    };
    let (before, after) = (part(before)?, part(after)?);
    let addresses: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let changes: Vec<Value> =
        addresses.into_iter().filter_map(|address| change(before.get(address), after.get(address))).collect();
    Ok(json!({
        "format_version": "1.2", "terraform_version": "1.11.4",
        "planned_values": { "root_module": {} }, "resource_changes": changes,
        "errored": false, "complete": true, "applyable": true,
    }))
}

fn change(before: Option<&Resource>, after: Option<&Resource>) -> Option<Value> {
    let either = after.or(before)?;
    let (actions, reason) = match (before, after) {
        (Some(before), Some(after)) if before == after => return None,
        (Some(_), Some(_)) => (json!(["update"]), None),
        (Some(_), None) => (json!(["delete"]), Some("delete_because_no_resource_config")),
        (None, _) => (json!(["create"]), None),
    };
    let (_, name) = either.address.split_once('.')?;
    let values = |side: Option<&Resource>| side.map_or(Value::Null, |side| side.values.clone());
    Some(json!({
        "address": either.address, "mode": "managed", "type": either.kind, "name": name,
        "provider_name": "registry.terraform.io/hashicorp/aws", "action_reason": reason,
        "change": {
            "actions": actions, "before": values(before), "after": values(after),
            "after_unknown": after.map_or_else(|| json!({}), |after| after.unknown.clone()),
            "before_sensitive": before.map_or(json!(false), |_| json!({})),
            "after_sensitive": after.map_or(json!(false), |_| json!({})),
        },
    }))
}
