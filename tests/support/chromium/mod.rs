//! A real Chromium for tests: found or fetched, then driven over the DevTools protocol.

mod browser;
mod install;

pub(crate) use browser::{Browser, Tab};
pub(crate) use install::{Missing, find, possible};
