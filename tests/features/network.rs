//! Where packets go.

use std::collections::BTreeMap;

use ipnet::Ipv4Net;
use serde_json::Value;

use super::World;
use super::landscape::Landscape;
use super::policy::every_option;

pub(crate) fn every_kind_of_network_routes_as_it_says(world: &World) {
    let landscape = Landscape::new(world, &every_option());
    landscape.groundwork(&["apply", "-q", "--yes"]).succeeds();
    landscape.groundwork(&["plan"]).succeeds().says(&["25 accounts: 25 unchanged"]);
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
    let out_of = |subnet: &str| -> Option<&Value> {
        let table = &table_of[subnet];
        routes
            .iter()
            .find(|route| route["route_table_id"] == table.as_str() && route["destination_cidr_block"] == "0.0.0.0/0")
    };
    let vpcs = by("aws_vpc", "id");
    assert_eq!(vpcs.len(), 24);
    let mut seen = 0;
    for (id, vpc) in &vpcs {
        let own: Vec<(&String, &Value)> =
            subnets.iter().filter(|(_, subnet)| subnet["vpc_id"] == id.as_str()).collect();
        let block: Ipv4Net = vpc["cidr_block"].as_str().unwrap().parse().unwrap();
        let blocks: Vec<Ipv4Net> =
            own.iter().map(|(_, subnet)| subnet["cidr_block"].as_str().unwrap().parse().unwrap()).collect();
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
            match subnet["tags"]["groundwork:tier"].as_str().unwrap_or_else(|| panic!("{subnet:#}")) {
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

    // All of it goes again.
    let closed = every_option().matches("[domains.").count();
    landscape.edit("environments = [\"prod\"]\n", "environments = [\"prod\"]\nlifecycle = \"retiring\"\n");
    landscape.groundwork(&["apply", "-q", "--yes"]).succeeds();
    assert_eq!((closed, landscape.providers.count()), (25, 0), "everything is destroyed");
}

fn zone(subnet: &Value) -> &str {
    subnet["availability_zone_id"].as_str().unwrap()
}
