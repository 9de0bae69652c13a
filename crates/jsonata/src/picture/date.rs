//! `$fromMillis` and `$toMillis`: `[Y0001]-[M01]-[D01]`.

use jiff::civil::{Date, DateTime};

use super::integer::Picture;
use crate::error::Error;

const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const ISO: &str = "[Y0001]-[M01]-[D01]T[H01]:[m01]:[s01].[f001][Z01:01t]";

/// A piece of a picture.
enum Piece {
    Text(String),
    Field(Field),
}

struct Field {
    component: char,
    /// `N`, `n` or `Nn`: a name.
    name: Option<String>,
    picture: Option<Picture>,
    presentation: String,
    minimum: Option<usize>,
    maximum: Option<usize>,
}

fn pieces(picture: &str) -> Result<Vec<Piece>, Error> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut letters = picture.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '[' if letters.peek() == Some(&'[') => {
                letters.next();
                text.push('[');
            }
            '[' => {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
                let mut marker = String::new();
                loop {
                    match letters.next() {
                        Some(']') => break,
                        Some(letter) => marker.extend(Some(letter).filter(|letter| !letter.is_whitespace())),
                        None => {
                            return Err(Error::custom(
                                "D3135",
                                "The picture string must have a ']' for every '['",
                            ));
                        }
                    }
                }
                pieces.push(Piece::Field(field(&marker)?));
            }
            ']' if letters.peek() == Some(&']') => {
                letters.next();
                text.push(']');
            }
            other => text.push(other),
        }
    }
    pieces.push(Piece::Text(text));
    Ok(pieces)
}

fn field(marker: &str) -> Result<Field, Error> {
    let component = marker.chars().next().unwrap_or_default();
    let rest = marker.get(component.len_utf8()..).unwrap_or_default();
    let (presentation, width) = match rest.rsplit_once(',') {
        Some((presentation, width)) => (presentation, Some(width)),
        None => (rest, None),
    };
    let (minimum, maximum) = width.map_or((None, None), |width| {
        let (least, most) = width.split_once('-').unwrap_or((width, "*"));
        (least.parse().ok(), most.parse().ok())
    });
    let default = match component {
        'Y' | 'M' | 'D' | 'd' | 'W' | 'w' | 'X' | 'x' | 'H' | 'h' | 'f' => "1",
        'F' | 'P' | 'C' | 'E' => "n",
        'm' | 's' => "01",
        'Z' | 'z' => "01:01",
        unknown => {
            return Err(Error::custom(
                "D3132",
                format!("Unknown component specifier {:?} in date/time picture string", unknown.to_string()),
            ));
        }
    };
    let presentation = if presentation.is_empty() { default } else { presentation };
    let (presentation, modifier) = match presentation.strip_suffix(['o', 'c', 't', 'a']) {
        Some(start) if !start.is_empty() => (start, presentation.chars().last()),
        _ => (presentation, None),
    };
    let name = presentation.starts_with(['N', 'n']).then(|| presentation.to_owned());
    let picture = match (&name, component) {
        (Some(_), _) | (None, 'Z' | 'z') => None,
        _ => {
            Some(Picture::parse(&format!("{presentation}{}", if modifier == Some('o') { ";o" } else { "" }))?)
        }
    };
    let presentation = format!("{presentation}{}", if modifier == Some('t') { "t" } else { "" });
    Ok(Field { component, name, picture, presentation, minimum, maximum })
}

/// The time as a picture shows it, in a zone such as `+0130`.
pub(crate) fn format(millis: i64, picture: Option<&str>, zone: Option<&str>) -> Result<String, Error> {
    let pieces = pieces(picture.unwrap_or(ISO))?;
    let offset = zone.map(read_zone).transpose()?.unwrap_or(0);
    let shifted = millis.saturating_add(offset * 60_000);
    let out_of_range = || Error::custom("D1001", "The time is out of the range of the calendar");
    let moment = jiff::Timestamp::from_millisecond(shifted).map_err(|_| out_of_range())?;
    let at = jiff::tz::Offset::UTC.to_datetime(moment);
    let mut shown = String::new();
    for piece in &pieces {
        match piece {
            Piece::Text(text) => shown.push_str(text),
            Piece::Field(field) => shown.push_str(&show(field, at, offset)?),
        }
    }
    Ok(shown)
}

fn read_zone(zone: &str) -> Result<i64, Error> {
    let refused = || {
        Error::custom(
            "D3134",
            format!("The timezone integer format specifier cannot have more than four digits: {zone:?}"),
        )
    };
    let number: i64 = zone.replace(':', "").parse().map_err(|_| refused())?;
    Ok(number / 100 * 60 + number % 100)
}

fn show(field: &Field, at: DateTime, offset: i64) -> Result<String, Error> {
    if matches!(field.component, 'Z' | 'z') {
        return show_zone(field, offset);
    }
    let value = value(field.component, at);
    if let Some(style) = &field.name {
        return show_name(field, style, &value, at);
    }
    let Component::Number(number) = value else {
        return Ok(match value {
            Component::Text(text) => text.to_owned(),
            Component::Number(_) => String::new(),
        });
    };
    let Some(picture) = &field.picture else { return Ok(String::new()) };
    if field.component == 'Y' {
        return Ok(show_year(field, picture, number));
    }
    if field.component == 'f' {
        let digits = format!("{number:03}");
        let width = picture.mandatory();
        return Ok(if width <= 1 {
            digits.trim_end_matches('0').to_owned()
        } else {
            digits.chars().chain("000000".chars()).take(width).collect()
        });
    }
    let shown = picture.format(f64::from(number));
    let width = field.minimum.unwrap_or(0);
    Ok(if picture.is_decimal() { format!("{shown:0>width$}") } else { shown })
}

fn show_year(field: &Field, picture: &Picture, year: i32) -> String {
    let width = picture.mandatory().max(field.minimum.unwrap_or(0));
    let most = field.maximum.or(if width >= 2 { Some(width) } else { None });
    let shown = picture.format(f64::from(year));
    match most.filter(|most| picture.is_decimal() && shown.len() > *most) {
        Some(most) => shown.get(shown.len() - most..).unwrap_or_default().to_owned(),
        None => format!("{shown:0>width$}", width = field.minimum.unwrap_or(0)),
    }
}

fn show_name(field: &Field, style: &str, value: &Component, at: DateTime) -> Result<String, Error> {
    let name = match (field.component, value) {
        ('F', _) => name_of(&DAYS, weekday(at.date()) - 1),
        ('M', _) => name_of(&MONTHS, i32::from(at.month()) - 1),
        ('x', _) => name_of(&MONTHS, month_of_week(at.date()) - 1),
        ('P', Component::Text(text)) => (*text).to_owned(),
        ('C' | 'E', _) => return Ok("ISO".to_owned()),
        (component, _) => {
            return Err(Error::custom(
                "D3133",
                format!(
                    "The 'name' modifier can only be applied to months and days in the date/time picture string, not {:?}",
                    component.to_string()
                ),
            ));
        }
    };
    let name = match style {
        style if style.starts_with("Nn") => name,
        style if style.starts_with('N') => name.to_uppercase(),
        _ => name.to_lowercase(),
    };
    Ok(match field.maximum {
        Some(maximum) => name.chars().take(maximum).collect(),
        None => name,
    })
}

fn name_of(names: &[&str], at: i32) -> String {
    usize::try_from(at).ok().and_then(|at| names.get(at)).map(ToString::to_string).unwrap_or_default()
}

fn show_zone(field: &Field, offset: i64) -> Result<String, Error> {
    let (style, is_zulu) = match field.presentation.strip_suffix('t') {
        Some(style) => (style, true),
        None => (field.presentation.as_str(), false),
    };
    if is_zulu && offset == 0 {
        return Ok("Z".to_owned());
    }
    let (hours, minutes) = ((offset / 60).abs(), (offset % 60).abs());
    let sign = if offset < 0 { '-' } else { '+' };
    let digits = style.chars().filter(char::is_ascii_digit).count();
    let shown = match (digits, style.chars().find(|letter| !letter.is_ascii_digit())) {
        (_, Some(separator)) => {
            let width = style.split(separator).next().map_or(2, str::len);
            format!("{hours:0width$}{separator}{minutes:02}")
        }
        (1, None) if minutes == 0 => hours.to_string(),
        (2, None) if minutes == 0 => format!("{hours:02}"),
        (1, None) => format!("{hours}:{minutes:02}"),
        (2, None) => format!("{hours:02}:{minutes:02}"),
        (3 | 4, None) => format!("{hours:0width$}{minutes:02}", width = digits - 2),
        _ => {
            return Err(Error::custom(
                "D3134",
                "The timezone integer format specifier cannot have more than four digits",
            ));
        }
    };
    let prefix = if field.component == 'z' { "GMT" } else { "" };
    Ok(format!("{prefix}{sign}{shown}"))
}

enum Component {
    Number(i32),
    Text(&'static str),
}

fn value(component: char, at: DateTime) -> Component {
    Component::Number(match component {
        'Y' => i32::from(at.year()),
        'M' => i32::from(at.month()),
        'D' => i32::from(at.day()),
        'd' => i32::from(at.date().day_of_year()),
        'F' => weekday(at.date()),
        'W' => i32::from(at.date().iso_week_date().week()),
        'X' => i32::from(at.date().iso_week_date().year()),
        'w' => week_of_month(at.date()),
        'x' => month_of_week(at.date()),
        'H' => i32::from(at.hour()),
        'h' => match at.hour() % 12 {
            0 => 12,
            hour => i32::from(hour),
        },
        'm' => i32::from(at.minute()),
        's' => i32::from(at.second()),
        'f' => i32::from(at.millisecond()),
        'P' => return Component::Text(if at.hour() >= 12 { "pm" } else { "am" }),
        _ => return Component::Text("ISO"),
    })
}

fn weekday(date: Date) -> i32 {
    i32::from(date.weekday().to_monday_one_offset())
}

/// The Thursday of the date's week says which month the week is in.
fn thursday(date: Date) -> Date {
    let shift = 4 - weekday(date);
    date.checked_add(jiff::Span::new().days(shift)).unwrap_or(date)
}

fn month_of_week(date: Date) -> i32 {
    i32::from(thursday(date).month())
}

fn week_of_month(date: Date) -> i32 {
    (i32::from(thursday(date).day()) - 1) / 7 + 1
}

/// The time that a text says by a picture, or by ISO 8601; nothing when it does not fit.
pub(crate) fn parse(text: &str, picture: Option<&str>, now: i64) -> Result<Option<i64>, Error> {
    let Some(picture) = picture else { return read_iso(text).map(Some) };
    let pieces = pieces(picture)?;
    let mut rest = text;
    let mut found: Vec<(char, i64)> = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(expected) => match rest.strip_prefix(expected.as_str()) {
                Some(after) => rest = after,
                None => return Ok(None),
            },
            Piece::Field(field) => {
                let follows = pieces.get(at + 1..).unwrap_or_default();
                let Some((value, after)) = read_field(field, rest, follows)? else { return Ok(None) };
                found.push((field.component, value));
                rest = after;
            }
        }
    }
    if !rest.is_empty() || found.is_empty() {
        return Ok(None);
    }
    assemble(&found, now).map(Some)
}

fn read_field<'a>(field: &Field, text: &'a str, follows: &[Piece]) -> Result<Option<(i64, &'a str)>, Error> {
    if matches!(field.component, 'Z' | 'z') {
        return Ok(read_offset(text));
    }
    let end = match &field.picture {
        Some(picture) if picture.is_decimal() => {
            let digits = text.len() - text.trim_start_matches(|letter: char| letter.is_ascii_digit()).len();
            let is_adjacent =
                matches!(follows, [Piece::Text(between), Piece::Field(_), ..] if between.is_empty());
            let width = if is_adjacent { picture.mandatory().max(1) } else { usize::MAX };
            let most = field.maximum.unwrap_or(width).min(digits);
            let letters = text.get(most..).unwrap_or_default();
            let is_ordinal = ["st", "nd", "rd", "th"].iter().any(|suffix| letters.starts_with(suffix))
                && picture.read("1st") == Some(1.0);
            if is_ordinal { most + 2 } else { most }
        }
        _ => {
            let stop = follows.iter().find_map(|piece| match piece {
                Piece::Text(text) if !text.is_empty() => Some(text.as_str()),
                _ => None,
            });
            let is_words = field.picture.is_some();
            let alphabetic = text
                .find(|letter: char| !(letter.is_alphabetic() || (is_words && " -,".contains(letter))))
                .unwrap_or(text.len());
            stop.and_then(|stop| text.find(stop)).unwrap_or(alphabetic)
        }
    };
    let (Some(taken), Some(after)) = (text.get(..end).filter(|taken| !taken.is_empty()), text.get(end..))
    else {
        return Ok(None);
    };
    Ok(read_value(field, taken).map(|value| (value, after)))
}

fn read_value(field: &Field, taken: &str) -> Option<i64> {
    if field.name.is_some() {
        let names: &[&str] = match field.component {
            'F' => &DAYS,
            'M' | 'x' => &MONTHS,
            'P' => return Some(i64::from(taken.eq_ignore_ascii_case("pm"))),
            _ => return None,
        };
        let shown = |name: &&str| name.chars().take(field.maximum.unwrap_or(usize::MAX)).collect::<String>();
        let at = names.iter().position(|name| shown(name).eq_ignore_ascii_case(taken))?;
        return i64::try_from(at + 1).ok();
    }
    if field.component == 'f' {
        let digits: String = taken.chars().chain("000".chars()).take(3).collect();
        return digits.parse().ok();
    }
    #[expect(clippy::cast_possible_truncation, reason = "parts of dates are small")]
    field.picture.as_ref()?.read(taken).map(|number| number as i64)
}

fn read_offset(text: &str) -> Option<(i64, &str)> {
    let text = text.strip_prefix("GMT").unwrap_or(text);
    if let Some(after) = text.strip_prefix('Z') {
        return Some((0, after));
    }
    let sign = match text.chars().next()? {
        '-' => -1,
        '+' => 1,
        _ => return None,
    };
    let rest = text.get(1..)?;
    let end = rest.find(|letter: char| !(letter.is_ascii_digit() || letter == ':')).unwrap_or(rest.len());
    let (digits, after) = rest.split_at_checked(end)?;
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours.parse::<i64>().ok()?, minutes.parse::<i64>().ok()?),
        None if digits.len() <= 2 => (digits.parse().ok()?, 0),
        None => {
            let (hours, minutes) = digits.split_at_checked(digits.len() - 2)?;
            (hours.parse().ok()?, minutes.parse().ok()?)
        }
    };
    Some((sign * (hours * 60 + minutes), after))
}

fn assemble(found: &[(char, i64)], now: i64) -> Result<i64, Error> {
    let underspecified = || {
        Error::custom(
            "D3136",
            "The date/time picture string is missing specifiers required to parse the timestamp",
        )
    };
    let get = |component: char| found.iter().find(|(known, _)| *known == component).map(|(_, value)| *value);
    let today = jiff::Timestamp::from_millisecond(now)
        .map(|now| jiff::tz::Offset::UTC.to_datetime(now))
        .map_err(|_| underspecified())?;
    let has_time = get('H').or(get('h')).is_some();
    if (get('Y').is_none()
        && get('X').is_none()
        && (get('M').is_some() || get('D').is_some())
        && get('M').is_none())
        || (get('Y').is_some() && get('D').is_some() && get('M').is_none())
        || (!has_time && (get('m').is_some() || get('s').is_some()))
        || get('W').is_some()
        || get('w').is_some()
    {
        return Err(underspecified());
    }
    let has_date = "YMDd".chars().any(|component| get(component).is_some());
    let year = get('Y').unwrap_or(i64::from(today.year()));
    let date = |month: i64, day: i64| {
        let parts = (i16::try_from(year), i8::try_from(month), i8::try_from(day));
        match parts {
            (Ok(year), Ok(month), Ok(day)) => Date::new(year, month, day).map_err(|_| underspecified()),
            _ => Err(underspecified()),
        }
    };
    let date = match get('d') {
        Some(day) => {
            date(1, 1)?.checked_add(jiff::Span::new().days(day - 1)).map_err(|_| underspecified())?
        }
        None if has_date => date(get('M').unwrap_or(1), get('D').unwrap_or(1))?,
        None => today.date(),
    };
    let hour = match (get('H'), get('h')) {
        (Some(hour), _) => hour,
        (None, Some(hour)) => hour % 12 + 12 * get('P').unwrap_or(0),
        (None, None) => 0,
    };
    let seconds = (hour * 60 + get('m').unwrap_or(0)) * 60 + get('s').unwrap_or(0);
    let midnight = jiff::tz::Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).map_err(|_| underspecified())?;
    let offset = get('Z').or(get('z')).unwrap_or(0);
    Ok(midnight.as_millisecond() + seconds * 1_000 + get('f').unwrap_or(0) - offset * 60_000)
}

/// ISO 8601: from the year alone to a full date-time with an offset.
fn read_iso(text: &str) -> Result<i64, Error> {
    let refused = || {
        Error::custom(
            "D3110",
            format!(
                "The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given {text:?}"
            ),
        )
    };
    let full = match text.len() {
        4 => format!("{text}-01-01T00:00:00Z"),
        7 => format!("{text}-01T00:00:00Z"),
        10 => format!("{text}T00:00:00Z"),
        _ if text.as_bytes().get(10) != Some(&b'T') => return Err(refused()),
        _ => {
            let has_zone =
                text.ends_with('Z') || text.get(11..).is_some_and(|time| time.contains(['+', '-']));
            if has_zone { text.to_owned() } else { format!("{text}Z") }
        }
    };
    full.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond).map_err(|_| refused())
}
