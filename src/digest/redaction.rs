//! Secrets taken out of texts that are not part of a digest: what Terraform says when it fails.

use std::borrow::Cow;
use std::sync::Arc;

use super::mask::{Mask, Secrets};

/// Takes the secrets of a plan, and of the environment, out of texts.
#[derive(Clone, Debug, Default)]
pub struct Redaction {
    masks: Vec<Arc<Mask>>,
}

impl Redaction {
    pub(super) fn of(mask: Mask) -> Self {
        Self { masks: vec![Arc::new(mask)] }
    }

    /// One that takes out these texts, in whatever form.
    pub fn of_texts<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut collected = Secrets::default();
        secrets.into_iter().for_each(|secret| collected.add(secret));
        // An environment is no file: its secrets are few and short.
        collected.into_mask().map(Self::of).unwrap_or_default()
    }

    /// One that takes out what either does.
    pub fn and(&self, other: Self) -> Self {
        Self { masks: self.masks.iter().cloned().chain(other.masks).collect() }
    }

    /// The text without secrets.
    pub fn text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.masks.iter().fold(Cow::Borrowed(text), |text, mask| match text {
            Cow::Borrowed(text) => mask.text(text),
            Cow::Owned(text) => Cow::Owned(mask.text(&text).into_owned()),
        })
    }
}
