//! Terraform run over many accounts: the real binary, a real terraform, and its S3 backend on moto.
//!
//! Where there is no terraform or no moto, and none can be installed, every test is reported as ignored with the
//! reason; with `CI` set that is a failure instead.
#![expect(clippy::disallowed_methods, reason = "tests start programs")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a panic is the report")]

#[path = "runs/failure.rs"]
mod failure;
#[path = "runs/kill.rs"]
mod kill;
#[path = "runs/life.rs"]
mod life;
#[path = "runs/lock.rs"]
mod lock;
#[path = "runs/organization.rs"]
mod organization;
#[path = "runs/providers.rs"]
mod providers;
#[path = "runs/repository.rs"]
mod repository;
#[path = "runs/state.rs"]
mod state;

use std::process::ExitCode;

use groundwork_testing::world::{self, Test, World};

const TESTS: &[Test] = &[
    (
        "an_organization_is_planned_reviewed_applied_and_retired",
        life::an_organization_is_planned_reviewed_applied_and_retired,
    ),
    ("what_was_not_reviewed_is_refused", life::what_was_not_reviewed_is_refused),
    ("what_is_protected_needs_a_word", life::what_is_protected_needs_a_word),
    (
        "a_failed_wave_halts_the_next_and_resume_does_the_rest",
        life::a_failed_wave_halts_the_next_and_resume_does_the_rest,
    ),
    (
        "what_passes_is_tried_again_and_goes_on_where_it_stopped",
        life::what_passes_is_tried_again_and_goes_on_where_it_stopped,
    ),
    (
        "the_report_is_what_its_schema_says_and_feeds_the_matrix",
        life::the_report_is_what_its_schema_says_and_feeds_the_matrix,
    ),
    ("secrets_stay_out_of_everything_that_is_said", life::secrets_stay_out_of_everything_that_is_said),
    ("drift_is_told_from_what_waits", life::drift_is_told_from_what_waits),
    ("a_lock_that_is_held_is_waited_for_and_then_named", lock::a_lock_that_is_held_is_waited_for_and_then_named),
    ("two_runs_contend_for_one_lock", lock::two_runs_contend_for_one_lock),
    ("a_lock_that_a_killed_run_left_is_released", lock::a_lock_that_a_killed_run_left_is_released),
    ("twenty_applies_are_interrupted_and_leave_nothing", kill::twenty_applies_are_interrupted_and_leave_nothing),
    ("a_second_interrupt_ends_them_now", kill::a_second_interrupt_ends_them_now),
    ("killed_at_any_moment_a_run_is_taken_up", kill::killed_at_any_moment_a_run_is_taken_up),
    ("each_failure_is_one_accounts_and_says_what_to_do", failure::each_failure_is_one_accounts_and_says_what_to_do),
    ("a_full_disk_is_said", failure::a_full_disk_is_said),
    ("without_terraform_every_account_says_so", failure::without_terraform_every_account_says_so),
    (
        "the_example_is_planned_applied_and_its_drift_found",
        organization::the_example_is_planned_applied_and_its_drift_found,
    ),
    ("providers_are_fetched_once_and_linked", providers::providers_are_fetched_once_and_linked),
    ("the_bucket_is_made_as_it_should_be_once", state::the_bucket_is_made_as_it_should_be_once),
    ("objects_that_nobody_owns_are_listed", state::objects_that_nobody_owns_are_listed),
];

fn main() -> ExitCode {
    world::run(TESTS)
}
