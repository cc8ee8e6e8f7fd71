//! `.terraform.lock.hcl`, read and cut.

use hcl_edit::structure::Body;
use hcl_edit::{Span as _, expr::Expression};

/// A lock of providers, as Terraform wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// What stands before the first provider: Terraform's comment.
    head: String,
    /// In the order of the file.
    pub providers: Vec<Locked>,
}

/// One provider of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// `registry.terraform.io/hashicorp/aws`
    pub address: String,
    /// `6.25.0`
    pub version: String,
    /// Its block, byte for byte.
    text: String,
}

/// A text that is no lock of providers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is not a lock of providers: {0}")]
pub struct NotALock(String);

impl Lock {
    /// Reads a lock.
    ///
    /// # Errors
    /// It is not HCL, or a block of it is no provider with a version.
    pub fn parse(text: &str) -> Result<Self, NotALock> {
        let bad = |why: &str| NotALock(why.to_owned());
        let body: Body = text.parse().map_err(|_| bad("it is not HCL"))?;
        let mut providers = Vec::new();
        let mut head = None;
        for structure in body.iter() {
            let block = structure.as_block().filter(|block| block.ident.as_str() == "provider");
            let block = block.ok_or_else(|| bad("it holds something else than providers"))?;
            let label = block.labels.first().filter(|_| block.labels.len() == 1);
            let address = label.ok_or_else(|| bad("a provider without an address"))?.as_str().to_owned();
            let version = block.body.get_attribute("version").map(|version| &version.value);
            let version = version.and_then(Expression::as_str).ok_or_else(|| bad("a provider without a version"))?;
            let span = block.span().ok_or_else(|| bad("a provider that stands nowhere"))?;
            head.get_or_insert(span.start);
            providers.push(Locked { address, version: version.to_owned(), text: text[span].trim_end().to_owned() });
        }
        let head = text[..head.unwrap_or(text.len())].trim_end().to_owned();
        Ok(Self { head, providers })
    }

    /// The lock of a root module that requires these providers (`hashicorp/aws`); nothing where it is about none.
    pub fn of<'a>(&self, sources: impl IntoIterator<Item = &'a str> + Clone) -> Option<String> {
        let wanted = |locked: &&Locked| sources.clone().into_iter().any(|source| locked.is(source));
        let blocks: Vec<&str> = self.providers.iter().filter(wanted).map(|locked| locked.text.as_str()).collect();
        (!blocks.is_empty()).then(|| format!("{}\n\n{}\n", self.head, blocks.join("\n\n")).trim_start().to_owned())
    }
}

impl Locked {
    /// Whether a provider's source, as `required_providers` names it, is this one.
    pub fn is(&self, source: &str) -> bool {
        // Without a host it is the default registry of whichever tool it is.
        match source.matches('/').count() {
            0 => self.address.ends_with(&format!("/hashicorp/{source}")),
            1 => self.address.ends_with(&format!("/{source}")),
            _ => self.address == source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "# This file is maintained automatically by \"terraform init\".\n# Manual edits may be lost in future updates.\n\nprovider \"registry.terraform.io/hashicorp/aws\" {\n  version     = \"6.25.0\"\n  constraints = \"~> 6.25\"\n  hashes = [\n    \"h1:abc=\",\n  ]\n}\n\nprovider \"registry.terraform.io/integrations/github\" {\n  version = \"6.9.0\"\n}\n";

    #[test]
    fn a_root_module_gets_what_it_needs_byte_for_byte() {
        let lock = Lock::parse(LOCK).unwrap();
        assert_eq!(lock.of(["hashicorp/aws", "integrations/github"]).as_deref(), Some(LOCK));
        let one = lock.of(["integrations/github"]).unwrap();
        assert!(
            one.starts_with("# This file") && one.ends_with("version = \"6.9.0\"\n}\n") && !one.contains("aws"),
            "{one}"
        );
        assert_eq!(lock.of(["aws"]), lock.of(["registry.terraform.io/hashicorp/aws"]));
        assert_eq!(lock.of(["hashicorp/random"]), None);
        assert_eq!(Lock::parse("").unwrap().of(["hashicorp/aws"]), None);
    }

    #[test]
    fn what_is_no_lock_is_refused() {
        for text in ["provider {}", "x = 1", "provider \"a\" {}", "provider \"a\" \"b\" { version = \"1\" }", "{{"] {
            assert!(Lock::parse(text).is_err(), "{text}");
        }
    }
}
