//! Drift told apart from what waits to be applied.

use std::collections::BTreeSet;

use crate::digest::Digest;

/// Leaves in a digest only what had changed outside of Terraform, and what the next apply would undo of it. Whether
/// there was anything else: changes that somebody made in the configuration and nobody has applied yet.
///
/// A plan does not say which of its changes undo drift. It is those of resources that drifted: whatever else a resource
/// that nobody touched is about to become, the configuration says.
pub fn drifted(digest: &mut Digest) -> bool {
    let touched: BTreeSet<(String, Option<String>)> =
        digest.drift.iter().map(|change| (change.address.clone(), change.deposed.clone())).collect();
    let before = digest.changes.len() + digest.outputs.len() + digest.deferred.len() + digest.invocations.len();
    digest.changes.retain(|change| {
        let own = (change.address.clone(), change.deposed.clone());
        // A resource with a new address drifted under the old one.
        let moved = change.previous_address.clone().map(|address| (address, change.deposed.clone()));
        touched.contains(&own) || moved.is_some_and(|moved| touched.contains(&moved))
    });
    digest.outputs.clear();
    digest.deferred.clear();
    digest.invocations.clear();
    // What it said of waiting changes is no longer of interest.
    digest.complete = None;
    before > digest.changes.len()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_nobody_touched_is_no_drift() {
        let change = |address: &str| json!({ "address": address, "type": "aws_vpc", "actions": ["update"] });
        let mut digest: Digest = serde_json::from_value(json!({
            "schema_version": 1, "fingerprint": "",
            "changes": [change("a"), change("b")],
            "drift": [change("a"), change("c")],
        }))
        .unwrap();
        assert!(drifted(&mut digest));
        assert_eq!(digest.changes.iter().map(|change| change.address.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(digest.drift.len(), 2);
        assert!(!drifted(&mut digest), "nothing else is left");
    }
}
