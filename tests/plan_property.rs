//! Whatever a plan holds: no panic, no secret, no more output than input calls for, and the same review for the same
//! plans.
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

use groundwork::digest::Digest;
use groundwork::output::markdown::{LEAST_BYTES, Options, to_markdown};
use groundwork::output::page_of;
use groundwork::output::text::to_text;
use groundwork::review::{About, Subject, review};
use groundwork::system::plans::read_one;
use proptest::collection::{btree_map, vec};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use proptest::{prop_assert, prop_assert_eq};
use serde_json::{Map, Value, json};

/// How much larger than its plan a digest may be, and what every digest may have.
const GROWTH: usize = 40;
const BASE: usize = 4_096;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z_]{1,8}",
        "\\PC{0,20}",
        Just(
            "{\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\"Principal\":\"*\"}]}"
                .to_owned()
        ),
        Just("line one\nline two\nline three".to_owned()),
        Just("[".repeat(200)),
        Just("\u{0}\u{202e}</script>`@everyone".to_owned()),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(serde_json::from_str("1e999999").unwrap()),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            btree_map(text(), inner, 0..6).prop_map(|map| Value::Object(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn action() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(["create"])),
        Just(json!(["update"])),
        Just(json!(["delete"])),
        Just(json!(["delete", "create"])),
        Just(json!(["create", "delete"])),
        Just(json!(["no-op"])),
        Just(json!(["forget"])),
        Just(json!(["create", "forget"])),
        Just(json!(["read"])),
        Just(json!([])),
        vec(text(), 0..3).prop_map(Value::from),
    ]
}

fn kind() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("aws_security_group"),
        Just("aws_iam_role"),
        Just("aws_s3_bucket_public_access_block"),
        Just("aws_eks_cluster"),
        Just("aws_vpc"),
        Just("terraform_data"),
    ]
}

fn change() -> impl Strategy<Value = Value> {
    (text(), kind(), action(), value(), value(), value(), value(), value()).prop_map(
        |(address, kind, actions, before, after, unknown, before_sensitive, after_sensitive)| {
            json!({"address": address, "type": kind, "change": {
                "actions": actions, "before": before, "after": after, "after_unknown": unknown,
                "before_sensitive": before_sensitive, "after_sensitive": after_sensitive, "replace_paths": [["a", 0]]}})
        },
    )
}

fn plan(changes: &[Value], rest: &Value) -> String {
    json!({"format_version": "1.2", "planned_values": {}, "resource_changes": changes, "resource_drift": changes,
        "output_changes": {"o": changes.first().map(|change| &change["change"])}, "variables": {"v": {"value": rest}},
        "configuration": {"root_module": {"variables": {"v": {}}}}})
    .to_string()
}

/// Everything that can be made of a digest.
fn outputs(digest: &Digest) -> Vec<String> {
    let subjects = ["a/dev", "a/prod", "b"].map(|key| Subject {
        key: key.to_owned(),
        about: About::key(key),
        digest: Ok(digest.clone()),
    });
    let inputs: Vec<_> = subjects.iter().filter_map(groundwork::policy::input).map(|(_, input)| input).collect();
    let review = review(Vec::from(subjects));
    let comment = to_markdown(&review, Options { most_bytes: LEAST_BYTES, link: None });
    assert!(comment.len() <= LEAST_BYTES);
    let mut outputs = inputs;
    outputs.extend([
        comment,
        to_text(&review),
        page_of(&review, None).to_html(),
        serde_json::to_string(&review).unwrap(),
    ]);
    outputs.push(serde_json::to_string(digest).unwrap());
    outputs
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_values_in_any_places_are_read(changes in vec(change(), 0..5), rest in value()) {
        let text = plan(&changes, &rest);
        if let Ok(digest) = read_one(text.as_bytes(), None, None) {
            let written = serde_json::to_string(&digest).unwrap();
            prop_assert!(written.len() <= text.len() * GROWTH + BASE, "{} of {}", written.len(), text.len());
            prop_assert_eq!(&Digest::read(&written).unwrap(), &digest);
            let mut turned = changes.clone();
            turned.reverse();
            let again = read_one(plan(&turned, &rest).as_bytes(), None, None).unwrap();
            // Of two changes of one address nobody can say which is meant; elsewhere order means nothing.
            if !repeats(&changes) {
                prop_assert_eq!(again.changes, digest.changes.clone());
            }
            outputs(&digest);
        }
    }

    #[test]
    fn a_plan_that_is_damaged_anywhere_is_read_or_refused(
        changes in vec(change(), 1..3),
        rest in value(),
        damage in vec((any::<proptest::sample::Index>(), 0..4_u8, any::<u8>()), 1..6),
    ) {
        let mut bytes = plan(&changes, &rest).into_bytes();
        for (place, what, byte) in damage {
            let at = place.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => bytes.truncate(at.max(1)),
                2 => bytes.insert(at, byte),
                _ => {
                    let piece: Vec<u8> = bytes[at..].iter().take(usize::from(byte)).copied().collect();
                    bytes.splice(at..at, piece);
                }
            }
        }
        if let Ok(digest) = read_one(&bytes, None, None) {
            prop_assert!(serde_json::to_string(&digest).unwrap().len() <= bytes.len() * GROWTH + BASE);
            outputs(&digest);
        }
    }

    #[test]
    fn what_is_marked_is_never_seen(
        secret in "[A-Za-z0-9/+!\"<&\\\\ ]{8,40}",
        around in value(),
        key in "[a-z]{1,6}",
        changes in vec(change(), 0..3),
    ) {
        let secret = format!("{}~~~", secret.trim());
        let before = json!({"x": around, "text": format!("a {secret} b"), "json": json!({&key: secret}).to_string()});
        let after = json!({"x": around, "secret": {&key: [secret]}, "url": format!("https://{secret}@example.com")});
        let mut changes = changes;
        changes.push(json!({"address": format!("a.b[\"{secret}\"]"), "type": "a", "change": {"actions": ["update"],
            "before": before, "after": after, "after_sensitive": {"secret": {&key: true}}}}));
        if let Ok(digest) = read_one(plan(&changes, &json!(secret)).as_bytes(), Some("catalog/prod"), None) {
            let escaped = Value::from(secret.as_str()).to_string();
            for output in outputs(&digest) {
                prop_assert!(!output.contains(&secret), "{secret} in {output}");
                prop_assert!(!output.contains(&escaped[1..escaped.len() - 1]), "{escaped} in {output}");
            }
        }
    }
}

fn repeats(changes: &[Value]) -> bool {
    let mut addresses: Vec<String> = changes.iter().map(|change| change["address"].to_string()).collect();
    addresses.sort();
    addresses.windows(2).any(|pair| pair[0] == pair[1])
}
