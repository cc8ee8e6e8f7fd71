//! What tells one change from another.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::model::{Attribute, Change, Deferred, Digest, Invocation, More, OutputChange};
use crate::plan::Action;

/// A key for fingerprints, so that they can tell apart changes of a sensitive value that must not be seen.
///
/// A plain hash of a secret in a public digest could be guessed at. So without a key a digest says only *that* a
/// sensitive value changes, and two plans that change it to different values have the same fingerprint. With a key,
/// known to the jobs that plan and apply and to nobody else, a digest also holds an HMAC over all sensitive values that
/// change, and the fingerprint covers it.
#[derive(Clone)]
pub struct Seal {
    key: Vec<u8>,
}

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal(..)")
    }
}

impl Seal {
    /// A seal with that key: 32 random bytes, or a text as good as that.
    pub fn new(key: impl Into<Vec<u8>>) -> Self {
        Self { key: key.into() }
    }

    /// HMAC-SHA256 (RFC 2104), in hexadecimal.
    pub(super) fn stamp(&self, content: &[u8]) -> String {
        let mut hmac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        hmac.update(content);
        hex(&hmac.finalize().into_bytes())
    }
}

/// What applying would do, and nothing else: no reasons, no versions, no drift, no account.
#[derive(Serialize)]
struct Effect<'a> {
    errored: bool,
    changes: Vec<ChangeEffect<'a>>,
    outputs: &'a [OutputChange],
    deferred: Vec<(&'a str, ChangeEffect<'a>)>,
    invocations: &'a [Invocation],
    seal: Option<&'a str>,
    /// What only some digests have; left out of the others, whose fingerprints were made before there was such a thing.
    #[serde(skip_serializing_if = "Option::is_none")]
    new_account: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a str>,
}

#[derive(Serialize)]
struct ChangeEffect<'a> {
    address: &'a str,
    deposed: Option<&'a str>,
    kind: &'a str,
    action: &'a Action,
    previous_address: Option<&'a str>,
    importing: Option<&'a str>,
    attributes: &'a [Attribute],
    more: Option<&'a More>,
}

impl<'a> From<&'a Change> for ChangeEffect<'a> {
    fn from(change: &'a Change) -> Self {
        Self {
            address: &change.address,
            deposed: change.deposed.as_deref(),
            kind: &change.kind,
            action: &change.action,
            previous_address: change.previous_address.as_deref(),
            importing: change.importing.as_deref(),
            attributes: &change.attributes,
            more: change.more.as_ref(),
        }
    }
}

/// The fingerprint of a digest's content.
pub(super) fn fingerprint(digest: &Digest) -> String {
    let effect = Effect {
        errored: digest.errored == Some(true),
        changes: digest.changes.iter().map(ChangeEffect::from).collect(),
        outputs: &digest.outputs,
        deferred: digest.deferred.iter().map(|Deferred { reason, change }| (reason.as_str(), change.into())).collect(),
        invocations: &digest.invocations,
        seal: digest.seal.as_deref(),
        new_account: digest.new_account.then_some(true),
        failure: digest.failure.as_deref(),
    };
    let mut hash = Sha256::new_with_prefix(b"groundwork digest 1\n");
    hash.update(serde_json::to_vec(&effect).unwrap_or_default());
    format!("sha256:{}", hex(&hash.finalize()))
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(content: &[u8]) -> String {
    hex(&Sha256::digest(content))
}

/// The first twelve digits of it: enough to tell things of one review apart.
pub(crate) fn short_hash(content: &[u8]) -> String {
    let mut text = sha256(content);
    text.truncate(12);
    text
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seal_is_the_hmac_of_rfc_4231() {
        let stamp = Seal::new("Jefe").stamp(b"what do ya want for nothing?");
        assert_eq!(stamp, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}
