//! What rendered root modules do with the real provider, against a server that answers as AWS does: as far as that goes.

use super::World;
use super::landscape::Landscape;

/// Each is planned, applied, planned again and destroyed. What moto has no answer for is switched off.
const DOMAINS: &[&str] = &[
    "account = { hardening = false, alias = \"acme-{domain}\" }\nnetwork = { enabled = false }\n",
    "account = { hardening = false }\nnetwork = { nat = \"none\", flow_logs = { enabled = false } }\n",
    "account = { hardening = false }\nnetwork = { nat = \"single\", isolated = true, interface_endpoints = [\"logs\"] }\n",
    "account = { hardening = false }\nnetwork = { nat = \"per-az\", zones = 3 }\n",
    "account = { hardening = false }\nnetwork = { enabled = false }\n\
     faceless_users = [{ name = \"ci\", kind = \"oidc\", repositories = [\"acme/a\"] }, { name = \"legacy\", kind = \"access-key\" }]\n",
];

pub(crate) fn each_feature_lives_its_life(world: &World) {
    let domains = DOMAINS.iter().enumerate().map(|(number, settings)| {
        format!("[domains.d{number}]\nteam = \"catalog\"\nenvironments = [\"prod\"]\n{settings}")
    });
    let landscape = Landscape::with_real_providers(world, &domains.collect::<String>());
    landscape.groundwork(&["apply", "--yes"]).succeeds();
    let unchanged = format!("{0} accounts: {0} unchanged", DOMAINS.len());
    landscape.groundwork(&["plan"]).succeeds().says(&[&unchanged]);
    landscape.edit("environments = [\"prod\"]\n", "environments = [\"prod\"]\nlifecycle = \"retiring\"\n");
    landscape.groundwork(&["apply", "--yes"]).succeeds();
}
