//! Bytes to text: encodings.

use std::borrow::Cow;

use super::ReadError;

/// The text that `bytes` hold: UTF-8 with or without a byte order mark, or UTF-16 as PowerShell's `>` writes it.
pub fn to_text(bytes: &[u8]) -> Result<Cow<'_, str>, ReadError> {
    match bytes {
        [] => Err(ReadError::Empty),
        // Plan files are zip archives.
        [b'P', b'K', 3, 4, ..] => Err(ReadError::Binary),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [b'{', 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, b'{', ..] => utf16(bytes, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(rest, 3),
        _ => utf8(bytes, 0),
    }
}

fn utf8(bytes: &[u8], before: usize) -> Result<Cow<'_, str>, ReadError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cow::Borrowed(text)),
        // A text that was cut in the middle of a character is still worth looking at: it is truncated, not binary.
        Err(error) if error.error_len().is_none() => {
            Ok(Cow::Borrowed(std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default()))
        }
        Err(error) => Err(ReadError::NotText { at: before + error.valid_up_to() }),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'static, str>, ReadError> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut at = 2;
    for character in char::decode_utf16(units) {
        let character = character.map_err(|_| ReadError::NotText { at })?;
        at += character.len_utf16() * 2;
        text.push(character);
    }
    Ok(Cow::Owned(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_of_the_same_text_is_read() {
        let text = "{\"é\": \"𝄞\"}";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [&[0xff, 0xfe], little.as_slice()].concat(),
            [&[0xfe, 0xff], big.as_slice()].concat(),
            little,
            big,
        ] {
            assert_eq!(to_text(&bytes).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_text_says_so() {
        assert_eq!(to_text(b""), Err(ReadError::Empty));
        assert_eq!(to_text(b"PK\x03\x04rest"), Err(ReadError::Binary));
        assert_eq!(to_text(b"{\"a\": \"\xff\"}"), Err(ReadError::NotText { at: 7 }));
    }
}
