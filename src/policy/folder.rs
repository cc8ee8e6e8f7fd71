//! Reading a folder of policies.

use std::path::Path;

use super::Fault;

/// The text of one policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFile {
    /// How messages name it.
    pub path: String,
    /// Its Rego.
    pub text: String,
}

impl PolicyFile {
    /// Whether it holds tests only: they are compiled by [`super::run_tests`] and left out of reviews.
    pub fn is_test(&self) -> bool {
        self.path.ends_with("_test.rego")
    }

    /// Whether it is data for policies (`data.json`) and not Rego.
    pub fn is_data(&self) -> bool {
        Path::new(&self.path).file_name().is_some_and(|name| name == "data.json")
    }
}

/// Every `.rego` file below a folder, and its `data.json`, in name order.
///
/// A folder without any policy is a fault: a mistyped path must not look like a clean review.
pub fn read_folder(folder: &Path) -> Result<Vec<PolicyFile>, Fault> {
    let mut files = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(directory) = waiting.pop() {
        let unreadable = |error: std::io::Error| {
            Fault::at(&directory.display().to_string(), None, format!("cannot read the folder: {error}"))
        };
        for entry in std::fs::read_dir(&directory).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            // Links to folders are not followed, so that a link to a parent cannot make this go round for ever.
            if path.is_dir() && !path.is_symlink() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rego")
                || path.file_name().is_some_and(|name| name == "data.json")
            {
                let name = path.display().to_string();
                let text = std::fs::read_to_string(&path)
                    .map_err(|error| Fault::at(&name, None, format!("cannot read the policy: {error}")))?;
                files.push(PolicyFile { path: name, text });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    if files.iter().all(PolicyFile::is_data) {
        return Err(Fault::at(&folder.display().to_string(), None, "no `.rego` file in this folder"));
    }
    Ok(files)
}
