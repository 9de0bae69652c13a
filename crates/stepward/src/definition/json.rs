//! JSON with places.

use jsonc_parser::ast::Value as Ast;
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

use super::{Field, Kind, Node};

/// The values of a text; nothing if it is not JSON, of which the definition's own parser tells.
pub(super) fn parse(text: &str) -> Option<Node> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).ok()?;
    parsed.value.as_ref().map(node)
}

/// The depth is bounded by the parser.
fn node(value: &Ast<'_>) -> Node {
    let range = value.range();
    let kind = match value {
        Ast::Object(object) => Kind::Object(
            object
                .properties
                .iter()
                .map(|property| {
                    let name = property.name.range();
                    Field {
                        name: property.name.as_str().to_owned(),
                        span: name.start..name.end,
                        node: node(&property.value),
                    }
                })
                .collect(),
        ),
        Ast::Array(array) => Kind::Array(array.elements.iter().map(node).collect()),
        Ast::StringLit(text) => Kind::Scalar(Value::from(&*text.value)),
        Ast::NumberLit(number) => Kind::Scalar(serde_json::from_str(number.value).unwrap_or_default()),
        Ast::BooleanLit(flag) => Kind::Scalar(Value::Bool(flag.value)),
        Ast::NullKeyword(_) => Kind::Scalar(Value::Null),
    };
    Node { span: range.start..range.end, kind }
}
