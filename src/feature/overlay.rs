//! Files for one domain or one account only.

use std::collections::BTreeMap;

use super::SourceFile;

/// The files below `overlays/<domain>/`.
#[derive(Clone, Debug)]
pub struct Overlay {
    /// The folder's name: a domain.
    pub domain: String,
    /// Its files, by path below the folder. Whether the first part of a path is an environment's folder or
    /// an ordinary one depends on what the organization declares.
    pub files: Vec<SourceFile>,
}

impl Overlay {
    /// The files for `environment`, with their targets: those at the top and in ordinary folders, and those
    /// in the environment's own folder. `is_environment` tells the two kinds of folder apart.
    pub fn files_for<'a>(
        &'a self,
        environment: &'a str,
        is_environment: impl Fn(&str) -> bool + 'a,
    ) -> impl Iterator<Item = (&'a str, &'a SourceFile)> + 'a {
        self.files.iter().filter_map(move |file| match file.target.split_once('/') {
            Some((folder, below)) if folder == environment => Some((below, file)),
            Some((folder, _)) if is_environment(folder) => None,
            _ => Some((file.target.as_str(), file)),
        })
    }
}

/// Groups the files below `overlays/` by domain.
pub(super) fn group(files: Vec<SourceFile>) -> Vec<Overlay> {
    let mut domains: BTreeMap<String, Vec<SourceFile>> = BTreeMap::new();
    for file in files {
        // A file beside the domains' folders, a README for one, belongs to no account.
        let Some((domain, target)) = file.target.split_once('/') else { continue };
        let (domain, target) = (domain.to_owned(), target.to_owned());
        domains.entry(domain).or_default().push(SourceFile { target, ..file });
    }
    domains.into_iter().map(|(domain, files)| Overlay { domain, files }).collect()
}
