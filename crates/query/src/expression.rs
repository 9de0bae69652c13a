//! One dynamic value: a path into the input, the context object or a variable, or an intrinsic function.

use serde_json::Value;

use crate::error::{PathError, QueryError};
use crate::intrinsic::Call;
use crate::path::JsonPath;
use crate::seed::Seed;
use crate::variables::Variables;

/// What expressions read.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// `$`
    pub input: &'a Value,
    /// `$$`
    pub context: &'a Value,
    /// `$name`
    pub variables: &'a Variables,
    /// Of `States.UUID` and `States.MathRandom`.
    pub seed: &'a Seed,
}

/// What a path begins at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// `$`
    Input,
    /// `$$`
    Context,
    /// `$name`
    Variable,
}

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    text: String,
    form: Form,
}

#[derive(Clone, Debug, PartialEq)]
enum Form {
    Input(JsonPath),
    Context(JsonPath),
    Variable { name: String, path: JsonPath },
    Call(Call),
}

impl Expression {
    /// Parses a path (`$…`), a context path (`$$…`), a variable (`$name…`) or an intrinsic function (`States.…`).
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let form = if text.starts_with("States.") { Form::Call(Call::parse(text)?) } else { path(text)? };
        Ok(Self { text: text.to_owned(), form })
    }

    /// The same, without intrinsic functions: what `InputPath`, `ItemsPath` and their like take.
    pub fn parse_path(text: &str) -> Result<Self, PathError> {
        Ok(Self { text: text.to_owned(), form: path(text)? })
    }

    /// The expression as it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it is an intrinsic function.
    pub fn is_call(&self) -> bool {
        matches!(self.form, Form::Call(_))
    }

    /// Whether it is `$`: the whole input.
    pub fn is_whole_input(&self) -> bool {
        matches!(&self.form, Form::Input(path) if path.is_root())
    }

    /// What the path begins at; nothing for an intrinsic function.
    pub fn root(&self) -> Option<Root> {
        match &self.form {
            Form::Input(_) => Some(Root::Input),
            Form::Context(_) => Some(Root::Context),
            Form::Variable { .. } => Some(Root::Variable),
            Form::Call(_) => None,
        }
    }

    /// Whether it is a path that names one place: a Reference Path of the language.
    pub fn is_reference(&self) -> bool {
        match &self.form {
            Form::Input(path) | Form::Context(path) | Form::Variable { path, .. } => path.is_reference(),
            Form::Call(_) => false,
        }
    }

    /// The path into the input, for reference paths and messages.
    pub fn input_path(&self) -> Option<&JsonPath> {
        match &self.form {
            Form::Input(path) => Some(path),
            _ => None,
        }
    }

    /// The names of the variables that it reads.
    pub fn variables(&self) -> Vec<&str> {
        match &self.form {
            Form::Variable { name, .. } => vec![name],
            Form::Call(call) => call.variables(),
            _ => Vec::new(),
        }
    }

    /// Every path or call it is made of that reads the input or the context: for static analysis.
    pub fn reads_data(&self) -> bool {
        match &self.form {
            Form::Call(call) => call.reads_data(),
            _ => true,
        }
    }

    /// The value. A path that finds nothing is a `PathError`; a function that fails is a `QueryError` of its own.
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Result<Value, PathError>, QueryError> {
        Ok(match &self.form {
            Form::Input(path) => path.find(scope.input),
            Form::Context(path) => path.find(scope.context),
            Form::Variable { name, path } => match scope.variables.get(name) {
                Some(value) => path.find(value.value()),
                None => Err(PathError(format!("The variable '{name}' is not defined"))),
            },
            Form::Call(call) => return call.evaluate(scope).map(Ok),
        })
    }

    /// Whether the path finds something: `IsPresent`.
    pub fn is_present(&self, scope: &Scope<'_>) -> bool {
        matches!(self.evaluate(scope), Ok(Ok(_)))
    }

    /// The value, borrowed where it is one place.
    pub fn borrow<'a>(&self, scope: &Scope<'a>) -> Option<&'a Value> {
        match &self.form {
            Form::Input(path) => path.find_simple(scope.input),
            Form::Context(path) => path.find_simple(scope.context),
            Form::Variable { name, path } => path.find_simple(scope.variables.get(name)?.value()),
            Form::Call(_) => None,
        }
    }
}

fn path(text: &str) -> Result<Form, PathError> {
    if let Some(context) = text.strip_prefix('$').filter(|rest| rest.starts_with('$')) {
        return JsonPath::parse(context).map(Form::Context);
    }
    let rest = text
        .strip_prefix('$')
        .ok_or_else(|| PathError(format!("'{text}' is no path: it must begin with '$'")))?;
    let name_end = rest.find(['.', '[']).unwrap_or(rest.len());
    match rest.split_at_checked(name_end) {
        Some((name, path)) if !name.is_empty() => {
            if !is_variable_name(name) {
                return Err(PathError(format!("'{text}' is no path")));
            }
            Ok(Form::Variable { name: name.to_owned(), path: JsonPath::parse(&format!("${path}"))? })
        }
        _ => JsonPath::parse(text).map(Form::Input),
    }
}

/// AWS: a letter or underscore of any alphabet, then letters, digits and underscores; at most 80 characters.
pub fn is_variable_name(name: &str) -> bool {
    let mut letters = name.chars();
    let is_start = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    is_start && name.chars().count() <= 80 && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}
