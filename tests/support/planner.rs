//! A folder in which Terraform plans.

use std::fs;
use std::path::Path;

use groundwork_testing::terraform::Terraform;

/// A root module with its state.
pub(crate) struct Root<'a> {
    terraform: &'a Terraform,
    folder: tempfile::TempDir,
}

impl<'a> Root<'a> {
    /// A root module with that source, initialised.
    pub(crate) fn new(terraform: &'a Terraform, source: &str) -> Self {
        let root = Self { terraform, folder: tempfile::tempdir().unwrap() };
        root.source(source);
        root.terraform(&["init", "-no-color"]);
        root
    }

    /// Replaces the source.
    pub(crate) fn source(&self, source: &str) {
        fs::write(self.path().join("main.tf"), source).unwrap();
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs terraform, which has to succeed.
    #[track_caller]
    pub(crate) fn terraform(&self, arguments: &[&str]) -> Vec<u8> {
        let output = self.terraform.run(self.path(), arguments);
        assert!(output.status.success(), "terraform {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    #[track_caller]
    pub(crate) fn apply(&self, arguments: &[&str]) {
        self.terraform(&[&["apply", "-auto-approve", "-no-color"], arguments].concat());
    }

    /// The plan as JSON, whether or not planning succeeded.
    #[track_caller]
    pub(crate) fn plan(&self, arguments: &[&str]) -> String {
        fs::remove_file(self.path().join("tfplan")).ok();
        let output = self.terraform.run(self.path(), &[&["plan", "-no-color", "-out=tfplan"], arguments].concat());
        assert!(self.path().join("tfplan").exists(), "there is no plan: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(self.terraform(&["show", "-json", "tfplan"])).unwrap()
    }

    /// Changes the state by hand.
    pub(crate) fn edit_state(&self, edit: impl FnOnce(&mut serde_json::Value)) {
        let path = self.path().join("terraform.tfstate");
        let mut state = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        edit(&mut state);
        fs::write(path, state.to_string()).unwrap();
    }
}
