//! `$toMillis`: a time that a text says by a picture, or by ISO 8601.

use super::calendar::{Moment, millis};
use super::date::{DAYS, Field, MONTHS, Piece, pieces};
use crate::error::Error;
use crate::evaluate::Evaluator;
use crate::functions::groups;
use crate::regex::Pattern;

/// The time in milliseconds; NaN for one that no calendar has, nothing when the text does not fit.
pub(crate) fn parse(
    evaluator: &mut Evaluator<'_>,
    text: &str,
    picture: Option<&str>,
) -> Result<Option<f64>, Error> {
    let Some(picture) = picture else { return read_iso(evaluator, text).map(Some) };
    let pieces = pieces(picture)?;
    let mut regex = String::from("^");
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Text(text) => {
                regex.push_str("()");
                regex.push_str(&escaped(text));
            }
            Piece::Field(field) => {
                let follows = pieces.get(at + 1..).unwrap_or_default();
                let is_followed = match follows {
                    [Piece::Text(between), Piece::Field(next), ..] => {
                        between.is_empty() && next.picture.is_some()
                    }
                    _ => false,
                };
                regex.push_str(&format!("({})", field_regex(field, is_followed)?));
            }
        }
    }
    regex.push('$');
    let pattern = Pattern::compile(&regex, "i").ok_or_else(|| Error::new("D3136"))?;
    let Some(groups) = groups(evaluator, &pattern, text)? else { return Ok(None) };
    let mut parts = Parts::default();
    for (piece, taken) in pieces.iter().zip(&groups) {
        if let (Piece::Field(field), Some(taken)) = (piece, taken) {
            parts.0.push((field.component, read_field(field, taken)));
        }
    }
    if parts.0.is_empty() {
        return Ok(None);
    }
    let now = Moment::of_millis(evaluator.host.now_ms()).ok_or_else(|| Error::new("D3136"))?;
    assemble(&parts, now).map(Some)
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        if ".*+?^${}()|[]\\".contains(letter) {
            escaped.push('\\');
        }
        escaped.push(letter);
    }
    escaped
}

fn field_regex(field: &Field, is_followed: bool) -> Result<String, Error> {
    Ok(match (&field.picture, field.component) {
        (_, 'Z' | 'z') => {
            let prefix = if field.component == 'z' { "GMT" } else { "" };
            let minutes =
                zone_separator(field).map(|separator| format!("{}[0-9]+", escaped(&separator.to_string())));
            format!("{prefix}[-+][0-9]+{}", minutes.unwrap_or_default())
        }
        (Some(picture), _) => picture.regex(field.digits(is_followed)),
        (None, 'M' | 'x' | 'F' | 'P') => "[a-zA-Z]+".to_owned(),
        (None, component) => return Err(Error::new("D3133").value(component)),
    })
}

fn zone_separator(field: &Field) -> Option<char> {
    let style = field.presentation.strip_suffix('t').unwrap_or(&field.presentation);
    style.chars().find(|letter| !letter.is_ascii_digit() && *letter != '#')
}

/// The number of a field; nothing when its name is unknown.
fn read_field(field: &Field, taken: &str) -> Option<i64> {
    if matches!(field.component, 'Z' | 'z') {
        return Some(read_offset(taken.strip_prefix("GMT").unwrap_or(taken), zone_separator(field)));
    }
    if let Some(picture) = &field.picture {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "what is too large saturates, and no date has it"
        )]
        return Some(picture.read(taken)).filter(|number| !number.is_nan()).map(|number| number as i64);
    }
    let names: &[&str] = match field.component {
        'F' => &DAYS,
        'P' => {
            return ["am", "AM", "pm", "PM"]
                .iter()
                .position(|name| *name == taken)
                .map(|at| i64::from(at >= 2));
        }
        _ => &MONTHS,
    };
    let shown = |name: &&str| name.chars().take(field.maximum.unwrap_or(usize::MAX)).collect::<String>();
    let at = names.iter().position(|name| shown(name) == taken)?;
    i64::try_from(at + 1).ok()
}

/// Minutes. The sign belongs to the hours alone, as in the reference.
fn read_offset(text: &str, separator: Option<char>) -> i64 {
    let number = |text: &str| text.parse::<i64>().unwrap_or(0);
    let (hours, minutes) = match separator {
        Some(separator) => text.split_once(separator).unwrap_or((text, "")),
        None if text.len() <= 3 => (text, ""),
        None => text.split_at_checked(3).unwrap_or((text, "")),
    };
    number(hours).saturating_mul(60).saturating_add(number(minutes))
}

/// What was read, by component; nothing where a name is unknown.
#[derive(Default)]
struct Parts(Vec<(char, Option<i64>)>);

impl Parts {
    fn of(&self, component: char) -> Option<i64> {
        self.0.iter().rev().find(|(known, _)| *known == component).and_then(|(_, value)| *value)
    }

    /// Whether components of the list are there, and none of the others of its kind.
    fn are_among(&self, kind: &str, list: &str) -> bool {
        let mut there =
            kind.chars().filter(|component| self.of(*component).is_some_and(|value| value != 0)).peekable();
        there.peek().is_some() && there.all(|component| list.contains(component))
    }
}

/// Puts the parts together: what is larger than the largest given part is of now, what is smaller than it begins.
fn assemble(parts: &Parts, now: Moment) -> Result<f64, Error> {
    let is_date = |list: &str| parts.are_among("YXMxWwdD", list);
    let by_day_of_year = !is_date("YMD") && is_date("Yd");
    if is_date("Xxw") || (!is_date("Xxw") && is_date("XW")) {
        return Err(Error::new("D3136"));
    }
    let is_time = |list: &str| parts.are_among("PHhmsf", list);
    let by_half_days = !is_time("Hmsf") && is_time("Phmsf");
    let mut filled = Parts::default();
    let (mut has_begun, mut has_ended) = (false, false);
    let dates = if by_day_of_year { "YD" } else { "YMD" };
    for component in dates.chars().chain(if by_half_days { "Phmsf" } else { "Hmsf" }.chars()) {
        let value = match parts.of(component) {
            Some(_) if has_ended => return Err(Error::new("D3136")),
            Some(value) => {
                has_begun = true;
                Some(value)
            }
            None if has_begun => {
                has_ended = true;
                Some(i64::from("MD".contains(component)))
            }
            None => now_part(component, now),
        };
        filled.0.push((component, value));
    }
    let part = |component: char| filled.of(component).unwrap_or(0);
    let mut date = [part('Y'), (part('M') - 1).max(0), part('D')];
    if by_day_of_year {
        date = [part('Y'), 0, parts.of('d').unwrap_or(1)];
    }
    let hour = if by_half_days { part('h') % 12 + 12 * i64::from(part('P') == 1) } else { part('H') };
    // The reference leaves an hour beyond twelve as it is.
    let hour = if by_half_days && part('h') > 12 { part('h') + 12 * i64::from(part('P') == 1) } else { hour };
    let offset = parts.of('Z').or(parts.of('z')).unwrap_or(0);
    let minute = part('m').saturating_sub(offset);
    Ok(double(millis(date, [hour, minute, part('s'), part('f')])))
}

fn now_part(component: char, now: Moment) -> Option<i64> {
    Some(match component {
        'Y' => now.date.year,
        'M' => now.date.month,
        'D' => now.date.day,
        'H' => now.hour,
        'h' => (now.hour + 11) % 12 + 1,
        'm' => now.minute,
        's' => now.second,
        'f' => now.millisecond,
        _ => return None,
    })
}

/// NaN for what is in no calendar.
fn double(millis: Option<i64>) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of dates stay exact in a double")]
    millis.map_or(f64::NAN, |millis| millis as f64)
}

/// ISO 8601: from the year alone to a full date-time with an offset.
fn read_iso(evaluator: &mut Evaluator<'_>, text: &str) -> Result<f64, Error> {
    let pattern = Pattern::compile(
        "^(\\d{4})(?:-([01]\\d))?(?:-([0-3]\\d))?(?:T([0-2]\\d):([0-5]\\d):([0-5]\\d))?(\\.\\d+)?(?:([+-])([0-2]\\d):?([0-5]\\d)|Z)?$",
        "",
    );
    let found = match &pattern {
        Some(pattern) => groups(evaluator, pattern, text)?,
        None => None,
    };
    let groups = found.ok_or_else(|| Error::new("D3110").value(text))?;
    let part = |at: usize, missing: i64| {
        groups.get(at).and_then(Option::as_ref).map_or(Some(missing), |digits| digits.parse().ok())
    };
    let number = |at: usize, missing: i64| part(at, missing).unwrap_or(missing);
    let fraction = groups.get(6).and_then(Option::as_ref).map_or(0, |digits| {
        digits.chars().skip(1).chain("000".chars()).take(3).collect::<String>().parse().unwrap_or(0)
    });
    let (month, day, hour) = (number(1, 1), number(2, 1), number(3, 0));
    let is_late = hour > 24 || (hour == 24 && (number(4, 0), number(5, 0), fraction) != (0, 0, 0));
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || is_late {
        return Ok(f64::NAN);
    }
    let sign = groups.get(7).and_then(Option::as_ref).map_or(0, |sign| if sign == "-" { -1 } else { 1 });
    let minute = number(4, 0) - sign * (number(8, 0) * 60 + number(9, 0));
    let year = number(0, 1970);
    // Years below 100 are what they say here: a cycle of the calendar later, the days are the same.
    let (year, shift) = if year < 100 { (year + 400, 146_097 * 86_400_000) } else { (year, 0) };
    let at = millis([year, month - 1, day], [hour, minute, number(5, 0), fraction]);
    Ok(double(at.map(|at| at - shift)))
}
