//! Signatures of functions: `<s-nn?:s>`.

use crate::error::Error;
use crate::value::Value;

/// A parsed signature.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Signature {
    definition: String,
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
    pub(crate) fn parse(text: &str) -> Result<Self, (Error, usize)> {
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
                        return Err((Error::new("S0402").value(choice), at));
                    }
                    parameters.push(Parameter::of(&format!("{choice}m")));
                    at = end;
                }
                '<' => {
                    let end = closing(&characters, at, '<', '>');
                    match parameters.last_mut() {
                        Some(last) if last.is_array => last.items = characters.get(at + 1).copied(),
                        Some(last) if last.is_function => {}
                        _ => {
                            let before = characters.get(at - 1).copied().unwrap_or_default();
                            return Err((Error::new("S0401").value(before), at));
                        }
                    }
                    at = end;
                }
                _ => {}
            }
            at += 1;
        }
        Ok(Self { definition: text.to_owned(), parameters })
    }

    /// As it is written.
    pub(crate) fn definition(&self) -> &str {
        &self.definition
    }

    /// The arguments as the function takes them, with the context where it stands in for one.
    pub(crate) fn check(&self, arguments: Vec<Value>, context: &Value) -> Result<Vec<Value>, Error> {
        // Nearly all calls give each parameter one argument of its type.
        let fits =
            |(parameter, argument): (&Parameter, &Value)| !parameter.is_array && parameter.accepts(argument);
        if arguments.len() == self.parameters.len() && self.parameters.iter().zip(&arguments).all(fits) {
            return Ok(arguments);
        }
        let Some(counts) = assign(&self.parameters, &arguments, true) else {
            return Err(self.refusal(&arguments));
        };
        let mut number = 0;
        let mut taken = Vec::new();
        for (parameter, count) in self.parameters.iter().zip(counts) {
            for _ in 0..count {
                let argument = arguments.get(number).cloned().unwrap_or_default();
                number += 1;
                taken.push(parameter.wrap(number, argument)?);
            }
            if count == 0 && parameter.takes_context {
                if !parameter.accepts(context) {
                    return Err(Error::new("T0411").value(context).with("index", number + 1));
                }
                taken.push(context.clone());
            } else if count == 0 {
                // The reference hands over the argument that stands there, and goes on behind it.
                taken.push(arguments.get(number).cloned().unwrap_or_default());
                number += 1;
            }
        }
        Ok(taken)
    }

    /// The argument behind the last one that fits, taking one parameter more at a time.
    fn refusal(&self, arguments: &[Value]) -> Error {
        let mut fitting = 0;
        for count in 1..=self.parameters.len() {
            let parameters = self.parameters.get(..count).unwrap_or_default();
            match assign(parameters, arguments, false) {
                Some(counts) => fitting = counts.iter().sum(),
                None => break,
            }
        }
        let error = Error::new("T0410").with("index", fitting + 1);
        match arguments.get(fitting) {
            Some(argument) => error.value(argument),
            None => error,
        }
    }
}

/// How many arguments each parameter takes: as many as it can, as long as the others get theirs.
fn assign(parameters: &[Parameter], arguments: &[Value], takes_all: bool) -> Option<Vec<usize>> {
    let Some((first, others)) = parameters.split_first() else {
        return (!takes_all || arguments.is_empty()).then(Vec::new);
    };
    let fitting = arguments.iter().take_while(|value| first.accepts(value)).count();
    let most = if first.is_repeated { fitting } else { fitting.min(1) };
    let least = usize::from(!first.is_optional && !first.takes_context);
    (least..=most).rev().find_map(|count| {
        let mut counts = assign(others, arguments.get(count..).unwrap_or_default(), takes_all)?;
        counts.insert(0, count);
        Some(counts)
    })
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
    fn wrap(&self, number: usize, value: Value) -> Result<Value, Error> {
        if !self.is_array || value.is_undefined() {
            return Ok(value);
        }
        let is_item = |item: &Value| self.items.is_none_or(|wanted| letter(item) == wanted);
        let holds = match &value {
            Value::Array(array) => array.items.iter().all(is_item),
            single => is_item(single),
        };
        if !holds {
            let error = Error::new("T0412").value(value).with("index", number);
            return Err(match self.items.and_then(plural) {
                Some(plural) => error.with("type", plural),
                None => error,
            });
        }
        Ok(if value.as_array().is_some() { value } else { Value::array(vec![value]) })
    }
}

fn plural(letter: char) -> Option<&'static str> {
    Some(match letter {
        'a' => "arrays",
        'b' => "booleans",
        'f' => "functions",
        'n' => "numbers",
        'o' => "objects",
        's' => "strings",
        _ => return None,
    })
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
