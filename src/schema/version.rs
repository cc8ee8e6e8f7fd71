//! Formats of other versions: refused, with what to do. Nothing is half understood.

use serde::Deserialize;

/// A file in a format that this groundwork does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("its schema_version is {found}, and this groundwork reads {known}: {}", remedy(*.found, *.known))]
pub struct OtherVersion {
    /// As the file says it.
    pub found: u32,
    /// The one that is read.
    pub known: u32,
}

/// What to do about a file of another version.
pub fn remedy(found: u32, known: u32) -> &'static str {
    if found > known {
        "a newer groundwork wrote it; use that one, or a newer one"
    } else {
        "an older groundwork wrote it; make it anew with this one"
    }
}

/// Reads JSON that says its `schema_version`, which `of` finds in what was read. One of another version may have another
/// shape as well; that it is of another version is what is said then.
///
/// # Errors
/// What `other` makes of another version, or else what `otherwise` makes of serde's error.
pub(crate) fn read<'a, T: Deserialize<'a>, E>(
    text: &'a str,
    known: u32,
    of: impl FnOnce(&T) -> Option<u32>,
    other: impl FnOnce(OtherVersion) -> E,
    otherwise: impl FnOnce(serde_json::Error) -> E,
) -> Result<T, E> {
    #[derive(Deserialize)]
    struct Version {
        schema_version: Option<u32>,
    }
    let read = serde_json::from_str::<T>(text);
    let found = match &read {
        Ok(value) => of(value),
        // Whatever its shape, it may say what it is.
        Err(_) => serde_json::from_str::<Version>(text).ok().and_then(|version| version.schema_version),
    };
    match found.filter(|found| *found != known) {
        Some(found) => Err(other(OtherVersion { found, known })),
        None => read.map_err(otherwise),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_list(text: &str) -> Result<Vec<u8>, String> {
        #[derive(Deserialize)]
        struct List {
            schema_version: Option<u32>,
            items: Vec<u8>,
        }
        let of = |list: &List| list.schema_version;
        read(text, 2, of, |other| other.to_string(), |error| error.to_string()).map(|list| list.items)
    }

    #[test]
    fn another_version_is_said_before_another_shape() {
        let newer = r#"{"schema_version": 3, "items": {"first": 1}}"#;
        let wanted = "its schema_version is 3, and this groundwork reads 2: a newer groundwork wrote it; use that one, or a newer one";
        assert_eq!(read_list(newer).unwrap_err(), wanted);
        assert!(
            read_list(r#"{"schema_version": 1, "items": []}"#).unwrap_err().ends_with("make it anew with this one")
        );
        assert!(read_list(r#"{"schema_version": 2, "items": {}}"#).unwrap_err().starts_with("invalid type"));
        assert_eq!(read_list(r#"{"schema_version": 2, "items": [7]}"#).unwrap(), [7]);
    }
}
