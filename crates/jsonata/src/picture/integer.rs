//! `$formatInteger` and `$parseInteger`: decimal pictures, letters, Roman numerals, words; ordinals.

use super::words;
use crate::error::Error;

/// What a picture of an integer asks for.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    primary: Primary,
    case: Case,
    is_ordinal: bool,
}

#[derive(Clone, Debug)]
enum Primary {
    Decimal {
        zero: char,
        mandatory: usize,
        optional: usize,
        regular: Option<(usize, char)>,
        groups: Vec<(usize, char)>,
    },
    Letters,
    Roman,
    Words,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Upper,
    Lower,
    Title,
}

/// The zeros of Unicode's decimal digits.
const ZEROS: [u32; 37] = [
    0x30, 0x660, 0x6F0, 0x7C0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xDE6, 0xE50,
    0xED0, 0xF20, 0x1040, 0x1090, 0x17E0, 0x1810, 0x1946, 0x19D0, 0x1A80, 0x1A90, 0x1B50, 0x1BB0, 0x1C40,
    0x1C50, 0xA620, 0xA8D0, 0xA900, 0xA9D0, 0xA9F0, 0xAA50, 0xABF0, 0xFF10,
];

fn zero_of(letter: char) -> Option<char> {
    let code = u32::from(letter);
    ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)).and_then(|zero| char::from_u32(*zero))
}

impl Picture {
    pub(super) fn parse(picture: &str) -> Result<Self, Error> {
        let (primary, modifier) = picture.rsplit_once(';').unwrap_or((picture, ""));
        let is_ordinal = modifier.starts_with('o');
        let with = |primary, case| Ok(Self { primary, case, is_ordinal });
        match primary {
            "A" => with(Primary::Letters, Case::Upper),
            "a" => with(Primary::Letters, Case::Lower),
            "I" => with(Primary::Roman, Case::Upper),
            "i" => with(Primary::Roman, Case::Lower),
            "W" => with(Primary::Words, Case::Upper),
            "w" => with(Primary::Words, Case::Lower),
            "Ww" => with(Primary::Words, Case::Title),
            picture => with(decimal(picture)?, Case::Lower),
        }
    }

    /// The digits of a decimal picture, those that are optional included.
    pub(super) fn width(&self) -> usize {
        match &self.primary {
            Primary::Decimal { mandatory, optional, .. } => mandatory + optional,
            _ => 0,
        }
    }

    /// The digits of a decimal picture that are always there.
    pub(super) fn mandatory(&self) -> usize {
        match &self.primary {
            Primary::Decimal { mandatory, .. } => *mandatory,
            _ => 0,
        }
    }

    /// Asks for at least so many digits.
    pub(super) fn set_width(&mut self, digits: usize) {
        if let Primary::Decimal { mandatory, .. } = &mut self.primary {
            *mandatory = digits;
        }
    }

    /// What its numbers look like, letters of either case, with exactly so many digits if that is known.
    pub(super) fn regex(&self, digits: Option<usize>) -> String {
        match &self.primary {
            Primary::Letters => "[a-z]+".to_owned(),
            Primary::Roman => "[mdclxvi]+".to_owned(),
            Primary::Words => format!("(?:{}|and|[\\-, ])+", words::alternatives()),
            Primary::Decimal { .. } => {
                let count = digits.map_or("+".to_owned(), |digits| format!("{{{digits}}}"));
                format!("[0-9]{count}{}", if self.is_ordinal { "(?:th|st|nd|rd)" } else { "" })
            }
        }
    }

    pub(super) fn format(&self, number: f64) -> String {
        let is_negative = number < 0.0;
        let number = number.abs();
        let shown = match &self.primary {
            Primary::Letters => letters(number),
            Primary::Roman => roman(number),
            Primary::Words => words::write(number, self.is_ordinal),
            Primary::Decimal { zero, mandatory, regular, groups, .. } => {
                self.decimal(number, (*zero, *mandatory), *regular, groups)
            }
        };
        let shown = match (&self.primary, self.case) {
            (Primary::Decimal { .. }, _) | (_, Case::Title) => shown,
            (_, Case::Upper) => shown.to_uppercase(),
            (_, Case::Lower) => shown.to_lowercase(),
        };
        if is_negative { format!("-{shown}") } else { shown }
    }

    fn decimal(
        &self,
        number: f64,
        (zero, mandatory): (char, usize),
        regular: Option<(usize, char)>,
        groups: &[(usize, char)],
    ) -> String {
        let digits = crate::number::write(number);
        let digits = "0".repeat(mandatory.saturating_sub(digits.len())) + &digits;
        let length = digits.len();
        let mut shown = String::new();
        for (at, digit) in digits.chars().enumerate() {
            let left = length - at;
            let separator = match regular {
                Some((size, separator)) => left.is_multiple_of(size).then_some(separator),
                None => {
                    groups.iter().find(|(position, _)| *position == left).map(|(_, separator)| *separator)
                }
            };
            shown.extend(separator.filter(|_| at > 0));
            // Beyond 10^21 there are letters and signs among them, which stay.
            let shifted = digit.to_digit(10).and_then(|value| char::from_u32(u32::from(zero) + value));
            shown.push(shifted.unwrap_or(digit));
        }
        if self.is_ordinal {
            shown.push_str(suffix(&digits));
        }
        shown
    }

    /// The number of a text; NaN when it is none.
    pub(super) fn read(&self, text: &str) -> f64 {
        match &self.primary {
            Primary::Letters => read_letters(text, if self.case == Case::Upper { 'A' } else { 'a' }),
            Primary::Roman if self.case == Case::Upper => read_roman(text),
            Primary::Roman => read_roman(&text.to_uppercase()),
            Primary::Words => words::read(text),
            Primary::Decimal { zero, groups, regular, .. } => {
                let mut letters: Vec<char> = text.chars().collect();
                if self.is_ordinal {
                    letters.truncate(letters.len().saturating_sub(2));
                }
                // As in the reference, groups of one size are separated by commas.
                let is_separator = |letter: char| match regular {
                    Some(_) => letter == ',',
                    None => groups.iter().any(|(_, separator)| *separator == letter),
                };
                letters.retain(|letter| !is_separator(*letter));
                let shift = u32::from(*zero) - u32::from('0');
                let digits = letters.into_iter().map(|letter| {
                    u32::from(letter).checked_sub(shift).and_then(char::from_u32).unwrap_or(letter)
                });
                number_at_start(&digits.collect::<String>())
            }
        }
    }
}

/// The whole number that a text begins with, as JavaScript's `parseInt` reads it.
fn number_at_start(text: &str) -> f64 {
    let text = text.trim_start();
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (16, digits),
        None => (10, digits),
    };
    let end = digits.find(|letter: char| !letter.is_digit(radix)).unwrap_or(digits.len());
    let digits = digits.get(..end).unwrap_or_default();
    if digits.is_empty() {
        return f64::NAN;
    }
    let number = if radix == 10 {
        digits.parse().unwrap_or(f64::NAN)
    } else {
        digits.chars().fold(0.0, |number, digit| number * 16.0 + f64::from(digit.to_digit(16).unwrap_or(0)))
    };
    sign * number
}

fn decimal(picture: &str) -> Result<Primary, Error> {
    let mut zero = None;
    let (mut mandatory, mut digits) = (0, 0);
    let mut groups = Vec::new();
    for letter in picture.chars().rev() {
        if let Some(found) = zero_of(letter) {
            if zero.is_some_and(|zero| zero != found) {
                return Err(Error::new("D3131"));
            }
            zero = Some(found);
            mandatory += 1;
            digits += 1;
        } else if letter == '#' {
            digits += 1;
        } else {
            groups.push((digits, letter));
        }
    }
    let Some(zero) = zero else {
        return Err(Error::new("D3130").value(picture));
    };
    let optional = digits - mandatory;
    Ok(Primary::Decimal { zero, mandatory, optional, regular: regular(&groups), groups })
}

/// Groups of one size with one separator go on to the left.
fn regular(groups: &[(usize, char)]) -> Option<(usize, char)> {
    let (size, separator) = groups.iter().min_by_key(|(at, _)| *at).copied().filter(|(size, _)| *size > 0)?;
    let holds = groups.iter().all(|(at, other)| at % size == 0 && *other == separator);
    let is_whole = (1..=groups.len()).all(|times| groups.iter().any(|(at, _)| *at == size * times));
    (holds && is_whole).then_some((size, separator))
}

fn suffix(digits: &str) -> &'static str {
    let tail = digits.get(digits.len().saturating_sub(2)..).unwrap_or_default();
    if tail.len() == 2 && tail.starts_with('1') {
        return "th";
    }
    match digits.chars().last() {
        Some('1') => "st",
        Some('2') => "nd",
        Some('3') => "rd",
        _ => "th",
    }
}

fn letters(number: f64) -> String {
    let mut rest = number;
    let mut shown = Vec::new();
    while rest > 0.0 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 25")]
        let digit = ((rest - 1.0) % 26.0) as u8;
        shown.push(char::from(b'a' + digit));
        rest = ((rest - 1.0) / 26.0).floor();
    }
    shown.iter().rev().collect()
}

fn read_letters(text: &str, first: char) -> f64 {
    let digit = |unit: u16| f64::from(unit) - f64::from(u32::from(first)) + 1.0;
    let units: Vec<u16> = text.encode_utf16().collect();
    units.iter().rev().zip(0_u16..).map(|(unit, place)| digit(*unit) * libm::pow(26.0, place.into())).sum()
}

const ROMAN: [(f64, &str); 13] = [
    (1_000.0, "m"),
    (900.0, "cm"),
    (500.0, "d"),
    (400.0, "cd"),
    (100.0, "c"),
    (90.0, "xc"),
    (50.0, "l"),
    (40.0, "xl"),
    (10.0, "x"),
    (9.0, "ix"),
    (5.0, "v"),
    (4.0, "iv"),
    (1.0, "i"),
];

fn roman(number: f64) -> String {
    let mut rest = number.min(1e7);
    let mut shown = String::new();
    for (value, letters) in ROMAN {
        while rest >= value {
            shown.push_str(letters);
            rest -= value;
        }
    }
    shown
}

fn read_roman(text: &str) -> f64 {
    let value = |letter: char| {
        let is_it = |letters: &str| letters.len() == 1 && letters.starts_with(letter.to_ascii_lowercase());
        let found = ROMAN.iter().find(|(_, letters)| letter.is_ascii_uppercase() && is_it(letters));
        found.map_or(f64::NAN, |(value, _)| *value)
    };
    let (mut number, mut highest) = (0.0, 0.0);
    for letter in text.chars().rev() {
        let value = value(letter);
        if value < highest {
            number -= value;
        } else {
            highest = value;
            number += value;
        }
    }
    number
}

pub(crate) fn format(number: f64, picture: &str) -> Result<String, Error> {
    Ok(Picture::parse(picture)?.format(number))
}

pub(crate) fn parse(text: &str, picture: &str) -> Result<f64, Error> {
    Ok(Picture::parse(picture)?.read(text))
}
