//! Expressions written out again: one text for all that differ in blanks and comments only.

use std::fmt::Write as _;

use crate::ast::{Kind, NodeId, Operator, Raw, Tree};
use crate::error::Error;
use crate::number;

/// The expression as text in one form: without comments, blanks in the same places, texts in double quotes. Parsing that
/// text gives the same expression. An expression that cannot be compiled is refused.
pub fn canonical(text: &str) -> Result<String, Error> {
    crate::evaluate::Expression::compile(text)?;
    let (tree, root) = crate::parser::parse_as_written(text)?;
    let mut printer = Printer { tree: &tree, text: String::new() };
    printer.node(root);
    Ok(printer.text)
}

struct Printer<'a> {
    tree: &'a Tree,
    text: String,
}

impl Printer<'_> {
    fn node(&mut self, id: NodeId) {
        stacker::maybe_grow(64 * 1_024, 1_024 * 1_024, || self.kind(id));
        if self.tree.node(id).keeps_array {
            self.text.push_str("[]");
        }
    }

    fn kind(&mut self, id: NodeId) {
        let tree = self.tree;
        match &tree.node(id).kind {
            Kind::Number(number) => self.text.push_str(&number::write(*number)),
            Kind::Text(text) => self.quoted(text),
            Kind::Null => self.text.push_str("null"),
            Kind::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Kind::Name(name) => self.name(name),
            Kind::Variable(name) => {
                let _ = write!(self.text, "${}", name.text);
            }
            Kind::Wildcard => self.text.push('*'),
            Kind::Descendant => self.text.push_str("**"),
            Kind::Parent(_) => self.text.push('%'),
            Kind::Regex(pattern) => {
                let _ = write!(self.text, "{pattern:?}");
            }
            Kind::Negate(operand) => self.around("-", *operand, ""),
            Kind::Array(items) => self.list("[", items, ", ", "]"),
            Kind::Object(pairs) => self.pairs(pairs),
            Kind::Binary(Operator::Range, left, right) => self.infix(*left, "..", *right),
            Kind::Binary(operator, left, right) => {
                self.infix(*left, &format!(" {} ", operator.symbol()), *right);
            }
            Kind::Block(expressions) => self.list("(", expressions, "; ", ")"),
            Kind::Condition(test, then, otherwise) => {
                self.infix(*test, " ? ", *then);
                otherwise.iter().for_each(|otherwise| self.around(" : ", *otherwise, ""));
            }
            Kind::Default(left, right) => self.infix(*left, " ?: ", *right),
            Kind::Coalesce(left, right) => self.infix(*left, " ?? ", *right),
            Kind::Apply(left, right) => self.infix(*left, " ~> ", *right),
            Kind::Raw(raw) => self.raw(raw),
            kind => self.function(kind),
        }
    }

    /// Calls, and what makes functions.
    fn function(&mut self, kind: &Kind) {
        match kind {
            Kind::Call(function, arguments) => {
                self.node(*function);
                self.list("(", arguments, ", ", ")");
            }
            Kind::Partial(function, arguments) => {
                self.node(*function);
                self.text.push('(');
                for (number, argument) in arguments.iter().enumerate() {
                    self.text.push_str(if number > 0 { ", " } else { "" });
                    match argument {
                        Some(argument) => self.node(*argument),
                        None => self.text.push('?'),
                    }
                }
                self.text.push(')');
            }
            Kind::Lambda { parameters, signature, body, .. } => {
                let names: Vec<String> = parameters.iter().map(|name| format!("${}", name.text)).collect();
                let signature = signature.as_ref().map_or("", |signature| signature.definition());
                let _ = write!(self.text, "function({}){signature} {{ ", names.join(", "));
                self.node(*body);
                self.text.push_str(" }");
            }
            Kind::Transform { pattern, update, delete } => {
                self.around("|", *pattern, "|");
                self.node(*update);
                delete.iter().for_each(|delete| self.around(", ", *delete, ""));
                self.text.push('|');
            }
            _ => {}
        }
    }

    fn raw(&mut self, raw: &Raw) {
        match raw {
            Raw::Dot(left, right) => {
                self.node(*left);
                let place = self.text.len();
                self.text.push('.');
                self.node(*right);
                // Digits on both sides of a point would be one number.
                let (before, after) = self.text.split_at_checked(place).unwrap_or_default();
                let is_digit = |letter: Option<char>| letter.is_some_and(|letter| letter.is_ascii_digit());
                if is_digit(before.chars().next_back()) && is_digit(after.chars().nth(1)) {
                    self.text.replace_range(place..=place, " . ");
                }
            }
            Raw::Filter(left, predicate) => {
                self.node(*left);
                self.around("[", *predicate, "]");
            }
            Raw::Group(left, pairs) => {
                self.node(*left);
                self.pairs(pairs);
            }
            Raw::Sort(left, terms) => {
                self.node(*left);
                self.text.push_str("^(");
                for (number, (term, is_descending)) in terms.iter().enumerate() {
                    self.text.push_str(if number > 0 { ", " } else { "" });
                    self.text.push_str(if *is_descending { ">" } else { "" });
                    self.node(*term);
                }
                self.text.push(')');
            }
            Raw::Focus(left, right) => self.infix(*left, "@", *right),
            Raw::Index(left, right) => self.infix(*left, "#", *right),
            Raw::Bind(left, right) => self.infix(*left, " := ", *right),
        }
    }

    fn around(&mut self, before: &str, id: NodeId, behind: &str) {
        self.text.push_str(before);
        self.node(id);
        self.text.push_str(behind);
    }

    fn infix(&mut self, left: NodeId, between: &str, right: NodeId) {
        self.node(left);
        self.around(between, right, "");
    }

    fn list(&mut self, open: &str, items: &[NodeId], between: &str, close: &str) {
        self.text.push_str(open);
        for (number, item) in items.iter().enumerate() {
            self.around(if number > 0 { between } else { "" }, *item, "");
        }
        self.text.push_str(close);
    }

    fn pairs(&mut self, pairs: &[(NodeId, NodeId)]) {
        self.text.push('{');
        for (number, (key, value)) in pairs.iter().enumerate() {
            self.text.push_str(if number > 0 { ", " } else { "" });
            self.infix(*key, ": ", *value);
        }
        self.text.push('}');
    }

    fn quoted(&mut self, text: &str) {
        self.text.push_str(&serde_json::Value::from(text).to_string());
    }

    /// As it is, if it reads as a name; else in backquotes.
    fn name(&mut self, name: &str) {
        let is_word = name.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
            && name.chars().next().is_some_and(|first| !first.is_numeric())
            && !matches!(name, "and" | "or" | "in" | "true" | "false" | "null");
        if is_word || name.contains('`') {
            self.text.push_str(name);
        } else {
            let _ = write!(self.text, "`{name}`");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The expression as nested lists, without places.
    fn shape(text: &str) -> String {
        let (tree, root) = crate::parser::parse_as_written(text).unwrap();
        let mut shape = String::new();
        write_shape(&tree, root, &mut shape);
        shape
    }

    fn write_shape(tree: &Tree, id: NodeId, shape: &mut String) {
        let node = tree.node(id);
        let mut parts: Vec<NodeId> = Vec::new();
        let mut label = node.kind_name().to_owned() + &node.token().to_json().unwrap_or_default().to_string();
        let mut of_pairs =
            |pairs: &[(NodeId, NodeId)]| pairs.iter().for_each(|(key, value)| parts.extend([*key, *value]));
        match &node.kind {
            Kind::Object(pairs) => of_pairs(pairs),
            Kind::Raw(Raw::Group(left, pairs)) => {
                of_pairs(pairs);
                parts.push(*left);
            }
            Kind::Negate(inner) => parts.push(*inner),
            Kind::Array(items) | Kind::Block(items) => parts.extend(items),
            Kind::Binary(_, left, right)
            | Kind::Default(left, right)
            | Kind::Coalesce(left, right)
            | Kind::Apply(left, right)
            | Kind::Raw(
                Raw::Dot(left, right)
                | Raw::Filter(left, right)
                | Raw::Focus(left, right)
                | Raw::Index(left, right)
                | Raw::Bind(left, right),
            ) => parts.extend([*left, *right]),
            Kind::Condition(test, then, otherwise) => {
                parts.extend([*test, *then]);
                parts.extend(otherwise);
            }
            Kind::Call(function, arguments) => {
                parts.push(*function);
                parts.extend(arguments);
            }
            Kind::Partial(function, arguments) => {
                parts.push(*function);
                label += &format!("{:?}", arguments.iter().map(Option::is_some).collect::<Vec<_>>());
                parts.extend(arguments.iter().flatten());
            }
            Kind::Lambda { parameters, signature, body, .. } => {
                let names: Vec<&str> = parameters.iter().map(|name| &**name).collect();
                label += &format!("{names:?}{signature:?}");
                parts.push(*body);
            }
            Kind::Raw(Raw::Sort(left, terms)) => {
                parts.push(*left);
                for (term, is_descending) in terms {
                    label += if *is_descending { ">" } else { "<" };
                    parts.push(*term);
                }
            }
            Kind::Transform { pattern, update, delete } => {
                parts.extend([*pattern, *update]);
                parts.extend(delete);
            }
            Kind::Regex(pattern) => label += &format!("{pattern:?}"),
            _ => {}
        }
        *shape += &format!("({label}{}", if node.keeps_array { "[]" } else { "" });
        parts.into_iter().for_each(|part| write_shape(tree, part, shape));
        shape.push(')');
    }

    fn check(text: &str) {
        let Ok(printed) = canonical(text) else { return };
        assert_eq!(shape(&printed), shape(text), "{text} was printed as {printed}");
        assert_eq!(canonical(&printed).unwrap(), printed);
    }

    #[test]
    fn blanks_comments_and_quotes_have_one_form() {
        let printed = |text: &str| canonical(text).unwrap();
        assert_eq!(printed("a . b [ c=1 ] /* of all */ . 'x'"), r#"a.b[c = 1]."x""#);
        assert_eq!(printed("( $x:=1;$x+ 2*3 )"), "($x := 1; $x + 2 * 3)");
        assert_eq!(printed("λ($a,$b)<nn:n>{$a~>$f(?,1)}"), "function($a, $b)<nn:n> { $a ~> $f(?, 1) }");
        assert_eq!(printed("a[][0]^(>b,<c){`and`:[1..3]}"), "a[][0]^(>b, c){`and`: [1..3]}");
        assert_eq!(printed("$~>|a|{'b':/x\\/y/i},['c']|"), r#"$ ~> |a|{"b": /x\/y/i}, ["c"]|"#);
        assert_eq!(printed("a ? b.% : -c@$x#$i"), "a ? b.% : -c@$x#$i");
    }

    #[test]
    fn what_is_printed_is_the_same_expression() {
        let cases = include_str!("../../../tests/golden/jsonata/cases.jsonl");
        for case in cases.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()) {
            check(case.get("expr").and_then(serde_json::Value::as_str).unwrap_or_default());
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_that_is_an_expression_is_printed_as_the_same(pieces in proptest::collection::vec(proptest::sample::select(PIECES.to_vec()), 0..14)) {
            check(&pieces.concat());
        }
    }

    const PIECES: [&str; 44] = [
        "a",
        "b.c",
        "$x",
        "$",
        "1",
        "2.5",
        "1e30",
        "\"t\\u00e9\\n\"",
        "'q'",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "+",
        "-",
        "*",
        "/",
        "%",
        "=",
        "~>",
        ":=",
        ";",
        ",",
        ":",
        "?",
        "^(",
        ">",
        "@$i",
        "#$i",
        "function($x)",
        "<n:n>",
        "$map(",
        "..",
        "|",
        "/a/i",
        "true",
        "null",
        " and ",
        " in ",
        "`q r`",
        "[]",
        " or ",
    ];
}
