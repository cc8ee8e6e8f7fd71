use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::diagnostic::{Diagnostics, print};
use crate::init::{self, Answers, Ci};
use crate::reconcile::{Action, Given, Reconciled, reconcile};
use crate::repository::Repository;
use crate::snapshot::{SCHEMA_VERSION, State, Unit};
use crate::system::inputs::Inputs;

const MANAGEMENT: &str = "111111111111";

/// An organization of accounts, each a name, the path of its unit, and its tags. Units are made as they are named.
#[derive(Default)]
struct Building {
    snapshot: Snapshot,
}

impl Building {
    fn new() -> Self {
        let snapshot = Snapshot {
            schema_version: SCHEMA_VERSION,
            taken: Timestamp::UNIX_EPOCH,
            management_account: MANAGEMENT.to_owned(),
            root: "r-0".to_owned(),
            ..Snapshot::default()
        };
        let mut building = Self { snapshot }.with("acme", "", &[]);
        // What every organization of groundwork's has, adopted or not.
        building.unit("Retired");
        building
    }

    fn with(mut self, name: &str, unit: &str, tags: &[(&str, &str)]) -> Self {
        let number = self.snapshot.accounts.len();
        let parent = self.unit(unit);
        self.snapshot.accounts.push(Member {
            id: if number == 0 { MANAGEMENT.to_owned() } else { format!("{:012}", 200_000_000_000_usize + number) },
            name: name.to_owned(),
            email: format!("aws+{number}@acme.example"),
            state: State::Active,
            parent,
            tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            contacts: None,
        });
        self
    }

    fn unit(&mut self, path: &str) -> String {
        let mut parent = self.snapshot.root.clone();
        for name in path.split('/').filter(|name| !name.is_empty()) {
            let units = &self.snapshot.units;
            let known =
                units.iter().find(|unit| unit.parent == parent && unit.name == name).map(|unit| unit.id.clone());
            parent = known.unwrap_or_else(|| {
                let id = format!("ou-{}", self.snapshot.units.len());
                self.snapshot.units.push(Unit { id: id.clone(), name: name.to_owned(), parent });
                id
            });
        }
        parent
    }

    fn propose(&self) -> Proposal {
        propose(&self.snapshot, "acme")
    }
}

/// What the new repository says of the same snapshot.
fn adopted(snapshot: &Snapshot, proposal: &Proposal) -> Reconciled {
    let answers = Answers {
        name: "acme".to_owned(),
        management_account: proposal.management_account.clone(),
        email: proposal.email.clone(),
        region: "eu-west-1".to_owned(),
        bucket: "acme-state".to_owned(),
        ci: Ci::Github,
        repository: Some("acme/accounts".to_owned()),
        releases: "acme/groundwork".to_owned(),
    };
    let today = date(2026, 11, 20);
    let new = init::files(&answers, Some(proposal), today)
        .unwrap_or_else(|broken| panic!("{}", print::to_text(&broken.diagnostics, &broken.sources, false)));
    let mut inputs = Inputs::default();
    inputs.files.extend(new.files.into_iter().map(|(path, bytes)| (path, bytes.into())));
    let repository = Repository::load(&inputs, Diagnostics::default(), today);
    assert!(repository.is_sound(), "{}", print::to_text(&repository.diagnostics, &repository.sources, false));
    assert!(
        repository.diagnostics.is_empty(),
        "{}",
        print::to_text(&repository.diagnostics, &repository.sources, false)
    );
    let organization = repository.organization.as_ref().unwrap();
    assert!(organization.accounts.iter().all(crate::organization::Account::is_renderable));
    reconcile(Given { organization, ledger: &repository.ledger, snapshot, today })
}

/// The one account beside the management account: its key, or why it has none.
fn fate(name: &str, unit: &str, tags: &[(&str, &str)]) -> String {
    let proposal = Building::new().with(name, unit, tags).propose();
    let key =
        proposal.domains.iter().flat_map(|(domain, it)| it.accounts.keys().map(move |own| format!("{domain}/{own}")));
    let left_out = proposal.left_out.iter().filter(|account| account.id != MANAGEMENT);
    key.chain(left_out.map(|account| account.reason.clone())).collect::<Vec<_>>().join(", ")
}

#[test]
fn many_of_a_kind_are_counted_and_not_all_named_by_each() {
    let many = (0..2_000).fold(Building::new(), |building, _| building.with("same-dev", "Workloads", &[]));
    let proposal = propose(&many.snapshot, "acme");
    let same: Vec<&LeftOut> = proposal.left_out.iter().filter(|it| it.name == "same-dev").collect();
    assert_eq!(same.len(), 2_000);
    assert!(same[0].reason.ends_with("200000000011, 1989 more"), "{}", same[0].reason);
    let longest = same.iter().map(|it| it.reason.len()).max();
    assert!(longest < Some(250), "{longest:?}");
}

#[test]
fn an_account_is_known_by_its_tags_its_name_or_its_units() {
    for (name, unit, expected) in [
        ("Acme Search (Production)", "Workloads", "search/prod"),
        ("prod-search", "Workloads", "search/prod"),
        ("search_production", "", "search/prod"),
        ("AcmeSearchStaging", "", "search/stage"),
        ("acme-aws-search-dev", "Workloads/Dev", "search/dev"),
        ("search", "Workloads/Prod", "search/prod"),
        ("search", "Production/Retail", "search/prod"),
        ("prod", "Products/Search", "search/prod"),
        ("Acme Production", "Search", "search/prod"),
        ("search-01", "Search/Prod", "search-01/prod"),
        ("search-nonprod", "Workloads/NonProd", "search/nonprod"),
        ("3d-printing-prod", "", "d-3d-printing/prod"),
        ("audit-trail-prod", "Workloads", "audit-trail/prod"),
        // What is left out, because nobody could tell.
        ("Data Lake", "Workloads", "says nowhere which environment it is"),
        ("search-prod", "Workloads/Dev", "is called `prod` by its name and `dev` by its unit"),
        ("sandbox", "", "says nowhere which domain it belongs to"),
        ("Поиск prod", "", "says nowhere which domain it belongs to"),
        // What is no domain's.
        ("Log Archive", "Security", "is one of the organization's own, and no domain's"),
        ("Log archive", "Core", "is one of the organization's own, and no domain's"),
        ("acme-audit", "", "is one of the organization's own, and no domain's"),
        ("scanner-prod", "Security/Prod", "is one of the organization's own, and no domain's"),
        ("search-prod", "Suspended", "is in `Suspended`, so it is on its way out"),
    ] {
        assert_eq!(fate(name, unit, &[]), expected, "{name} in {unit}");
    }
    for (name, tags, expected) in [
        ("a-dev", vec![("Environment", "Production"), ("Domain", "Search")], "search/prod"),
        ("x17", vec![("env", "perf"), ("application", "Search API")], "search-api/perf"),
        ("search-prod", vec![("cost-center", "4210")], "search/prod"),
        ("whatever", vec![(KEY_TAG, "search/prod")], "search/prod"),
        ("search-prod", vec![(KEY_TAG, "Search")], "has the tag `groundwork:key` with `Search`, which is no key"),
    ] {
        assert_eq!(fate(name, "", &tags), expected, "{name} with {tags:?}");
    }
}

#[test]
fn what_is_not_in_use_is_left_out() {
    for state in [State::Suspended, State::PendingClosure, State::PendingActivation, State::Other("NEW".to_owned())] {
        let mut building = Building::new().with("search-prod", "", &[]);
        building.snapshot.accounts[1].state = state.clone();
        let proposal = building.propose();
        assert!(proposal.domains.is_empty());
        assert_eq!(proposal.left_out[1].reason, format!("is {}", state.in_words()));
    }
}

#[test]
fn accounts_that_would_be_the_same_are_told_apart_or_left_out() {
    let apart = Building::new()
        .with("search-prod", "Retail", &[("project", "shop")])
        .with("checkout-prod", "Retail", &[("project", "shop")])
        .with("api-prod", "Retail", &[])
        .with("api-prod", "Wholesale", &[]);
    let proposal = apart.propose();
    let domains: Vec<&String> = proposal.domains.keys().collect();
    assert_eq!(domains, ["checkout", "retail-api", "search", "wholesale-api"]);
    let reconciled = adopted(&apart.snapshot, &proposal);
    // AWS lets two accounts have one name; it is said that one of them gets another.
    assert!(
        proposal.notes.iter().any(|note| note.starts_with("`wholesale-api/prod`: its name `api-prod` is not unique"))
    );
    assert_eq!(reconciled.actions.iter().filter(|action| matches!(action, Action::Rename { .. })).count(), 1);

    let hopeless =
        Building::new().with("search-prod", "", &[]).with("prod-search", "", &[]).with("search-dev", "", &[]);
    let proposal = hopeless.propose();
    let reasons: Vec<&str> = proposal.left_out[1..].iter().map(|account| account.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["would be `search/prod`, and so would 200000000002", "would be `search/prod`, and so would 200000000001"]
    );
    assert_eq!(proposal.domains["search"].accounts.keys().collect::<Vec<_>>(), ["dev"]);
}

/// What domains.toml says of a large organization with a habit is said once.
#[test]
fn habits_are_patterns() {
    let mut building = Building::new();
    for number in 0..100 {
        for environment in ["Development", "Staging", "Production"] {
            let name = format!("acme-team{number}-{}", environment.to_lowercase());
            building = building.with(&name, &format!("Workloads/{environment}"), &[]);
        }
    }
    for (number, member) in building.snapshot.accounts.iter_mut().enumerate().skip(1) {
        let environment = ["dev", "stage", "prod"][(number - 1) % 3];
        member.email = format!("cloud+team{}-{environment}@acme.example", (number - 1) / 3);
    }
    let proposal = building.propose();
    assert_eq!(proposal.domains.len(), 100);
    assert_eq!(proposal.email, "cloud+{domain}-{environment}@acme.example");
    let environments: Vec<String> = proposal
        .environments
        .iter()
        .map(|it| format!("{} {} {}", it.name, it.account_name.as_deref().unwrap(), it.unit.as_deref().unwrap()))
        .collect();
    assert_eq!(
        environments,
        [
            "dev acme-{domain}-development Workloads/Development",
            "stage acme-{domain}-staging Workloads/Staging",
            "prod acme-{domain}-production Workloads/Production"
        ]
    );
    let own = proposal.domains.values().flat_map(|domain| domain.accounts.values());
    assert!(own.clone().count() == 300 && own.clone().all(|own| own.account_name.is_none() && own.unit.is_none()));
    let reconciled = adopted(&building.snapshot, &proposal);
    assert!(
        reconciled.actions.iter().all(|action| matches!(action, Action::Tag { .. })) && reconciled.actions.len() == 300
    );
}

#[test]
fn who_owns_a_domain_is_what_its_accounts_say() {
    let proposal = Building::new()
        .with("search-dev", "Dev", &[("Team", "Discovery Squad")])
        .with("search-prod", "Prod", &[("owner", "discovery@acme.example")])
        .with("search-test", "Test", &[("owner", "discovery@acme.example")])
        .with("catalog-prod", "Prod", &[("owner", "catalog@acme.example")])
        .with("media-prod", "Prod", &[])
        .propose();
    let mut text = String::new();
    for (name, domain) in &proposal.domains {
        writeln!(text, "{name}: {}", domain.team).unwrap();
    }
    assert_eq!(text, "catalog: catalog\nmedia: platform\nsearch: discovery\n");
    assert_eq!(proposal.teams["discovery"], "discovery@acme.example");
    assert_eq!(proposal.teams["platform"], "platform@acme.example");
    assert_eq!(
        proposal.notes,
        [
            "domain `search`: its accounts name several owners: discovery, discovery-squad",
            "no tag says who owns `media`: they are given to team `platform`"
        ]
    );
}

#[test]
fn new_accounts_do_not_follow_into_a_corner() {
    let unit = |places: &[(&str, &str)]| {
        let building = places.iter().fold(Building::new(), |building, (name, unit)| building.with(name, unit, &[]));
        let proposal = building.propose();
        let kinds: Vec<Action> = adopted(&building.snapshot, &proposal).actions;
        assert!(kinds.iter().all(|action| matches!(action, Action::Tag { .. })), "{kinds:?}");
        (proposal.environments[0].unit.clone(), proposal.notes.len())
    };
    let no_tags = 1;
    assert_eq!(unit(&[("a-prod", "Prod"), ("b-prod", "Prod"), ("c-prod", "Old")]), (Some("Prod".to_owned()), no_tags));
    assert_eq!(unit(&[("a-prod", ""), ("b-prod", "")]), (None, no_tags + 2));
    assert_eq!(unit(&[("a-prod", "Retail/Prod"), ("b-prod", "Bank/Prod")]), (None, no_tags + 1));
    assert_eq!(unit(&[("a-prod", "a/Prod"), ("b-prod", "b/Prod")]), (Some("{domain}/Prod".to_owned()), no_tags));
}

#[test]
fn whose_key_is_the_tag_of_another_is_left_out() {
    let building = Building::new()
        .with("a", "", &[(KEY_TAG, "search/prod")])
        .with("b", "", &[(KEY_TAG, "search/prod")])
        .with("catalog-prod", "", &[]);
    let proposal = building.propose();
    assert_eq!(proposal.domains.keys().collect::<Vec<_>>(), ["catalog"]);
    assert!(adopted(&building.snapshot, &proposal).refusals.is_empty());
    // One that is suspended keeps its name from others.
    let mut building = Building::new().with("a", "", &[(KEY_TAG, "search/prod")]).with("search-prod", "", &[]);
    let tagged = building.snapshot.accounts.iter_mut().find(|member| member.name == "a").unwrap();
    tagged.state = State::Suspended;
    let proposal = building.propose();
    assert!(proposal.domains.is_empty(), "{:?}", proposal.domains);
    let reasons: Vec<&str> = proposal.left_out.iter().map(|account| account.reason.as_str()).collect();
    assert!(reasons.iter().any(|reason| reason.starts_with("would be `search/prod`")), "{reasons:?}");
}

#[test]
fn nothing_is_adopted_where_there_is_nothing() {
    let building = Building::new();
    let proposal = building.propose();
    assert_eq!(proposal.left_out.len(), 1);
    assert!(adopted(&building.snapshot, &proposal).actions.is_empty());
}

/// A word of an account's name, its unit or a tag: telling ones, empty ones, and what nobody would expect.
fn word() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "search",
        "catalog",
        "acme",
        "prod",
        "Production",
        "dev",
        "stage",
        "non",
        "qa",
        "(",
        "Workloads",
        "Security",
        "log",
        "archive",
        "3d",
        "{domain}",
        "{x}",
        "\"",
        "\\",
        "#",
        "\n",
        "é",
        "Suspended",
        "a/b",
        "${x}",
        "/",
        "",
        "an-awfully-long-word-that-never-ends-and-goes-on",
    ]);
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => any::<char>().prop_map(String::from)]
}

fn phrase(most: usize) -> impl Strategy<Value = String> {
    let separator = prop::sample::select(vec!["-", "_", " ", "", "."]);
    (prop::collection::vec(word(), 0..=most), separator).prop_map(|(words, separator)| words.join(separator))
}

type Seed = (String, Vec<String>, Vec<(&'static str, String)>, usize);

fn account() -> impl Strategy<Value = Seed> {
    let key = prop::sample::select(vec!["team", "owner", "environment", "domain", "project", KEY_TAG]);
    let value =
        prop_oneof![4 => phrase(2), 1 => Just("search/prod".to_owned()), 1 => Just("x@acme.example".to_owned())];
    let units = prop::collection::vec(word().prop_filter("a unit has a name", |name| !name.is_empty()), 0..4);
    (phrase(4), units, prop::collection::vec((key, value), 0..3), 0..40_usize)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever there is, adopting it makes no account and closes none, and what can be written stays where it is.
    #[test]
    fn adopting_makes_and_closes_nothing(seeds in prop::collection::vec(account(), 0..24)) {
        let mut building = Building::new();
        for (name, units, tags, odd) in &seeds {
            let tags: Vec<(&str, &str)> = tags.iter().map(|(key, value)| (*key, value.as_str())).collect();
            building = building.with(name, &units.join("/"), &tags);
            if let Some(member) = building.snapshot.accounts.last_mut() {
                match odd {
                    0 => member.state = State::Suspended,
                    1 => member.email = "shared@acme.example".to_owned(),
                    2 => member.email = format!("{name}@{name}"),
                    3 => member.email.clear(),
                    4 => member.id = "1".to_owned(),
                    _ => {}
                }
            }
        }
        let proposal = building.propose();
        let reconciled = adopted(&building.snapshot, &proposal);
        prop_assert!(reconciled.refusals.is_empty(), "{:?}", reconciled.refusals);
        let adopted: usize = proposal.domains.values().map(|domain| domain.accounts.len()).sum();
        prop_assert_eq!(reconciled.found.len(), adopted);
        let seen: BTreeSet<&str> = building.snapshot.accounts.iter().map(|member| member.id.as_str()).collect();
        prop_assert_eq!(adopted + proposal.left_out.len(), seen.len(), "every account is adopted or left out");
        for action in &reconciled.actions {
            match action {
                Action::Tag { .. } => {}
                // Each is announced.
                Action::Rename { account, .. } | Action::Move { account, .. } => {
                    let note = format!("`{account}`: ");
                    prop_assert!(proposal.notes.iter().any(|it| it.starts_with(&note)), "{}", action);
                }
                Action::CreateUnit { .. } => {
                    prop_assert!(proposal.notes.iter().any(|note| note.contains("the unit")), "{}", action);
                }
                other => prop_assert!(false, "{}", other),
            }
        }
    }
}
