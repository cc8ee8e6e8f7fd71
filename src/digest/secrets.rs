//! What is sensitive in a plan, wherever it is marked.

use serde_json::Value;
use serde_json::value::RawValue;

use super::mask::{Mask, Secrets};
use super::tree::is_set;
use crate::plan::{Change, Plan, PriorModule, ReadError};

/// Reads JSON that was left unread; nothing where there was none.
pub(super) fn read(raw: Option<&RawValue>) -> Result<Value, ReadError> {
    raw.map_or(Ok(Value::Null), |raw| serde_json::from_str(raw.get()).map_err(|error| ReadError::from_value(&error)))
}

/// Finds every sensitive value that the plan marks: in changes and drift, outputs, variables, the prior state and
/// provider actions.
pub(super) fn mask(plan: &Plan<'_>) -> Result<Mask, ReadError> {
    let mut secrets = Secrets::default();
    let resources = plan.resource_changes.iter().chain(&plan.resource_drift).flatten();
    let deferred = plan.deferred_changes.iter().flatten().filter_map(|deferred| deferred.resource_change.as_ref());
    for resource in resources.chain(deferred) {
        of_change(&resource.change, &mut secrets)?;
    }
    for (name, change) in plan.output_changes.iter().flat_map(|outputs| &outputs.0) {
        of_change(change, &mut secrets)?;
        if is_sensitive_output(plan, name, change) {
            secrets.add_all(&read(change.before)?);
            secrets.add_all(&read(change.after)?);
        }
    }
    for (name, variable) in plan.variables.iter().flat_map(|variables| &variables.0) {
        if is_sensitive_variable(plan, name) {
            secrets.add_all(&read(variable.value)?);
        }
    }
    if let Some(values) = plan.prior_state.as_ref().and_then(|state| state.values.as_ref()) {
        for (_, output) in values.outputs.iter().flat_map(|outputs| &outputs.0) {
            if output.sensitive == Some(true) {
                secrets.add_all(&read(output.value)?);
            }
        }
        if let Some(module) = &values.root_module {
            of_module(module, &mut secrets)?;
        }
    }
    for invocation in plan.action_invocations.iter().flatten() {
        of_side(invocation.config_values, invocation.config_sensitive, &mut secrets)?;
    }
    secrets.into_mask()
}

/// Whether a variable's value must not be shown. `variables` has no marks of its own; where the configuration does
/// not say, it may be.
pub(super) fn is_sensitive_variable(plan: &Plan<'_>, name: &str) -> bool {
    plan.configuration
        .as_ref()
        .and_then(|configuration| configuration.root_module.as_ref())
        .and_then(|module| module.variables.as_ref())
        .and_then(|variables| variables.0.iter().find(|(declared, _)| &**declared == name))
        .is_none_or(|(_, declaration)| declaration.sensitive == Some(true) || declaration.ephemeral == Some(true))
}

/// Whether an output must not be shown, whatever its marks say. Older plans do not mark outputs; there it is the
/// configuration that says, and where it does not, it may be.
pub(super) fn is_sensitive_output(plan: &Plan<'_>, name: &str, change: &Change<'_>) -> bool {
    let declared = plan
        .configuration
        .as_ref()
        .and_then(|configuration| configuration.root_module.as_ref())
        .and_then(|module| module.outputs.as_ref())
        .and_then(|outputs| outputs.0.iter().find(|(declared, _)| &**declared == name));
    let marked = change.before_sensitive.is_some() || change.after_sensitive.is_some();
    declared.map_or(!marked, |(_, declaration)| declaration.sensitive == Some(true))
}

fn of_change(change: &Change<'_>, secrets: &mut Secrets) -> Result<(), ReadError> {
    // What one side marks is secret on both.
    for marks in [change.before_sensitive, change.after_sensitive] {
        of_side(change.before, marks, secrets)?;
        of_side(change.after, marks, secrets)?;
    }
    Ok(())
}

fn of_module(module: &PriorModule<'_>, secrets: &mut Secrets) -> Result<(), ReadError> {
    for resource in module.resources.iter().flatten() {
        of_side(resource.values, resource.sensitive_values, secrets)?;
    }
    // As deep as the reader lets it be.
    module.child_modules.iter().flatten().try_for_each(|child| of_module(child, secrets))
}

fn of_side(values: Option<&RawValue>, marks: Option<&RawValue>, secrets: &mut Secrets) -> Result<(), ReadError> {
    // Most resources mark nothing; their values need not be read for that. Marks are `true` or lead to one.
    if marks.is_none_or(|marks| !marks.get().contains("true")) || values.is_none_or(|values| values.get() == "null") {
        return Ok(());
    }
    collect(&read(values)?, &read(marks)?, secrets);
    Ok(())
}

fn collect(value: &Value, marks: &Value, secrets: &mut Secrets) {
    match (value, marks) {
        (_, marks) if is_set(Some(marks)) => secrets.add_all(value),
        (Value::Array(items), Value::Array(marks)) => {
            items.iter().zip(marks).for_each(|(item, marks)| collect(item, marks, secrets));
        }
        (Value::Object(object), Value::Object(marks)) => {
            for (key, marks) in marks {
                if let Some(value) = object.get(key) {
                    collect(value, marks, secrets);
                }
            }
        }
        _ => {}
    }
}
