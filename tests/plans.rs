//! Plans of a real Terraform, read, digested and reviewed. The built-in `terraform_data` needs no provider.
//!
//! Where there is no terraform, and none can be installed, every test is reported as ignored with the reason; with `CI`
//! set that is a failure instead.
#![expect(clippy::disallowed_methods, reason = "tests start programs")]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "in a test, a panic is the report")]

#[path = "support/planner.rs"]
mod planner;

#[path = "plans/fingerprint.rs"]
mod fingerprint;
#[path = "plans/fleet.rs"]
mod fleet;
#[path = "plans/secret.rs"]
mod secret;
#[path = "plans/situation.rs"]
mod situation;

use std::process::ExitCode;

use groundwork_testing::terraform::Terraform;
use libtest_mimic::{Arguments, Trial};

type Test = fn(&Terraform);

const TESTS: [(&str, Test); 6] = [
    ("every_kind_of_change_is_read_for_what_it_is", situation::every_kind_of_change_is_read_for_what_it_is),
    ("a_fleet_has_the_patterns_and_outliers_it_was_given", fleet::a_fleet_has_the_patterns_and_outliers_it_was_given),
    ("no_secret_is_in_any_output_in_any_encoding", secret::no_secret_is_in_any_output_in_any_encoding),
    ("the_same_effect_has_the_same_fingerprint", fingerprint::the_same_effect_has_the_same_fingerprint),
    ("another_effect_has_another_fingerprint", fingerprint::another_effect_has_another_fingerprint),
    ("a_seal_tells_secrets_apart_that_nobody_sees", fingerprint::a_seal_tells_secrets_apart_that_nobody_sees),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let terraform = Terraform::find();
    let missing = terraform.as_ref().err().cloned();
    if let Some(reason) = &missing {
        anstream::eprintln!("plans are not tested with a real terraform: {reason}");
    }
    let left_out = missing.is_some() && std::env::var_os("CI").is_none();
    let trials = TESTS
        .iter()
        .map(|(name, test)| {
            let terraform = terraform.clone();
            Trial::test(*name, move || {
                test(&terraform?);
                Ok(())
            })
            .with_ignored_flag(left_out)
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
