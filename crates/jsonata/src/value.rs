//! Values: JSON, nothing, and functions. Cloning shares.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;

use crate::functions::Native;
use crate::regex::Pattern;

type Fields = indexmap::IndexMap<Arc<str>, Value, foldhash::fast::RandomState>;

/// Fields in their order.
#[derive(Clone, Debug, Default)]
pub struct Object(Fields);

/// Up to so many fields are compared one by one: that is faster than hashing the name.
const COMPARED_MAX: usize = 8;

impl Object {
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self(Fields::with_capacity_and_hasher(count, foldhash::fast::RandomState::default()))
    }

    /// The field of a name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        if self.0.len() > COMPARED_MAX {
            return self.0.get(name);
        }
        self.0.iter().find(|(key, _)| &***key == name).map(|(_, value)| value)
    }
}

impl Deref for Object {
    type Target = Fields;

    fn deref(&self) -> &Fields {
        &self.0
    }
}

impl DerefMut for Object {
    fn deref_mut(&mut self) -> &mut Fields {
        &mut self.0
    }
}

impl FromIterator<(Arc<str>, Value)> for Object {
    fn from_iter<T: IntoIterator<Item = (Arc<str>, Value)>>(fields: T) -> Self {
        Self(fields.into_iter().collect())
    }
}

/// Goes a level deeper into a value, on a stack that grows.
pub(crate) fn deeper<T>(go: impl FnOnce() -> T) -> T {
    stacker::maybe_grow(64 * 1_024, 1_024 * 1_024, go)
}

/// What a deeply nested value holds is dropped level by level, too.
fn drop_nested<T>(content: T) {
    deeper(|| drop(content));
}

impl Drop for Object {
    fn drop(&mut self) {
        if self.0.values().any(Value::is_nested) {
            drop_nested(std::mem::take(&mut self.0));
        }
    }
}

impl Drop for Function {
    fn drop(&mut self) {
        match self {
            Self::Composition(first, second) => {
                drop_nested((std::mem::take(first), std::mem::take(second)));
            }
            Self::Partial(partial) => {
                drop_nested((std::mem::take(&mut partial.function), std::mem::take(&mut partial.arguments)));
            }
            _ => {}
        }
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        if self.items.iter().any(Value::is_nested) {
            drop_nested(std::mem::take(&mut self.items));
        }
    }
}

/// A value of an evaluation. Arrays and functions are made by conversion and by evaluation only.
#[derive(Clone, Debug, Default)]
pub enum Value {
    /// Nothing: the path led nowhere.
    #[default]
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    String(Arc<str>),
    Array(Arc<Array>),
    Object(Arc<Object>),
    Function(Arc<Function>),
}

/// An array, and whether it is a sequence that collapses when it has one item.
#[derive(Clone, Debug, Default)]
#[doc(hidden)]
pub struct Array {
    pub(crate) items: Vec<Value>,
    pub(crate) is_sequence: bool,
    pub(crate) keeps_singleton: bool,
    /// Made by an array constructor in a path's first step.
    pub(crate) is_constructed: bool,
    /// Its items are tuples: objects with `@`, focus and index variables and ancestors.
    pub(crate) is_tuples: bool,
    /// Wraps an input that is an array.
    pub(crate) is_wrapper: bool,
}

/// Something that can be called.
#[derive(Debug)]
#[doc(hidden)]
pub enum Function {
    Lambda(Lambda),
    Native(Native),
    Regex(Pattern),
    Host(crate::host::HostFunction),
    Partial(Partial),
    Composition(Value, Value),
    Transform(Transform),
    /// A match's `next`.
    NextMatch {
        pattern: Pattern,
        subject: Arc<crate::functions::Subject>,
        /// In units of UTF-16.
        from: usize,
    },
}

/// A lambda: which node of the syntax, in which scope of this evaluation, with which input.
#[derive(Clone, Debug)]
#[doc(hidden)]
pub struct Lambda {
    /// The evaluation that made it, which knows its scope.
    pub(crate) evaluation: u64,
    /// Which of the evaluation's trees it stands in.
    pub(crate) tree: usize,
    pub(crate) node: crate::ast::NodeId,
    pub(crate) scope: usize,
    pub(crate) input: Value,
    pub(crate) parameters: usize,
}

/// Arguments that are given; the others are asked for.
#[derive(Debug)]
#[doc(hidden)]
pub struct Partial {
    pub(crate) function: Value,
    pub(crate) arguments: Vec<Option<Value>>,
}

/// `| pattern | update, delete |`.
#[derive(Debug)]
#[doc(hidden)]
pub struct Transform {
    pub(crate) evaluation: u64,
    pub(crate) tree: usize,
    pub(crate) node: crate::ast::NodeId,
    pub(crate) scope: usize,
}

impl From<&Value> for Value {
    fn from(value: &Value) -> Self {
        value.clone()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<char> for Value {
    fn from(letter: char) -> Self {
        Self::text(letter.encode_utf8(&mut [0; 4]))
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Value {
    fn from(count: usize) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are doubles")]
        Self::Number(count as f64)
    }
}

impl Value {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::String(Arc::from(text.as_ref()))
    }

    pub(crate) fn array(items: Vec<Self>) -> Self {
        Self::Array(Arc::new(Array { items, ..Array::default() }))
    }

    pub(crate) fn sequence(items: Vec<Self>) -> Self {
        Self::Array(Arc::new(Array { items, is_sequence: true, ..Array::default() }))
    }

    pub(crate) fn object(fields: Object) -> Self {
        Self::Object(Arc::new(fields))
    }

    pub(crate) fn native(native: Native) -> Self {
        Self::Function(Arc::new(Function::Native(native)))
    }

    pub(crate) fn is_undefined(&self) -> bool {
        matches!(self, Self::Undefined)
    }

    /// Whether it may hold other values.
    fn is_nested(&self) -> bool {
        matches!(self, Self::Array(_) | Self::Object(_) | Self::Function(_))
    }

    pub(crate) fn is_function(&self) -> bool {
        matches!(self, Self::Function(_))
    }

    pub(crate) fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(array) => Some(&array.items),
            _ => None,
        }
    }

    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The items of an array, the value itself as the only item, or none for nothing.
    pub(crate) fn items(&self) -> Vec<Self> {
        match self {
            Self::Undefined => Vec::new(),
            Self::Array(array) => array.items.clone(),
            value => vec![value.clone()],
        }
    }

    /// Whether two values are one: equal, or the very same list, object or function.
    pub(crate) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Array(left), Self::Array(right)) => Arc::ptr_eq(left, right),
            (Self::Object(left), Self::Object(right)) => Arc::ptr_eq(left, right),
            (left, right) => left.equals(right),
        }
    }

    /// Whether two values are deeply equal. Functions never are.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(left), Self::Bool(right)) => left == right,
            (Self::Number(left), Self::Number(right)) => left == right,
            (Self::String(left), Self::String(right)) => left == right,
            (Self::Array(left), Self::Array(right)) => {
                left.items.len() == right.items.len()
                    && left.items.iter().zip(&right.items).all(|(left, right)| left.equals(right))
            }
            (Self::Object(left), Self::Object(right)) => {
                left.len() == right.len()
                    && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| value.equals(other)))
            }
            (Self::Function(left), Self::Function(right)) => Arc::ptr_eq(left, right),
            _ => false,
        }
    }

    /// The boolean cast of the language; nothing for nothing.
    pub(crate) fn to_boolean(&self) -> Option<bool> {
        Some(match self {
            Self::Undefined => return None,
            Self::Null => false,
            // In the reference they are objects with fields, but for regular expressions.
            Self::Function(function) => {
                !matches!(**function, Function::Regex(_) | Function::NextMatch { .. })
            }
            Self::Bool(value) => *value,
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::String(text) => !text.is_empty(),
            Self::Array(array) => match array.items.as_slice() {
                [only] => only.to_boolean().unwrap_or(false),
                items => items.iter().any(|item| item.to_boolean().unwrap_or(false)),
            },
            Self::Object(fields) => !fields.is_empty(),
        })
    }
}
