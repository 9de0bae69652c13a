//! To and from `serde_json`.

use std::sync::Arc;

use crate::value::Value;

impl From<&serde_json::Value> for Value {
    fn from(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(value) => Self::Bool(*value),
            serde_json::Value::Number(number) => Self::Number(number.as_f64().unwrap_or(f64::NAN)),
            serde_json::Value::String(text) => Self::text(text),
            serde_json::Value::Array(items) => Self::array(items.iter().map(Self::from).collect()),
            serde_json::Value::Object(fields) => Self::object(
                fields.iter().map(|(key, value)| (Arc::from(key.as_str()), Self::from(value))).collect(),
            ),
        }
    }
}

impl Value {
    /// The value as JSON; nothing for nothing and for functions. Fields that are nothing are left out.
    pub fn to_json(&self) -> Option<serde_json::Value> {
        Some(match self {
            Self::Undefined | Self::Function(_) => return None,
            Self::Null => serde_json::Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(number) => json_number(*number),
            Self::String(text) => serde_json::Value::String(text.to_string()),
            Self::Array(array) => {
                let items = array.items.iter().map(|item| item.to_json().unwrap_or(serde_json::Value::Null));
                serde_json::Value::Array(items.collect())
            }
            Self::Object(fields) => {
                let fields =
                    fields.iter().filter_map(|(key, value)| Some((key.to_string(), value.to_json()?)));
                serde_json::Value::Object(fields.collect())
            }
        })
    }

    /// Whether a function is the value or stands anywhere in it.
    pub fn has_function(&self) -> bool {
        match self {
            Self::Function(_) => true,
            Self::Array(array) => array.items.iter().any(Self::has_function),
            Self::Object(fields) => fields.values().any(Self::has_function),
            _ => false,
        }
    }
}

/// Whole numbers up to 2^53 are written without a fraction, as JavaScript writes them.
fn json_number(number: f64) -> serde_json::Value {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be whole and exact")]
    if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 {
        return (number as i64).into();
    }
    number.into()
}
