//! Whether a text is HCL.

/// A text that is not HCL, and where it stops being so.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct NotHcl {
    /// One-based.
    pub line: usize,
    /// One-based.
    pub column: usize,
    /// What the parser expected.
    pub message: String,
}

/// Parses `text` as the body of a `.tf` file.
pub fn check(text: &str) -> Result<(), NotHcl> {
    match hcl_edit::parser::parse_body(text) {
        Ok(_) => Ok(()),
        Err(error) => {
            let at = error.location();
            Err(NotHcl { line: at.line(), column: at.column(), message: error.message().replace('\n', ", ") })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn the_place_of_the_first_mistake_is_told() {
        assert_eq!(check("a = 1\nb \"c\" {\n  d = [1, 2]\n}\n"), Ok(()));
        let error = check("a = 1\nb = \n").unwrap_err();
        assert_eq!(error.line, 2);
    }
}
