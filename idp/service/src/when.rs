//! Moments as people are told them: in their company's zone, named.

use idp_core::time::Timestamp;
use jiff::Zoned;
use jiff::tz::TimeZone;

fn zoned(at: Timestamp, zone: &str) -> Option<Zoned> {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    jiff::Timestamp::from_microsecond(at.micros()).ok().map(|at| at.to_zoned(zone))
}

/// `10:42 CET`: a time of today.
pub fn clock_time(at: Timestamp, zone: &str) -> String {
    zoned(at, zone).map(|z| z.strftime("%H:%M %Z").to_string()).unwrap_or_default()
}

/// `2026-11-25 10:42 CET`.
pub fn date_time(at: Timestamp, zone: &str) -> String {
    zoned(at, zone).map(|z| z.strftime("%Y-%m-%d %H:%M %Z").to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_companys_zone() {
        let at = Timestamp::from_seconds(1_764_063_720);
        assert_eq!(clock_time(at, "Europe/Berlin"), "10:42 CET");
        assert_eq!(date_time(at, "UTC"), "2025-11-25 09:42 UTC");
        assert_eq!(clock_time(at, "Nowhere/Land"), "09:42 UTC");
    }
}
