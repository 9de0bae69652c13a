//! Points in time with millisecond precision, as AWS records them.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("'{0}' is not an RFC 3339 date-time such as 2026-03-14T01:59:00Z")]
pub struct TimestampError(String);

impl Timestamp {
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Seconds with a millisecond fraction: the form of the JSON protocols.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds stay exact in an f64 until the year 287396")]
    pub fn epoch_seconds(self) -> f64 {
        self.0 as f64 / 1_000.0
    }

    /// Adds a duration; saturates at the ends of the range.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Parses an RFC 3339 date-time with any offset; fractions beyond milliseconds are cut off.
    pub fn parse_rfc3339(text: &str) -> Result<Self, TimestampError> {
        let has_form = text.len() >= 20 && text.as_bytes().get(10) == Some(&b'T');
        let parsed = text.parse::<jiff::Timestamp>().ok().filter(|_| has_form);
        parsed
            .map(|at| Self(at.as_millisecond()))
            .ok_or_else(|| TimestampError(text.chars().take(64).collect()))
    }

    /// `2026-03-14T01:59:00.123Z`: always three digits of a second, as the context object and XML carry.
    pub fn to_rfc3339_millis(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%S%.3fZ")
    }

    /// `2026-03-14T01:59:00Z`: whole seconds, as IAM and STS answer.
    pub fn to_rfc3339_seconds(self) -> String {
        self.format("%Y-%m-%dT%H:%M:%SZ")
    }

    /// `Sat, 14 Mar 2026 01:59:00 GMT`: the form of HTTP headers.
    pub fn to_http_date(self) -> String {
        self.format("%a, %d %b %Y %H:%M:%S GMT")
    }

    /// `2026-03-14`: the day in UTC.
    pub fn to_day(self) -> String {
        self.format("%Y-%m-%d")
    }

    fn format(self, pattern: &str) -> String {
        let at = jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        at.strftime(pattern).to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_rfc3339_millis())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_milliseconds_are_the_same_moment() {
        let at = Timestamp::parse_rfc3339("2026-03-14T01:59:00.1239Z").unwrap();
        assert_eq!(at.to_rfc3339_millis(), "2026-03-14T01:59:00.123Z");
        assert_eq!(at.to_rfc3339_seconds(), "2026-03-14T01:59:00Z");
        assert_eq!(at.to_http_date(), "Sat, 14 Mar 2026 01:59:00 GMT");
        assert_eq!(at.to_day(), "2026-03-14");
        assert_eq!(Timestamp::parse_rfc3339("2026-03-14T03:59:00.123+02:00"), Ok(at));
    }

    #[test]
    fn a_date_without_an_offset_or_in_words_is_refused() {
        for text in ["2026-03-14T01:59:00", "2026-03-14", "2026-03-14 01:59:00Z", "soon", ""] {
            assert!(Timestamp::parse_rfc3339(text).is_err(), "{text}");
        }
    }

    #[test]
    fn seconds_keep_their_fraction() {
        assert!((Timestamp::from_millis(1_500).epoch_seconds() - 1.5).abs() < f64::EPSILON);
    }
}
