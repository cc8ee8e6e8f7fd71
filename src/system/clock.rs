//! The clock.

/// Today, in UTC: what the ledger dates tombstones and ends quarantines with.
pub fn today() -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}
