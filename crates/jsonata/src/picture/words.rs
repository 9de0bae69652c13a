//! Numbers in English words.

const SMALL: [&str; 20] = [
    "Zero",
    "One",
    "Two",
    "Three",
    "Four",
    "Five",
    "Six",
    "Seven",
    "Eight",
    "Nine",
    "Ten",
    "Eleven",
    "Twelve",
    "Thirteen",
    "Fourteen",
    "Fifteen",
    "Sixteen",
    "Seventeen",
    "Eighteen",
    "Nineteen",
];
const ORDINALS: [&str; 20] = [
    "Zeroth",
    "First",
    "Second",
    "Third",
    "Fourth",
    "Fifth",
    "Sixth",
    "Seventh",
    "Eighth",
    "Ninth",
    "Tenth",
    "Eleventh",
    "Twelfth",
    "Thirteenth",
    "Fourteenth",
    "Fifteenth",
    "Sixteenth",
    "Seventeenth",
    "Eighteenth",
    "Nineteenth",
];
const TENS: [&str; 8] = ["Twenty", "Thirty", "Forty", "Fifty", "Sixty", "Seventy", "Eighty", "Ninety"];
const LARGE: [&str; 4] = ["Thousand", "Million", "Billion", "Trillion"];

fn word(list: &[&'static str], number: f64) -> &'static str {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small whole number")]
    list.get(number as usize).copied().unwrap_or_default()
}

/// A whole number that is not negative.
pub(super) fn write(number: f64, is_ordinal: bool) -> String {
    look_up(number, false, is_ordinal)
}

fn look_up(number: f64, follows: bool, is_ordinal: bool) -> String {
    if number <= 19.0 {
        let list = if is_ordinal { &ORDINALS } else { &SMALL };
        return format!("{}{}", if follows { " and " } else { "" }, word(list, number));
    }
    if number < 100.0 {
        let (tens, rest) = ((number / 10.0).floor(), number % 10.0);
        let start = format!("{}{}", if follows { " and " } else { "" }, word(&TENS, tens - 2.0));
        if rest > 0.0 {
            return format!("{start}-{}", look_up(rest, false, is_ordinal));
        }
        return if is_ordinal { format!("{}ieth", start.trim_end_matches('y')) } else { start };
    }
    if number < 1_000.0 {
        let (hundreds, rest) = ((number / 100.0).floor(), number % 100.0);
        let start = format!("{}{} Hundred", if follows { ", " } else { "" }, word(&SMALL, hundreds));
        return finish(start, rest, is_ordinal);
    }
    let mut magnitude = (number.log10() / 3.0).floor().min(4.0);
    let mut factor = 10_f64.powf(magnitude * 3.0);
    if number < factor {
        magnitude -= 1.0;
        factor = 10_f64.powf(magnitude * 3.0);
    }
    let count = (number / factor).floor();
    let rest = number - count * factor;
    let start = format!(
        "{}{} {}",
        if follows { ", " } else { "" },
        look_up(count, false, false),
        word(&LARGE, magnitude - 1.0)
    );
    finish(start, rest, is_ordinal)
}

fn finish(start: String, rest: f64, is_ordinal: bool) -> String {
    if rest > 0.0 {
        return start + &look_up(rest, true, is_ordinal);
    }
    if is_ordinal { start + "th" } else { start }
}

/// The number that words say; nothing when they say none.
pub(super) fn read(text: &str) -> Option<f64> {
    let lower = text.to_lowercase().replace(',', " ");
    let words = lower.split([' ', '-']).filter(|word| !word.is_empty() && *word != "and");
    let (mut total, mut current) = (0.0, 0.0);
    let mut has_any = false;
    for word in words {
        has_any = true;
        let base = word.strip_suffix("th").unwrap_or(word);
        if let Some(value) = value(word) {
            current += value;
        } else if base == "hundred" {
            current *= 100.0;
        } else {
            let magnitude = LARGE.iter().position(|large| large.eq_ignore_ascii_case(base))?;
            #[expect(clippy::cast_precision_loss, reason = "four at most")]
            let factor = 1_000_f64.powf(magnitude as f64 + 1.0);
            if current == 0.0 && total > 0.0 {
                total *= factor;
            } else {
                total += current * factor;
            }
            current = 0.0;
        }
    }
    has_any.then_some(total + current)
}

fn value(word: &str) -> Option<f64> {
    let find = |list: &[&str]| list.iter().position(|known| known.eq_ignore_ascii_case(word));
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let small = find(&SMALL).or_else(|| find(&ORDINALS)).map(|at| at as f64);
    let tens = word.strip_suffix("ieth").map(|start| format!("{start}y"));
    let word = tens.as_deref().unwrap_or(word);
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let tens =
        TENS.iter().position(|known| known.eq_ignore_ascii_case(word)).map(|at| (at as f64 + 2.0) * 10.0);
    small.or(tens)
}
