//! The forms in which a text can turn up inside another: escaped and encoded, as templates, providers and people do it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The forms of a long secret that are searched for: itself, in JSON, and in base64. Whole files travel in no other.
pub(super) fn common_forms(secret: &str) -> Vec<String> {
    let mut forms = vec![secret.to_owned(), json_escaped(secret)];
    forms.extend((0..3).map(|offset| base64_core(secret.as_bytes(), offset)));
    forms.sort();
    forms.dedup();
    forms
}

/// Every form of `secret` that is searched for.
///
/// What `base64gzip` or a hash makes of it cannot be found; a provider that stores such a thing marks it.
pub(super) fn forms(secret: &str) -> Vec<String> {
    let json = json_escaped(secret);
    let go = go_escaped(&json);
    let whole_base64 = STANDARD.encode(secret);
    let mut forms = vec![
        secret.to_owned(),
        json_escaped(&json),
        json_escaped(&go),
        hcl_escaped(&json),
        html_escaped(secret, "&#34;", "&#39;"),
        html_escaped(secret, "&quot;", "&#39;"),
        html_escaped(secret, "&quot;", "&#x27;"),
        html_escaped(secret, "&quot;", "'"),
        percent_encoded(secret, false, false),
        percent_encoded(secret, true, false),
        percent_encoded(secret, false, true),
        base64_core(whole_base64.as_bytes(), 0),
        hex(secret.as_bytes(), b"0123456789abcdef"),
        hex(secret.as_bytes(), b"0123456789ABCDEF"),
        json,
        go,
    ];
    // Inside a longer text its place decides what base64 makes of it: three ways.
    forms.extend((0..3).map(|offset| base64_core(secret.as_bytes(), offset)));
    let url_safe: Vec<String> =
        forms.iter().rev().take(3).map(|form| form.replace('+', "-").replace('/', "_")).collect();
    forms.extend(url_safe);
    forms.sort();
    forms.dedup();
    forms
}

fn json_escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// As Go's encoder, and so `jsonencode`, escapes beyond what JSON asks for.
fn go_escaped(json: &str) -> String {
    json.replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026")
        .replace('\u{2028}', "\\u2028")
        .replace('\u{2029}', "\\u2029")
}

fn hcl_escaped(json: &str) -> String {
    json.replace("${", "$${").replace("%{", "%%{")
}

fn html_escaped(text: &str, quote: &str, apostrophe: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', quote).replace('\'', apostrophe)
}

fn percent_encoded(text: &str, plus_for_space: bool, lower: bool) -> String {
    let digits = if lower { b"0123456789abcdef" } else { b"0123456789ABCDEF" };
    let mut encoded = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            b' ' if plus_for_space => encoded.push('+'),
            _ => {
                encoded.push('%');
                encoded.push_str(&hex(&[byte], digits));
            }
        }
    }
    encoded
}

fn hex(bytes: &[u8], digits: &[u8; 16]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).map(|nibble| char::from(digits[usize::from(nibble)])).collect()
}

/// The characters of base64 that `bytes` alone decide when `offset` (0 to 2) bytes stand before them.
fn base64_core(bytes: &[u8], offset: usize) -> String {
    let mut shifted = vec![0; offset];
    shifted.extend_from_slice(bytes);
    let encoded = STANDARD.encode(&shifted);
    let first = (offset * 8).div_ceil(6);
    let end = shifted.len() * 8 / 6;
    encoded[first..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_in_base64_wherever_it_stands() {
        let secret = "s3cr3t/pass+word";
        let forms = forms(secret);
        for before in ["", "a", "ab", "abc", "user:"] {
            for after in ["", "x", "yz"] {
                let encoded = STANDARD.encode(format!("{before}{secret}{after}"));
                assert!(forms.iter().any(|form| encoded.contains(form.as_str())), "{before} {after}");
            }
        }
    }
}
