//! Text to documents: wrapper lines before a plan, several of them in one file.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Deserializer;

use super::{FORMATS, Plan, ReadError};

/// One JSON document of a file.
#[derive(Debug)]
pub enum Document<'a> {
    /// A plan, its values unread.
    Plan(Box<Plan<'a>>),
    /// A digest, as text: what it means is for [`crate::digest`] to say.
    Digest(&'a str),
}

/// The documents of a text, one after the other.
///
/// Lines before, between and after them that do not begin with `{` are passed over: wrappers around terraform print the
/// command they run, and CI adds its own. After a document that is not JSON there are none any more.
#[derive(Debug)]
pub struct Documents<'a> {
    text: &'a str,
    at: usize,
    any: bool,
    broken: bool,
}

/// The documents in `text`.
pub fn documents(text: &str) -> Documents<'_> {
    Documents { text, at: 0, any: false, broken: false }
}

impl<'a> Iterator for Documents<'a> {
    type Item = Result<Document<'a>, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken {
            return None;
        }
        let Some(start) = next_object(self.text, self.at) else {
            let nothing = !self.any;
            self.broken = true;
            let error = if self.text.trim().is_empty() { ReadError::Empty } else { ReadError::NoJson };
            return nothing.then_some(Err(error));
        };
        self.any = true;
        let rest = &self.text[start..];
        let mut stream = Deserializer::from_str(rest).into_iter::<Plan<'a>>();
        match stream.next()? {
            Ok(plan) => {
                self.at = start + stream.byte_offset();
                let document = judge(plan, &rest[..stream.byte_offset()]);
                // One line of a log is enough to know that all of it is one.
                self.broken = document == Err(ReadError::Log);
                Some(document.map(|found| match found {
                    Found::Plan(plan) => Document::Plan(plan),
                    Found::Digest => Document::Digest(&rest[..stream.byte_offset()]),
                }))
            }
            Err(error) => {
                // What a digest and a plan both have does not have the same shape in both.
                if error.is_data()
                    && let Some(length) = digest(rest)
                {
                    self.at = start + length;
                    return Some(Ok(Document::Digest(&rest[..length])));
                }
                self.broken = true;
                let lines_before = self.text[..start].bytes().filter(|byte| *byte == b'\n').count();
                Some(Err(ReadError::from_json(&error, lines_before)))
            }
        }
    }
}

#[derive(Debug)]
enum Found<'a> {
    Plan(Box<Plan<'a>>),
    Digest,
}

impl PartialEq for Found<'_> {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

fn judge<'a>(mut plan: Plan<'a>, text: &'a str) -> Result<Found<'a>, ReadError> {
    let Some(version) = plan.format_version.as_deref() else {
        if plan.schema_version.is_some() && plan.fingerprint.is_some() {
            return Ok(Found::Digest);
        }
        return Err(if text.contains("\"@level\"") { ReadError::Log } else { ReadError::NotAPlan });
    };
    let major = version.split('.').next().unwrap_or_default();
    if !FORMATS.contains(&major) {
        let version = version.chars().filter(|character| character.is_ascii_graphic()).take(20).collect();
        return Err(ReadError::UnknownFormat { version });
    }
    if plan.values.is_some() && plan.planned_values.is_none() && plan.resource_changes.is_none() {
        return Err(ReadError::State);
    }
    plan.text = text;
    Ok(Found::Plan(Box::new(plan)))
}

/// How long the digest is that a text begins with, if it does.
fn digest(text: &str) -> Option<usize> {
    #[derive(Deserialize)]
    struct Head {
        format_version: Option<IgnoredAny>,
        schema_version: Option<IgnoredAny>,
        fingerprint: Option<IgnoredAny>,
    }
    let mut stream = Deserializer::from_str(text).into_iter::<Head>();
    let head = stream.next()?.ok()?;
    let is_digest = head.format_version.is_none() && head.schema_version.is_some() && head.fingerprint.is_some();
    is_digest.then(|| stream.byte_offset())
}

/// Where the next line that begins with `{` does so, at or after `at`.
fn next_object(text: &str, at: usize) -> Option<usize> {
    let mut offset = at;
    for line in text[at..].split_inclusive('\n') {
        let indented = line.len() - line.trim_start().len();
        if line[indented..].starts_with('{') {
            return Some(offset + indented);
        }
        offset += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: &str = r#"{"format_version":"1.2","planned_values":{}}"#;

    #[track_caller]
    fn case(text: &str, expected: &[Result<(), ReadError>]) {
        let found: Vec<_> = documents(text).map(|document| document.map(|_| ())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_plan_is_found_behind_what_wrappers_print() {
        case(&format!("[command]/usr/bin/terraform show -json p\n  {PLAN}\n::debug::done {{\n"), &[Ok(())]);
        case(&format!("{PLAN}\n{PLAN}\n"), &[Ok(()), Ok(())]);
    }

    #[test]
    fn what_is_no_plan_says_what_it_is() {
        case("", &[Err(ReadError::Empty)]);
        case("No changes.\n", &[Err(ReadError::NoJson)]);
        case(&PLAN[..20], &[Err(ReadError::Truncated { line: 1 })]);
        case("{\"format_version\":\"1.2\",}", &[Err(ReadError::Syntax { line: 1, column: 25 })]);
        case("{\"format_version\":\"1.0\",\"values\":{}}", &[Err(ReadError::State)]);
        case("{\"@level\":\"info\"}\n{\"@level\":\"info\"}", &[Err(ReadError::Log)]);
        case("{}", &[Err(ReadError::NotAPlan)]);
        for version in ["2.0", "10.0", "x", ""] {
            let text = format!("{{\"format_version\":\"{version}\"}}");
            case(&text, &[Err(ReadError::UnknownFormat { version: version.to_owned() })]);
        }
    }

    #[test]
    fn a_digest_is_told_from_a_plan_whatever_is_in_it() {
        let checks = r#""checks":[{"address":"check.a","status":"fail"}]"#;
        for (head, is_digest) in [
            (r#""schema_version":1,"fingerprint":"sha256:0""#, true),
            (r#""schema_version":1"#, false),
            (r#""format_version":"1.2","schema_version":1,"fingerprint":"sha256:0""#, false),
        ] {
            let text = format!("{{{head},{checks}}}\n{PLAN}");
            let mut found = documents(&text);
            assert_eq!(matches!(found.next(), Some(Ok(Document::Digest(_)))), is_digest, "{text}");
            assert_eq!(matches!(found.next(), Some(Ok(Document::Plan(_)))), is_digest, "{text}");
        }
    }

    #[test]
    fn an_error_does_not_quote_what_it_found() {
        let text = r#"{"format_version":"1.2","errored":"hunter2-hunter2"}"#;
        let error = documents(text).next().unwrap().unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }

    #[test]
    fn whatever_is_nested_too_deeply_is_refused_or_skipped_without_overflow() {
        let deep = "[".repeat(200_000);
        case(
            &format!("{{\"format_version\":\"1.2\",\"planned_values\":{deep}"),
            &[Err(ReadError::Truncated { line: 1 })],
        );
    }
}
