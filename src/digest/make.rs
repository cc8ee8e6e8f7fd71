//! A plan to its digest.

use std::collections::BTreeMap;

use serde_json::Value;

use super::about;
use super::compare::compare;
use super::danger;
use super::fingerprint::{Seal, fingerprint};
use super::mask::Mask;
use super::model::{Change, Check, Deferred, Digest, Invocation, OutputChange, SCHEMA_VERSION};
use super::path::from_steps;
use super::redact::Redactor;
use super::redaction::Redaction;
use super::secrets::{self, is_sensitive_output, is_sensitive_variable, read};
use super::tree::{Marks, Tree};
use crate::plan::{self, Action, CheckResult, Plan, ReadError, ResourceChange};
use crate::schema::version;

/// Variables of one plan that are kept, and how long their values may be.
const MOST_VARIABLES: usize = 128;
const LONGEST_VARIABLE: usize = 256;

impl Digest {
    /// The digest of one account's plan.
    ///
    /// # Errors
    /// A plan whose values cannot be read, or that cannot be redacted.
    pub fn of(plan: &Plan<'_>, account: Option<&str>, seal: Option<&Seal>) -> Result<Self, ReadError> {
        Self::with_redaction(plan, account, seal).map(|(digest, _)| digest)
    }

    /// The digest of one account's plan, and what takes the plan's secrets out of other texts.
    ///
    /// # Errors
    /// A plan whose values cannot be read, or that cannot be redacted.
    pub fn with_redaction(
        plan: &Plan<'_>,
        account: Option<&str>,
        seal: Option<&Seal>,
    ) -> Result<(Self, Redaction), ReadError> {
        let mask = secrets::mask(plan)?;
        let mut redactor = Redactor::new(&mask);
        let changes = resources(plan.resource_changes.as_deref(), &mask, &mut redactor)?;
        let outputs = outputs(plan, &mask, &mut redactor)?;
        let deferred = deferred(plan, &mask, &mut redactor)?;
        let invocations = invocations(plan, &mask, &mut redactor)?;
        // What drifted is not about to be done: nobody can refuse it, and it is not sealed.
        let mut drift = resources(plan.resource_drift.as_deref(), &mask, &mut Redactor::new(&mask))?;
        drift.iter_mut().for_each(|change| change.dangers.clear());
        let hidden = redactor.into_hidden();
        let mut digest = Self {
            schema_version: SCHEMA_VERSION,
            // The caller's word, and nothing of the plan: whatever else is the same text, the account is who it is.
            account: account.map(str::to_owned),
            fingerprint: String::new(),
            seal: seal.filter(|_| !hidden.is_empty()).map(|seal| seal.stamp(hidden.as_bytes())),
            terraform_version: plan.terraform_version.as_ref().map(|version| mask.text(version).into_owned()),
            new_account: false,
            failure: None,
            errored: plan.errored,
            applyable: plan.applyable,
            complete: plan.complete,
            changes,
            drift,
            outputs,
            checks: checks(plan.checks.as_deref().unwrap_or_default(), &mask),
            deferred,
            invocations,
            variables: variables(plan, &mask)?,
            account_id: about::account_id(plan.text).filter(|id| !mask.hits(id)),
            networks: about::networks(plan)?.into_iter().filter(|network| !mask.hits(network)).collect(),
        };
        digest.fingerprint = fingerprint(&digest);
        Ok((digest, Redaction::of(mask)))
    }

    /// The digest of a plan that declares what an account gets that does not exist yet.
    ///
    /// # Errors
    /// As for any plan.
    pub fn of_new_account(plan: &Plan<'_>, account: &str) -> Result<Self, ReadError> {
        let mut digest = Self { new_account: true, ..Self::of(plan, Some(account), None)? };
        digest.fingerprint = fingerprint(&digest);
        Ok(digest)
    }

    /// What stands where a digest would, for an account that could not be planned. The reason has to be redacted.
    pub fn failed(account: &str, reason: String) -> Self {
        let mut digest = Self {
            schema_version: SCHEMA_VERSION,
            account: Some(account.to_owned()),
            failure: Some(reason),
            ..Self::default()
        };
        digest.fingerprint = fingerprint(&digest);
        digest
    }

    /// Reads a digest that [`Digest::of`] made and serde wrote.
    ///
    /// # Errors
    /// Not a digest, one of another version, or one that was changed after it was made.
    pub fn read(text: &str) -> Result<Self, ReadError> {
        let of = |digest: &Self| Some(digest.schema_version);
        let shape = |error| ReadError::from_value(&error);
        let digest = version::read(text, SCHEMA_VERSION, of, ReadError::UnknownDigest, shape)?;
        if fingerprint(&digest) != digest.fingerprint {
            return Err(ReadError::Forged);
        }
        Ok(digest)
    }
}

fn resources(
    changes: Option<&[ResourceChange<'_>]>,
    mask: &Mask,
    redactor: &mut Redactor<'_>,
) -> Result<Vec<Change>, ReadError> {
    let mut relevant: Vec<(&ResourceChange<'_>, Action)> = changes
        .unwrap_or_default()
        .iter()
        .map(|resource| (resource, Action::from_words(&resource.change.actions)))
        // A data source is read, an ephemeral resource opened, and nothing is different afterwards.
        .filter(|(_, action)| !matches!(action, Action::Read | Action::Open))
        .filter(|(resource, action)| {
            *action != Action::NoOp || resource.previous_address.is_some() || resource.change.importing.is_some()
        })
        .collect();
    relevant.sort_by(|(a, _), (b, _)| (&a.address, &a.deposed).cmp(&(&b.address, &b.deposed)));
    relevant.into_iter().map(|(resource, action)| change(resource, action, mask, redactor)).collect()
}

fn change(
    resource: &ResourceChange<'_>,
    action: Action,
    mask: &Mask,
    redactor: &mut Redactor<'_>,
) -> Result<Change, ReadError> {
    let change = &resource.change;
    let (before, after) = (read(change.before)?, read(change.after)?);
    let dangers = danger::judge(&resource.kind, &action, &before, &after);
    let address = redactor.text(&resource.address);
    let leaves = if action == Action::NoOp { Vec::new() } else { leaves(change, before, after, false, mask)? };
    let (attributes, more) = redactor.attributes(&resource.address, leaves);
    let importing = change.importing.as_ref().map(|importing| {
        let id = importing.id.as_deref().or(importing.identity.map(serde_json::value::RawValue::get));
        redactor.text(id.unwrap_or("(known after apply)"))
    });
    Ok(Change {
        address,
        deposed: redactor.maybe(resource.deposed.as_deref()),
        kind: redactor.text(&resource.kind),
        action,
        reason: redactor.maybe(resource.action_reason.as_deref()),
        previous_address: redactor.maybe(resource.previous_address.as_deref()),
        importing,
        replace_paths: replace_paths(change, redactor)?,
        attributes,
        more,
        dangers: dangers
            .into_iter()
            .map(|danger| danger::Danger { detail: redactor.text(&danger.detail), ..danger })
            .collect(),
    })
}

fn leaves(
    change: &plan::Change<'_>,
    before: Value,
    after: Value,
    all_sensitive: bool,
    mask: &Mask,
) -> Result<Vec<super::compare::Leaf>, ReadError> {
    let sensitive = |marks| if all_sensitive { Ok(Value::Bool(true)) } else { read(marks) };
    let (unknown, before_sensitive, after_sensitive) =
        (read(change.after_unknown)?, sensitive(change.before_sensitive)?, sensitive(change.after_sensitive)?);
    let marks = |unknown, own, other| Marks { unknown, sensitive: Some(own), sensitive_on_other_side: Some(other) };
    let before = Tree::new(before, marks(None, &before_sensitive, &after_sensitive), mask);
    let after = Tree::new(after, marks(Some(&unknown), &after_sensitive, &before_sensitive), mask);
    let one_sided = before == Tree::Absent || after == Tree::Absent;
    let mut leaves = compare(before, after, &|text| mask.hits(text));
    if one_sided {
        // That a new resource has no tags and no rules says nothing.
        leaves.retain(|leaf| !is_hollow(&leaf.before) && !is_hollow(&leaf.after));
    }
    Ok(leaves)
}

fn is_hollow(tree: &Tree) -> bool {
    match tree {
        Tree::Leaf(Value::Array(items)) => items.is_empty(),
        Tree::Leaf(Value::Object(object)) => object.is_empty(),
        Tree::Absent
        | Tree::Unknown
        | Tree::Sensitive(_)
        | Tree::Leaf(_)
        | Tree::List(_)
        | Tree::Map(_)
        | Tree::Json { .. } => false,
    }
}

fn replace_paths(change: &plan::Change<'_>, redactor: &Redactor<'_>) -> Result<Vec<String>, ReadError> {
    let Value::Array(paths) = read(change.replace_paths)? else { return Ok(Vec::new()) };
    let steps = paths.iter().filter_map(Value::as_array);
    let mut paths: Vec<String> = steps.map(|steps| redactor.text(&from_steps(steps))).collect();
    paths.sort();
    paths.dedup();
    Ok(paths)
}

fn outputs(plan: &Plan<'_>, mask: &Mask, redactor: &mut Redactor<'_>) -> Result<Vec<OutputChange>, ReadError> {
    let mut outputs = Vec::new();
    let mut entries: Vec<_> = plan.output_changes.iter().flat_map(|outputs| &outputs.0).collect();
    entries.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, change) in entries {
        let action = Action::from_words(&change.actions);
        if matches!(action, Action::NoOp | Action::Read) {
            continue;
        }
        let all_sensitive = is_sensitive_output(plan, name, change);
        let leaves = leaves(change, read(change.before)?, read(change.after)?, all_sensitive, mask)?;
        let (attributes, more) = redactor.attributes(&format!("output.{}", &**name), leaves);
        outputs.push(OutputChange { name: redactor.text(name), action, attributes, more });
    }
    Ok(outputs)
}

fn deferred(plan: &Plan<'_>, mask: &Mask, redactor: &mut Redactor<'_>) -> Result<Vec<Deferred>, ReadError> {
    let mut found = Vec::new();
    for deferred in plan.deferred_changes.iter().flatten() {
        let Some(resource) = &deferred.resource_change else { continue };
        let action = Action::from_words(&resource.change.actions);
        let reason = redactor.text(deferred.reason.as_deref().unwrap_or("unknown"));
        found.push(Deferred { reason, change: change(resource, action, mask, redactor)? });
    }
    found.sort_by(|a, b| (&a.change.address, &a.change.deposed).cmp(&(&b.change.address, &b.change.deposed)));
    Ok(found)
}

fn invocations(plan: &Plan<'_>, mask: &Mask, redactor: &mut Redactor<'_>) -> Result<Vec<Invocation>, ReadError> {
    let mut found = Vec::new();
    for invocation in plan.action_invocations.iter().flatten() {
        let (unknown, sensitive) = (read(invocation.config_unknown)?, read(invocation.config_sensitive)?);
        let marks = Marks { unknown: Some(&unknown), sensitive: Some(&sensitive), sensitive_on_other_side: None };
        let values = Tree::new(read(invocation.config_values)?, marks, mask);
        let leaves = compare(Tree::Absent, values, &|text| mask.hits(text));
        let (attributes, more) = redactor.attributes(&invocation.address, leaves);
        let (address, kind) = (redactor.text(&invocation.address), redactor.text(&invocation.kind));
        found.push(Invocation { address, kind, attributes, more });
    }
    found.sort_by(|a, b| a.address.cmp(&b.address));
    Ok(found)
}

/// Checks that did not pass. Their messages are texts of the configuration's own, and may hold any value.
fn checks(results: &[CheckResult<'_>], mask: &Mask) -> Vec<Check> {
    let redactor = Redactor::new(mask);
    let mut checks = Vec::new();
    for result in results {
        let status = result.status.as_deref().unwrap_or("unknown");
        // Before the first apply nearly everything is unknown; only what is known to fail is worth a word.
        if matches!(status, "pass" | "unknown") {
            continue;
        }
        let name = result.address.as_ref().and_then(|address| address.to_display.as_deref()).unwrap_or_default();
        let mut messages: Vec<String> = result
            .instances
            .iter()
            .flatten()
            .filter(|instance| !matches!(instance.status.as_deref(), Some("pass")))
            .flat_map(|instance| instance.problems.iter().flatten())
            .filter_map(|problem| redactor.maybe(problem.message.as_deref()))
            .collect();
        messages.sort();
        messages.dedup();
        checks.push(Check { address: redactor.text(name), status: redactor.text(status), messages });
    }
    checks.sort();
    checks
}

fn variables(plan: &Plan<'_>, mask: &Mask) -> Result<BTreeMap<String, String>, ReadError> {
    let mut variables = BTreeMap::new();
    for (name, variable) in plan.variables.iter().flat_map(|variables| &variables.0) {
        if is_sensitive_variable(plan, name) {
            continue;
        }
        let tree = Tree::new(read(variable.value)?, Marks::default(), mask);
        for leaf in compare(Tree::Absent, tree, &|text| mask.hits(text)) {
            if let Tree::Leaf(Value::String(text)) = leaf.after
                && text.len() <= LONGEST_VARIABLE
                && !mask.hits(&text)
                && variables.len() < MOST_VARIABLES
            {
                let path =
                    if leaf.path.is_empty() { (**name).to_owned() } else { format!("{}.{}", &**name, leaf.path) };
                variables.insert(mask.text(&path).into_owned(), text);
            }
        }
    }
    Ok(variables)
}
