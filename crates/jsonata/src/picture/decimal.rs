//! `$formatNumber`: `#,##0.00`.

use crate::error::Error;
use crate::value::Value;

/// The characters that a picture is made of, which options can change.
struct Symbols {
    decimal: char,
    grouping: char,
    exponent: char,
    minus: char,
    percent: String,
    per_mille: String,
    zero: char,
    digit: char,
    separator: char,
    infinity: String,
    not_a_number: String,
}

impl Symbols {
    fn new(options: &Value) -> Self {
        let text = |key: &str, default: &str| match options {
            Value::Object(fields) => fields.get(key).and_then(Value::as_str).unwrap_or(default).to_owned(),
            _ => default.to_owned(),
        };
        let letter = |key: &str, default: char| text(key, "").chars().next().unwrap_or(default);
        Self {
            decimal: letter("decimal-separator", '.'),
            grouping: letter("grouping-separator", ','),
            exponent: letter("exponent-separator", 'e'),
            minus: letter("minus-sign", '-'),
            percent: text("percent", "%"),
            per_mille: text("per-mille", "\u{2030}"),
            zero: letter("zero-digit", '0'),
            digit: letter("digit", '#'),
            separator: letter("pattern-separator", ';'),
            infinity: text("infinity", "Infinity"),
            not_a_number: text("NaN", "NaN"),
        }
    }

    fn is_digit(&self, letter: char) -> bool {
        let zero = u32::from(self.zero);
        (zero..zero + 10).contains(&u32::from(letter))
    }

    fn is_active(&self, letter: char) -> bool {
        self.is_digit(letter) || [self.decimal, self.grouping, self.digit].contains(&letter)
    }
}

/// One half of a picture.
struct Part {
    prefix: String,
    suffix: String,
    integer_minimum: usize,
    integer_groups: Vec<usize>,
    is_regular: bool,
    fraction_minimum: usize,
    fraction_maximum: usize,
    fraction_groups: Vec<usize>,
    exponent_minimum: usize,
    scaling: usize,
    scale: f64,
}

/// A number as a picture shows it.
pub(crate) fn number(number: f64, picture: &str, options: &Value) -> Result<String, Error> {
    let symbols = Symbols::new(options);
    let halves: Vec<&str> = picture.split(symbols.separator).collect();
    if halves.len() > 2 {
        return Err(Error::custom(
            "D3080",
            "The picture string must only contain a maximum of two sub-pictures",
        ));
    }
    let positive = part(halves.first().copied().unwrap_or_default(), &symbols)?;
    let negative = halves.get(1).map(|half| part(half, &symbols)).transpose()?;
    let is_negative = number < 0.0;
    let chosen = if is_negative { negative.as_ref().unwrap_or(&positive) } else { &positive };
    let sign = if is_negative && negative.is_none() { symbols.minus.to_string() } else { String::new() };
    if number.is_nan() {
        return Ok(symbols.not_a_number);
    }
    let body = if number.is_infinite() {
        symbols.infinity.clone()
    } else {
        digits(number.abs() * chosen.scale, chosen, &symbols)
    };
    Ok(format!("{sign}{}{body}{}", chosen.prefix, chosen.suffix))
}

fn part(picture: &str, symbols: &Symbols) -> Result<Part, Error> {
    let letters: Vec<char> = picture.chars().collect();
    let has = |text: &str| picture.matches(text).count();
    check(picture, &letters, symbols)?;
    let first = letters.iter().position(|letter| symbols.is_active(*letter)).unwrap_or(letters.len());
    let last = letters.iter().rposition(|letter| symbols.is_active(*letter)).map_or(first, |at| at + 1);
    let prefix: String = letters.get(..first).unwrap_or_default().iter().collect();
    let suffix: String = letters.get(last..).unwrap_or_default().iter().collect();
    let active: String = letters.get(first..last).unwrap_or_default().iter().collect();
    let (mantissa, exponent) = match active.split_once(symbols.exponent) {
        Some((mantissa, exponent)) => (mantissa.to_owned(), exponent.to_owned()),
        None => (active, String::new()),
    };
    let (integer, fraction) = mantissa.split_once(symbols.decimal).unwrap_or((&mantissa, ""));
    let count = |text: &str| text.chars().filter(|letter| symbols.is_digit(*letter)).count();
    let places = |text: &str| {
        text.chars().filter(|letter| symbols.is_digit(*letter) || *letter == symbols.digit).count()
    };
    let groups_of = |text: &str, from_left: bool| {
        let marks = text.char_indices().filter(|(_, letter)| *letter == symbols.grouping);
        marks
            .map(|(at, _)| {
                let side =
                    if from_left { text.get(..at) } else { text.get(at + symbols.grouping.len_utf8()..) };
                places(side.unwrap_or_default())
            })
            .collect::<Vec<usize>>()
    };
    let integer_groups = groups_of(integer, false);
    let (mut integer_minimum, mut fraction_minimum, mut fraction_maximum) =
        (count(integer), count(fraction), places(fraction));
    let scaling = integer_minimum;
    if integer_minimum == 0 && fraction_maximum == 0 {
        if exponent.is_empty() {
            integer_minimum = 1;
        } else {
            fraction_minimum = 1;
            fraction_maximum = 1;
        }
    }
    if !exponent.is_empty() && integer_minimum == 0 && integer.contains(symbols.digit) {
        integer_minimum = 1;
    }
    if integer_minimum == 0 && fraction_minimum == 0 {
        fraction_minimum = 1;
    }
    let is_regular = is_regular(&integer_groups);
    let scale = if has(&symbols.percent) > 0 {
        100.0
    } else if has(&symbols.per_mille) > 0 {
        1_000.0
    } else {
        1.0
    };
    Ok(Part {
        prefix,
        suffix,
        integer_minimum,
        is_regular,
        integer_groups,
        fraction_minimum,
        fraction_maximum: fraction_maximum.max(fraction_minimum),
        fraction_groups: groups_of(fraction, true),
        exponent_minimum: exponent.chars().count(),
        scaling,
        scale,
    })
}

fn check(picture: &str, letters: &[char], symbols: &Symbols) -> Result<(), Error> {
    let count = |letter: char| letters.iter().filter(|other| **other == letter).count();
    let refused = |code: &str, text: &str| Err(Error::custom(code, text));
    let passive = "The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character";
    if !letters.iter().any(|letter| symbols.is_active(*letter)) {
        return refused("D3086", passive);
    }
    if count(symbols.decimal) > 1 {
        return refused(
            "D3081",
            "The sub-picture must not contain more than one instance of the 'decimal-separator' character",
        );
    }
    let (percent, per_mille) =
        (picture.matches(&symbols.percent).count(), picture.matches(&symbols.per_mille).count());
    if percent > 1 {
        return refused(
            "D3082",
            "The sub-picture must not contain more than one instance of the 'percent' character",
        );
    }
    if per_mille > 1 {
        return refused(
            "D3083",
            "The sub-picture must not contain more than one instance of the 'per-mille' character",
        );
    }
    if percent > 0 && per_mille > 0 {
        return refused(
            "D3084",
            "The sub-picture must not contain both a 'percent' and a 'per-mille' character",
        );
    }
    let mantissa = letters.iter().take_while(|letter| **letter != symbols.exponent);
    if !mantissa.clone().any(|letter| symbols.is_digit(*letter) || *letter == symbols.digit) {
        return refused(
            "D3085",
            "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit character' or a member of the 'decimal digit family'",
        );
    }
    let first = letters.iter().position(|letter| symbols.is_active(*letter)).unwrap_or(0);
    let last = letters.iter().rposition(|letter| symbols.is_active(*letter)).unwrap_or(0);
    let active = letters.get(first..=last).unwrap_or_default();
    if active.iter().any(|letter| !symbols.is_active(*letter) && *letter != symbols.exponent) {
        return refused("D3086", passive);
    }
    let text: String = active.iter().collect();
    if let Some((_, exponent)) = text.split_once(symbols.exponent) {
        if percent > 0 || per_mille > 0 {
            return refused(
                "D3092",
                "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an 'exponent-separator'",
            );
        }
        check_groups(text.split(symbols.exponent).next().unwrap_or_default(), symbols)?;
        if exponent.is_empty() || exponent.chars().any(|letter| !symbols.is_digit(letter)) {
            return refused(
                "D3093",
                "The exponent part of the sub-picture must comprise only of one or more characters that are members of the 'decimal digit family'",
            );
        }
        return Ok(());
    }
    check_groups(&active.iter().collect::<String>(), symbols)
}

fn check_groups(active: &str, symbols: &Symbols) -> Result<(), Error> {
    let (group, decimal) = (symbols.grouping, symbols.decimal);
    let (integer, fraction) = active.split_once(decimal).unwrap_or((active, ""));
    if active.contains(&format!("{group}{decimal}")) || active.contains(&format!("{decimal}{group}")) {
        return Err(Error::custom(
            "D3087",
            "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character",
        ));
    }
    if !active.contains(decimal) && integer.ends_with(group) {
        return Err(Error::custom(
            "D3088",
            "The sub-picture must not contain a 'grouping-separator' at the end of the integer part",
        ));
    }
    if active.contains(&format!("{group}{group}")) {
        return Err(Error::custom(
            "D3089",
            "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character",
        ));
    }
    let digit_at = integer.find(|letter| symbols.is_digit(letter));
    if digit_at.is_some_and(|at| integer.get(at..).unwrap_or_default().contains(symbols.digit)) {
        return Err(Error::custom(
            "D3090",
            "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed by an instance of the 'optional digit character'",
        ));
    }
    let optional_at = fraction.find(symbols.digit);
    if optional_at
        .is_some_and(|at| fraction.get(at..).unwrap_or_default().contains(|letter| symbols.is_digit(letter)))
    {
        return Err(Error::custom(
            "D3091",
            "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is followed by a member of the 'decimal digit family'",
        ));
    }
    Ok(())
}

fn is_regular(groups: &[usize]) -> bool {
    let Some(smallest) = groups.iter().min().copied().filter(|smallest| *smallest > 0) else { return false };
    (1..=groups.len()).all(|times| groups.contains(&(smallest * times)))
}

fn digits(number: f64, part: &Part, symbols: &Symbols) -> String {
    let (mut mantissa, mut exponent) = (number, 0_i32);
    if part.exponent_minimum > 0 && number != 0.0 {
        let scaling = i32::try_from(part.scaling).unwrap_or(1);
        let (most, least) = (10_f64.powi(scaling), 10_f64.powi(scaling - 1));
        while mantissa < least {
            mantissa *= 10.0;
            exponent -= 1;
        }
        while mantissa > most {
            mantissa /= 10.0;
            exponent += 1;
        }
    }
    let text = format!("{:.*}", part.fraction_maximum, round_half_even(mantissa, part.fraction_maximum));
    let (integer, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let integer = integer.trim_start_matches('0');
    let mut fraction = fraction.trim_end_matches('0').to_owned();
    while fraction.len() < part.fraction_minimum {
        fraction.push('0');
    }
    let integer = format!("{integer:0>width$}", width = part.integer_minimum);
    let mut shown = group_integer(&integer, part, symbols);
    if !fraction.is_empty() {
        shown.push(symbols.decimal);
        for (at, digit) in fraction.chars().enumerate() {
            if part.fraction_groups.contains(&at) && at > 0 {
                shown.push(symbols.grouping);
            }
            shown.push(digit);
        }
    }
    if part.exponent_minimum > 0 {
        shown.push(symbols.exponent);
        if exponent < 0 {
            shown.push(symbols.minus);
        }
        shown.push_str(&format!("{:0>width$}", exponent.abs(), width = part.exponent_minimum));
    }
    in_family(&shown, symbols)
}

fn round_half_even(number: f64, places: usize) -> f64 {
    // The decimal text decides what is a half, as in the reference.
    let shift = |number: f64, places: i64| {
        let text = format!("{number:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i64 = exponent.parse().unwrap_or(0);
        format!("{digits}e{}", exponent + places).parse().unwrap_or(number)
    };
    let places = i64::try_from(places).unwrap_or(0);
    shift(f64::round_ties_even(shift(number, places)), -places)
}

fn group_integer(integer: &str, part: &Part, symbols: &Symbols) -> String {
    let regular = part.integer_groups.iter().min().copied().filter(|_| part.is_regular);
    let length = integer.len();
    let mut shown = String::new();
    for (at, digit) in integer.chars().enumerate() {
        let left = length - at;
        let is_boundary = match regular {
            Some(size) => left.is_multiple_of(size),
            None => part.integer_groups.contains(&left),
        };
        if is_boundary && at > 0 {
            shown.push(symbols.grouping);
        }
        shown.push(digit);
    }
    shown
}

/// The digits in the family of the picture's zero.
fn in_family(text: &str, symbols: &Symbols) -> String {
    if symbols.zero == '0' {
        return text.to_owned();
    }
    let zero = u32::from(symbols.zero);
    text.chars()
        .map(|letter| letter.to_digit(10).and_then(|digit| char::from_u32(zero + digit)).unwrap_or(letter))
        .collect()
}
