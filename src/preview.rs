//! What an account gets that does not exist yet: a digest from its rendered root module, without a plan.
//!
//! Nothing can be planned in an account that is not there. But all resources of its root module will be created, and
//! much of them is literal. So the module is read as a plan that creates everything it declares; what depends on AWS,
//! or on functions that are not known here, is known after applying. That needs no credentials and no Terraform.

use std::collections::BTreeMap;

use hcl::eval::{Context, Evaluate as _, FuncArgs, FuncDef, ParamType};
use hcl::structure::{Attribute, Block, BlockLabel, Body};
use hcl::{Expression, Map, Value};
use serde_json::json;

use crate::digest::Digest;
use crate::plan::{Document, documents};
use crate::render::RootModule;

/// Locals that depend on each other deeper than this are not followed.
const DEEPEST: usize = 16;

/// More instances of one resource than this are shown as one.
const MOST_INSTANCES: usize = 512;

/// What is said of a resource rather than given to it.
const META: [&str; 7] = ["count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection"];

/// What stands for keys that are only known while planning.
const ANY_KEY: &str = "[*]";

/// The digest of what a root module declares.
///
/// # Errors
/// A file of it is not HCL, in one sentence. Rendered files have been parsed before.
pub fn declared(module: &RootModule) -> Result<Digest, String> {
    let changes: Vec<serde_json::Value> =
        resources(module)?.into_values().map(|resource| resource.creation()).collect();
    let plan = json!({ "format_version": "1.2", "resource_changes": changes }).to_string();
    match documents(&plan).next() {
        Some(Ok(Document::Plan(plan))) => {
            Digest::of_new_account(&plan, &module.key.to_string()).map_err(|error| error.to_string())
        }
        _ => Err("what it declares cannot be read as a plan".to_owned()),
    }
}

/// A resource, or a module's call, as it is declared.
#[derive(Clone, Debug, PartialEq)]
pub struct Resource {
    /// Its address.
    pub address: String,
    /// Its type; `module` for a call.
    pub kind: String,
    /// What is known of it.
    pub values: serde_json::Value,
    /// Marks for what is not.
    pub unknown: serde_json::Value,
}

impl Resource {
    fn creation(self) -> serde_json::Value {
        json!({
            "address": self.address,
            "type": self.kind,
            "change": { "actions": ["create"], "before": null, "after": self.values, "after_unknown": self.unknown },
        })
    }
}

/// What a root module declares, by address.
///
/// # Errors
/// A file of it is not HCL, in one sentence.
pub fn resources(module: &RootModule) -> Result<BTreeMap<String, Resource>, String> {
    let mut bodies = Vec::new();
    for (path, content) in &module.files {
        if path.contains('/') || !path.ends_with(".tf") {
            continue;
        }
        let text = std::str::from_utf8(&content.bytes).map_err(|_| format!("`{path}` is not UTF-8"))?;
        // Where it is wrong has been said when it was rendered.
        bodies.push(hcl::parse(text).map_err(|_| format!("`{path}` cannot be read as HCL"))?);
    }
    let context = context(&bodies);
    let mut resources: BTreeMap<String, Resource> = BTreeMap::new();
    let mut declare = |address: String, kind: &str, (values, unknown): (serde_json::Value, serde_json::Value)| {
        let resource = Resource { address: address.clone(), kind: kind.to_owned(), values, unknown };
        resources.insert(address, resource);
    };
    for block in bodies.iter().flat_map(Body::blocks) {
        let labels: Vec<&str> = block.labels().iter().map(BlockLabel::as_str).collect();
        match (block.identifier(), labels.as_slice()) {
            ("resource", [kind, name]) => {
                for (key, context) in instances(block, &context) {
                    declare(format!("{kind}.{name}{key}"), kind, values(block.body(), &context));
                }
            }
            // What is in it cannot be seen without fetching it.
            ("module", [name]) => {
                for (key, _) in instances(block, &context) {
                    declare(format!("module.{name}{key}"), "module", (json!({}), json!({})));
                }
            }
            _ => {}
        }
    }
    Ok(resources)
}

/// Locals and the defaults of variables, as far as they can be evaluated, and the functions that literals are made with.
fn context(bodies: &[Body]) -> Context<'static> {
    let mut variables = Map::new();
    let mut waiting: Vec<(String, Expression)> = Vec::new();
    for block in bodies.iter().flat_map(Body::blocks) {
        match (block.identifier(), block.labels().first()) {
            ("variable", Some(name)) => {
                let default = block.body().attributes().find(|attribute| attribute.key() == "default");
                // It is secret wherever it goes; without its value nothing that depends on it is shown.
                let secret = block.body().attributes().any(|attribute| attribute.key() == "sensitive");
                if let Some(value) = default.filter(|_| !secret).and_then(|it| it.expr().evaluate(&Context::new()).ok())
                {
                    variables.insert(name.as_str().to_owned(), value);
                }
            }
            ("locals", None) => {
                waiting.extend(block.body().attributes().map(|local| (local.key().to_owned(), local.expr().clone())));
            }
            _ => {}
        }
    }
    let mut locals = Map::new();
    let mut context = with(&variables, &locals);
    for _ in 0..DEEPEST {
        let before = waiting.len();
        waiting.retain(|(name, expression)| match expression.evaluate(&context) {
            Ok(value) => {
                locals.insert(name.clone(), value);
                false
            }
            Err(_) => true,
        });
        if waiting.len() == before {
            break;
        }
        context = with(&variables, &locals);
    }
    context
}

fn with(variables: &Map<String, Value>, locals: &Map<String, Value>) -> Context<'static> {
    let mut context = Context::new();
    context.declare_var("var", Value::Object(variables.clone()));
    context.declare_var("local", Value::Object(locals.clone()));
    let one =
        |function: fn(FuncArgs) -> Result<Value, String>| FuncDef::builder().params([ParamType::Any]).build(function);
    context.declare_func(
        "jsonencode",
        one(|arguments| {
            let value = arguments.into_values().into_iter().next();
            value.and_then(|value| serde_json::to_string(&value).ok()).map(Value::from).ok_or_else(String::new)
        }),
    );
    for same in ["toset", "tolist", "tomap", "tostring"] {
        context.declare_func(same, one(|arguments| arguments.into_values().into_iter().next().ok_or_else(String::new)));
    }
    context
}

/// The instances of a block: the key that each has behind its address, and what `each` and `count` are for it.
fn instances(block: &Block, context: &Context<'static>) -> Vec<(String, Context<'static>)> {
    let argument =
        |name: &str| block.body().attributes().find(|attribute| attribute.key() == name).map(Attribute::expr);
    let any = || vec![(ANY_KEY.to_owned(), context.clone())];
    if let Some(expression) = argument("for_each") {
        let pairs: Vec<(String, Value)> = match expression.evaluate(context) {
            Ok(Value::Object(object)) => object.into_iter().collect(),
            Ok(Value::Array(items)) => {
                let named = |item: Value| item.as_str().map(str::to_owned).map(|name| (name, item));
                match items.into_iter().map(named).collect::<Option<Vec<_>>>() {
                    Some(pairs) => pairs,
                    None => return any(),
                }
            }
            _ => return any(),
        };
        if pairs.len() > MOST_INSTANCES {
            return any();
        }
        let instance = |(key, value): (String, Value)| {
            let mut context = context.clone();
            let each = Map::from_iter([("key".to_owned(), Value::from(key.clone())), ("value".to_owned(), value)]);
            context.declare_var("each", Value::Object(each));
            (format!("[{}]", serde_json::Value::from(key)), context)
        };
        return pairs.into_iter().map(instance).collect();
    }
    if let Some(expression) = argument("count") {
        let count = expression.evaluate(context).ok().and_then(|count| usize::try_from(count.as_u64()?).ok());
        let Some(count) = count.filter(|count| *count <= MOST_INSTANCES) else { return any() };
        let instance = |index: usize| {
            let mut context = context.clone();
            let count = Map::from_iter([("index".to_owned(), Value::from(index as u64))]);
            context.declare_var("count", Value::Object(count));
            (format!("[{index}]"), context)
        };
        return (0..count).map(instance).collect();
    }
    vec![(String::new(), context.clone())]
}

/// A body's attributes and blocks: what is known of them, and marks for what is not, as a plan has them.
fn values(body: &Body, context: &Context<'static>) -> (serde_json::Value, serde_json::Value) {
    let (mut after, mut unknown) = (serde_json::Map::new(), serde_json::Map::new());
    for attribute in body.attributes().filter(|attribute| !META.contains(&attribute.key())) {
        let value = attribute.expr().evaluate(context).ok().and_then(|value| serde_json::to_value(value).ok());
        match value {
            Some(value) => after.insert(attribute.key().to_owned(), value),
            None => unknown.insert(attribute.key().to_owned(), true.into()),
        };
    }
    let push = |into: &mut serde_json::Map<String, serde_json::Value>, name: &str, value: serde_json::Value| {
        let list = into.entry(name.to_owned()).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(value);
        }
    };
    for block in body.blocks().filter(|block| !META.contains(&block.identifier())) {
        if let ("dynamic", Some(name)) = (block.identifier(), block.labels().first()) {
            unknown.insert(name.as_str().to_owned(), true.into());
            continue;
        }
        let (known, marks) = values(block.body(), context);
        push(&mut after, block.identifier(), known);
        push(&mut unknown, block.identifier(), marks);
    }
    (after.into(), unknown.into())
}
