//! The doors to the outside: files, git, the clock. Everything else is a function of its inputs.

pub mod chance;
pub mod clock;
pub mod curl;
pub mod environment;
pub mod files;
pub mod gh;
pub mod git;
pub mod inputs;
pub mod machine;
pub mod plans;
pub mod process;
pub mod tree;
