//! The grammar of calls: `States.Format('Hello, {}', $.name)`.

use serde_json::Value;

use super::{Argument, Call, DEPTH_MAX, Function};
use crate::error::PathError;
use crate::expression::Expression;

pub(super) fn call(text: &str) -> Result<Call, PathError> {
    let mut reader = Reader { text, at: 0 };
    let call = reader.call(1)?;
    reader.skip_space();
    if reader.at < text.len() { Err(reader.unexpected()) } else { Ok(call) }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn take(&mut self, expected: &str) -> bool {
        let is_next = self.rest().starts_with(expected);
        if is_next {
            self.at += expected.len();
        }
        is_next
    }

    fn unexpected(&self) -> PathError {
        match self.rest().chars().next() {
            Some(character) => {
                PathError(format!("Unexpected '{character}' at position {} of {}", self.at, self.text))
            }
            None => PathError(format!("Unexpected end of {}", self.text)),
        }
    }

    fn call(&mut self, depth: usize) -> Result<Call, PathError> {
        if depth > DEPTH_MAX {
            return Err(PathError(format!("Intrinsic functions can be nested {DEPTH_MAX} deep at most")));
        }
        let start = self.at;
        if !self.take("States.") {
            return Err(self.unexpected());
        }
        let rest = self.rest();
        let end = rest.find(|character: char| !character.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let name = rest.get(..end).unwrap_or_default();
        let (function, least, most) = Function::named(name)
            .ok_or_else(|| PathError(format!("'States.{name}' is no intrinsic function")))?;
        self.at += end;
        self.skip_space();
        if !self.take("(") {
            return Err(self.unexpected());
        }
        let arguments = self.arguments(depth)?;
        if !(least..=most).contains(&arguments.len()) {
            let text =
                format!("States.{name} takes {least} to {most} arguments, but has {}", arguments.len());
            return Err(PathError(text));
        }
        let text = self.text.get(start..self.at).unwrap_or_default().to_owned();
        Ok(Call { text, function, arguments })
    }

    fn arguments(&mut self, depth: usize) -> Result<Vec<Argument>, PathError> {
        let mut arguments = Vec::new();
        self.skip_space();
        if self.take(")") {
            return Ok(arguments);
        }
        loop {
            self.skip_space();
            arguments.push(self.argument(depth)?);
            self.skip_space();
            if self.take(")") {
                return Ok(arguments);
            }
            if !self.take(",") {
                return Err(self.unexpected());
            }
        }
    }

    fn argument(&mut self, depth: usize) -> Result<Argument, PathError> {
        match self.rest().chars().next() {
            Some('\'') => self.quoted(),
            Some('$') => self.path(),
            Some('S') => self.call(depth + 1).map(|call| Argument::Call(Box::new(call))),
            Some(_) => self.literal(),
            None => Err(self.unexpected()),
        }
    }

    /// A text in single quotes. AWS: `\'`, `\{`, `\}` and `\\` are escapes, and a backslash before the end is an error.
    fn quoted(&mut self) -> Result<Argument, PathError> {
        self.take("'");
        let (mut value, mut raw) = (String::new(), String::new());
        loop {
            let character = self.rest().chars().next().ok_or_else(|| self.unexpected())?;
            self.at += character.len_utf8();
            match character {
                '\'' => return Ok(Argument::Text { value, raw }),
                '\\' => {
                    let escaped =
                        self.rest().chars().next().filter(|next| matches!(next, '\'' | '{' | '}' | '\\'));
                    let escaped = escaped.ok_or_else(|| self.unexpected())?;
                    self.at += 1;
                    value.push(escaped);
                    raw.push('\\');
                    raw.push(escaped);
                }
                character => {
                    value.push(character);
                    raw.push(character);
                }
            }
        }
    }

    /// A path goes up to the comma or parenthesis that is not part of it.
    fn path(&mut self) -> Result<Argument, PathError> {
        let rest = self.rest();
        let (mut depth, mut quote) = (0_usize, None);
        let mut end = rest.len();
        for (at, character) in rest.char_indices() {
            match (quote, character) {
                (Some(open), character) if open == character => quote = None,
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(character),
                (None, '[' | '(') => depth += 1,
                (None, ']') => depth = depth.saturating_sub(1),
                (None, ')') if depth > 0 => depth -= 1,
                (None, ',' | ')') if depth == 0 => {
                    end = at;
                    break;
                }
                _ => {}
            }
        }
        let path = rest.get(..end).unwrap_or_default().trim_end();
        self.at += path.len();
        Expression::parse_path(path).map(Argument::Path)
    }

    /// A number, `true`, `false` or `null`.
    fn literal(&mut self) -> Result<Argument, PathError> {
        let rest = self.rest();
        let end = rest.find(|character: char| matches!(character, ',' | ')') || character.is_whitespace());
        let word = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        let value: Value = serde_json::from_str(word).map_err(|_| self.unexpected())?;
        if value.is_array() || value.is_object() || value.is_string() {
            return Err(self.unexpected());
        }
        self.at += word.len();
        Ok(Argument::Literal(value))
    }
}
