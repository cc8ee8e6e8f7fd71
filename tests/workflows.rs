//! The workflows that `groundwork workflows` writes: linted by others, and every step of them run.
//!
//! Where something that is needed is missing, and cannot be installed, every test is reported as ignored with the reason;
//! with `CI` set that is a failure instead.
#![expect(clippy::disallowed_methods, reason = "tests start programs")]
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

#[path = "workflows/life.rs"]
mod life;
#[path = "workflows/lint.rs"]
mod lint;
#[path = "workflows/runner.rs"]
mod runner;

use std::process::ExitCode;

use groundwork_testing::world::{self, Test, World};

const TESTS: &[Test] = &[
    ("linters_find_nothing", lint::linters_find_nothing),
    ("nothing_is_found_in_the_container_file", lint::nothing_is_found_in_the_container_file),
    ("this_repositorys_own_are_up_to_date", lint::this_repositorys_own_are_up_to_date),
    ("the_pages_for_gitlab_fit_together", lint::the_pages_for_gitlab_fit_together),
    ("the_book_leads_to_its_own_chapters", lint::the_book_leads_to_its_own_chapters),
    ("a_release_is_packed_and_installed", life::a_release_is_packed_and_installed),
    ("a_change_is_planned_reviewed_and_applied", life::a_change_is_planned_reviewed_and_applied),
];

fn main() -> ExitCode {
    world::run(TESTS)
}
