//! What several tests need.

pub(crate) mod chromium;
pub(crate) mod synthetic_page;
