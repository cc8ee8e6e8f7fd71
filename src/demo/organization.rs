//! A synthetic organization of any size: believable names, three environments, some domains that differ.

use std::fmt::Write as _;

/// The environments of every domain.
const ENVIRONMENTS: [&str; 3] = ["dev", "stage", "prod"];

/// Who stewards the domains, in turn.
const TEAMS: [&str; 11] = [
    "storefront",
    "money",
    "discovery",
    "platform",
    "fulfilment",
    "growth",
    "insight",
    "trust",
    "care",
    "partners",
    "studio",
];

/// What the domains are called; with a number behind it where there are more.
const DOMAINS: [&str; 44] = [
    "catalog",
    "checkout",
    "payments",
    "search",
    "shipping",
    "returns",
    "pricing",
    "media",
    "identity",
    "billing",
    "inventory",
    "reviews",
    "offers",
    "loyalty",
    "support",
    "reporting",
    "warehouse",
    "orders",
    "basket",
    "fraud",
    "invoicing",
    "suppliers",
    "procurement",
    "forecasting",
    "recommendations",
    "newsletters",
    "consent",
    "messaging",
    "translation",
    "content",
    "gift-cards",
    "subscriptions",
    "marketplace",
    "partner-portal",
    "couriers",
    "customs",
    "addresses",
    "tax",
    "treasury",
    "payouts",
    "experiments",
    "telemetry",
    "feedback",
    "store-finder",
];

/// What only the demonstration has: values that differ, and what its pull request takes away.
pub(super) const DEMONSTRATED: &str = "
[domains.payments.environment.prod]
exports = { enabled = true }
[domains.basket.environment.prod.observability]
latency = 250
[domains.checkout.environment.prod.observability]
latency = 300
[domains.identity.environment.prod.observability]
latency = 80
[domains.media.environment.prod.observability]
latency = 900
[domains.orders.environment.prod.observability]
latency = 400
[domains.pricing.environment.prod.observability]
latency = 60
[domains.recommendations.environment.prod.observability]
latency = 180
[domains.search.environment.prod.observability]
latency = 120
";

/// The domains.toml of an organization with that many accounts. The first domain is the rehearsal.
pub fn domains(accounts: usize) -> String {
    let mut text = "\
[organization]
name = \"acme\"
region = \"eu-west-1\"
management_account = \"111111111111\"
email = \"aws+{domain}-{environment}@acme.example\"

[state]
bucket = \"acme-groundwork-state\"
region = \"eu-west-1\"

[network]
pools = [\"10.0.0.0/8\"]

[[waves]]
name = \"rehearsal\"
domains = [\"catalog\"]
[[waves]]
name = \"everyone\"

[environments.dev]
network = { prefix = 22, nat = \"single\" }
[environments.stage]
network = { prefix = 22, nat = \"single\" }
[environments.prod]
network = { prefix = 22, nat = \"per-az\" }
protected = true
"
    .to_owned();
    for (index, team) in TEAMS.iter().enumerate() {
        write!(
            text,
            "\n[teams.{team}]\nemail = \"{team}@acme.example\"\nslack = \"#team-{team}\"\ncost_center = \"{}\"\n",
            4000 + 10 * index
        )
        .ok();
    }
    for index in 0..accounts.div_ceil(ENVIRONMENTS.len()) {
        let name = match index / DOMAINS.len() {
            0 => DOMAINS[index % DOMAINS.len()].to_owned(),
            round => format!("{}-{}", DOMAINS[index % DOMAINS.len()], round + 1),
        };
        let count = (accounts - index * ENVIRONMENTS.len()).min(ENVIRONMENTS.len());
        // The last domain may be in fewer environments.
        let environments =
            ENVIRONMENTS[..count].iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", ");
        write!(
            text,
            "\n[domains.{name}]\nteam = \"{}\"\nenvironments = [{environments}]\nrepository = \"acme/{name}\"\n",
            TEAMS[index % TEAMS.len()]
        )
        .ok();
        if index % 10 == 3 {
            write!(text, "[domains.{name}.environment.dev]\nnetwork = {{ zones = 2 }}\n").ok();
        }
        if index % 4 == 0 {
            write!(
                text,
                "[[domains.{name}.faceless_users]]\nname = \"github-actions\"\nkind = \"oidc\"\nrepositories = [\"acme/{name}\"]\n"
            )
            .ok();
        }
    }
    text
}
