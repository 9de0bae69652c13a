//! The grammar of paths.

use serde_json::Value;

use super::filter::{self, Filter};
use super::function::{Argument, Function};
use super::{JsonPath, Step};
use crate::error::PathError;

/// Longer texts are no paths.
const CHARACTERS_MAX: usize = 10_000;
/// Filters hold paths that hold filters.
const DEPTH_MAX: usize = 16;

pub(super) fn path(text: &str) -> Result<JsonPath, PathError> {
    if text.len() > CHARACTERS_MAX {
        return Err(PathError("The path is too long".to_owned()));
    }
    let mut reader = Reader::new(text, 0);
    let path = reader.path('$')?;
    if reader.is_at_end() { Ok(path) } else { Err(reader.unexpected()) }
}

/// A text and how far it is read.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(text: &'a str, depth: usize) -> Self {
        Self { text, at: 0, depth }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn take(&mut self, expected: &str) -> bool {
        let is_next = self.rest().starts_with(expected);
        if is_next {
            self.at += expected.len();
        }
        is_next
    }

    pub(super) fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|character| !accept(character)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or_default()
    }

    pub(super) fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    pub(super) fn unexpected(&self) -> PathError {
        match self.peek() {
            Some(character) => {
                PathError(format!("Unexpected '{character}' at position {} of path {}", self.at, self.text))
            }
            None => PathError(format!("Unexpected end of path {}", self.text)),
        }
    }

    fn expect(&mut self, expected: &str) -> Result<(), PathError> {
        if self.take(expected) { Ok(()) } else { Err(self.unexpected()) }
    }

    /// A path from its root sign on, as far as it goes.
    pub(super) fn path(&mut self, root: char) -> Result<JsonPath, PathError> {
        if self.depth > DEPTH_MAX {
            return Err(PathError("The path is nested too deeply".to_owned()));
        }
        self.expect(root.encode_utf8(&mut [0; 4]))?;
        let mut steps = Vec::new();
        let mut function = None;
        while function.is_none() {
            if self.take("..") {
                steps.push(Step::Deep);
                if self.peek() != Some('[') {
                    function = self.named(&mut steps)?;
                    continue;
                }
            } else if self.take(".") {
                // A dot before a bracket says nothing.
                if self.peek() != Some('[') {
                    function = self.named(&mut steps)?;
                    continue;
                }
            }
            if !self.take("[") {
                break;
            }
            steps.push(self.bracket()?);
        }
        Ok(JsonPath { steps, function })
    }

    /// What follows a dot: a name, `*`, or a function.
    fn named(&mut self, steps: &mut Vec<Step>) -> Result<Option<Function>, PathError> {
        if self.take("*") {
            steps.push(Step::Every);
            return Ok(None);
        }
        let name = self
            .take_while(|character| !".[]()?@,:=!<>&|'\"".contains(character) && !character.is_whitespace());
        if name.is_empty() {
            return Err(self.unexpected());
        }
        if !self.take("(") {
            steps.push(Step::Names(vec![name.to_owned()]));
            return Ok(None);
        }
        self.skip_space();
        let arguments = if self.take(")") { Vec::new() } else { self.arguments()? };
        let function = Function::named(name, arguments);
        function.map(Some).ok_or_else(|| PathError(format!("Function with name: {name} does not exist.")))
    }

    /// What stands between a function's parentheses, up to and with the closing one.
    fn arguments(&mut self) -> Result<Vec<Argument>, PathError> {
        let arguments = self.list(|reader| match reader.peek() {
            Some('$') => reader.nested(|reader| reader.path('$')).map(Argument::Path),
            Some('\'') => reader.quoted().map(|text| Argument::Value(text.into())),
            _ => reader.json().map(Argument::Value),
        })?;
        self.skip_space();
        self.expect(")")?;
        Ok(arguments)
    }

    /// A JSON value.
    fn json(&mut self) -> Result<Value, PathError> {
        if !matches!(self.peek(), Some('"' | '[' | '{')) {
            let is_part = |character: char| character.is_ascii_alphanumeric() || "+-.".contains(character);
            let at = self.at;
            let word = self.take_while(is_part);
            return serde_json::from_str(word).map_err(|_| {
                self.at = at;
                self.unexpected()
            });
        }
        let mut values = serde_json::Deserializer::from_str(self.rest()).into_iter::<Value>();
        match values.next() {
            Some(Ok(value)) => {
                self.at += values.byte_offset();
                Ok(value)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// What stands in brackets, up to and with the closing one.
    fn bracket(&mut self) -> Result<Step, PathError> {
        self.skip_space();
        let step = match self.peek() {
            Some('*') => {
                self.take("*");
                Step::Every
            }
            Some('\'' | '"') => Step::Names(self.list(|reader| reader.quoted())?),
            Some('?') => {
                self.take("?");
                self.skip_space();
                self.expect("(")?;
                let filter = self.filter()?;
                self.expect(")")?;
                Step::Filter(filter)
            }
            _ => self.indices()?,
        };
        self.skip_space();
        self.expect("]")?;
        Ok(step)
    }

    fn filter(&mut self) -> Result<Filter, PathError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(PathError("The path is nested too deeply".to_owned()));
        }
        let filter = filter::read(self)?;
        self.depth -= 1;
        Ok(filter)
    }

    /// One nesting deeper, for parentheses and negations inside filters.
    pub(super) fn nested<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, PathError>,
    ) -> Result<T, PathError> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(PathError("The path is nested too deeply".to_owned()));
        }
        let read = read(self)?;
        self.depth -= 1;
        Ok(read)
    }

    fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, PathError>,
    ) -> Result<Vec<T>, PathError> {
        let mut items = vec![item(self)?];
        loop {
            self.skip_space();
            if !self.take(",") {
                return Ok(items);
            }
            self.skip_space();
            items.push(item(self)?);
        }
    }

    /// A text in single or double quotes, with backslash escapes.
    pub(super) fn quoted(&mut self) -> Result<String, PathError> {
        let quote =
            self.peek().filter(|quote| matches!(quote, '\'' | '"')).ok_or_else(|| self.unexpected())?;
        self.at += 1;
        let mut text = String::new();
        loop {
            let character = self.peek().ok_or_else(|| self.unexpected())?;
            self.at += character.len_utf8();
            match character {
                '\\' => {
                    let escaped = self.peek().ok_or_else(|| self.unexpected())?;
                    self.at += escaped.len_utf8();
                    // AWS: before another character, a backslash is one.
                    if escaped != quote && escaped != '\\' {
                        text.push('\\');
                    }
                    text.push(escaped);
                }
                end if end == quote => return Ok(text),
                character => text.push(character),
            }
        }
    }

    fn indices(&mut self) -> Result<Step, PathError> {
        let first = self.integer()?;
        self.skip_space();
        if self.take(":") {
            let to = self.integer()?;
            self.skip_space();
            let by = if self.take(":") { self.integer()?.unwrap_or(1) } else { 1 };
            return Ok(Step::Slice { from: first, to, by });
        }
        let mut indices = vec![first.ok_or_else(|| self.unexpected())?];
        while self.take(",") {
            indices.push(self.integer()?.ok_or_else(|| self.unexpected())?);
            self.skip_space();
        }
        Ok(Step::Indices(indices))
    }

    fn integer(&mut self) -> Result<Option<i64>, PathError> {
        self.skip_space();
        let text = self.take_while(|character| character == '-' || character.is_ascii_digit());
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().map(Some).map_err(|_| PathError(format!("'{text}' is not an index")))
    }
}
