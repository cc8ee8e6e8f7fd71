//! What may be put out as it is.
//!
//! Tera calls one function for every value that no filter has declared safe. It can refuse, but not say what
//! it refused: that is left here for the thread that renders.

use std::cell::{Cell, RefCell};
use std::io::{self, Write};

thread_local! {
    static REFUSED: RefCell<Option<String>> = const { RefCell::new(None) };
    static FOR_TERRAFORM: Cell<bool> = const { Cell::new(false) };
}

/// Writes `text` if it is harmless, and refuses it otherwise.
pub(super) fn write_harmless(text: &str, output: &mut dyn Write) -> io::Result<()> {
    if is_harmless(text) {
        return output.write_all(text.as_bytes());
    }
    REFUSED.with_borrow_mut(|refused| refused.get_or_insert_with(|| text.to_owned()).clone());
    Err(io::Error::from(io::ErrorKind::InvalidData))
}

/// Forgets what was refused, and remembers who will read what the template `name` is rendered to.
pub(super) fn begin(name: &str) {
    REFUSED.with_borrow_mut(|refused| *refused = None);
    let target = name.strip_suffix(".tera").unwrap_or(name);
    let read_by_terraform = [".tf", ".tfvars", ".hcl", ".tf.json"].iter().any(|suffix| target.ends_with(suffix));
    FOR_TERRAFORM.set(read_by_terraform);
}

/// Whether Terraform evaluates texts of the file that is rendered now: `${` in one opens an interpolation.
/// (In `.tfvars.json` it does not.)
pub(super) fn is_for_terraform() -> bool {
    FOR_TERRAFORM.get()
}

/// What was refused since [`begin`].
pub(super) fn take() -> Option<String> {
    REFUSED.with_borrow_mut(Option::take)
}

/// Whether a text can neither end what it stands in nor open anything: no quote, brace, sign, backslash, space or
/// line end, and no comment (`//`; `/*` has a character that is not allowed). Inside quotes it is itself; outside it
/// is at most a name or a number, never a call. Values belong in a literal; names are what this is for.
fn is_harmless(text: &str) -> bool {
    let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"_.:/@+-".contains(&byte);
    text.bytes().all(harmless) && !text.contains("//")
}

#[cfg(test)]
mod tests {
    use super::is_harmless;

    #[test]
    fn names_addresses_and_numbers_are_harmless_and_syntax_is_not() {
        for text in ["", "catalog-prod", "10.64.0.0/20", "arn:aws:iam::111122223333:role/x", "aws+a@acme.example", "42"]
        {
            assert!(is_harmless(text), "{text}");
        }
        for text in [
            "a b", "a\"", "${x}", "%{x}", "a\\n", "a\n", "a//b", "/*", "#", "é", "\u{202e}", "[a]", "{", "a=b", "a,b",
            "a*b", "\0",
        ] {
            assert!(!is_harmless(text), "{text}");
        }
    }
}
