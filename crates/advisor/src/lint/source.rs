//! A policy document as it is written: every value with its place in the text.

use std::ops::Range;

use jsonc_parser::ast;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

/// A value and where it stands, in bytes.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) span: Range<usize>,
    pub(super) value: Content,
}

#[derive(Clone, Debug)]
pub(super) enum Content {
    /// A string, a number or a boolean, as its text.
    Text(String),
    List(Vec<Node>),
    /// Keys with their places, in the order in which they are written.
    Object(Vec<(Text, Node)>),
    Null,
}

/// A text and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) span: Range<usize>,
    pub(super) text: String,
}

/// What is wrong with the JSON, and where.
pub(super) struct NotJson {
    pub(super) message: String,
    pub(super) span: Range<usize>,
}

/// Reads JSON as IAM does: without comments and the other liberties of its dialects.
pub(super) fn read(text: &str) -> Result<Node, NotJson> {
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &strict).map_err(|error| NotJson {
        message: error.kind().to_string(),
        span: error.range().start..error.range().end,
    })?;
    let value =
        parsed.value.ok_or_else(|| NotJson { message: "the file is empty".to_owned(), span: 0..0 })?;
    Ok(node(&value))
}

fn node(value: &ast::Value<'_>) -> Node {
    let range = value.range();
    let value = match value {
        ast::Value::StringLit(text) => Content::Text(text.value.to_string()),
        ast::Value::NumberLit(number) => Content::Text(number.value.to_owned()),
        ast::Value::BooleanLit(boolean) => Content::Text(boolean.value.to_string()),
        ast::Value::Array(array) => Content::List(array.elements.iter().map(node).collect()),
        ast::Value::Object(object) => {
            let field = |field: &ast::ObjectProp<'_>| {
                let range = field.name.range();
                let name = Text { span: range.start..range.end, text: field.name.as_str().to_owned() };
                (name, node(&field.value))
            };
            Content::Object(object.properties.iter().map(field).collect())
        }
        ast::Value::NullKeyword(_) => Content::Null,
    };
    Node { span: range.start..range.end, value }
}

impl Node {
    pub(super) fn fields(&self) -> &[(Text, Self)] {
        match &self.value {
            Content::Object(fields) => fields,
            _ => &[],
        }
    }

    pub(super) fn field(&self, name: &str) -> Option<&Self> {
        self.fields().iter().find(|(key, _)| key.text == name).map(|(_, value)| value)
    }

    /// A list's items, or the value itself.
    pub(super) fn items(&self) -> &[Self] {
        match &self.value {
            Content::List(items) => items,
            _ => std::slice::from_ref(self),
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Content::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The texts of a value that may be one or a list of them.
    pub(super) fn texts(&self) -> Vec<Text> {
        let text = |node: &Self| Some(Text { span: node.span.clone(), text: node.text()?.to_owned() });
        self.items().iter().filter_map(text).collect()
    }
}
