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
use std::sync::Arc;

use groundwork_testing::moto::Moto;
use groundwork_testing::terraform::Terraform;
use libtest_mimic::{Arguments, Trial};

/// What every test works with.
#[derive(Debug)]
struct World {
    terraform: Terraform,
    moto: Moto,
}

type Test = fn(&World);

const TESTS: &[(&str, Test)] = &[
    ("linters_find_nothing", lint::linters_find_nothing),
    ("this_repositorys_own_are_up_to_date", lint::this_repositorys_own_are_up_to_date),
    ("the_pages_for_gitlab_fit_together", lint::the_pages_for_gitlab_fit_together),
    ("a_release_is_packed_and_installed", life::a_release_is_packed_and_installed),
    ("a_change_is_planned_reviewed_and_applied", life::a_change_is_planned_reviewed_and_applied),
];

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let world = if arguments.list {
        Err("only listing".to_owned())
    } else {
        Terraform::find().and_then(|terraform| Ok(World { terraform, moto: Moto::start()? })).map(Arc::new)
    };
    let missing = world.as_ref().err().cloned().filter(|_| !arguments.list);
    if let Some(reason) = &missing {
        anstream::eprintln!("workflows are not tested: {reason}");
    }
    let left_out = missing.is_some() && std::env::var_os("CI").is_none();
    let trials = TESTS.iter().map(|(name, test)| {
        let world = world.clone();
        Trial::test(*name, move || {
            test(&*world?);
            Ok(())
        })
        .with_ignored_flag(left_out)
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    // The server goes with the last of its users; `exit` would leave it behind.
    drop(world);
    conclusion.exit_code()
}
