//! Tokens.

use crate::error::Error;
use crate::number;
use crate::regex::Pattern;
use crate::value::{Object, Value};

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Text(String),
    Number(f64),
    /// A name; `true` when it was quoted with backticks.
    Name(String, bool),
    Variable(String),
    Operator(&'static str),
    Value(Option<bool>),
    Regex(String, String),
    End,
}

impl Token {
    /// As errors name it.
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Text(text) | Self::Name(text, _) | Self::Variable(text) => Value::text(text),
            Self::Number(number) => Value::Number(*number),
            Self::Operator(symbol) => Value::text(symbol),
            Self::Value(Some(value)) => Value::Bool(*value),
            Self::Value(None) => Value::Null,
            Self::Regex(..) => Value::object(Object::default()),
            Self::End => Value::text("(end)"),
        }
    }

    /// As text.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Regex(source, _) => source.clone(),
            token => match token.value() {
                Value::String(text) => text.to_string(),
                value => value.to_json().map(|value| value.to_string()).unwrap_or_default(),
            },
        }
    }
}

const OPERATORS: [&str; 38] = [
    "..", ":=", "!=", ">=", "<=", "**", "~>", "?:", "??", ".", "[", "]", "{", "}", "(", ")", ",", "@", "#",
    ";", ":", "?", "+", "-", "*", "/", "%", "|", "=", "<", ">", "^", "&", "!", "~", "and", "or", "in",
];

/// A text and how far it is read, in characters.
pub(crate) struct Lexer {
    characters: Vec<char>,
    at: usize,
    /// Where characters stand that are two units of UTF-16.
    wide: Vec<usize>,
}

impl Lexer {
    pub(crate) fn new(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        let is_wide = |(_, character): &(usize, &char)| character.len_utf16() > 1;
        let wide = characters.iter().enumerate().filter(is_wide).map(|(at, _)| at).collect();
        Self { characters, at: 0, wide }
    }

    /// A place as the reference counts: in units of UTF-16.
    fn position(&self, at: usize) -> usize {
        at + self.wide.partition_point(|wide| *wide < at)
    }

    fn error(&self, code: &'static str, at: usize) -> Error {
        Error::new(code).at_exactly(self.position(at))
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.at + ahead).copied()
    }

    /// The next token and where it ends; `is_prefix` tells whether a `/` begins a regular expression.
    pub(crate) fn next(&mut self, is_prefix: bool) -> Result<(Token, usize), Error> {
        self.skip()?;
        let token = self.token(is_prefix)?;
        Ok((token, self.position(self.at)))
    }

    fn token(&mut self, is_prefix: bool) -> Result<Token, Error> {
        match self.peek(0) {
            None => Ok(Token::End),
            Some('/') if is_prefix => {
                self.at += 1;
                self.regex()
            }
            Some(quote @ ('"' | '\'')) => self.text(quote),
            Some(digit) if digit.is_ascii_digit() => self.number(),
            Some('`') => self.quoted(),
            Some(_) => Ok(self.symbol().map_or_else(|| self.word(), Token::Operator)),
        }
    }

    fn skip(&mut self) -> Result<(), Error> {
        loop {
            while self.peek(0).is_some_and(|character| " \t\n\r\u{b}".contains(character)) {
                self.at += 1;
            }
            if self.peek(0) != Some('/') || self.peek(1) != Some('*') {
                return Ok(());
            }
            let start = self.at;
            self.at += 2;
            while self.peek(0) != Some('*') || self.peek(1) != Some('/') {
                if self.at >= self.characters.len() {
                    return Err(self.error("S0106", start));
                }
                self.at += 1;
            }
            self.at += 2;
        }
    }

    fn symbol(&mut self) -> Option<&'static str> {
        let symbols =
            OPERATORS.iter().filter(|symbol| !symbol.starts_with(|first: char| first.is_alphabetic()));
        let found = symbols.copied().find(|symbol| {
            symbol.chars().enumerate().all(|(ahead, character)| self.peek(ahead) == Some(character))
        })?;
        self.at += found.len();
        Some(found)
    }

    fn text(&mut self, quote: char) -> Result<Token, Error> {
        self.at += 1;
        let mut text = String::new();
        let mut units: Vec<u16> = Vec::new();
        loop {
            let Some(character) = self.peek(0) else { return Err(self.error("S0101", self.at)) };
            self.at += 1;
            if character != '\\' && !units.is_empty() {
                text.push_str(&String::from_utf16_lossy(&std::mem::take(&mut units)));
            }
            match character {
                '\\' => self.escape(&mut text, &mut units)?,
                end if end == quote => return Ok(Token::Text(text)),
                character => text.push(character),
            }
        }
    }

    fn escape(&mut self, text: &mut String, units: &mut Vec<u16>) -> Result<(), Error> {
        let escaped = self.peek(0).unwrap_or_default();
        self.at += 1;
        if escaped == 'u' {
            let digits: String = (0..4).filter_map(|ahead| self.peek(ahead)).collect();
            let unit = u16::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == 4);
            units.push(unit.ok_or_else(|| self.error("S0104", self.at - 1))?);
            self.at += 4;
            return Ok(());
        }
        text.push_str(&String::from_utf16_lossy(&std::mem::take(units)));
        text.push(match escaped {
            '"' | '\\' | '/' | '\'' => escaped,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            other => {
                let other = if self.at > self.characters.len() { Value::text("") } else { other.into() };
                return Err(self.error("S0103", self.at - 1).token_is(other));
            }
        });
        Ok(())
    }

    fn number(&mut self) -> Result<Token, Error> {
        let start = self.at;
        self.digits();
        // A range begins with two dots.
        if self.peek(0) == Some('.') && self.peek(1).is_some_and(|next| next.is_ascii_digit()) {
            self.at += 1;
            self.digits();
        }
        if matches!(self.peek(0), Some('e' | 'E')) {
            let sign = usize::from(matches!(self.peek(1), Some('+' | '-')));
            if self.peek(1 + sign).is_some_and(|next| next.is_ascii_digit()) {
                self.at += 1 + sign;
                self.digits();
            }
        }
        let text: String = self.characters.get(start..self.at).unwrap_or_default().iter().collect();
        // A number with leading zeros is read up to them.
        if text.len() > 1 && text.starts_with('0') && text.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
            self.at = start + 1;
            return Ok(Token::Number(0.0));
        }
        let number =
            number::read(&text).or_else(|| text.parse().ok()).filter(|number: &f64| number.is_finite());
        number.map(Token::Number).ok_or_else(|| self.error("S0102", start).token_is(text))
    }

    fn digits(&mut self) {
        while self.peek(0).is_some_and(|digit| digit.is_ascii_digit()) {
            self.at += 1;
        }
    }

    fn quoted(&mut self) -> Result<Token, Error> {
        self.at += 1;
        let start = self.at;
        while let Some(character) = self.peek(0) {
            if character == '`' {
                let name: String = self.characters.get(start..self.at).unwrap_or_default().iter().collect();
                self.at += 1;
                return Ok(Token::Name(name, true));
            }
            self.at += 1;
        }
        Err(self.error("S0105", self.at))
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        let is_symbol = |character: char| {
            let mut text = [0; 4];
            OPERATORS.contains(&&*character.encode_utf8(&mut text)) || " \t\n\r\u{b}".contains(character)
        };
        while self.peek(0).is_some_and(|character| !is_symbol(character)) {
            self.at += 1;
        }
        let word: String = self.characters.get(start..self.at).unwrap_or_default().iter().collect();
        if let Some(name) = word.strip_prefix('$') {
            return Token::Variable(name.to_owned());
        }
        match word.as_str() {
            "and" => Token::Operator("and"),
            "or" => Token::Operator("or"),
            "in" => Token::Operator("in"),
            "true" => Token::Value(Some(true)),
            "false" => Token::Value(Some(false)),
            "null" => Token::Value(None),
            "" => {
                // No token can begin with this character: it is a name of its own, so that parsing goes on.
                self.at += 1;
                Token::Name(self.characters.get(start).map(char::to_string).unwrap_or_default(), false)
            }
            _ => Token::Name(word, false),
        }
    }

    fn regex(&mut self) -> Result<Token, Error> {
        let start = self.at;
        let mut depth = 0_i32;
        while let Some(character) = self.peek(0) {
            let is_escaped = self.is_escaped(start);
            if character == '/' && !is_escaped && depth == 0 {
                let source: String = self.characters.get(start..self.at).unwrap_or_default().iter().collect();
                if source.is_empty() {
                    return Err(self.error("S0301", self.at));
                }
                self.at += 1;
                let mut flags = String::new();
                while let Some(flag) = self.peek(0).filter(|flag| matches!(flag, 'i' | 'm')) {
                    flags.push(flag);
                    self.at += 1;
                }
                return Ok(Token::Regex(source, flags));
            }
            match character {
                '(' | '[' | '{' if !is_escaped => depth += 1,
                ')' | ']' | '}' if !is_escaped => depth -= 1,
                _ => {}
            }
            self.at += 1;
        }
        Err(self.error("S0302", self.at))
    }

    /// Whether an odd number of backslashes stands before the current character.
    fn is_escaped(&self, start: usize) -> bool {
        let before = self.characters.get(start..self.at).unwrap_or_default();
        before.iter().rev().take_while(|character| **character == '\\').count() % 2 == 1
    }
}

/// The compiled form of a regular expression token.
pub(crate) fn pattern(source: &str, flags: &str, position: usize) -> Result<Pattern, Error> {
    Pattern::compile(source, flags).ok_or_else(|| Error::new("S0302").at(position).token_is(source))
}
