//! What is wrong with text that should be JSON, in the words of AWS's parser (Jackson): the one place for them.

use std::fmt::Write as _;

const VALUES: &str = "JSON String, Number, Array, Object or token 'null', 'true' or 'false'";

/// How much of a text its messages repeat.
const SOURCE_CHARACTERS_MAX: usize = 500;

/// The first mistake of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonMistake {
    /// What is wrong, in the parser's words.
    pub reason: String,
    /// How far the parser had read: line and column, both from 1.
    pub position: (usize, usize),
}

impl JsonMistake {
    /// The first mistake of a text that is not JSON; nothing if the text is empty or its mistake is of another kind.
    pub fn of(text: &str) -> Option<Self> {
        if text.trim().is_empty() {
            return None;
        }
        let (reason, left) = Scan { text, open: Vec::new() }.run().err()?;
        Some(Self { reason, position: position(text, text.len() - left) })
    }
}

/// The place as the parser tells it: what it reads, and how far it has read.
pub(crate) fn source(text: &str, (line, column): (usize, usize)) -> String {
    let mut shown: String = text.chars().take(SOURCE_CHARACTERS_MAX).collect();
    shown.insert(0, '"');
    shown.push('"');
    let left_out = text.chars().skip(SOURCE_CHARACTERS_MAX).count();
    if left_out > 0 {
        // Writing to a string does not fail.
        let _ = write!(shown, "[truncated {left_out} chars]");
    }
    format!("[Source: (String){shown}; line: {line}, column: {column}]")
}

fn position(text: &str, read: usize) -> (usize, usize) {
    let before = text.get(..read).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before.get(line_start..).unwrap_or_default().chars().count() + 1)
}

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

/// What is left of the text and what comes next; or what is wrong, and how much of the text was not read.
type Step<'a> = Result<(&'a str, Next), (String, usize)>;
type Read<'a> = Result<&'a str, (String, usize)>;

struct Scan<'a> {
    text: &'a str,
    /// What is open, and where it began.
    open: Vec<(char, usize)>,
}

impl<'a> Scan<'a> {
    fn run(mut self) -> Result<(), (String, usize)> {
        let mut next = Next::Value;
        let mut rest = self.text.trim_start();
        while let Some(found) = rest.chars().next() {
            let after = rest.strip_prefix(found).unwrap_or_default();
            let (left, then) = self.step(found, (rest, after), next)?;
            (rest, next) = (left.trim_start(), then);
        }
        let Some((bracket, at)) = self.open.last() else { return Ok(()) };
        let what = if *bracket == '{' { "Object" } else { "Array" };
        let start = source(self.text, position(self.text, *at));
        Err((
            format!("Unexpected end-of-input: expected close marker for {what} (start marker at {start})"),
            0,
        ))
    }

    fn step(&mut self, found: char, (rest, after): (&'a str, &'a str), next: Next) -> Step<'a> {
        let unexpected = |why: &str| Err((unexpected(found, why), after.len()));
        match (next, found) {
            (Next::NameOrEnd, '}') | (Next::ValueOrEnd, ']') => {
                self.open.pop();
                Ok((after, Next::CommaOrEnd))
            }
            (Next::Name | Next::NameOrEnd, '"') => Ok((string(after)?, Next::Colon)),
            (Next::Name | Next::NameOrEnd, _) => unexpected("was expecting double-quote to start field name"),
            (Next::Colon, ':') => Ok((after, Next::Value)),
            (Next::Colon, _) => unexpected("was expecting a colon to separate field name and value"),
            (Next::CommaOrEnd, _) if self.open.is_empty() => word(found, rest).map(|rest| (rest, next)),
            (Next::CommaOrEnd, _) => self.separated(found, after),
            (Next::Value | Next::ValueOrEnd, '{' | '[') => {
                self.open.push((found, self.text.len() - rest.len()));
                Ok((after, if found == '{' { Next::NameOrEnd } else { Next::ValueOrEnd }))
            }
            (Next::Value | Next::ValueOrEnd, '"') => Ok((string(after)?, Next::CommaOrEnd)),
            (Next::Value | Next::ValueOrEnd, '-' | '0'..='9') => Ok((number(rest)?, Next::CommaOrEnd)),
            (Next::Value | Next::ValueOrEnd, _) => word(found, rest).map(|rest| (rest, Next::CommaOrEnd)),
        }
    }

    fn separated(&mut self, found: char, after: &'a str) -> Step<'a> {
        let is_object = matches!(self.open.last(), Some(('{', _)));
        match (found, is_object) {
            (',', true) => Ok((after, Next::Name)),
            (',', false) => Ok((after, Next::Value)),
            ('}', true) | (']', false) => {
                self.open.pop();
                Ok((after, Next::CommaOrEnd))
            }
            _ => {
                let entries = if is_object { "Object" } else { "Array" };
                let why = format!("was expecting comma to separate {entries} entries");
                Err((unexpected(found, &why), after.len()))
            }
        }
    }
}

/// What follows a string whose first quotation mark is read.
fn string(text: &str) -> Read<'_> {
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => return Ok(characters.as_str()),
            '\\' => match characters.next() {
                Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' | 'u') => {}
                Some(other) => {
                    let reason = format!("Unrecognized character escape {}", shown(other));
                    return Err((reason, characters.as_str().len()));
                }
                None => break,
            },
            control if control < ' ' => {
                let reason = format!(
                    "Illegal unquoted character ({}): has to be escaped using backslash to be included in string value",
                    shown(control)
                );
                return Err((reason, characters.as_str().len()));
            }
            _ => {}
        }
    }
    Err(("Unexpected end-of-input: was expecting closing quote for a string value".to_owned(), 0))
}

fn number(text: &str) -> Read<'_> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    match digits.chars().next() {
        Some(first) if first.is_ascii_digit() => {}
        Some(other) => {
            let reason = format!(
                "Unexpected character ({}) in numeric value: expected digit (0-9) to follow minus sign, for valid \
                 numeric value",
                shown(other)
            );
            return Err((reason, digits.len() - other.len_utf8()));
        }
        None => return Err(("Unexpected end-of-input in numeric value".to_owned(), 0)),
    }
    if digits.strip_prefix('0').is_some_and(|more| more.starts_with(|next: char| next.is_ascii_digit())) {
        let reason = "Invalid numeric value: Leading zeroes not allowed".to_owned();
        return Err((reason, digits.len() - 1));
    }
    let is_part = |character: char| matches!(character, '0'..='9' | '+' | '-' | '.' | 'e' | 'E');
    Ok(digits.trim_start_matches(is_part))
}

fn word(found: char, text: &str) -> Read<'_> {
    let end = text.find(|character: char| !(character.is_alphanumeric() || character == '_'));
    let (word, rest) = text.split_at(end.unwrap_or(text.len()));
    match word {
        "true" | "false" | "null" => Ok(rest),
        "" => {
            let reason = unexpected(found, &format!("expected a valid value ({VALUES})"));
            Err((reason, text.len() - found.len_utf8()))
        }
        other => Err((format!("Unrecognized token '{other}': was expecting ({VALUES})"), rest.len())),
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
            (
                "{\"a\":[1",
                "Unexpected end-of-input: expected close marker for Array (start marker at [Source: (String)\"{\"a\":[1\"; line: 1, column: 6])",
            ),
            (
                "{",
                "Unexpected end-of-input: expected close marker for Object (start marker at [Source: (String)\"{\"; line: 1, column: 1])",
            ),
            (
                "{} x",
                "Unrecognized token 'x': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')",
            ),
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
            assert_eq!(JsonMistake::of(text).map(|mistake| mistake.reason).as_deref(), Some(said), "{text}");
        }
    }

    #[test]
    fn the_place_is_behind_what_was_read_last() {
        let at = |text: &str| JsonMistake::of(text).map(|mistake| mistake.position);
        assert_eq!(at("not a definition"), Some((1, 4)));
        assert_eq!(at("{\n  'a': 1}"), Some((2, 4)));
        assert_eq!(at("{\"a\": "), Some((1, 7)));
        assert_eq!((at(""), at("{}")), (None, None));
    }

    #[test]
    fn a_long_text_is_repeated_in_part() {
        let text = "x".repeat(600);
        assert!(source(&text, (1, 1)).ends_with("x\"[truncated 100 chars]; line: 1, column: 1]"));
    }
}
