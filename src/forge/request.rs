//! The issue form: from what somebody typed to a domain, or to what is wrong with it.

use serde_json::Value;

/// What somebody asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// The issue's number.
    pub issue: u64,
    /// The domain's name.
    pub name: String,
    /// The team that stewards it.
    pub team: String,
    /// The environments it wants; all of them, if none is chosen.
    pub environments: Vec<String>,
    /// What it is.
    pub description: Option<String>,
    /// Where its code lives.
    pub repository: Option<String>,
}

/// What GitHub writes where nothing was.
const NOTHING: &str = "_No response_";

/// The longest text that is taken over.
const LONGEST: usize = 200;

/// Reads the event of an issue that was made with the form.
///
/// # Errors
/// Why it cannot be used, for whoever asked.
pub fn read(event: &Value) -> Result<Request, String> {
    let issue = event["issue"]["number"].as_u64().ok_or("this is not the event of an issue")?;
    let body = event["issue"]["body"].as_str().unwrap_or_default();
    let field = |label: &str| -> Option<String> {
        let heading = format!("### {label}");
        let mut lines = body.lines().skip_while(|line| line.trim_end() != heading).skip(1);
        let text: Vec<&str> = lines.by_ref().take_while(|line| !line.starts_with("### ")).collect();
        let text = text.join("\n").trim().to_owned();
        Some(text).filter(|text| !text.is_empty() && text != NOTHING)
    };
    let line = |label: &str| -> Result<Option<String>, String> {
        match field(label) {
            Some(text) if text.contains(['\n', '\r']) || text.chars().count() > LONGEST => {
                Err(format!("\"{label}\" has to be one line of at most {LONGEST} characters"))
            }
            text => Ok(text),
        }
    };
    let must = |label: &str| line(label)?.ok_or_else(|| format!("\"{label}\" is missing"));
    let chosen = field("Environments").unwrap_or_default();
    let environments =
        chosen.lines().filter_map(|line| line.strip_prefix("- [x] ").or_else(|| line.strip_prefix("- [X] ")));
    let name = must("Domain")?;
    if !name.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-') {
        return Err("the domain's name has to be of lower-case letters, digits and hyphens".to_owned());
    }
    Ok(Request {
        issue,
        name,
        team: must("Team")?,
        environments: environments.map(|name| name.trim().to_owned()).collect(),
        description: line("Description")?,
        repository: line("Repository")?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(body: &str) -> Value {
        json!({ "issue": { "number": 7, "body": body } })
    }

    #[test]
    fn a_form_is_read() {
        let body = "### Domain\r\n\r\nreturns\r\n\r\n### Team\r\n\r\ncatalog\r\n\r\n### Environments\r\n\r\n- [x] dev\r\n- [ ] stage\r\n- [X] prod\r\n\r\n### Description\r\n\r\n_No response_\r\n\r\n### Repository\r\n\r\nacme/returns\r\n";
        assert_eq!(
            read(&event(body)),
            Ok(Request {
                issue: 7,
                name: "returns".to_owned(),
                team: "catalog".to_owned(),
                environments: vec!["dev".to_owned(), "prod".to_owned()],
                description: None,
                repository: Some("acme/returns".to_owned()),
            })
        );
    }

    #[test]
    fn what_is_no_answer_is_said() {
        assert!(read(&json!({})).is_err());
        for body in [
            "",
            "### Domain\n\nreturns\n",
            "### Domain\n\n$(id)\n\n### Team\n\na\n",
            "### Domain\n\na\nb\n\n### Team\n\na\n",
        ] {
            assert!(read(&event(body)).is_err(), "{body}");
        }
    }
}
