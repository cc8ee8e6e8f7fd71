//! What every provider does, as far as a schema tells: what is configured stays, what is computed is unknown until
//! apply and then something.

use rmpv::Value;
use sha2::{Digest as _, Sha256};

use super::schema::{Attribute, Block, Nesting, Type};
use super::value::{fields, get, is_open, is_unknown, items, name, unknown, walk};

/// Attributes that are set although only the provider sets them: Terraform leaves it to the provider to refuse that.
pub(crate) fn unconfigurable(block: &Block, config: Value) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    walk(block, config, &mut Vec::new(), &mut |path, attribute, value| {
        if attribute.is_read_only() && !value.is_nil() {
            found.push(path.to_vec());
        }
        value
    });
    found
}

/// What is to become of an object: nothing is remembered of what is only written, and what is computed and not set is
/// unknown.
pub(crate) fn planned(block: &Block, proposed: Value, prior: &Value) -> Value {
    let mut planned = walk(block, proposed, &mut Vec::new(), &mut |_, attribute, value| {
        if attribute.write_only {
            Value::Nil
        } else if value.is_nil() && attribute.computed {
            unknown()
        } else {
            value
        }
    });
    adopt(block, &mut planned, prior);
    planned
}

/// Finds, for elements of sets of blocks, the ones that were there before: Terraform cannot, where they have computed
/// collections that nobody set.
fn adopt(block: &Block, planned: &mut Value, prior: &Value) {
    let Value::Map(fields) = planned else { return };
    for (key, value) in fields {
        let Some(nested) = block.block_types.get(name(key)) else { continue };
        let before = get(prior, name(key));
        match (nested.nesting_mode, value) {
            (Nesting::Set, Value::Array(elements)) => {
                for element in elements {
                    if let Some(same) = items(before).find(|before| is_same(&nested.block, element, before)) {
                        *element = same.clone();
                    }
                }
            }
            (Nesting::List, Value::Array(elements)) => {
                elements
                    .iter_mut()
                    .zip(items(before))
                    .for_each(|(element, before)| adopt(&nested.block, element, before));
            }
            (Nesting::Single | Nesting::Group, value) => adopt(&nested.block, value, before),
            _ => {}
        }
    }
}

/// Whether a planned element may be one that was there before: all that is known of it is the same.
fn is_same(block: &Block, planned: &Value, before: &Value) -> bool {
    fields(planned).all(|(key, value)| {
        let before = get(before, name(key));
        if let Some(attribute) = block.attributes.get(name(key)) {
            return value == before || attribute.computed && is_unknown(value);
        }
        let Some(nested) = block.block_types.get(name(key)) else { return false };
        let inner = &nested.block;
        match nested.nesting_mode {
            Nesting::Map => value == before,
            Nesting::Single | Nesting::Group => value == before || is_same(inner, value, before),
            Nesting::List | Nesting::Set => {
                let is_there = |value: &Value| items(before).any(|before| is_same(inner, value, before));
                items(value).len() == items(before).len() && items(value).all(is_there)
            }
        }
    })
}

/// What an object is after apply: everything that was unknown is something, made from `seed` and from where it is.
pub(crate) fn applied(block: &Block, planned: Value, seed: &str, invent: &dyn Fn(&str, &str) -> String) -> Value {
    walk(block, planned, &mut Vec::new(), &mut |path, attribute, value| {
        if attribute.write_only {
            return Value::Nil;
        }
        let seed = format!("{seed}.{}", path.join("."));
        let field = path.last().map(String::as_str).unwrap_or_default();
        if is_open(&value) && (attribute.computed || is_unknown(&value)) {
            made_up(attribute, field, &seed, invent)
        } else {
            match &attribute.kind {
                Some(kind) => filled(kind, value, field, &seed, invent),
                None => value,
            }
        }
    })
}

type Invent<'a> = &'a dyn Fn(&str, &str) -> String;

fn made_up(attribute: &Attribute, field: &str, seed: &str, invent: Invent<'_>) -> Value {
    if let Some(kind) = &attribute.kind {
        return of_kind(kind, field, seed, invent);
    }
    let Some(nested) = &attribute.nested_type else { return Value::Nil };
    let object = || {
        let one = |(key, attribute): (&String, &Attribute)| {
            (key.as_str().into(), made_up(attribute, key, &format!("{seed}.{key}"), invent))
        };
        Value::Map(nested.attributes.iter().map(one).collect())
    };
    match nested.nesting_mode {
        Nesting::Single | Nesting::Group => object(),
        Nesting::Map => Value::Map(Vec::new()),
        Nesting::List | Nesting::Set => Value::Array(vec![object()]),
    }
}

/// Fills what is unknown inside of a value.
fn filled(kind: &Type, value: Value, field: &str, seed: &str, invent: Invent<'_>) -> Value {
    match (kind, value) {
        (kind, value) if is_unknown(&value) => of_kind(kind, field, seed, invent),
        (Type::List(of) | Type::Set(of), Value::Array(items)) => {
            items.into_iter().map(|item| filled(of, item, field, seed, invent)).collect::<Vec<_>>().into()
        }
        (Type::Map(of), Value::Map(fields)) => {
            Value::Map(fields.into_iter().map(|(key, value)| (key, filled(of, value, field, seed, invent))).collect())
        }
        (Type::Object(attributes), Value::Map(fields)) => {
            let one = |(key, value): (Value, Value)| match attributes.get(name(&key)) {
                Some(of) => {
                    let value = filled(of, value, name(&key), &format!("{seed}.{}", name(&key)), invent);
                    (key, value)
                }
                None => (key, value),
            };
            Value::Map(fields.into_iter().map(one).collect())
        }
        (_, value) => value,
    }
}

fn of_kind(kind: &Type, field: &str, seed: &str, invent: Invent<'_>) -> Value {
    match kind {
        Type::String => Value::from(invent(field, seed)),
        Type::Bool => Value::from(false),
        Type::Number => Value::from(0),
        Type::Dynamic => Value::Array(vec![Value::Binary(b"\"string\"".to_vec()), Value::from(invent(field, seed))]),
        Type::List(of) | Type::Set(of) => Value::Array(vec![of_kind(of, field, seed, invent)]),
        Type::Map(_) => Value::Map(Vec::new()),
        Type::Tuple(kinds) => kinds.iter().map(|of| of_kind(of, field, seed, invent)).collect::<Vec<_>>().into(),
        Type::Object(attributes) => {
            let one =
                |(key, of): (&String, &Type)| (key.as_str().into(), of_kind(of, key, &format!("{seed}.{key}"), invent));
            Value::Map(attributes.iter().map(one).collect())
        }
    }
}

/// Twelve hexadecimal digits that stand for a text.
pub(crate) fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
