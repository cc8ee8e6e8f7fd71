//! Terraform's values, as the protocol carries them: `MessagePack`, in which an extension stands for what is not known
//! yet.

use std::collections::BTreeMap;
use std::slice;

use rmpv::Value;
use serde_json::Value as Json;

use super::schema::{Attribute, Block, Nesting, Type};
use super::wire::DynamicValue;

/// What is only known after apply. Terraform may put a refinement into the extension, which is kept as it is.
pub(crate) fn unknown() -> Value {
    Value::Ext(0, vec![0])
}

pub(crate) fn is_unknown(value: &Value) -> bool {
    matches!(value, Value::Ext(..))
}

/// Whether nobody has said anything about it yet.
pub(crate) fn is_open(value: &Value) -> bool {
    value.is_nil() || is_unknown(value)
}

pub(crate) fn read(value: Option<&DynamicValue>) -> Result<Value, String> {
    match value {
        Some(value) if !value.msgpack.is_empty() => {
            rmpv::decode::read_value(&mut value.msgpack.as_slice()).map_err(|error| error.to_string())
        }
        _ => Ok(Value::Nil),
    }
}

pub(crate) fn write(value: &Value) -> DynamicValue {
    let mut msgpack = Vec::new();
    rmpv::encode::write_value(&mut msgpack, value).unwrap();
    DynamicValue { msgpack }
}

pub(crate) fn name(key: &Value) -> &str {
    key.as_str().unwrap_or_default()
}

pub(crate) fn fields(value: &Value) -> slice::Iter<'_, (Value, Value)> {
    value.as_map().map_or_else(|| [].iter(), |fields| fields.iter())
}

pub(crate) fn items(value: &Value) -> slice::Iter<'_, Value> {
    value.as_array().map_or_else(|| [].iter(), |items| items.iter())
}

/// A field of an object; null where there is none.
pub(crate) fn get<'a>(value: &'a Value, field: &str) -> &'a Value {
    fields(value).find(|(key, _)| name(key) == field).map_or(&Value::Nil, |(_, value)| value)
}

/// Sets a field that an object has; its type says which these are.
pub(crate) fn set(value: &mut Value, field: &str, new: Value) {
    if let Value::Map(fields) = value
        && let Some((_, old)) = fields.iter_mut().find(|(key, _)| name(key) == field)
    {
        *old = new;
    }
}

pub(crate) fn to_json(value: &Value) -> Json {
    match value {
        Value::Nil | Value::Ext(..) | Value::Binary(_) => Json::Null,
        Value::Boolean(value) => Json::Bool(*value),
        Value::Integer(value) => value.as_i64().map_or_else(|| value.as_u64().into(), Json::from),
        Value::F32(value) => Json::from(*value),
        Value::F64(value) => Json::from(*value),
        Value::String(value) => value.as_str().into(),
        // A value of any type comes with its type.
        Value::Array(items) if matches!(items.as_slice(), [Value::Binary(_), _]) => to_json(&items[1]),
        Value::Array(items) => items.iter().map(to_json).collect(),
        Value::Map(fields) => {
            Json::Object(fields.iter().map(|(key, value)| (name(key).to_owned(), to_json(value))).collect())
        }
    }
}

/// A value of that type, from JSON.
pub(crate) fn of_type(kind: &Type, json: &Json) -> Value {
    match (kind, json) {
        (_, Json::Null) => Value::Nil,
        (Type::Bool, Json::Bool(value)) => Value::from(*value),
        (Type::Number, Json::Number(number)) => match number.as_i64() {
            Some(whole) => Value::from(whole),
            // As text: a binary fraction would not equal the decimal one of the configuration.
            None => Value::from(number.to_string()),
        },
        (Type::String | Type::Number, Json::String(text)) => Value::from(text.as_str()),
        (Type::String, other) => Value::from(other.to_string()),
        (Type::Dynamic, json) => {
            // So it is in a state.
            let (kind, value) = match (json.get("type"), json.get("value")) {
                (Some(kind), Some(value)) => (Type::try_from(kind.clone()).unwrap_or(Type::String), value),
                _ => (type_of(json), json),
            };
            Value::Array(vec![Value::Binary(kind.to_json().to_string().into_bytes()), of_type(&kind, value)])
        }
        (Type::List(of) | Type::Set(of), Json::Array(items)) => {
            items.iter().map(|item| of_type(of, item)).collect::<Vec<_>>().into()
        }
        (Type::Map(of), Json::Object(fields)) => {
            Value::Map(fields.iter().map(|(key, value)| (key.as_str().into(), of_type(of, value))).collect())
        }
        (Type::Object(attributes), json) => Value::Map(
            attributes
                .iter()
                .map(|(key, of)| (key.as_str().into(), of_type(of, json.get(key).unwrap_or(&Json::Null))))
                .collect(),
        ),
        (Type::Tuple(kinds), Json::Array(items)) => {
            kinds.iter().zip(items).map(|(of, item)| of_type(of, item)).collect::<Vec<_>>().into()
        }
        _ => Value::Nil,
    }
}

fn type_of(json: &Json) -> Type {
    match json {
        Json::Null => Type::Dynamic,
        Json::Bool(_) => Type::Bool,
        Json::Number(_) => Type::Number,
        Json::String(_) => Type::String,
        Json::Array(items) => Type::Tuple(items.iter().map(type_of).collect()),
        Json::Object(fields) => Type::Object(fields.iter().map(|(key, value)| (key.clone(), type_of(value))).collect()),
    }
}

/// An object of that block, from JSON. What the JSON does not have is null, or empty.
pub(crate) fn of_block(block: &Block, json: &Json) -> Value {
    if json.is_null() {
        return Value::Nil;
    }
    let at = |key: &str| json.get(key).unwrap_or(&Json::Null);
    let nothing = Json::Object(serde_json::Map::new());
    let mut fields = of_attributes(&block.attributes, json);
    for (key, nested) in &block.block_types {
        let inner = &nested.block;
        let value = match (nested.nesting_mode, at(key)) {
            (Nesting::List | Nesting::Set, json) => {
                json.as_array().into_iter().flatten().map(|item| of_block(inner, item)).collect::<Vec<_>>().into()
            }
            (Nesting::Map, json) => Value::Map(
                json.as_object()
                    .into_iter()
                    .flatten()
                    .map(|(key, item)| (key.as_str().into(), of_block(inner, item)))
                    .collect(),
            ),
            (Nesting::Group, Json::Null) => of_block(inner, &nothing),
            (Nesting::Single | Nesting::Group, json) => of_block(inner, json),
        };
        fields.push((key.as_str().into(), value));
    }
    Value::Map(fields)
}

fn of_attributes(attributes: &BTreeMap<String, Attribute>, json: &Json) -> Vec<(Value, Value)> {
    let one = |(key, attribute): (&String, &Attribute)| {
        (key.as_str().into(), of_attribute(attribute, json.get(key).unwrap_or(&Json::Null)))
    };
    attributes.iter().map(one).collect()
}

pub(crate) fn of_attribute(attribute: &Attribute, json: &Json) -> Value {
    let Some(nested) = &attribute.nested_type else {
        return attribute.kind.as_ref().map_or(Value::Nil, |kind| of_type(kind, json));
    };
    let object = |json: &Json| Value::Map(of_attributes(&nested.attributes, json));
    match (nested.nesting_mode, json) {
        (_, Json::Null) => Value::Nil,
        (Nesting::List | Nesting::Set, Json::Array(items)) => items.iter().map(object).collect::<Vec<_>>().into(),
        (Nesting::Map, Json::Object(fields)) => {
            Value::Map(fields.iter().map(|(key, item)| (key.as_str().into(), object(item))).collect())
        }
        (_, json) => object(json),
    }
}

/// What a walk does with an attribute's value: where it is, what the schema says, and the value.
pub(crate) type Change<'a> = dyn FnMut(&[String], &Attribute, Value) -> Value + 'a;

/// Goes through every attribute of a block's value, those of nested blocks and objects too, and puts in its place what
/// `change` makes of it.
pub(crate) fn walk(block: &Block, value: Value, path: &mut Vec<String>, change: &mut Change<'_>) -> Value {
    let Value::Map(fields) = value else { return value };
    let fields = fields.into_iter().map(|(key, value)| {
        path.push(name(&key).to_owned());
        let value = if let Some(attribute) = block.attributes.get(name(&key)) {
            walk_attribute(attribute, value, path, change)
        } else if let Some(nested) = block.block_types.get(name(&key)) {
            each(nested.nesting_mode, value, &mut |value| walk(&nested.block, value, path, change))
        } else {
            value
        };
        path.pop();
        (key, value)
    });
    Value::Map(fields.collect())
}

fn walk_attribute(attribute: &Attribute, value: Value, path: &mut Vec<String>, change: &mut Change<'_>) -> Value {
    let value = change(path, attribute, value);
    let Some(nested) = &attribute.nested_type else { return value };
    each(nested.nesting_mode, value, &mut |value| {
        let Value::Map(fields) = value else { return value };
        let fields = fields.into_iter().map(|(key, value)| {
            let Some(attribute) = nested.attributes.get(name(&key)) else { return (key, value) };
            path.push(name(&key).to_owned());
            let value = walk_attribute(attribute, value, path, change);
            path.pop();
            (key, value)
        });
        Value::Map(fields.collect())
    })
}

fn each(nesting: Nesting, value: Value, change: &mut dyn FnMut(Value) -> Value) -> Value {
    match (nesting, value) {
        (Nesting::List | Nesting::Set, Value::Array(items)) => items.into_iter().map(change).collect::<Vec<_>>().into(),
        (Nesting::Map, Value::Map(fields)) => {
            Value::Map(fields.into_iter().map(|(key, value)| (key, change(value))).collect())
        }
        (Nesting::Single | Nesting::Group, value @ Value::Map(_)) => change(value),
        (_, value) => value,
    }
}
