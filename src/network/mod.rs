//! The address space that accounts get their network blocks from.
//!
//! Pure arithmetic on IPv4 networks; who holds which block is the [ledger](crate::ledger)'s matter.

mod free;
mod space;
pub mod zones;

pub use free::FreeSpace;
pub use space::{AddressSpace, Pool, Reserved, Usage};

use ipnet::Ipv4Net;

/// Largest and smallest VPC that AWS makes, as prefix lengths ("VPC CIDR blocks").
pub const LARGEST_BLOCK: u8 = 16;
/// See [`LARGEST_BLOCK`].
pub const SMALLEST_BLOCK: u8 = 28;

/// The smallest block whose public subnets, a thirty-second of it, can hold a load balancer.
pub const SMALLEST_LAID_OUT: u8 = 22;

/// The subnet number `index` of `network` when its prefix is lengthened by `bits`: Terraform's `cidrsubnet`.
/// `None` if there is no such subnet.
pub fn subnet(network: Ipv4Net, bits: u8, index: u32) -> Option<Ipv4Net> {
    let prefix = network.prefix_len().checked_add(bits).filter(|prefix| *prefix <= 32)?;
    if u64::from(index) >= 1_u64 << bits {
        return None;
    }
    let address = u64::from(u32::from(network.network())) + (u64::from(index) << (32 - prefix));
    Ipv4Net::new(u32::try_from(address).ok()?.into(), prefix).ok()
}

/// How many addresses a network has.
pub fn size(network: Ipv4Net) -> u64 {
    1 << (32 - network.prefix_len())
}

/// Whether two networks share an address.
pub fn overlap(a: Ipv4Net, b: Ipv4Net) -> bool {
    a.contains(&b) || b.contains(&a)
}

#[cfg(test)]
mod tests {
    use super::subnet;

    #[track_caller]
    fn case(network: &str, bits: u8, index: u32, expected: Option<&str>) {
        let subnet = subnet(network.parse().unwrap(), bits, index).map(|subnet| subnet.to_string());
        assert_eq!(subnet.as_deref(), expected);
    }

    #[test]
    fn subnets_are_what_terraform_computes() {
        case("10.64.0.0/22", 3, 0, Some("10.64.0.0/25"));
        case("10.64.0.0/22", 3, 7, Some("10.64.3.128/25"));
        case("10.64.0.0/22", 3, 8, None);
        case("255.255.255.0/24", 8, 255, Some("255.255.255.255/32"));
        case("10.0.0.0/30", 3, 0, None);
        case("0.0.0.0/0", 32, u32::MAX, Some("255.255.255.255/32"));
    }
}
