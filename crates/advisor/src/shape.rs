//! What is known of a value before anything runs.

use serde_json::Value;

/// More alternatives are not kept apart: then nothing is known.
const ALTERNATIVES_MAX: usize = 16;

/// What is known of a value before anything runs.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// It is one of these; often exactly one.
    Known(Vec<Value>),
    /// It is text of one of these forms, where `*` stands for what is not known.
    Text(Vec<String>),
    Object(Vec<(String, Shape)>),
    Array(Vec<Shape>),
    Unknown,
}

impl Shape {
    pub(crate) fn exactly(value: Value) -> Self {
        Self::Known(vec![value])
    }

    /// The one value that it is sure to be.
    pub(crate) fn value(&self) -> Option<&Value> {
        match self {
            Self::Known(values) => match values.as_slice() {
                [value] => Some(value),
                _ => None,
            },
            _ => None,
        }
    }

    /// A field; nothing when it is sure not to be there.
    pub(crate) fn field(&self, name: &str) -> Option<Self> {
        match self {
            Self::Object(fields) => {
                fields.iter().find(|(field, _)| field == name).map(|(_, shape)| shape.clone())
            }
            Self::Known(values) => {
                let found: Vec<Value> = values.iter().filter_map(|value| value.get(name).cloned()).collect();
                match found.len() {
                    0 => None,
                    count if count == values.len() => Some(Self::Known(found)),
                    _ => Some(Self::Unknown),
                }
            }
            Self::Unknown => Some(Self::Unknown),
            Self::Text(_) | Self::Array(_) => None,
        }
    }

    /// The names of its fields, as far as they are known.
    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Self::Object(fields) => fields.iter().map(|(name, _)| name.clone()).collect(),
            Self::Known(values) => {
                let fields = values.iter().filter_map(Value::as_object);
                fields.flat_map(|fields| fields.keys().cloned()).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The items of an array; nothing when it is not known to be one.
    pub(crate) fn items(&self) -> Option<Vec<Self>> {
        match self {
            Self::Array(items) => Some(items.clone()),
            Self::Known(values) => match values.as_slice() {
                [Value::Array(items)] => Some(items.iter().cloned().map(Self::exactly).collect()),
                _ => None,
            },
            _ => None,
        }
    }

    /// The texts that it can be, with `*` for what is not known; nothing when nothing is known.
    pub(crate) fn texts(&self) -> Option<Vec<String>> {
        match self {
            Self::Known(values) => values.iter().map(scalar).collect(),
            Self::Text(patterns) => Some(patterns.clone()),
            _ => None,
        }
    }

    /// Whether every text that it can be is known to the last character.
    pub(crate) fn is_known(&self) -> bool {
        matches!(self, Self::Known(_))
    }

    /// What is known when it can be either.
    pub(crate) fn or(self, other: Self) -> Self {
        if self == other {
            return self;
        }
        match (self, other) {
            (Self::Known(mut left), Self::Known(right)) => {
                for value in right {
                    if !left.contains(&value) {
                        left.push(value);
                    }
                }
                if left.len() > ALTERNATIVES_MAX { Self::Unknown } else { Self::Known(left) }
            }
            (left, right) => match (left.texts(), right.texts()) {
                (Some(left), Some(right)) => Self::patterns(left.into_iter().chain(right).collect()),
                _ => Self::Unknown,
            },
        }
    }

    /// Texts, one after the other.
    pub(crate) fn joined(parts: &[Self]) -> Self {
        let mut texts = vec![String::new()];
        let mut is_known = true;
        for part in parts {
            is_known &= part.is_known();
            let ends = part.texts().unwrap_or_else(|| {
                is_known = false;
                vec!["*".to_owned()]
            });
            if texts.len() * ends.len() > ALTERNATIVES_MAX {
                return Self::Unknown;
            }
            texts =
                texts.iter().flat_map(|start| ends.iter().map(move |end| format!("{start}{end}"))).collect();
        }
        if is_known {
            return Self::Known(texts.into_iter().map(Value::String).collect());
        }
        Self::patterns(texts)
    }

    fn patterns(texts: Vec<String>) -> Self {
        let mut patterns: Vec<String> = Vec::new();
        for mut text in texts {
            while text.contains("**") {
                text = text.replace("**", "*");
            }
            if text == "*" {
                return Self::Unknown;
            }
            if !patterns.contains(&text) {
                patterns.push(text);
            }
        }
        if patterns.len() > ALTERNATIVES_MAX { Self::Unknown } else { Self::Text(patterns) }
    }

    /// An object, as one value when all of it is known.
    pub(crate) fn object(fields: Vec<(String, Self)>) -> Self {
        let values: Option<serde_json::Map<String, Value>> =
            fields.iter().map(|(name, shape)| Some((name.clone(), shape.value()?.clone()))).collect();
        values.map_or(Self::Object(fields), |values| Self::exactly(Value::Object(values)))
    }

    /// An array, as one value when all of it is known.
    pub(crate) fn array(items: Vec<Self>) -> Self {
        let values: Option<Vec<Value>> = items.iter().map(|shape| shape.value().cloned()).collect();
        values.map_or(Self::Array(items), |values| Self::exactly(Value::Array(values)))
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn texts_join_to_every_combination() {
        let either = Shape::exactly(json!("a")).or(Shape::exactly(json!("b")));
        let joined = Shape::joined(&[Shape::exactly(json!("x-")), either.clone()]);
        assert_eq!(joined, Shape::Known(vec![json!("x-a"), json!("x-b")]));
        let joined = Shape::joined(&[either, Shape::Unknown, Shape::Unknown]);
        assert_eq!(joined, Shape::Text(vec!["a*".to_owned(), "b*".to_owned()]));
        assert_eq!(Shape::joined(&[Shape::Unknown]), Shape::Unknown);
    }

    #[test]
    fn a_field_that_only_some_alternatives_have_is_not_known() {
        let either = Shape::exactly(json!({"a": 1})).or(Shape::exactly(json!({"b": 1})));
        assert_eq!(either.field("a"), Some(Shape::Unknown));
        assert_eq!(either.field("c"), None);
    }
}
