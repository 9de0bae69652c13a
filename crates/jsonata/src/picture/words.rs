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

/// The number that words say; NaN when they say none.
pub(super) fn read(text: &str) -> f64 {
    let lower = text.to_lowercase().replace(", ", " ").replace(" and ", " ");
    let mut sums = vec![0.0];
    for word in lower.split([' ', '-', '\\', '\t', '\n']) {
        let value = value(word);
        let last = sums.pop().unwrap_or(0.0);
        if value < 100.0 {
            if last >= 1_000.0 {
                sums.push(last);
                sums.push(value);
            } else {
                sums.push(last + value);
            }
        } else {
            sums.push(last * value);
        }
    }
    sums.iter().sum()
}

fn value(word: &str) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let find = |list: &[&str], word: &str| {
        list.iter().position(|known| known.eq_ignore_ascii_case(word)).map(|at| at as f64)
    };
    let tens = |word: &str| find(&TENS, word).map(|at| (at + 2.0) * 10.0);
    let large = |word: &str| match word {
        "hundred" => Some(100.0),
        word => find(&LARGE, word).map(|at| 1_000_f64.powf(at + 1.0)),
    };
    let ordinal_tens = || word.strip_suffix("ieth").and_then(|start| tens(&format!("{start}y")));
    let found =
        find(&SMALL, word).or_else(|| find(&ORDINALS, word)).or_else(|| tens(word)).or_else(ordinal_tens);
    found.or_else(|| large(word.strip_suffix("th").unwrap_or(word))).unwrap_or(f64::NAN)
}

/// All words that numbers are made of, as a regular expression takes them.
pub(super) fn alternatives() -> String {
    let lists = [SMALL.as_slice(), &ORDINALS, &TENS, &LARGE, &["Hundred"]];
    let mut words: Vec<String> = Vec::new();
    for word in lists.into_iter().flatten() {
        words.push(word.to_lowercase());
        words.push(format!("{}ieth", word.trim_end_matches('y').to_lowercase()));
        words.push(format!("{}th", word.to_lowercase()));
    }
    words.join("|")
}
