//! What a provider knows: the shape of `terraform providers schema -json`, and the same as the protocol wants it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

use super::wire;

/// Every provider's, by its address.
#[derive(Debug, Deserialize)]
pub(crate) struct Schemas {
    pub(crate) provider_schemas: BTreeMap<String, Provider>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Provider {
    pub(crate) provider: Schema,
    #[serde(default)]
    pub(crate) resource_schemas: BTreeMap<String, Schema>,
    #[serde(default)]
    pub(crate) data_source_schemas: BTreeMap<String, Schema>,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Schema {
    #[serde(default)]
    pub(crate) version: i64,
    #[serde(default)]
    pub(crate) block: Block,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Block {
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, Attribute>,
    #[serde(default)]
    pub(crate) block_types: BTreeMap<String, NestedBlock>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Attribute {
    #[serde(rename = "type")]
    pub(crate) kind: Option<Type>,
    pub(crate) nested_type: Option<NestedType>,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) optional: bool,
    #[serde(default)]
    pub(crate) computed: bool,
    #[serde(default)]
    pub(crate) sensitive: bool,
    #[serde(default)]
    pub(crate) deprecated: bool,
    #[serde(default)]
    pub(crate) write_only: bool,
}

impl Attribute {
    /// Whether only the provider sets it.
    pub(crate) fn is_read_only(&self) -> bool {
        self.computed && !self.optional && !self.required
    }
}

#[derive(Debug, Deserialize)]
pub(crate) struct NestedType {
    pub(crate) attributes: BTreeMap<String, Attribute>,
    pub(crate) nesting_mode: Nesting,
}

#[derive(Debug, Deserialize)]
pub(crate) struct NestedBlock {
    pub(crate) nesting_mode: Nesting,
    #[serde(default)]
    pub(crate) block: Block,
    #[serde(default)]
    pub(crate) min_items: i64,
    #[serde(default)]
    pub(crate) max_items: i64,
}

/// How often a nested block or object occurs, and how it is found. The numbers are the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Nesting {
    Single = 1,
    List = 2,
    Set = 3,
    Map = 4,
    Group = 5,
}

/// A type of Terraform's values.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Value")]
pub(crate) enum Type {
    String,
    Number,
    Bool,
    Dynamic,
    List(Box<Self>),
    Set(Box<Self>),
    Map(Box<Self>),
    Object(BTreeMap<String, Self>),
    Tuple(Vec<Self>),
}

impl TryFrom<Value> for Type {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let wrong = || format!("{value} is no type");
        match &value {
            Value::String(name) => match name.as_str() {
                "string" => Ok(Self::String),
                "number" => Ok(Self::Number),
                "bool" => Ok(Self::Bool),
                "dynamic" => Ok(Self::Dynamic),
                _ => Err(wrong()),
            },
            Value::Array(parts) => {
                let [Value::String(name), of, ..] = parts.as_slice() else { return Err(wrong()) };
                let of_one = || Self::try_from(of.clone()).map(Box::new);
                match (name.as_str(), of) {
                    ("list", _) => of_one().map(Self::List),
                    ("set", _) => of_one().map(Self::Set),
                    ("map", _) => of_one().map(Self::Map),
                    ("object", Value::Object(attributes)) => attributes
                        .iter()
                        .map(|(name, of)| Ok((name.clone(), Self::try_from(of.clone())?)))
                        .collect::<Result<_, String>>()
                        .map(Self::Object),
                    ("tuple", Value::Array(items)) => {
                        items.iter().cloned().map(Self::try_from).collect::<Result<_, String>>().map(Self::Tuple)
                    }
                    _ => Err(wrong()),
                }
            }
            _ => Err(wrong()),
        }
    }
}

impl Type {
    /// As JSON, the way schemas have it.
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::String => json!("string"),
            Self::Number => json!("number"),
            Self::Bool => json!("bool"),
            Self::Dynamic => json!("dynamic"),
            Self::List(of) => json!(["list", of.to_json()]),
            Self::Set(of) => json!(["set", of.to_json()]),
            Self::Map(of) => json!(["map", of.to_json()]),
            Self::Object(attributes) => {
                let attributes: BTreeMap<_, _> = attributes.iter().map(|(name, of)| (name, of.to_json())).collect();
                json!(["object", attributes])
            }
            Self::Tuple(items) => json!(["tuple", items.iter().map(Self::to_json).collect::<Vec<_>>()]),
        }
    }
}

impl Provider {
    pub(crate) fn to_wire(&self) -> wire::GetProviderSchema {
        let all = |schemas: &BTreeMap<String, Schema>| {
            schemas.iter().map(|(name, schema)| (name.clone(), schema.to_wire())).collect()
        };
        wire::GetProviderSchema {
            provider: Some(self.provider.to_wire()),
            resource_schemas: all(&self.resource_schemas),
            data_source_schemas: all(&self.data_source_schemas),
            server_capabilities: Some(wire::Capabilities { get_provider_schema_optional: true }),
        }
    }
}

impl Schema {
    fn to_wire(&self) -> wire::Schema {
        wire::Schema { version: self.version, block: Some(self.block.to_wire()) }
    }
}

impl Block {
    fn to_wire(&self) -> wire::Block {
        let nested = |(name, nested): (&String, &NestedBlock)| wire::NestedBlock {
            type_name: name.clone(),
            block: Some(nested.block.to_wire()),
            nesting: nested.nesting_mode as i32,
            min_items: nested.min_items,
            max_items: nested.max_items,
        };
        wire::Block {
            version: 0,
            attributes: to_wire(&self.attributes),
            block_types: self.block_types.iter().map(nested).collect(),
        }
    }
}

fn to_wire(attributes: &BTreeMap<String, Attribute>) -> Vec<wire::Attribute> {
    let one = |(name, attribute): (&String, &Attribute)| wire::Attribute {
        name: name.clone(),
        r#type: attribute.kind.as_ref().map(|kind| kind.to_json().to_string().into_bytes()).unwrap_or_default(),
        required: attribute.required,
        optional: attribute.optional,
        computed: attribute.computed,
        sensitive: attribute.sensitive,
        deprecated: attribute.deprecated,
        nested_type: attribute.nested_type.as_ref().map(|nested| wire::Object {
            attributes: to_wire(&nested.attributes),
            nesting: nested.nesting_mode as i32,
        }),
        write_only: attribute.write_only,
    };
    attributes.iter().map(one).collect()
}
