//! What groundwork's tests work with: a real terraform, providers that need no network, and a server that answers as AWS
//! does. Nothing of it is in the program.
#![expect(clippy::disallowed_methods, reason = "it starts programs and reads the environment")]
#![expect(clippy::unwrap_used, reason = "in a test, a panic is the report")]

pub mod folder;
pub mod moto;
pub mod process;
pub mod providers;
pub mod proxy;
pub mod simulation;
pub mod terraform;
pub mod tools;
pub mod world;
