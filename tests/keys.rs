//! Keys of faceless users: the real binary, moto as IAM and Secrets Manager, and a GitHub that holds secrets and tells nobody.
//!
//! Where there is no moto, and none can be installed, every test is reported as ignored with the reason; with `CI` set
//! that is a failure instead.
#![expect(clippy::disallowed_methods, reason = "tests start programs")]
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

#[path = "keys/cloud.rs"]
mod cloud;
#[path = "keys/crash.rs"]
mod crash;
#[path = "keys/github.rs"]
mod github;
#[path = "keys/life.rs"]
mod life;
#[path = "keys/vendor.rs"]
mod vendor;

use std::process::ExitCode;

use groundwork_testing::moto;

const TESTS: &[(&str, fn())] = &[
    ("killed_at_any_call_no_sink_is_without_its_key", crash::killed_at_any_call_no_sink_is_without_its_key),
    ("a_key_is_made_carried_replaced_and_removed", life::a_key_is_made_carried_replaced_and_removed),
    ("while_github_is_away_no_key_goes", life::while_github_is_away_no_key_goes),
    ("a_key_that_nobody_got_goes_again", life::a_key_that_nobody_got_goes_again),
    ("roles_are_published_where_their_workflows_run", life::roles_are_published_where_their_workflows_run),
    ("a_vendors_account_is_made_once_and_its_key_rotated", vendor::a_vendors_account_is_made_once_and_its_key_rotated),
    ("what_would_be_overwritten_is_refused", life::what_would_be_overwritten_is_refused),
    ("what_is_missing_is_said", life::what_is_missing_is_said),
];

fn main() -> ExitCode {
    let code = moto::run(TESTS);
    cloud::end();
    code
}
