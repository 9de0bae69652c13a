//! The basic ISO 8601 form of signatures: `20130524T000000Z`.

use stepward_types::Timestamp;

const DAY_SECONDS: i64 = 86_400;

/// `YYYYMMDDThhmmssZ`.
pub fn format_basic(at: Timestamp) -> String {
    let seconds = at.millis().div_euclid(1_000);
    let (days, of_day) = (seconds.div_euclid(DAY_SECONDS), seconds.rem_euclid(DAY_SECONDS));
    let (year, month, day) = date_of(days);
    let (hour, minute, second) = (of_day / 3_600, of_day / 60 % 60, of_day % 60);
    let mut text = String::with_capacity(16);
    if !(0..=9_999).contains(&year) {
        return format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z");
    }
    for (number, before) in
        [(year / 100, ""), (year % 100, ""), (month, ""), (day, ""), (hour, "T"), (minute, ""), (second, "")]
    {
        text.push_str(before);
        text.extend([number / 10, number % 10].map(digit));
    }
    text.push('Z');
    text
}

/// A digit of a number below ten.
fn digit(number: i64) -> char {
    u32::try_from(number).ok().and_then(|number| char::from_digit(number, 10)).unwrap_or('0')
}

/// Reads `YYYYMMDDThhmmssZ`; nothing else.
pub fn parse_basic(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    if bytes.len() != 16 || bytes.get(8) != Some(&b'T') || bytes.last() != Some(&b'Z') {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = bytes.get(from..to)?;
        digits.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
        })
    };
    let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
    let (hour, minute, second) = (number(9, 11)?, number(11, 13)?, number(13, 15)?);
    let days = days_of(year, month, day);
    // A day that its month does not have is another date by then.
    if hour > 23 || minute > 59 || second > 59 || date_of(days) != (year, month, day) {
        return None;
    }
    let seconds = days * DAY_SECONDS + hour * 3_600 + minute * 60 + second;
    Some(Timestamp::from_millis(seconds * 1_000))
}

/// Days since 1970-01-01 of a date. Years begin in March here, so that the day that some have more is their last.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

/// The date of a day.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    (era * 400 + year + next, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basic_form_is_read_and_written() {
        let at = parse_basic("20130524T000102Z").unwrap();
        assert_eq!(format_basic(at), "20130524T000102Z");
        let at = parse_basic("20240229T235959Z").unwrap();
        assert_eq!(
            (at.to_rfc3339_seconds().as_str(), format_basic(at).as_str()),
            ("2024-02-29T23:59:59Z", "20240229T235959Z")
        );
        for days in (-700_000..1_500_000).step_by(1_009) {
            let at = Timestamp::from_millis(days * DAY_SECONDS * 1_000 + 45_296_000);
            let expected: String =
                at.to_rfc3339_seconds().chars().filter(|letter| !"-:".contains(*letter)).collect();
            if (1..=9_999).contains(&date_of(days).0) {
                assert_eq!((format_basic(at), parse_basic(&expected)), (expected, Some(at)));
            }
        }
        for text in [
            "20230229T000000Z",
            "20231301T000000Z",
            "20230100T000000Z",
            "20230101T240000Z",
            "2023010１T00000Z",
        ] {
            assert_eq!(parse_basic(text), None, "{text}");
        }
        for text in ["20130524T0001Z", "2013-05-24T00:01:02Z", "20131324T000102Z", "aaaaaaaaTbbbbbbZ", ""] {
            assert_eq!(parse_basic(text), None, "{text}");
        }
    }
}
