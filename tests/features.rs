//! What every account gets, planned and applied by a real Terraform with the real providers' schemas, and judged by what is
//! in the plans and in the world after them.
//!
//! Where there is no terraform or no moto, and none can be installed, every test is reported as ignored with the
//! reason; with `CI` set that is a failure instead.
#![expect(clippy::disallowed_methods, reason = "tests start programs")]
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

#[path = "features/access.rs"]
mod access;
#[path = "features/boundary.rs"]
mod boundary;
#[path = "features/calls.rs"]
mod calls;
#[path = "features/guarded_calls.rs"]
mod guarded_calls;
#[path = "features/guardrails.rs"]
mod guardrails;
#[path = "features/health_check.rs"]
mod health_check;
#[path = "features/landscape.rs"]
mod landscape;
#[path = "features/migration.rs"]
mod migration;
#[path = "features/network.rs"]
mod network;
#[path = "features/options.rs"]
mod options;
#[path = "features/organization.rs"]
mod organization;
#[path = "features/policy.rs"]
mod policy;
#[path = "features/providers.rs"]
mod providers;
#[path = "features/scanner.rs"]
mod scanner;
#[path = "features/stability.rs"]
mod stability;

use std::process::ExitCode;

use groundwork_testing::world::{self, Test, With, World};

const TESTS: &[Test] = &[
    ("people_enter_what_their_team_has", access::people_enter_what_their_team_has),
    ("a_new_account_is_entered_as_reviewed", access::a_new_account_is_entered_as_reviewed),
    ("break_glass_opens_for_few_and_not_silently", access::break_glass_opens_for_few_and_not_silently),
    ("every_option_plans_what_it_should", policy::every_option_plans_what_it_should),
    ("every_kind_of_network_routes_as_it_says", network::every_kind_of_network_routes_as_it_says),
    ("every_private_subnet_phones_home", health_check::every_private_subnet_phones_home),
    ("more_of_anything_leaves_what_is_there", stability::more_of_anything_leaves_what_is_there),
    (
        "each_guardrail_denies_what_it_says_and_nothing_next_to_it",
        guardrails::each_guardrail_denies_what_it_says_and_nothing_next_to_it,
    ),
    ("guardrails_of_a_large_organization_fit", guardrails::guardrails_of_a_large_organization_fit),
    ("what_is_the_organizations_is_made_changed_and_destroyed", organization::it_is_made_changed_and_destroyed),
    ("a_unit_that_is_new_is_guarded_as_reviewed", organization::a_unit_that_is_new_is_guarded_as_reviewed),
    ("a_network_that_is_there_is_used_as_it_is", migration::a_network_that_is_there_is_used_as_it_is),
    ("what_is_there_is_taken_over", migration::what_is_there_is_taken_over),
];

/// What no Terraform takes part in.
const WITHOUT: &[Test] = &[
    ("the_health_checks_own_tests_pass", health_check::its_own_tests_pass),
    ("a_scanner_finds_nothing_that_is_not_explained", scanner::a_scanner_finds_nothing_that_is_not_explained),
];

fn main() -> ExitCode {
    world::run_each(&[
        (With::Terraform, WITHOUT),
        (With::Terraform, TESTS),
        (With::OpenTofu, TESTS),
        (With::Providers, &[("each_feature_lives_its_life", providers::each_feature_lives_its_life)]),
    ])
}
