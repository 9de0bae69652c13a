//! Timestamps of each format, to and from epoch seconds.

use serde_json::Value;
use stepward_types::Timestamp;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];

/// How a timestamp is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Seconds with a fraction.
    Epoch,
    Iso8601,
    /// HTTP's date.
    Rfc822,
}

impl Format {
    pub(crate) fn named(name: Option<&str>, otherwise: Self) -> Self {
        match name {
            Some("iso8601") => Self::Iso8601,
            Some("rfc822") => Self::Rfc822,
            Some("unixTimestamp") => Self::Epoch,
            _ => otherwise,
        }
    }
}

/// Epoch seconds as text of the format.
pub(crate) fn write(seconds: f64, format: Format) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of any date fit")]
    let at = Timestamp::from_millis((seconds * 1_000.0).round() as i64);
    match format {
        Format::Epoch => seconds.to_string(),
        Format::Iso8601 if at.millis() % 1_000 == 0 => at.to_rfc3339_seconds(),
        Format::Iso8601 => at.to_rfc3339_millis(),
        Format::Rfc822 => http_date(at),
    }
}

/// A time as HTTP's header `Date` has it.
pub fn http_date(at: Timestamp) -> String {
    let iso = at.to_rfc3339_seconds();
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let part = |from: usize, to: usize| iso.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse::<usize>().ok().and_then(|month| months.get(month.checked_sub(1)?)).copied();
    let day = at.millis().div_euclid(86_400_000).rem_euclid(7);
    let day = usize::try_from(day).ok().and_then(|day| DAYS.get(day)).copied();
    format!(
        "{}, {} {} {} {} GMT",
        day.unwrap_or_default(),
        part(8, 10),
        month.unwrap_or_default(),
        part(0, 4),
        part(11, 19)
    )
}

/// Text or a number of any format as epoch seconds.
pub(crate) fn read(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text
            .parse::<f64>()
            .ok()
            .filter(|seconds| seconds.is_finite())
            .or_else(|| Timestamp::parse_rfc3339(text).ok().map(Timestamp::epoch_seconds))
            .or_else(|| read_rfc822(text)),
        _ => None,
    }
}

fn read_rfc822(text: &str) -> Option<f64> {
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, day, month, year, time, "GMT"] = words.as_slice() else { return None };
    let month = months.find(month)? / 3 + 1;
    let iso = format!("{year}-{month:02}-{:0>2}T{time}Z", day);
    Timestamp::parse_rfc3339(&iso).ok().map(Timestamp::epoch_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_written_and_read_again() {
        for (format, text) in [
            (Format::Epoch, "1767225600"),
            (Format::Iso8601, "2026-01-01T00:00:00Z"),
            (Format::Rfc822, "Thu, 01 Jan 2026 00:00:00 GMT"),
        ] {
            assert_eq!(write(1_767_225_600.0, format), text);
            assert_eq!(read(&Value::from(text)), Some(1_767_225_600.0));
        }
        assert_eq!(read(&Value::from("soon")), None);
    }
}
