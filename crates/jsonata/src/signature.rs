//! Signatures of functions: `<s-nn?:s>`.

use crate::error::Error;
use crate::value::Value;

/// A parsed signature.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Signature {
    parameters: Vec<Parameter>,
}

#[derive(Clone, Debug, PartialEq)]
struct Parameter {
    /// Letters of the types it takes; `x` takes all.
    types: String,
    is_array: bool,
    /// The type of an array's items.
    items: Option<char>,
    is_function: bool,
    is_optional: bool,
    takes_context: bool,
    is_repeated: bool,
}

impl Signature {
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let mut parameters: Vec<Parameter> = Vec::new();
        let characters: Vec<char> = text.chars().collect();
        let mut at = 1;
        while let Some(character) = characters.get(at) {
            if *character == ':' || (*character == '>' && at + 1 == characters.len()) {
                break;
            }
            match character {
                's' | 'n' | 'b' | 'l' | 'o' => parameters.push(Parameter::of(&format!("{character}m"))),
                'a' => parameters.push(Parameter { is_array: true, ..Parameter::of("asnblfom") }),
                'f' => parameters.push(Parameter { is_function: true, ..Parameter::of("f") }),
                'j' => parameters.push(Parameter::of("asnblom")),
                'x' => parameters.push(Parameter::of("asnblfom")),
                '-' | '?' | '+' => modify(parameters.last_mut(), *character),
                '(' => {
                    let end = closing(&characters, at, '(', ')');
                    let choice: String = characters.get(at + 1..end).unwrap_or_default().iter().collect();
                    if choice.contains('<') {
                        return Err(Error::new("S0402").at(at).value(choice));
                    }
                    parameters.push(Parameter::of(&format!("{choice}m")));
                    at = end;
                }
                '<' => {
                    let end = closing(&characters, at, '<', '>');
                    match parameters.last_mut() {
                        Some(last) if last.is_array => last.items = characters.get(at + 1).copied(),
                        Some(last) if last.is_function => {}
                        _ => return Err(Error::new("S0401").at(at)),
                    }
                    at = end;
                }
                _ => {}
            }
            at += 1;
        }
        Ok(Self { parameters })
    }

    /// The arguments as the function takes them, with the context where it stands in for one.
    pub(crate) fn check(
        &self,
        name: &str,
        arguments: Vec<Value>,
        context: &Value,
    ) -> Result<Vec<Value>, Error> {
        let mut furthest = 0;
        let counts = self.assign((0, 0), &arguments, &mut furthest);
        let counts =
            counts.ok_or_else(|| Error::new("T0410").token(name).value((furthest + 1).to_string()))?;
        let mut number = 0;
        let mut taken = Vec::new();
        for (parameter, count) in self.parameters.iter().zip(counts) {
            for _ in 0..count {
                let argument = arguments.get(number).cloned().unwrap_or_default();
                number += 1;
                taken.push(parameter.wrap(name, number, argument)?);
            }
            if count == 0 && parameter.takes_context {
                if !parameter.accepts(context) {
                    return Err(Error::new("T0411").token(name).value((number + 1).to_string()));
                }
                taken.push(parameter.wrap(name, number + 1, context.clone())?);
            } else if count == 0 {
                // The reference hands over the argument that stands there, and goes on behind it.
                taken.push(arguments.get(number).cloned().unwrap_or_default());
                number += 1;
            }
        }
        Ok(taken)
    }

    /// How many arguments each parameter takes: as many as it can, as long as the others get theirs.
    fn assign(
        &self,
        (parameter, argument): (usize, usize),
        arguments: &[Value],
        furthest: &mut usize,
    ) -> Option<Vec<usize>> {
        *furthest = (*furthest).max(argument);
        let Some(first) = self.parameters.get(parameter) else {
            return (argument == arguments.len()).then(Vec::new);
        };
        let rest = arguments.get(argument..).unwrap_or_default();
        let fitting = rest.iter().take_while(|value| first.accepts(value)).count();
        let most = if first.is_repeated { fitting } else { fitting.min(1) };
        let least = usize::from(!first.is_optional && !first.takes_context);
        (least..=most).rev().find_map(|count| {
            let mut counts = self.assign((parameter + 1, argument + count), arguments, furthest)?;
            counts.insert(0, count);
            Some(counts)
        })
    }
}

fn modify(last: Option<&mut Parameter>, character: char) {
    let Some(last) = last else { return };
    match character {
        '-' => last.takes_context = true,
        '?' => last.is_optional = true,
        _ => last.is_repeated = true,
    }
}

fn closing(characters: &[char], from: usize, open: char, close: char) -> usize {
    let mut depth = 0;
    for (at, character) in characters.iter().enumerate().skip(from) {
        if *character == open {
            depth += 1;
        } else if *character == close {
            depth -= 1;
            if depth == 0 {
                return at;
            }
        }
    }
    characters.len()
}

impl Parameter {
    fn of(types: &str) -> Self {
        Self {
            types: types.to_owned(),
            is_array: false,
            items: None,
            is_function: false,
            is_optional: false,
            takes_context: false,
            is_repeated: false,
        }
    }

    fn accepts(&self, value: &Value) -> bool {
        self.types.contains(letter(value))
    }

    /// Arrays take a single value as their only item.
    fn wrap(&self, name: &str, number: usize, value: Value) -> Result<Value, Error> {
        if !self.is_array || value.is_undefined() {
            return Ok(value);
        }
        let items = value.items();
        if let Some(wanted) = self.items
            && !matches!(wanted, 'x' | 'j' | '(')
            && items.iter().any(|item| letter(item) != wanted)
        {
            return Err(Error::new("T0412").token(name).value(number.to_string()));
        }
        Ok(if value.as_array().is_some() { value } else { Value::sequence(items) })
    }
}

fn letter(value: &Value) -> char {
    match value {
        Value::Undefined => 'm',
        Value::Null => 'l',
        Value::Bool(_) => 'b',
        Value::Number(_) => 'n',
        Value::String(_) => 's',
        Value::Array(_) => 'a',
        Value::Object(_) => 'o',
        Value::Function(_) => 'f',
    }
}
