//! `$fromMillis` and the picture of a time: `[Y0001]-[M01]-[D01]`.

use super::calendar::{Date, Moment};
use super::integer::Picture;
use crate::error::Error;

pub(super) const DAYS: [&str; 7] =
    ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
pub(super) const MONTHS: [&str; 12] = [
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
pub(super) enum Piece {
    Text(String),
    Field(Field),
}

pub(super) struct Field {
    pub(super) component: char,
    /// `N`, `n` or `Nn`: a name.
    name: Option<String>,
    /// How its number is written; nothing for names and zones.
    pub(super) picture: Option<Picture>,
    pub(super) presentation: String,
    pub(super) maximum: Option<usize>,
}

/// No field is padded further: a picture is no way to fill the memory.
const WIDTH_MAX: usize = 10_000;

pub(super) fn pieces(picture: &str) -> Result<Vec<Piece>, Error> {
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
                            return Err(Error::new("D3135"));
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
    if minimum.max(maximum).is_some_and(|width: usize| width > WIDTH_MAX) {
        return Err(Error::new("U1002"));
    }
    let default = match component {
        'Y' | 'M' | 'D' | 'd' | 'W' | 'w' | 'X' | 'x' | 'H' | 'h' | 'f' => "1",
        'F' | 'P' | 'C' | 'E' => "n",
        'm' | 's' => "01",
        'Z' | 'z' => "01:01",
        unknown => {
            let unknown = if marker.is_empty() { String::new() } else { unknown.to_string() };
            return Err(Error::new("D3132").value(unknown));
        }
    };
    let presentation = if presentation.is_empty() { default } else { presentation };
    let (presentation, modifier) = match presentation.strip_suffix(['o', 'c', 't', 'a']) {
        Some(start) if !start.is_empty() => (start, presentation.chars().last()),
        _ => (presentation, None),
    };
    let name = presentation.starts_with(['N', 'n']).then(|| presentation.to_owned());
    let mut picture = match (&name, component) {
        (Some(_), _) | (None, 'Z' | 'z') => None,
        _ => {
            Some(Picture::parse(&format!("{presentation}{}", if modifier == Some('o') { ";o" } else { "" }))?)
        }
    };
    if let Some(picture) = &mut picture {
        match maximum {
            Some(maximum) if matches!(component, 'Y' | 'M' | 'D') => picture.set_width(maximum),
            _ => picture.set_width(minimum.unwrap_or(0).max(picture.mandatory())),
        }
    }
    let presentation = format!("{presentation}{}", if modifier == Some('t') { "t" } else { "" });
    Ok(Field { component, name, picture, presentation, maximum })
}

/// The time as a picture shows it, in a zone such as `+0130`.
pub(crate) fn format(millis: i64, picture: Option<&str>, zone: Option<&str>) -> Result<String, Error> {
    let pieces = pieces(picture.unwrap_or(ISO))?;
    let offset = zone.map(read_zone).transpose()?.unwrap_or(0);
    let out_of_range = || Error::custom("D1001", "The time is out of the range of the calendar");
    let at = Moment::of_millis(millis.saturating_add(offset * 60_000)).ok_or_else(out_of_range)?;
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
    let refused = || Error::custom("D3134", format!("A time zone is written as in \"+0100\", not {zone:?}"));
    let number: i64 = zone.parse().ok().filter(|number: &i64| number.abs() < 10_000).ok_or_else(refused)?;
    // As in the reference, whose hours round down: -0530 is six and a half hours.
    Ok(number.div_euclid(100) * 60 + number % 100)
}

fn show(field: &Field, at: Moment, offset: i64) -> Result<String, Error> {
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
    Ok(picture.format(as_double(number)))
}

fn as_double(number: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "parts of dates are small")]
    let number = number as f64;
    number
}

impl Field {
    /// How many digits are read exactly: of a year, a month or a day, and of what another number follows at once.
    pub(super) fn digits(&self, is_followed: bool) -> Option<usize> {
        let width = self.picture.as_ref().map_or(0, Picture::mandatory);
        let is_sized = is_followed || matches!(self.component, 'Y' | 'M' | 'D');
        (width >= 2 && is_sized).then_some(width)
    }
}

fn show_year(field: &Field, picture: &Picture, year: i64) -> String {
    let width = picture.mandatory().max(picture.width());
    let kept = field.maximum.or((width >= 2).then_some(width));
    let kept = kept.and_then(|digits| 10_i64.checked_pow(u32::try_from(digits).ok()?));
    picture.format(as_double(kept.map_or(year, |kept| year % kept)))
}

fn show_name(field: &Field, style: &str, value: &Component, at: Moment) -> Result<String, Error> {
    let name = match (field.component, value) {
        ('F', _) => name_of(&DAYS, at.date.weekday() - 1),
        ('M', _) => name_of(&MONTHS, at.date.month - 1),
        ('x', _) => name_of(&MONTHS, at.date.thursday().month - 1),
        ('P', Component::Text(text)) => {
            let is_upper = style == "N";
            return Ok(if is_upper { text.to_uppercase() } else { (*text).to_owned() });
        }
        ('C' | 'E', _) => return Ok("ISO".to_owned()),
        (component, _) => {
            return Err(Error::new("D3133").value(component));
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

fn name_of(names: &[&str], at: i64) -> String {
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
    // As in the reference, the minutes of short forms have the sign, too.
    let minutes_sign = if offset < 0 { "-" } else { "" };
    let sign = if offset < 0 { '-' } else { '+' };
    let digits = style.chars().filter(char::is_ascii_digit).count();
    let shown = match (digits, style.chars().find(|letter| !letter.is_ascii_digit())) {
        (1.., Some(separator)) => {
            let width = style.split(separator).next().map_or(2, str::len);
            format!("{hours:0width$}{separator}{minutes:02}")
        }
        (1, None) if minutes == 0 => hours.to_string(),
        (2, None) if minutes == 0 => format!("{hours:02}"),
        (1, None) => format!("{hours}:{minutes_sign}{minutes:02}"),
        (2, None) => format!("{hours:02}:{minutes_sign}{minutes:02}"),
        (3 | 4, None) => format!("{hours:0width$}{minutes:02}", width = digits - 2),
        _ => {
            return Err(Error::new("D3134").value(digits));
        }
    };
    let prefix = if field.component == 'z' { "GMT" } else { "" };
    Ok(format!("{prefix}{sign}{shown}"))
}

enum Component {
    Number(i64),
    Text(&'static str),
}

fn value(component: char, at: Moment) -> Component {
    let week = |date: Date| (date.thursday().day - 1) / 7 + 1;
    Component::Number(match component {
        'Y' => at.date.year,
        'M' => at.date.month,
        'D' => at.date.day,
        'd' => at.date.day_of_year(),
        'F' => at.date.weekday(),
        'W' => at.date.week(),
        'X' => at.date.thursday().year,
        'w' => week(at.date),
        'x' => at.date.thursday().month,
        'H' => at.hour,
        'h' => (at.hour + 11) % 12 + 1,
        'm' => at.minute,
        's' => at.second,
        'f' => at.millisecond,
        'P' => return Component::Text(if at.hour >= 12 { "pm" } else { "am" }),
        _ => return Component::Text("ISO"),
    })
}
