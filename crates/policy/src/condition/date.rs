//! Dates of conditions: W3C's profile of ISO 8601, from the year alone to fractions of a second; or seconds since 1970.

/// Milliseconds since 1970; none for what is no date. A time without a zone is UTC.
pub(crate) fn date(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.len() != 4
        && let Some(millis) = epoch(text)
    {
        return Some(millis);
    }
    let (day, time) = match text.split_once(['T', 't']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let mut parts = day.split('-');
    let year = digits(parts.next()?, 4)?;
    let month =
        parts.next().map_or(Some(1), |month| digits(month, 2)).filter(|month| (1..=12).contains(month))?;
    let of_month = parts.next().map_or(Some(1), |day| digits(day, 2))?;
    let is_day = (1..=days_of_month(year, month)).contains(&of_month) && parts.next().is_none();
    // A time needs a whole day.
    if !is_day || (time.is_some() && day.len() != 10) {
        return None;
    }
    let time_ms = time.map_or(Some(0), milliseconds)?;
    Some(days_since_1970(year, month, of_month) * 86_400_000 + time_ms)
}

fn epoch(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (seconds, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(seconds) || !is_number(fraction) {
        return None;
    }
    let millis = seconds.parse::<i64>().ok()?.checked_mul(1_000)?.checked_add(thousandths(fraction))?;
    Some(if text.starts_with('-') { -millis } else { millis })
}

/// `hh:mm`, `hh:mm:ss` or `hh:mm:ss.s`, then `Z`, an offset or nothing: milliseconds since midnight UTC.
fn milliseconds(text: &str) -> Option<i64> {
    let (clock, offset_minutes) = zone(text)?;
    let mut parts = clock.split(':');
    let hours = digits(parts.next()?, 2).filter(|hours| *hours < 24)?;
    let minutes = digits(parts.next()?, 2).filter(|minutes| *minutes < 60)?;
    let (seconds, fraction) = match parts.next() {
        Some(seconds) => seconds.split_once('.').unwrap_or((seconds, "0")),
        None => ("00", "0"),
    };
    let seconds = digits(seconds, 2).filter(|seconds| *seconds <= 60)?;
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !is_fraction || parts.next().is_some() {
        return None;
    }
    Some(((hours * 60 + minutes - offset_minutes) * 60 + seconds) * 1_000 + thousandths(fraction))
}

/// The time of day and the minutes by which it is ahead of UTC.
fn zone(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = text.rfind(['+', '-']) else { return Some((text, 0)) };
    let (clock, offset) = text.split_at(at);
    let (sign, offset) = offset.split_at_checked(1)?;
    let (hours, minutes) = offset.split_once(':').or_else(|| offset.split_at_checked(2))?;
    let minutes = digits(hours, 2)? * 60 + digits(minutes, 2)?;
    Some((clock, if sign == "-" { -minutes } else { minutes }))
}

fn thousandths(fraction: &str) -> i64 {
    let digit = |at: usize| fraction.as_bytes().get(at).map_or(0, |byte| i64::from(byte - b'0'));
    digit(0) * 100 + digit(1) * 10 + digit(2)
}

fn digits(text: &str, length: usize) -> Option<i64> {
    let is_number = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

fn days_of_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => 31,
    }
}

/// Days of the proleptic Gregorian calendar, counted in years that begin in March.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_precision_of_a_date_is_read() {
        let noon = 1_767_225_600_000 + 12 * 3_600_000;
        for (text, expected) in [
            ("2026", Some(1_767_225_600_000)),
            ("2026-01", Some(1_767_225_600_000)),
            ("2026-01-01", Some(1_767_225_600_000)),
            ("2026-01-01T12:00Z", Some(noon)),
            ("2026-01-01T12:00:00", Some(noon)),
            ("2026-01-01T13:30+01:30", Some(noon)),
            ("2026-01-01T04:00:00.000-0800", Some(noon)),
            ("2026-01-01T12:00:00.1239Z", Some(noon + 123)),
            ("1767225600", Some(1_767_225_600_000)),
            ("1767225600.5", Some(1_767_225_600_500)),
            ("-1", Some(-1_000)),
            ("2024-02-29", Some(1_709_164_800_000)),
            ("1969-12-31T23:59:59Z", Some(-1_000)),
        ] {
            assert_eq!(date(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "soon",
            "2026-13",
            "2026-02-29",
            "2026-1-1",
            "2026-01T00:00Z",
            "2026-01-01T24:00Z",
            "1.2.3",
            "--1",
            "2026-01-01T12:00:00.Z",
            "2026-01-01-01",
            "99999999999999999999",
            "ä026",
            "2026-01-01T",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
