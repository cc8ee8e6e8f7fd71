//! What every account gets, planned and applied by a real Terraform with the real providers' schemas, and judged by what is
//! in the plans and in the world after them.
//!
//! Where there is no terraform or no moto, and none can be installed, every test is reported as ignored with the
//! reason; with `CI` set that is a failure instead.
#![expect(clippy::disallowed_methods, reason = "tests start programs")]
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

#[path = "features/landscape.rs"]
mod landscape;
#[path = "features/network.rs"]
mod network;
#[path = "features/policy.rs"]
mod policy;
#[path = "features/stability.rs"]
mod stability;

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
    ("every_option_plans_what_it_should", policy::every_option_plans_what_it_should),
    ("every_kind_of_network_routes_as_it_says", network::every_kind_of_network_routes_as_it_says),
    ("more_of_anything_leaves_what_is_there", stability::more_of_anything_leaves_what_is_there),
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
        anstream::eprintln!("features are not tested: {reason}");
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
