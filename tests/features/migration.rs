//! What was there before groundwork is used as it is, or taken over.

use std::fmt::Write as _;

use serde_json::Value;

use super::World;
use super::landscape::{Landscape, made};

const SHOP: &str = "[domains.shop]\nteam = \"catalog\"\nenvironments = [\"prod\"]\n\
    network = { cidr = \"10.7.8.0/22\", zones = 2, isolated = true }\n";

pub(crate) fn a_network_that_is_there_is_used_as_it_is(world: &World) {
    let landscape = Landscape::new(world, SHOP);
    landscape.groundwork(&["apply", "-q", "--yes"]).succeeds();
    let (vpcs, subnets) = (all(&landscape, "aws_vpc"), all(&landscape, "aws_subnet"));
    assert_eq!(vpcs[0]["cidr_block"], "10.7.8.0/22", "the ledger took what domains.toml said");
    let of = |tier: &str| -> String {
        let own = subnets.iter().filter(|subnet| subnet["tags"]["groundwork:tier"] == tier);
        own.map(|subnet| format!("\"{}\",", text(&subnet["id"]))).collect()
    };
    let guest = format!(
        "[domains.guest]\nteam = \"catalog\"\nenvironments = [\"prod\"]\nnetwork = {{ existing = \"{}\", existing_subnets = {{ private = [{}], \
         isolated = [{}] }} }}\n",
        text(&vpcs[0]["id"]),
        of("private"),
        of("isolated")
    );
    landscape.rewrite(&format!("{SHOP}{guest}"));
    let plans = landscape.plans();
    let planned = made(&plans["guest/prod"]);
    let network = ["aws_vpc", "aws_subnet", "aws_route", "aws_nat_gateway", "aws_vpc_endpoint", "aws_internet_gateway"];
    assert!(planned.iter().all(|(kind, ..)| !network.contains(kind)), "{planned:#?}");
    let published = |name: &str| {
        let name = format!("/groundwork/network/{name}");
        let found = planned.iter().find(|(.., after)| after["name"] == name.as_str());
        found.map(|(.., after)| text(&after["insecure_value"]))
    };
    assert_eq!(published("vpc-id"), Some(text(&vpcs[0]["id"])));
    assert_eq!(published("cidr"), Some("10.7.8.0/22"));
    for subnet in &subnets {
        let name =
            format!("subnets/{}/{}", text(&subnet["tags"]["groundwork:tier"]), text(&subnet["availability_zone_id"]));
        let known = !name.starts_with("subnets/public");
        assert_eq!(published(&name), Some(text(&subnet["id"])).filter(|_| known), "{name}");
    }
    landscape.groundwork(&["apply", "-q", "--yes"]).succeeds();
    landscape.groundwork(&["plan"]).succeeds().says(&["2 accounts: 2 unchanged"]);

    // A subnet of another network is a mistake that is told, with both.
    landscape.edit(&format!("existing = \"{}\"", text(&vpcs[0]["id"])), "existing = \"vpc-0123456789ab\"");
    let failed = landscape.groundwork(&["plan", "guest/prod"]).fails();
    failed.says(&[text(&vpcs[0]["id"]), "not in vpc-0123456789ab"]);
}

pub(crate) fn what_is_there_is_taken_over(world: &World) {
    let landscape = Landscape::new(world, SHOP);
    landscape.groundwork(&["apply", "-q", "--yes"]).succeeds();
    let (vpcs, subnets) = (all(&landscape, "aws_vpc"), all(&landscape, "aws_subnet"));
    landscape.forget("shop/prod");
    let mut imports = format!("[domains.shop.imports]\n\"aws_vpc.main\" = \"{}\"\n", text(&vpcs[0]["id"]));
    for subnet in &subnets {
        let address = format!(
            "aws_subnet.{}[\"{}\"]",
            text(&subnet["tags"]["groundwork:tier"]),
            text(&subnet["availability_zone_id"])
        );
        writeln!(imports, "'{address}' = \"{}\"", text(&subnet["id"])).unwrap();
    }
    landscape.rewrite(&format!("{SHOP}{imports}"));
    let plans = landscape.plans();
    let changes = plans["shop/prod"]["resource_changes"].as_array().unwrap();
    let taken: Vec<&Value> = changes
        .iter()
        .filter(|change| change["change"]["importing"].is_object())
        .map(|change| &change["change"]["actions"])
        .collect();
    assert_eq!(taken, vec![&serde_json::json!(["no-op"]); 1 + subnets.len()]);
    landscape.groundwork(&["apply", "-q", "--yes"]).succeeds();
    assert_eq!((all(&landscape, "aws_vpc"), all(&landscape, "aws_subnet")), (vpcs, subnets));
    landscape.groundwork(&["plan"]).succeeds().says(&["1 account: 1 unchanged"]);

    // An address that is none is told where it stands, and nothing is rendered.
    landscape.groundwork_with("'aws_vpc.main; evil' = \"vpc-1\"\n", &["check"]).fails().says(&["domains.toml:"]);
}

fn all(landscape: &Landscape<'_>, kind: &str) -> Vec<Value> {
    landscape.providers.objects(kind).into_values().collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}
