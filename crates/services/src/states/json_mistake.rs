//! What is wrong with text that should be JSON, in the words that AWS's parser uses.

/// AWS: what is said of text without anything in it.
const NOTHING: &str = "Invalid execution input.";
const VALUES: &str = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'";

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    Value,
    /// A value or the end of an array that has just begun.
    ValueOrEnd,
    /// A name or the end of an object that has just begun.
    NameOrEnd,
    Name,
    Colon,
    CommaOrEnd,
}

/// The first mistake of a text that is not JSON.
pub(crate) fn mistake(text: &str) -> String {
    let mut open: Vec<char> = Vec::new();
    let mut next = Next::Value;
    let mut rest = text.trim_start();
    while let Some(found) = rest.chars().next() {
        let after = rest.strip_prefix(found).unwrap_or_default();
        match step(found, rest, after, next, &mut open) {
            Ok((left, then)) => (rest, next) = (left.trim_start(), then),
            Err(why) => return why,
        }
        if open.is_empty() && next == Next::CommaOrEnd {
            break;
        }
    }
    match open.last() {
        Some('{') => "Unexpected end-of-input: expected close marker for Object".to_owned(),
        Some(_) => "Unexpected end-of-input: expected close marker for Array".to_owned(),
        None => NOTHING.to_owned(),
    }
}

type Step<'a> = Result<(&'a str, Next), String>;

fn step<'a>(found: char, rest: &'a str, after: &'a str, next: Next, open: &mut Vec<char>) -> Step<'a> {
    match (next, found) {
        (Next::NameOrEnd, '}') | (Next::ValueOrEnd, ']') => {
            open.pop();
            Ok((after, Next::CommaOrEnd))
        }
        (Next::Name | Next::NameOrEnd, '"') => Ok((string(after)?, Next::Colon)),
        (Next::Name | Next::NameOrEnd, _) => {
            Err(unexpected(found, "was expecting double-quote to start field name"))
        }
        (Next::Colon, ':') => Ok((after, Next::Value)),
        (Next::Colon, _) => Err(unexpected(found, "was expecting a colon to separate field name and value")),
        (Next::CommaOrEnd, _) => separated(found, after, open),
        (Next::Value | Next::ValueOrEnd, '{') => {
            open.push('{');
            Ok((after, Next::NameOrEnd))
        }
        (Next::Value | Next::ValueOrEnd, '[') => {
            open.push('[');
            Ok((after, Next::ValueOrEnd))
        }
        (Next::Value | Next::ValueOrEnd, '"') => Ok((string(after)?, Next::CommaOrEnd)),
        (Next::Value | Next::ValueOrEnd, '-' | '0'..='9') => Ok((number(rest)?, Next::CommaOrEnd)),
        (Next::Value | Next::ValueOrEnd, _) => word(found, rest).map(|rest| (rest, Next::CommaOrEnd)),
    }
}

fn separated<'a>(found: char, after: &'a str, open: &mut Vec<char>) -> Step<'a> {
    let is_object = open.last() == Some(&'{');
    match (found, is_object) {
        (',', true) => Ok((after, Next::Name)),
        (',', false) => Ok((after, Next::Value)),
        ('}', true) | (']', false) => {
            open.pop();
            Ok((after, Next::CommaOrEnd))
        }
        _ => {
            let entries = if is_object { "Object" } else { "Array" };
            Err(unexpected(found, &format!("was expecting comma to separate {entries} entries")))
        }
    }
}

/// What follows a string whose first quotation mark is read.
fn string(text: &str) -> Result<&str, String> {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return Ok(characters.as_str()),
            '\\' => match characters.next() {
                Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') => {}
                Some(other) => return Err(format!("Unrecognized character escape {}", shown(other))),
                None => break,
            },
            control if control < ' ' => {
                return Err(format!(
                    "Illegal unquoted character ({}): has to be escaped using backslash to be included in string value",
                    shown(control)
                ));
            }
            _ => {}
        }
    }
    Err("Unexpected end-of-input: was expecting closing quote for a string value".to_owned())
}

fn number(text: &str) -> Result<&str, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    match digits.chars().next() {
        Some(first) if first.is_ascii_digit() => {}
        Some(other) => {
            return Err(format!(
                "Unexpected character ({}) in numeric value: expected digit (0-9) to follow minus sign, for valid \
                 numeric value",
                shown(other)
            ));
        }
        None => return Err("Unexpected end-of-input in numeric value".to_owned()),
    }
    if digits.strip_prefix('0').is_some_and(|more| more.starts_with(|next: char| next.is_ascii_digit())) {
        return Err("Invalid numeric value: Leading zeroes not allowed".to_owned());
    }
    let is_part = |character: char| matches!(character, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
    Ok(digits.trim_start_matches(is_part))
}

fn word(found: char, text: &str) -> Result<&str, String> {
    let end = text.find(|character: char| !(character.is_alphanumeric() || character == '_'));
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    match word {
        "true" | "false" | "null" => Ok(rest),
        "" => Err(unexpected(found, &format!("expected a valid value ({VALUES})"))),
        other => Err(format!("Unrecognized token '{other}': was expecting ({VALUES})")),
    }
}

fn unexpected(found: char, why: &str) -> String {
    format!("Unexpected character ({}): {why}", shown(found))
}

fn shown(character: char) -> String {
    let code = u32::from(character);
    if character < ' ' { format!("(CTRL-CHAR, code {code})") } else { format!("'{character}' (code {code})") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mistake_has_the_words_of_the_parser() {
        for (text, said) in [
            ("", NOTHING),
            (
                "not some json",
                "Unrecognized token 'not': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            ),
            (
                "{'not': 'json'",
                "Unexpected character (''' (code 39)): was expecting double-quote to start field name",
            ),
            (
                "{\"a\":1,}",
                "Unexpected character ('}' (code 125)): was expecting double-quote to start field name",
            ),
            (
                "{\"a\" 1}",
                "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value",
            ),
            (
                "{\"a\":1 \"b\":2}",
                "Unexpected character ('\"' (code 34)): was expecting comma to separate Object entries",
            ),
            ("[1 2]", "Unexpected character ('2' (code 50)): was expecting comma to separate Array entries"),
            (
                "{\"a\":}",
                "Unexpected character ('}' (code 125)): expected a valid value (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            ),
            ("{\"a\":[1", "Unexpected end-of-input: expected close marker for Array"),
            ("{", "Unexpected end-of-input: expected close marker for Object"),
            ("\"a", "Unexpected end-of-input: was expecting closing quote for a string value"),
            ("\"\\x\"", "Unrecognized character escape 'x' (code 120)"),
            (
                "\"a\u{1}\"",
                "Illegal unquoted character ((CTRL-CHAR, code 1)): has to be escaped using backslash to be included in string value",
            ),
            (
                "-a",
                "Unexpected character ('a' (code 97)) in numeric value: expected digit (0-9) to follow minus sign, for valid numeric value",
            ),
            ("[01]", "Invalid numeric value: Leading zeroes not allowed"),
        ] {
            assert_eq!(mistake(text), said, "{text}");
        }
    }
}
