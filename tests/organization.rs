//! AWS Organizations made to hold what domains.toml means: the real binary, and moto behind a layer of faults.
//!
//! Where there is no moto, and none can be installed, every test is reported as ignored with the reason; with `CI` set
//! that is a failure instead.
#![expect(clippy::disallowed_methods, reason = "tests start programs")]
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

#[path = "organization/adoption.rs"]
mod adoption;
#[path = "organization/cloud.rs"]
mod cloud;
#[path = "organization/crash.rs"]
mod crash;
#[path = "organization/fault.rs"]
mod fault;
#[path = "organization/life.rs"]
mod life;
#[path = "organization/refusal.rs"]
mod refusal;

use std::process::ExitCode;

use groundwork_testing::moto;

const TESTS: &[(&str, fn())] = &[
    ("what_is_there_is_adopted_as_it_is", adoption::what_is_there_is_adopted_as_it_is),
    ("sixty_accounts_live", life::sixty_accounts_live),
    ("policies_are_attached_where_they_are_listed", life::policies_are_attached_where_they_are_listed),
    ("a_creation_takes_its_time", fault::a_creation_takes_its_time),
    ("each_reason_for_a_failed_creation_is_said", fault::each_reason_for_a_failed_creation_is_said),
    ("connections_are_cut", fault::connections_are_cut),
    ("older_and_newer_servers_name_the_state", fault::older_and_newer_servers_name_the_state),
    ("pages_may_be_empty", fault::pages_may_be_empty),
    (
        "three_hundred_accounts_are_made_while_calls_are_throttled",
        fault::three_hundred_accounts_are_made_while_calls_are_throttled,
    ),
    ("closing_respects_the_quota", fault::closing_respects_the_quota),
    ("killed_at_any_call_it_is_run_again", crash::killed_at_any_call_it_is_run_again),
    ("what_is_missing_is_said", refusal::what_is_missing_is_said),
    (
        "what_must_be_decided_is_said_before_the_first_write",
        refusal::what_must_be_decided_is_said_before_the_first_write,
    ),
];

fn main() -> ExitCode {
    moto::run(TESTS)
}
