//! Whether a TOML document has the shape a JSON Schema asks for, and if not, where and why.
//!
//! One mechanism for domains.toml, for the manifest of a feature, and for the inputs that features
//! declare. The schema language is the standard's; what is ours is the way back from a violation to the
//! line that somebody wrote, and words for it.

mod compose;
pub mod reference;
pub mod version;

pub use compose::{Composer, FeatureInputs};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::paths::{Location, LocationSegment};
use jsonschema::{ValidationError, Validator};
use serde_json::Value as Json;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, Place, did_you_mean};
use crate::document::{Node, Value};

/// A JSON Schema, ready to validate with.
#[derive(Debug)]
pub struct Schema {
    json: Json,
    validator: Validator,
}

/// A schema that is not one.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct NotASchema {
    /// What is wrong with it.
    pub message: String,
}

impl Schema {
    /// Compiles a schema. References to other documents are refused: nothing is ever fetched.
    pub fn new(json: Json) -> Result<Self, NotASchema> {
        match jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&json)
        {
            Ok(validator) => Ok(Self { json, validator }),
            Err(error) => Err(NotASchema { message: format!("{error} (at `{}`)", error.instance_path().as_str()) }),
        }
    }

    /// The schema as it was given.
    pub fn json(&self) -> &Json {
        &self.json
    }

    /// Pushes every violation of the schema by `node`; `name` is what to call the document's top, empty
    /// for a whole file.
    pub fn validate(&self, node: &Node, name: &str, diagnostics: &mut Diagnostics) {
        let instance = node.to_json();
        if self.validator.is_valid(&instance) {
            return;
        }
        for error in self.validator.iter_errors(&instance) {
            self.translate(&error, node, name, diagnostics);
        }
    }

    fn translate(&self, error: &ValidationError<'_>, top: &Node, name: &str, diagnostics: &mut Diagnostics) {
        let spot = Spot::find(top, name, error.instance_path());
        let rule = |keyword: &str| self.beside(error.schema_path(), keyword);
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected }
            | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
                let known: Vec<&str> = match rule("properties") {
                    Some(Json::Object(properties)) => properties.keys().map(String::as_str).collect(),
                    _ => Vec::new(),
                };
                for key in unexpected {
                    let place =
                        spot.node.as_table().and_then(|table| table.get(key)).map_or(spot.node.place, |e| e.key);
                    let inside = if spot.path.is_empty() { String::new() } else { format!(" in `{}`", spot.path) };
                    diagnostics.push(
                        Diagnostic::error(Code::UnknownKey, format!("unknown key `{key}`{inside}"))
                            .at(place)
                            .maybe_help(did_you_mean(key, known.iter().copied())),
                    );
                }
            }
            ValidationErrorKind::Required { property } => {
                let property = property.as_str().unwrap_or_default();
                let inside = if spot.path.is_empty() { String::new() } else { format!(" in `{}`", spot.path) };
                let description =
                    match rule("properties").and_then(|all| all.get(property)).and_then(|p| p.get("description")) {
                        Some(Json::String(text)) => Some(format!("`{property}`: {}", text.trim_end_matches('.'))),
                        _ => None,
                    };
                diagnostics.push(
                    Diagnostic::error(Code::MissingKey, format!("`{property}` is missing{inside}"))
                        .at(spot.header())
                        .maybe_help(description),
                );
            }
            ValidationErrorKind::PropertyNames { error: inner } => {
                let written = inner.instance().as_str().unwrap_or_default();
                let place =
                    spot.node.as_table().and_then(|table| table.get(written)).map_or(spot.node.place, |e| e.key);
                // The violation is the inner schema's; what is said about the table stands above that.
                let path = error.schema_path().as_str();
                let table = path.rsplit_once("/propertyNames").and_then(|(table, _)| self.json.pointer(table));
                let rule = |keyword: &str| table.and_then(|table| table.get(keyword));
                let what = match rule("x-name") {
                    Some(Json::String(what)) => format!("{what} "),
                    _ => String::new(),
                };
                let words = match rule("propertyNames").and_then(|names| names.get("x-rule")) {
                    Some(Json::String(words)) => words.clone(),
                    _ => inner.to_string(),
                };
                diagnostics.push(
                    Diagnostic::error(Code::BadName, format!("the {what}name `{written}` breaks the rule for names"))
                        .at(place)
                        .help(words),
                );
            }
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
                // The form that was meant is the one whose type fits; its own complaints are the useful ones.
                let meant = context.iter().find(|branch| {
                    !branch.iter().any(|inner| {
                        matches!(inner.kind(), ValidationErrorKind::Type { .. })
                            && inner.instance_path().as_str() == error.instance_path().as_str()
                    })
                });
                match meant {
                    Some(branch) => {
                        for inner in branch {
                            self.translate(inner, top, name, diagnostics);
                        }
                    }
                    None => diagnostics.push(
                        Diagnostic::error(
                            Code::WrongType,
                            format!("`{}` cannot be {}", spot.path, spot.node.value.kind()),
                        )
                        .at(spot.node.place),
                    ),
                }
            }
            kind => {
                let (code, words, help) = self.words(kind, &spot, error);
                diagnostics.push(Diagnostic::error(code, words).at(spot.node.place).maybe_help(help));
            }
        }
    }

    /// Code, message and help for the violations that are about one value.
    fn words(
        &self,
        kind: &ValidationErrorKind,
        spot: &Spot<'_>,
        error: &ValidationError<'_>,
    ) -> (Code, String, Option<String>) {
        let path = &spot.path;
        let shown = match &spot.node.value {
            Value::String(text) => format!("`{text}`"),
            Value::Integer(number) => format!("`{number}`"),
            Value::Float(number) => format!("`{number}`"),
            Value::Boolean(boolean) => format!("`{boolean}`"),
            Value::Array(_) | Value::Table(_) => format!("`{path}`"),
        };
        let bad = |message: String| (Code::BadValue, message, None);
        match kind {
            ValidationErrorKind::Type { kind } => {
                let wanted = match kind {
                    TypeKind::Single(one) => type_name(&one.to_string()).to_owned(),
                    TypeKind::Multiple(several) => {
                        several.iter().map(|one| type_name(&one.to_string())).collect::<Vec<_>>().join(" or ")
                    }
                };
                (Code::WrongType, format!("`{path}` must be {wanted}, not {}", spot.node.value.kind()), None)
            }
            ValidationErrorKind::Enum { options } => {
                let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
                let help = spot.node.as_str().and_then(|written| did_you_mean(written, options.iter().copied()));
                (Code::BadValue, format!("{shown} is not one of the values of `{path}`"), help)
            }
            ValidationErrorKind::Pattern { pattern } => {
                let words = match self.beside(error.schema_path(), "x-rule") {
                    Some(Json::String(words)) => words.clone(),
                    _ => format!("text that matches `{pattern}`"),
                };
                bad(format!("{shown} is not what `{path}` takes: {words}"))
            }
            ValidationErrorKind::Format { format } => {
                let words = match self.beside(error.schema_path(), "x-rule") {
                    Some(Json::String(words)) => words.clone(),
                    _ => format!("a {format}"),
                };
                bad(format!("{shown} is not what `{path}` takes: {words}"))
            }
            ValidationErrorKind::Minimum { limit } => bad(format!("`{path}` must be at least {limit}, not {shown}")),
            ValidationErrorKind::Maximum { limit } => bad(format!("`{path}` must be at most {limit}, not {shown}")),
            ValidationErrorKind::MinLength { limit: 1 } => bad(format!("`{path}` must not be empty")),
            ValidationErrorKind::MinLength { limit } => {
                bad(format!("`{path}` must be at least {limit} characters long"))
            }
            ValidationErrorKind::MaxLength { limit } => {
                bad(format!("`{path}` must be at most {limit} characters long"))
            }
            ValidationErrorKind::MinItems { limit } => bad(format!("`{path}` must have at least {limit} items")),
            ValidationErrorKind::MaxItems { limit } => bad(format!("`{path}` must have at most {limit} items")),
            ValidationErrorKind::MinProperties { .. } => bad(format!("`{path}` must not be empty")),
            ValidationErrorKind::UniqueItems => bad(format!("`{path}` names something twice")),
            ValidationErrorKind::FalseSchema => bad(format!("`{path}` may not be set here")),
            _ => bad(format!("`{path}`: {error}")),
        }
    }

    /// The value of a keyword that stands beside the one a violation is about.
    fn beside(&self, schema_path: &Location, keyword: &str) -> Option<&Json> {
        let pointer = schema_path.as_str();
        let parent = &pointer[..pointer.rfind('/')?];
        self.json.pointer(parent)?.get(keyword)
    }
}

fn type_name(json_type: &str) -> &'static str {
    match json_type {
        "string" => "a string",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "a boolean",
        "array" => "an array",
        "object" => "a table",
        _ => "something else",
    }
}

/// The value a violation is about.
struct Spot<'a> {
    /// As people write it: `domains.catalog.environments[1]`.
    path: String,
    node: &'a Node,
    key: Option<Place>,
}

impl<'a> Spot<'a> {
    fn find(top: &'a Node, name: &str, location: &Location) -> Self {
        let mut spot = Self { path: name.to_owned(), node: top, key: None };
        for segment in location {
            match segment {
                LocationSegment::Property(property) => {
                    let Some(entry) = spot.node.as_table().and_then(|table| table.get(property.as_ref())) else {
                        break;
                    };
                    if !spot.path.is_empty() {
                        spot.path.push('.');
                    }
                    spot.path.push_str(&property);
                    (spot.node, spot.key) = (&entry.node, Some(entry.key));
                }
                LocationSegment::Index(index) => {
                    let Some(item) = spot.node.as_array().and_then(|items| items.get(index)) else { break };
                    spot.path.push_str(&format!("[{index}]"));
                    (spot.node, spot.key) = (item, None);
                }
            }
        }
        spot
    }

    /// Where a table is opened: its key, or the whole of it for one inside an array.
    fn header(&self) -> Place {
        self.key.unwrap_or(self.node.place)
    }
}
