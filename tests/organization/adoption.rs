//! An organization that was there before: adopted as it is, and nothing in it is made, closed, moved or renamed.

use serde_json::json;

use super::cloud::{Cloud, Found, finds_nothing_to_do, organization};

pub(crate) fn what_is_there_is_adopted_as_it_is() {
    let cloud = Cloud::new(&(organization("") + "[domains]\n"));
    let mut units = vec![(String::new(), cloud.root())];
    for (parent, name) in [("", "Workloads"), ("Workloads", "Prod"), ("Workloads", "Dev"), ("", "Security")] {
        let of = |path: &str| units.iter().find(|(known, _)| known == path).unwrap().1.clone();
        let made =
            cloud.moto.organizations("CreateOrganizationalUnit", &json!({ "ParentId": of(parent), "Name": name }));
        let path = if parent.is_empty() { name.to_owned() } else { format!("{parent}/{name}") };
        units.push((path, made["OrganizationalUnit"]["Id"].as_str().unwrap().to_owned()));
    }
    for (index, (name, unit)) in [
        ("Acme Search (Production)", "Workloads/Prod"),
        ("search_development", "Workloads/Dev"),
        ("prod-catalog", "Workloads/Prod"),
        ("payments-prod", ""),
        ("Log Archive", "Security"),
        ("Data Lake", "Workloads"),
    ]
    .iter()
    .enumerate()
    {
        let asked = json!({ "AccountName": name, "Email": format!("cloud+{index}@acme.example") });
        let status = cloud.moto.organizations("CreateAccount", &asked);
        let to = &units.iter().find(|(path, _)| path == unit).unwrap().1;
        if *to != cloud.root() {
            let id = &status["CreateAccountStatus"]["AccountId"];
            let input = json!({ "AccountId": id, "SourceParentId": cloud.root(), "DestinationParentId": to });
            cloud.moto.organizations("MoveAccount", &input);
        }
    }
    let before = places(cloud.accounts());

    let flags = ["--name", "acme", "--region", "eu-west-1", "--repository", "acme/accounts"];
    let made = cloud
        .groundwork(
            &[&["init", "adopted", "--from-organization", "--write-snapshot", "snapshot.json"], &flags[..]].concat(),
        )
        .succeeds();
    made.says(&["4 accounts adopted, 1 to decide, 2 not for domains.toml"]);
    cloud.groundwork(&["-C", "adopted", "check"]).succeeds();
    // Whoever may not read the organization makes the same of what was read.
    let again = ["init", "again", "--from-organization", "--snapshot", "snapshot.json"];
    cloud.groundwork(&[&again[..], &flags[..]].concat()).succeeds();
    assert_eq!(cloud.read("again/domains.toml"), cloud.read("adopted/domains.toml"));
    let planned = cloud.groundwork(&["-C", "adopted", "organization", "plan"]).succeeds();
    assert!(planned.stdout.ends_with("0 accounts to create, 0 to close, 5 other changes\n"), "{}", planned.stdout);
    cloud.groundwork(&["-C", "adopted", "organization", "apply", "--yes"]).succeeds();
    finds_nothing_to_do(&cloud.groundwork(&["-C", "adopted", "organization", "plan"]).succeeds());
    assert_eq!(places(cloud.accounts()), before);
}

/// Accounts without their tags, the one thing that becomes different.
fn places(accounts: Vec<Found>) -> Vec<(String, String, String)> {
    accounts.into_iter().map(|found| (found.email, found.unit, found.state)).collect()
}
