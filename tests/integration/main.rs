//! The real binary, run on real repositories in temporary folders.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a panic is the report")]

mod access;
mod add;
mod allocate;
mod bad_input;
mod book;
mod changes;
mod check;
mod demo;
mod documents;
mod examples;
mod explain;
mod harness;
mod health_check;
mod help;
mod init;
mod invariants;
mod list;
mod matrix;
mod names;
mod plan_formats;
mod render;
mod review;
mod root_module;
mod templates;
mod versions;
mod walks;

#[test]
fn no_test_file_is_forgotten() {
    let source = include_str!("main.rs");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/integration");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let Some(module) = name.strip_suffix(".rs").filter(|module| *module != "main") else { continue };
        assert!(source.contains(&format!("mod {module};")), "{name} is not declared in main.rs");
    }
}
