//! Whatever is in the files, groundwork answers: no panic, and every problem can be printed.

use groundwork::diagnostic::{Diagnostics, json, print};
use groundwork::organization::Account;
use groundwork::render::render;
use groundwork::repository::Repository;
use groundwork::system::inputs::Inputs;
use proptest::prelude::*;
use proptest::test_runner::Config;

const FILES: [(&str, &str); 7] = [
    ("domains.toml", concat!(include_str!("../domains.toml"), "\n[templates]\nbuilt_in = []\n")),
    ("ledger.toml", include_str!("../ledger.toml")),
    ("templates/account/feature.toml", include_str!("../templates/account/feature.toml")),
    ("templates/account/account.tf.tera", include_str!("../templates/account/account.tf.tera")),
    ("templates/network/feature.toml", include_str!("../templates/network/feature.toml")),
    ("templates/network/network_addresses.tf.tera", include_str!("../templates/network/network_addresses.tf.tera")),
    ("templates/faceless-users/feature.toml", include_str!("../templates/faceless-users/feature.toml")),
];

/// One thing done to one file, at a place given in thousandths of its length.
#[derive(Clone, Debug)]
enum Edit {
    Delete { at: usize, length: usize },
    Repeat { at: usize, length: usize },
    Insert { at: usize, text: &'static str },
    Truncate { at: usize },
}

fn edit() -> impl Strategy<Value = Edit> {
    let tokens = prop::sample::select(vec![
        "\"",
        "'",
        "[",
        "]",
        "[[",
        "]]",
        "{",
        "}",
        "=",
        ".",
        "#",
        "\n",
        "\"\"\"",
        "x = 1\n",
        "[x]\n",
        "0",
        "-1",
        "1e400",
        "nan",
        "inf",
        "9223372036854775808",
        "true",
        "1979-05-27",
        "\u{0}",
        "\u{202e}",
        "é",
        "🦀",
        "\u{feff}",
        "{{",
        "}}",
        "{%",
        "%}",
        "{{ x }}",
        "environments = []\n",
        "prefix = 0\n",
        "prefix = 99\n",
        "zones = -3\n",
        "10.0.0.0/33",
        "0.0.0.0/0",
        "<<<<<<< HEAD\n",
        "type = \"array\"\n",
        "type = 7\n",
        "pattern = \"(\"\n",
        "\"$ref\" = \"http://example.org/x\"\n",
        "enabled = 3\n",
    ]);
    prop_oneof![
        1 => (0..1000_usize, 1..60_usize).prop_map(|(at, length)| Edit::Delete { at, length }),
        1 => (0..1000_usize, 1..200_usize).prop_map(|(at, length)| Edit::Repeat { at, length }),
        3 => (0..1000_usize, tokens).prop_map(|(at, text)| Edit::Insert { at, text }),
        1 => (0..1000_usize).prop_map(|at| Edit::Truncate { at }),
    ]
}

fn apply(text: &mut String, edit: &Edit) {
    let boundary =
        |text: &str, at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let place = |text: &str, at: usize| boundary(text, text.len() * at / 1000);
    match *edit {
        Edit::Delete { at, length } => {
            let start = place(text, at);
            text.replace_range(start..boundary(text, start + length), "");
        }
        Edit::Repeat { at, length } => {
            let start = place(text, at);
            let part = text[start..boundary(text, start + length)].to_owned();
            text.insert_str(start, &part);
        }
        Edit::Insert { at, text: token } => text.insert_str(place(text, at), token),
        Edit::Truncate { at } => text.truncate(place(text, at)),
    }
}

proptest! {
    #![proptest_config(Config { cases: 1_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn damaged_files_are_reported_and_never_a_panic(edits in prop::collection::vec((0..FILES.len(), edit()), 1..4)) {
        let mut files: Vec<(&str, String)> = FILES.iter().map(|(path, text)| (*path, (*text).to_owned())).collect();
        for (file, edit) in &edits {
            apply(&mut files[*file].1, edit);
        }
        let mut inputs = Inputs::default();
        for (path, text) in files {
            inputs.files.insert(path.to_owned(), text.as_bytes().into());
        }
        let repository = Repository::load(&inputs, Diagnostics::default(), jiff::civil::date(2026, 11, 20));
        let text = print::to_text(&repository.diagnostics, &repository.sources, false);
        let items = json::to_items(&repository.diagnostics, &repository.sources);
        prop_assert_eq!(text.is_empty(), items.is_empty());
        prop_assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{}", text);
        if let (true, Some(organization), Some(engine)) = (repository.is_sound(), &repository.organization, &repository.engine) {
            let accounts: Vec<&Account> = organization.accounts.iter().filter(|account| account.is_renderable()).collect();
            if let Err(problems) = render(organization, &accounts, &repository.features, engine, &|| ()) {
                prop_assert!(!print::to_text(&problems, &repository.sources, false).is_empty());
            }
        }
    }
}
