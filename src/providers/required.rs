//! Which providers root modules ask for.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::expr::ObjectKey;
use hcl_edit::structure::Body;

/// Providers by source (`hashicorp/aws`), each with all constraints there are on its version.
pub type Required = BTreeMap<String, BTreeSet<String>>;

/// Takes in what one `.tf` file asks for in `required_providers`. A file that is not HCL asks for nothing.
pub fn required(text: &str, into: &mut Required) {
    // Most files of a root module ask for none, and parsing is what takes time.
    if !text.contains("required_providers") {
        return;
    }
    let Ok(body) = text.parse::<Body>() else { return };
    let terraform = body.blocks().filter(|block| block.ident.as_str() == "terraform");
    let lists =
        terraform.flat_map(|block| block.body.blocks()).filter(|block| block.ident.as_str() == "required_providers");
    for attribute in lists.flat_map(|block| block.body.attributes()) {
        let of = |name: &str| {
            let object = attribute.value.as_object()?;
            object.iter().find_map(|(key, value)| {
                let is = match key {
                    ObjectKey::Ident(ident) => ident.as_str() == name,
                    ObjectKey::Expression(expression) => expression.as_str() == Some(name),
                };
                if is { value.expr().as_str().map(str::to_owned) } else { None }
            })
        };
        // `aws = "~> 6.0"` is how it was written long ago.
        let version = attribute.value.as_str().map(str::to_owned).or_else(|| of("version"));
        let source = of("source").unwrap_or_else(|| format!("hashicorp/{}", attribute.key.as_str()));
        into.entry(source).or_default().extend(version);
    }
}

/// Whether there is anything that `terraform init` has to prepare for these files: a backend, modules, providers.
///
/// Without any of them Terraform plans without having been initialised.
pub fn needs_init<'a>(files: impl IntoIterator<Item = &'a str>) -> bool {
    files.into_iter().any(|text| {
        let Ok(body) = text.parse::<Body>() else { return true };
        body.blocks().any(|block| match block.ident.as_str() {
            "terraform" => block
                .body
                .blocks()
                .any(|inner| matches!(inner.ident.as_str(), "backend" | "cloud" | "required_providers")),
            "resource" => block.labels.first().is_none_or(|kind| kind.as_str() != "terraform_data"),
            "module" | "provider" | "data" | "ephemeral" | "check" | "import" => true,
            _ => false,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_and_constraints_are_found_in_every_form() {
        let mut found = Required::new();
        required(
            "terraform {\n  required_providers {\n    aws = { source = \"hashicorp/aws\", version = \"~> 6.25\" }\n    old = \"~> 1.0\"\n  }\n}",
            &mut found,
        );
        required(
            "terraform {\n  required_providers {\n    aws = {\n      \"source\" = \"hashicorp/aws\"\n      version = \">= 6.0\"\n    }\n  }\n}",
            &mut found,
        );
        required("required_providers {{", &mut found);
        let expected = [("hashicorp/aws", vec![">= 6.0", "~> 6.25"]), ("hashicorp/old", vec!["~> 1.0"])];
        let expected: Required = expected
            .map(|(source, versions)| (source.to_owned(), versions.into_iter().map(str::to_owned).collect()))
            .into();
        assert_eq!(found, expected);
    }

    #[test]
    fn only_what_has_something_to_prepare_needs_init() {
        assert!(!needs_init([
            "terraform {\n  required_version = \">= 1.11\"\n}\nresource \"terraform_data\" \"a\" {}\n",
            "locals {}"
        ]));
        for text in [
            "terraform {\n  backend \"s3\" {}\n}",
            "resource \"aws_vpc\" \"a\" {}",
            "module \"a\" {\n  source = \"./a\"\n}",
            "data \"x\" \"y\" {}",
            "{{",
        ] {
            assert!(needs_init([text]), "{text}");
        }
    }
}
