//! What a plan gives away about the account it is for: its number and its networks.

use std::collections::BTreeMap;

use serde_json::Value;

use super::secrets::read;
use crate::plan::{Plan, ReadError};

/// The account that most of the plan's own resources are in: the one in the `arn` attributes.
///
/// A search over the text, and not over values: most of them are in resources that stay as they are, which are not read
/// otherwise.
pub(super) fn account_id(text: &str) -> Option<String> {
    const KEY: &str = "\"arn\"";
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), KEY) {
        let Some(arn) = text[at + KEY.len()..].trim_start().strip_prefix(':').map(str::trim_start) else { continue };
        let mut parts = arn.splitn(6, ':');
        if parts.next() != Some("\"arn") {
            continue;
        }
        if let Some(id) = parts.nth(3).filter(|id| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit())) {
            *counts.entry(id).or_default() += 1;
        }
    }
    let most = counts.values().copied().max()?;
    let mut leaders = counts.into_iter().filter(|(_, count)| *count == most);
    // Of two that are named equally often neither is known to be it.
    leaders.next().filter(|_| leaders.next().is_none()).map(|(id, _)| id.to_owned())
}

/// The blocks of the plan's own VPCs, ascending.
pub(super) fn networks(plan: &Plan<'_>) -> Result<Vec<String>, ReadError> {
    let mut networks = Vec::new();
    let vpcs = plan.resource_changes.iter().flatten().filter(|resource| &*resource.kind == "aws_vpc");
    for vpc in vpcs {
        for side in [vpc.change.before, vpc.change.after] {
            if let Some(block) = read(side)?.get("cidr_block").and_then(Value::as_str) {
                networks.push(block.to_owned());
            }
        }
    }
    networks.sort();
    networks.dedup();
    Ok(networks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_the_one_that_owns_most() {
        let arn = |id: &str| format!("{{\"arn\": \"arn:aws:iam::{id}:role/x\", \"x\":\"arn:aws:s3:::222222222222\"}}");
        let text = [arn("111111111111"), arn("111111111111"), arn("333333333333")].concat();
        assert_eq!(account_id(&text).as_deref(), Some("111111111111"));
        assert_eq!(account_id(&[arn("111111111111"), arn("333333333333")].concat()), None);
        assert_eq!(account_id("{\"arn\":\"arn:aws:s3:::bucket\"}"), None);
        assert_eq!(account_id("\"arn\""), None);
    }
}
