//! The review page.
//!
//! [`Page`] is what it knows, as data; what all pages are is in `output::html`.

mod document;

pub use document::{
    Account, Attribute, Change, Common, Danger, Drift, Outlier, Page, Pattern, State, Varying, VaryingValue, Verdict,
};

use super::html::Kind;

pub(super) const KIND: Kind = Kind {
    body: include_str!("body.html"),
    style: include_str!("page.css"),
    // In the order in which the parts need each other.
    scripts: &[
        include_str!("data.js"),
        include_str!("filter.js"),
        include_str!("overview.js"),
        include_str!("findings.js"),
        include_str!("detail.js"),
        include_str!("main.js"),
    ],
};

impl Page {
    /// The whole page. The same review gives the same bytes.
    pub fn to_html(&self) -> String {
        KIND.page(&self.title, &self.summary, self)
    }
}
