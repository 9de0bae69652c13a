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

    /// A digit, or `#`.
    fn is_place(&self, letter: char) -> bool {
        self.is_digit(letter) || letter == self.digit
    }

    fn is_active(&self, letter: char) -> bool {
        self.is_place(letter) || [self.decimal, self.grouping, self.exponent].contains(&letter)
    }
}

/// One half of a picture, taken apart.
struct Half<'a> {
    picture: &'a [char],
    prefix: &'a [char],
    suffix: &'a [char],
    active: &'a [char],
    integer: &'a [char],
    fraction: &'a [char],
    exponent: Option<&'a [char]>,
}

/// What a half says about numbers.
struct Part {
    prefix: String,
    suffix: String,
    integer_minimum: usize,
    integer_groups: Vec<usize>,
    /// Every so many digits are a group.
    regular: Option<usize>,
    fraction_minimum: usize,
    fraction_maximum: usize,
    fraction_groups: Vec<usize>,
    exponent_minimum: usize,
    has_decimal: bool,
    scaling: usize,
    scale: f64,
}

/// A number as a picture shows it.
pub(crate) fn number(number: f64, picture: &str, options: &Value) -> Result<String, Error> {
    let symbols = Symbols::new(options);
    let letters: Vec<char> = picture.chars().collect();
    let halves: Vec<&[char]> = letters.split(|letter| *letter == symbols.separator).collect();
    if halves.len() > 2 {
        return Err(refused("D3080"));
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

fn before<T>(items: &[T], at: usize) -> &[T] {
    items.get(..at).unwrap_or(items)
}

fn behind<T>(items: &[T], at: usize) -> &[T] {
    items.get(at..).unwrap_or_default()
}

impl<'a> Half<'a> {
    fn new(picture: &'a [char], symbols: &Symbols) -> Option<Self> {
        let begins = |letter: &char| symbols.is_active(*letter) && *letter != symbols.exponent;
        let first = picture.iter().position(begins)?;
        let last = picture.iter().rposition(begins)? + 1;
        let active = before(behind(picture, first), last - first);
        // As in the reference, the exponent's place is counted from the start of the picture.
        let exponent_at = behind(picture, first).iter().position(|letter| *letter == symbols.exponent);
        let exponent_at = exponent_at.map(|at| at + first).filter(|at| *at <= last);
        let (mantissa, exponent) = match exponent_at {
            Some(at) => (before(active, at), Some(behind(active, at + 1))),
            None => (active, None),
        };
        let decimal_at = mantissa.iter().position(|letter| *letter == symbols.decimal);
        let suffix = behind(picture, last);
        let (integer, fraction) = match decimal_at {
            Some(at) => (before(mantissa, at), behind(mantissa, at + 1)),
            None => (mantissa, suffix),
        };
        Some(Self { picture, prefix: before(picture, first), suffix, active, integer, fraction, exponent })
    }

    /// The last rule that it breaks, as the reference tells it.
    fn broken_rule(&self, symbols: &Symbols) -> Option<&'static str> {
        let text: String = self.picture.iter().collect();
        let count = |symbol: &str| if symbol.is_empty() { 0 } else { text.matches(symbol).count() };
        let (percent, per_mille) = (count(&symbols.percent), count(&symbols.per_mille));
        let decimal_at = self.picture.iter().position(|letter| *letter == symbols.decimal);
        let is_group = |at: Option<usize>| at.and_then(|at| self.picture.get(at)) == Some(&symbols.grouping);
        let has_mantissa = self.integer.iter().any(|letter| symbols.is_place(*letter))
            || (decimal_at.is_some() && self.fraction.iter().any(|letter| symbols.is_place(*letter)));
        let optional = |part: &[char], is_last: bool| {
            let is_optional = |letter: &char| *letter == symbols.digit;
            if is_last { part.iter().rposition(is_optional) } else { part.iter().position(is_optional) }
        };
        let has_digit = |part: &[char]| part.iter().any(|letter| symbols.is_digit(*letter));
        let rules = [
            (self.picture.iter().filter(|letter| **letter == symbols.decimal).count() > 1, "D3081"),
            (percent > 1, "D3082"),
            (per_mille > 1, "D3083"),
            (percent > 0 && per_mille > 0, "D3084"),
            (!has_mantissa, "D3085"),
            (self.active.iter().any(|letter| !symbols.is_active(*letter)), "D3086"),
            (decimal_at.is_some_and(|at| is_group(at.checked_sub(1)) || is_group(Some(at + 1))), "D3087"),
            (decimal_at.is_none() && self.integer.last() == Some(&symbols.grouping), "D3088"),
            (self.picture.windows(2).any(|pair| pair == [symbols.grouping; 2]), "D3089"),
            (optional(self.integer, false).is_some_and(|at| has_digit(before(self.integer, at))), "D3090"),
            (optional(self.fraction, true).is_some_and(|at| has_digit(behind(self.fraction, at))), "D3091"),
            (self.exponent.is_some_and(|exponent| !exponent.is_empty()) && percent + per_mille > 0, "D3092"),
            (
                self.exponent.is_some_and(|exponent| {
                    exponent.is_empty() || exponent.iter().any(|letter| !symbols.is_digit(*letter))
                }),
                "D3093",
            ),
        ];
        rules.into_iter().rev().find(|(is_broken, _)| *is_broken).map(|(_, code)| code)
    }

    /// How many places are on the far side of each separator. As in the reference, the separators behind the first are
    /// those of the integer part, also for the fraction.
    fn groups(&self, part: &[char], is_fraction: bool, symbols: &Symbols) -> Vec<usize> {
        let places = |part: &[char]| part.iter().filter(|letter| symbols.is_place(**letter)).count();
        let next = |part: &[char], from: usize| {
            behind(part, from).iter().position(|letter| *letter == symbols.grouping).map(|at| at + from)
        };
        let mut groups = Vec::new();
        let mut at = next(part, 0);
        while let Some(place) = at {
            groups.push(places(if is_fraction { before(part, place) } else { behind(part, place) }));
            at = next(self.integer, place + 1);
        }
        groups
    }
}

fn part(picture: &[char], symbols: &Symbols) -> Result<Part, Error> {
    let Some(half) = Half::new(picture, symbols) else { return Err(refused("D3086")) };
    if let Some(code) = half.broken_rule(symbols) {
        return Err(refused(code));
    }
    let count = |part: &[char]| part.iter().filter(|letter| symbols.is_digit(**letter)).count();
    let scaling = count(half.integer);
    let (mut integer_minimum, mut fraction_minimum) = (scaling, count(half.fraction));
    let mut fraction_maximum = half.fraction.iter().filter(|letter| symbols.is_place(**letter)).count();
    if integer_minimum == 0 && fraction_maximum == 0 {
        if half.exponent.is_none() {
            integer_minimum = 1;
        } else {
            (fraction_minimum, fraction_maximum) = (1, 1);
        }
    }
    if half.exponent.is_some() && integer_minimum == 0 && half.integer.contains(&symbols.digit) {
        integer_minimum = 1;
    }
    if integer_minimum == 0 && fraction_minimum == 0 {
        fraction_minimum = 1;
    }
    let text: String = picture.iter().collect();
    let scale = if text.contains(&symbols.percent) {
        100.0
    } else if text.contains(&symbols.per_mille) {
        1_000.0
    } else {
        1.0
    };
    let integer_groups = half.groups(half.integer, false, symbols);
    Ok(Part {
        prefix: half.prefix.iter().collect(),
        suffix: half.suffix.iter().collect(),
        integer_minimum,
        regular: regular(&integer_groups),
        integer_groups,
        fraction_minimum,
        fraction_maximum,
        fraction_groups: half.groups(half.fraction, true, symbols),
        exponent_minimum: half.exponent.map_or(0, count),
        has_decimal: picture.contains(&symbols.decimal),
        scaling,
        scale,
    })
}

/// The size of groups, if all have the same.
fn regular(groups: &[usize]) -> Option<usize> {
    fn common(left: usize, right: usize) -> usize {
        if right == 0 { left } else { common(right, left % right) }
    }
    let size = groups.iter().copied().reduce(common).filter(|size| *size > 0)?;
    (1..=groups.len()).all(|times| groups.contains(&(size * times))).then_some(size)
}

fn refused(code: &'static str) -> Error {
    let sentence = match code {
        "D3080" => "The picture string must only contain a maximum of two sub-pictures",
        "D3081" => {
            "The sub-picture must not contain more than one instance of the 'decimal-separator' character"
        }
        "D3082" => "The sub-picture must not contain more than one instance of the 'percent' character",
        "D3083" => "The sub-picture must not contain more than one instance of the 'per-mille' character",
        "D3084" => "The sub-picture must not contain both a 'percent' and a 'per-mille' character",
        "D3085" => {
            "The mantissa part of a sub-picture must contain at least one character that is either an 'optional digit character' or a member of the 'decimal digit family'"
        }
        "D3087" => {
            "The sub-picture must not contain a 'grouping-separator' character that appears adjacent to a 'decimal-separator' character"
        }
        "D3088" => "The sub-picture must not contain a 'grouping-separator' at the end of the integer part",
        "D3089" => {
            "The sub-picture must not contain two adjacent instances of the 'grouping-separator' character"
        }
        "D3090" => {
            "The integer part of the sub-picture must not contain a member of the 'decimal digit family' that is followed by an instance of the 'optional digit character'"
        }
        "D3091" => {
            "The fractional part of the sub-picture must not contain an instance of the 'optional digit character' that is followed by a member of the 'decimal digit family'"
        }
        "D3092" => {
            "A sub-picture that contains a 'percent' or 'per-mille' character must not contain a character treated as an 'exponent-separator'"
        }
        "D3093" => {
            "The exponent part of the sub-picture must comprise only of one or more characters that are members of the 'decimal digit family'"
        }
        _ => {
            "The sub-picture must not contain a passive character that is preceded by an active character and that is followed by another active character"
        }
    };
    Error::custom(code, sentence)
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
    let rounded = round_half_even(mantissa, part.fraction_maximum);
    // As JavaScript writes it: with an exponent from 10^21 on.
    let text = if rounded >= 1e21 {
        crate::number::write(rounded)
    } else {
        format!("{rounded:.*}", part.fraction_maximum)
    };
    let (integer, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let integer = format!("{:0>width$}", integer.trim_start_matches('0'), width = part.integer_minimum);
    let fraction = format!("{:0<width$}", fraction.trim_end_matches('0'), width = part.fraction_minimum);
    let mut shown: Vec<char> = grouped(integer.chars().collect(), part, symbols);
    let mut fraction: Vec<char> = fraction.chars().collect();
    let before_fraction = shown.len() + 1;
    let mut whole = std::mem::take(&mut shown);
    whole.push(symbols.decimal);
    whole.append(&mut fraction);
    for group in &part.fraction_groups {
        let at = (group + before_fraction).min(whole.len());
        whole.insert(at, symbols.grouping);
    }
    if !part.has_decimal || whole.last() == Some(&symbols.decimal) {
        whole.pop();
    }
    if part.exponent_minimum > 0 {
        whole.push(symbols.exponent);
        if exponent < 0 {
            whole.push(symbols.minus);
        }
        whole.extend(format!("{:0>width$}", exponent.abs(), width = part.exponent_minimum).chars());
    }
    in_family(&whole.into_iter().collect::<String>(), symbols)
}

fn grouped(mut integer: Vec<char>, part: &Part, symbols: &Symbols) -> Vec<char> {
    let length = integer.len();
    if let Some(size) = part.regular {
        for group in 1..=length.saturating_sub(1) / size {
            integer.insert(length - group * size, symbols.grouping);
        }
        return integer;
    }
    for group in &part.integer_groups {
        // What does not reach so far is counted from the end, the decimal separator included, as JavaScript does.
        let length = integer.len();
        let at = length.checked_sub(*group).or_else(|| (2 * length + 1).checked_sub(*group)).unwrap_or(0);
        integer.insert(at.min(length), symbols.grouping);
    }
    integer
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
