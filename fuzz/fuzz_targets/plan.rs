//! Whatever bytes a file holds: `cargo +nightly fuzz run plan -- -rss_limit_mb=512`.
//!
//! No panic, no memory beyond the limit; what is read is written small, and reads back as it was.
#![no_main]

use groundwork::digest::Digest;
use groundwork::output::markdown::{LEAST_BYTES, Options, to_markdown};
use groundwork::review::{About, Subject, review};
use groundwork::system::plans::read_one;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(digest) = read_one(bytes, Some("catalog/prod"), None) else { return };
    let written = serde_json::to_string(&digest).expect("a digest can be written");
    assert!(written.len() <= bytes.len() * 40 + 4_096);
    assert_eq!(Digest::read(&written).expect("a digest can be read"), digest);
    let subjects = ["catalog/prod", "catalog/dev"].map(|key| Subject {
        key: key.to_owned(),
        about: About::key(key),
        digest: Ok(digest.clone()),
    });
    let comment = to_markdown(&review(Vec::from(subjects)), Options { most_bytes: LEAST_BYTES, link: None });
    assert!(comment.len() <= LEAST_BYTES);
});
