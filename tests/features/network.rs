//! Where packets go.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde_json::Value;

use super::World;
use super::landscape::Landscape;
use super::options::{ACCOUNTS, IPV6, choices, domains};

pub(crate) fn every_kind_of_network_routes_as_it_says(world: &World) {
    let choices = choices();
    let landscape = Landscape::new(world, &domains(&choices));
    landscape.groundwork(&["apply", "-q", "--yes"]).succeeds();
    landscape.groundwork(&["plan"]).succeeds().says(&["25 accounts: 25 unchanged"]);
    routes(&landscape, &choices);

    // Everything becomes something else.
    let mut others = choices;
    others.rotate_left(1);
    landscape.rewrite(&domains(&others));
    landscape.groundwork(&["apply", "-q", "--yes"]).succeeds();
    landscape.groundwork(&["plan"]).succeeds().says(&["25 accounts: 25 unchanged"]);

    // All of it goes again.
    landscape.edit("environments = [\"prod\"]\n", "environments = [\"prod\"]\nlifecycle = \"retiring\"\n");
    landscape.groundwork(&["apply", "-q", "--yes"]).succeeds();
    assert_eq!(landscape.providers.count(), 0, "everything is destroyed");
}

fn routes(landscape: &Landscape<'_>, choices: &[Vec<usize>]) {
    let all = |kind: &str| -> Vec<Value> { landscape.providers.objects(kind).into_values().collect() };
    let by = |kind: &str, field: &str| -> BTreeMap<String, Value> {
        all(kind).into_iter().map(|object| (object[field].as_str().unwrap().to_owned(), object)).collect()
    };
    let (subnets, gateways) = (by("aws_subnet", "id"), by("aws_nat_gateway", "id"));
    let table_of: BTreeMap<String, String> = all("aws_route_table_association")
        .iter()
        .filter_map(|link| Some((link["subnet_id"].as_str()?.to_owned(), link["route_table_id"].as_str()?.to_owned())))
        .collect();
    let routes = all("aws_route");
    let way = |subnet: &str, field: &str, everywhere: &str| -> Option<&Value> {
        let table = &table_of[subnet];
        routes.iter().find(|route| route["route_table_id"] == table.as_str() && route[field] == everywhere)
    };
    let out_of = |subnet: &str| way(subnet, "destination_cidr_block", "0.0.0.0/0");
    let out_of_ipv6 = |subnet: &str| way(subnet, "destination_ipv6_cidr_block", "::/0");
    let vpcs = by("aws_vpc", "id");
    assert_eq!(vpcs.len(), ACCOUNTS);
    let mut seen = 0;
    for (id, vpc) in &vpcs {
        let own: Vec<(&String, &Value)> =
            subnets.iter().filter(|(_, subnet)| subnet["vpc_id"] == id.as_str()).collect();
        let block: Ipv4Net = vpc["cidr_block"].as_str().unwrap().parse().unwrap();
        let blocks: Vec<Ipv4Net> =
            own.iter().map(|(_, subnet)| subnet["cidr_block"].as_str().unwrap().parse().unwrap()).collect();
        let mut ipv6: Vec<&str> = own.iter().filter_map(|(_, subnet)| subnet["ipv6_cidr_block"].as_str()).collect();
        ipv6.sort_unstable();
        assert!(ipv6.windows(2).all(|pair| pair[0] != pair[1]), "{ipv6:?}");
        for (index, subnet) in blocks.iter().enumerate() {
            assert!(block.contains(subnet), "{subnet} is not in {block}");
            assert!(
                blocks[..index].iter().all(|other| !other.contains(subnet) && !subnet.contains(other)),
                "{subnet} twice"
            );
        }
        let number: usize = vpc["tags_all"]["domain"].as_str().unwrap()[1..].parse().unwrap();
        let nat = ["none", "single", "per-az", "regional"][number / 6];
        let isolated = number % 2 == 1;
        let zones: std::collections::BTreeSet<&str> = own.iter().map(|(_, subnet)| zone(subnet)).collect();
        assert_eq!(zones.len(), number / 2 % 3 + 2, "d{number}");
        assert_eq!(own.len(), zones.len() * if isolated { 3 } else { 2 }, "d{number}");
        for (id, subnet) in own {
            seen += 1;
            let way = out_of(id);
            let tier = subnet["tags"]["groundwork:tier"].as_str().unwrap_or_else(|| panic!("{subnet:#}"));
            let ipv6 = choices[number][IPV6] == 1;
            assert_eq!(subnet["ipv6_cidr_block"].as_str().is_some_and(|block| block.ends_with("/64")), ipv6);
            match (out_of_ipv6(id), tier) {
                (Some(way), "public") if ipv6 => assert_eq!(way["gateway_id"], out_of(id).unwrap()["gateway_id"]),
                (Some(way), "private") if ipv6 && nat != "none" => {
                    assert!(way["egress_only_gateway_id"].as_str().unwrap().starts_with("eigw-"), "d{number}");
                }
                (way, tier) => {
                    let closed = !ipv6 || tier == "isolated" || tier == "private" && nat == "none";
                    assert!(way.is_none() && closed, "d{number}: {tier} {way:?}");
                }
            }
            match tier {
                "public" => assert!(way.unwrap()["gateway_id"].as_str().unwrap().starts_with("igw-"), "d{number}"),
                "isolated" => assert!(way.is_none(), "d{number}: isolated, and there is a way out"),
                "private" if nat == "none" => assert!(way.is_none(), "d{number}"),
                "private" => {
                    let gateway = &gateways[way.unwrap()["nat_gateway_id"].as_str().unwrap()];
                    match nat {
                        // Through its own zone's, which is in a public subnet there.
                        "per-az" => assert_eq!(
                            zone(&subnets[gateway["subnet_id"].as_str().unwrap()]),
                            zone(subnet),
                            "d{number}"
                        ),
                        "single" => {
                            assert_eq!(subnets[gateway["subnet_id"].as_str().unwrap()]["vpc_id"], subnet["vpc_id"]);
                        }
                        _ => assert_eq!(gateway["vpc_id"], subnet["vpc_id"]),
                    }
                }
                other => panic!("nobody knows the tier {other}"),
            }
        }
    }
    assert_eq!(seen, subnets.len());
    let gateways_of = |nat: usize| {
        gateways
            .values()
            .filter(|gateway| {
                let domain = gateway["tags_all"]["domain"].as_str().unwrap();
                domain[1..].parse::<usize>().unwrap() / 6 == nat
            })
            .count()
    };
    assert_eq!([0, 1, 2, 3].map(gateways_of), [0, 6, 2 * (2 + 3 + 4), 6]);

    // What is published is what is there.
    let published = all("aws_ssm_parameter");
    for vpc in vpcs.values() {
        let domain = &vpc["tags_all"]["domain"];
        let of = |name: &str| {
            let name = format!("/groundwork/{name}");
            let own = published.iter().find(|one| one["tags_all"]["domain"] == *domain && one["name"] == name.as_str());
            own.map(|one| one["insecure_value"].as_str().unwrap())
        };
        assert_eq!(of("network/vpc-id"), vpc["id"].as_str());
        assert_eq!(of("owner/team"), Some("catalog"));
        for subnet in subnets.values().filter(|subnet| subnet["vpc_id"] == vpc["id"]) {
            let tier = subnet["tags"]["groundwork:tier"].as_str().unwrap();
            assert_eq!(of(&format!("network/subnets/{tier}/{}", zone(subnet))), subnet["id"].as_str());
        }
    }
    assert!(
        published
            .iter()
            .all(|one| one["type"] == "String" && one["insecure_value"].as_str().is_some_and(|value| !value.is_empty()))
    );
}

fn zone(subnet: &Value) -> &str {
    subnet["availability_zone_id"].as_str().unwrap()
}
