//! Availability zone ids by region.
//!
//! Ids, not names: names are mapped to zones differently in every account. The list holds the ids that new
//! accounts can use for every service that a network needs; where it does not fit, `[network.zones]` in
//! domains.toml has the last word. Source: the AWS documentation, "Availability Zone IDs", as of 2026.

/// Ids of the zones of `region` in order of preference; `None` if the region is not in the list.
pub fn of_region(region: &str) -> Option<Vec<String>> {
    let (prefix, numbers) =
        ZONES.iter().find(|(name, ..)| *name == region).map(|(_, prefix, numbers)| (prefix, numbers))?;
    Some(numbers.iter().map(|number| format!("{prefix}-az{number}")).collect())
}

/// The regions that the list knows.
pub fn regions() -> impl Iterator<Item = &'static str> {
    ZONES.iter().map(|(region, ..)| *region)
}

const ZONES: &[(&str, &str, &[u8])] = &[
    ("af-south-1", "afs1", &[1, 2, 3]),
    ("ap-east-1", "ape1", &[1, 2, 3]),
    ("ap-northeast-1", "apne1", &[1, 2, 4]),
    ("ap-northeast-2", "apne2", &[1, 2, 3, 4]),
    ("ap-northeast-3", "apne3", &[1, 2, 3]),
    ("ap-south-1", "aps1", &[1, 2, 3]),
    ("ap-south-2", "aps2", &[1, 2, 3]),
    ("ap-southeast-1", "apse1", &[1, 2, 3]),
    ("ap-southeast-2", "apse2", &[1, 2, 3]),
    ("ap-southeast-3", "apse3", &[1, 2, 3]),
    ("ap-southeast-4", "apse4", &[1, 2, 3]),
    ("ca-central-1", "cac1", &[1, 2, 4]),
    ("ca-west-1", "caw1", &[1, 2, 3]),
    ("eu-central-1", "euc1", &[1, 2, 3]),
    ("eu-central-2", "euc2", &[1, 2, 3]),
    ("eu-north-1", "eun1", &[1, 2, 3]),
    ("eu-south-1", "eus1", &[1, 2, 3]),
    ("eu-south-2", "eus2", &[1, 2, 3]),
    ("eu-west-1", "euw1", &[1, 2, 3]),
    ("eu-west-2", "euw2", &[1, 2, 3]),
    ("eu-west-3", "euw3", &[1, 2, 3]),
    ("il-central-1", "ilc1", &[1, 2, 3]),
    ("me-central-1", "mec1", &[1, 2, 3]),
    ("me-south-1", "mes1", &[1, 2, 3]),
    ("sa-east-1", "sae1", &[1, 2, 3]),
    ("us-east-1", "use1", &[1, 2, 4, 5, 6]),
    ("us-east-2", "use2", &[1, 2, 3]),
    ("us-west-1", "usw1", &[1, 3]),
    ("us-west-2", "usw2", &[1, 2, 3, 4]),
];

#[cfg(test)]
mod tests {
    use super::of_region;

    #[test]
    fn a_region_has_the_ids_of_its_zones() {
        assert_eq!(of_region("ca-central-1").unwrap(), ["cac1-az1", "cac1-az2", "cac1-az4"]);
        assert_eq!(of_region("eu-nowhere-1"), None);
    }
}
