//! The clock.

/// Today, in UTC: what the ledger dates tombstones and ends quarantines with.
pub fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// Now.
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// Now as a name that sorts by time: `20261121T070325.123Z`.
pub fn stamp() -> String {
    now().strftime("%Y%m%dT%H%M%S.%3fZ").to_string()
}
