//! The page of the organization: domains by environments with their owners, and the address space drawn.
//!
//! It draws a [`Map`], the same that `groundwork list` prints as JSON; what all pages are is in `output::html`.

use super::html::Kind;
use crate::map::Map;
use crate::text::Count;

pub(super) const KIND: Kind = Kind {
    body: include_str!("body.html"),
    style: include_str!("map.css"),
    // In the order in which the parts need each other.
    scripts: &[
        include_str!("data.js"),
        include_str!("filter.js"),
        include_str!("domains.js"),
        include_str!("rows.js"),
        include_str!("space.js"),
        include_str!("detail.js"),
        include_str!("main.js"),
    ],
};

/// The whole page. The same map gives the same bytes.
pub fn to_html(map: &Map) -> String {
    let summary = format!(
        "{} of {} and {} in {}. Account ids, e-mails and network blocks, and no secrets.",
        Count(map.accounts.len(), "account"),
        Count(map.domains.len(), "domain"),
        Count(map.teams.len(), "team"),
        Count(map.environments.len(), "environment"),
    );
    KIND.page(&format!("The map of {}", map.organization), &summary, map)
}
