//! A value with its marks: what is unknown, what is sensitive, and what is JSON inside of a text.

use std::collections::BTreeMap;

use serde_json::Value;

use super::mask::Mask;

/// One side of a resource, ready to compare.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Tree {
    /// Nothing, or null: Terraform does not tell them apart either.
    Absent,
    /// Known only after applying.
    Unknown,
    /// Something that must not be shown.
    Sensitive(Hidden),
    /// A text, a number, a boolean; or a list or an object with nothing in it.
    Leaf(Value),
    /// A list, or a set: a plan does not say which.
    List(Vec<Self>),
    /// An object, or a map.
    Map(BTreeMap<String, Self>),
    /// A text that is JSON: a policy document, a task definition.
    Json {
        /// As it is written.
        text: String,
        /// What it says.
        inner: Box<Self>,
    },
}

/// A sensitive value: compared, never shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Hidden {
    /// The value as JSON. It leaves this room only through an HMAC.
    raw: String,
    /// Whether its own side marks it; if not, the other one does.
    pub(super) marked: bool,
}

impl Hidden {
    /// The value, for the seal.
    pub(super) fn raw(&self) -> &str {
        &self.raw
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hidden(..)")
    }
}

/// What a plan says about a value beside the value: objects and lists of the same shape with `true` where it holds,
/// and for everything below.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Marks<'a> {
    /// `after_unknown`, for the side after.
    pub(super) unknown: Option<&'a Value>,
    /// `before_sensitive` for the side before, `after_sensitive` for the side after.
    pub(super) sensitive: Option<&'a Value>,
    /// The other one: what is secret on one side is not shown on the other.
    pub(super) sensitive_on_other_side: Option<&'a Value>,
}

impl<'a> Marks<'a> {
    fn key(self, key: &str) -> Self {
        self.map(|mark| mark.get(key))
    }

    fn index(self, index: usize) -> Self {
        self.map(|mark| mark.get(index))
    }

    fn map(self, step: impl Fn(&'a Value) -> Option<&'a Value>) -> Self {
        Self {
            unknown: self.unknown.and_then(&step),
            sensitive: self.sensitive.and_then(&step),
            sensitive_on_other_side: self.sensitive_on_other_side.and_then(&step),
        }
    }

    fn is_unknown(self) -> bool {
        self.unknown == Some(&Value::Bool(true))
    }
}

/// Whether a mark is `true` here, so that all below is meant.
pub(super) fn is_set(mark: Option<&Value>) -> bool {
    mark == Some(&Value::Bool(true))
}

impl Tree {
    /// A value with its marks. `value` is taken apart, not copied.
    pub(super) fn new(value: Value, marks: Marks<'_>, mask: &Mask) -> Self {
        if marks.is_unknown() {
            return Self::Unknown;
        }
        let marked = is_set(marks.sensitive);
        if (marked || is_set(marks.sensitive_on_other_side)) && !value.is_null() {
            return Self::Sensitive(Hidden { raw: value.to_string(), marked });
        }
        match value {
            Value::Null => Self::unknown_children(marks),
            Value::Array(items) => Self::list(items, marks, mask),
            Value::Object(object) => Self::map(object, marks, mask),
            Value::String(text) => Self::text(text, mask),
            leaf @ (Value::Bool(_) | Value::Number(_)) => Self::Leaf(leaf),
        }
    }

    /// Where there is no value yet, `after_unknown` may still tell what it will have.
    fn unknown_children(marks: Marks<'_>) -> Self {
        match marks.unknown {
            Some(Value::Object(unknown)) => {
                let children = unknown
                    .keys()
                    .map(|key| (key.clone(), Self::new(Value::Null, marks.key(key), &Mask::default())))
                    .filter(|(_, child)| *child != Self::Absent);
                let children: BTreeMap<_, _> = children.collect();
                if children.is_empty() { Self::Absent } else { Self::Map(children) }
            }
            _ => Self::Absent,
        }
    }

    fn list(items: Vec<Value>, marks: Marks<'_>, mask: &Mask) -> Self {
        let unknown = marks.unknown.and_then(Value::as_array).map_or(0, Vec::len);
        if items.is_empty() && unknown == 0 {
            return Self::Leaf(Value::Array(Vec::new()));
        }
        let length = items.len().max(unknown);
        let values = items.into_iter().chain(std::iter::repeat(Value::Null)).take(length);
        Self::List(values.enumerate().map(|(index, value)| Self::new(value, marks.index(index), mask)).collect())
    }

    fn map(object: serde_json::Map<String, Value>, marks: Marks<'_>, mask: &Mask) -> Self {
        if object.is_empty() && marks.unknown.and_then(Value::as_object).is_none_or(serde_json::Map::is_empty) {
            return Self::Leaf(Value::Object(object));
        }
        let mut children = BTreeMap::new();
        // What is unknown is left out of an object's values.
        for key in marks.unknown.and_then(Value::as_object).into_iter().flat_map(serde_json::Map::keys) {
            if !object.contains_key(key) {
                children.insert(key.clone(), Self::new(Value::Null, marks.key(key), mask));
            }
        }
        for (key, value) in object {
            let child = Self::new(value, marks.key(&key), mask);
            children.insert(key, child);
        }
        children.retain(|_, child| *child != Self::Absent);
        Self::Map(children)
    }

    fn text(text: String, mask: &Mask) -> Self {
        // A text with a secret in it stays whole, so that masking sees all of the secret at once.
        if text.trim_start().starts_with(['{', '['])
            && !mask.hits(&text)
            && let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str::<Value>(&text)
        {
            let inner = Self::new(value, Marks::default(), mask);
            if matches!(inner, Self::Map(_) | Self::List(_)) {
                return Self::Json { text, inner: Box::new(inner) };
            }
        }
        Self::Leaf(Value::String(text))
    }

    /// Whether there is nothing below it.
    pub(super) fn is_atom(&self) -> bool {
        match self {
            Self::Absent | Self::Unknown | Self::Sensitive(_) | Self::Leaf(_) => true,
            Self::List(_) | Self::Map(_) | Self::Json { .. } => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn tree(value: Value, unknown: &Value, sensitive: &Value) -> Tree {
        let marks = Marks { unknown: Some(unknown), sensitive: Some(sensitive), sensitive_on_other_side: None };
        Tree::new(value, marks, &Mask::default())
    }

    #[test]
    fn what_is_unknown_appears_although_the_values_leave_it_out() {
        let Tree::Map(children) =
            tree(json!({"a": 1, "list": ["x", null]}), &json!({"b": true, "list": [false, true]}), &json!({}))
        else {
            panic!("it is an object");
        };
        assert_eq!(children["b"], Tree::Unknown);
        assert_eq!(children["list"], Tree::List(vec![Tree::Leaf(json!("x")), Tree::Unknown]));
        assert_eq!(tree(Value::Null, &json!(true), &json!(false)), Tree::Unknown);
    }

    #[test]
    fn a_mark_hides_everything_below_it() {
        let Tree::Map(children) =
            tree(json!({"a": {"b": "secret"}, "c": null}), &json!({}), &json!({"a": true, "c": true}))
        else {
            panic!("it is an object");
        };
        assert!(matches!(children["a"], Tree::Sensitive(_)));
        assert!(!children.contains_key("c"), "null is nothing, and so no secret");
        assert!(!format!("{children:?}").contains("secret\""));
    }

    #[test]
    fn json_inside_a_text_is_read() {
        assert!(matches!(tree(json!("{\"Version\":\"2012-10-17\"}"), &json!({}), &json!({})), Tree::Json { .. }));
        for text in ["{}", "[1", "plain", ""] {
            assert_eq!(tree(json!(text), &json!({}), &json!({})), Tree::Leaf(json!(text)));
        }
    }
}
