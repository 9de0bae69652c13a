//! Definition files: JSON or YAML, with the place of every value in the text.
//!
//! Owns reading and locating. What a definition means is `stepward-asl`'s business, which is given JSON.

mod json;
mod yaml;

use std::ops::Range;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// A definition as it was read.
pub(crate) struct Definition {
    /// The file's name, for messages.
    pub(crate) name: String,
    /// The file's text.
    pub(crate) text: String,
    /// The definition as JSON.
    pub(crate) json: String,
    /// Its values with their places; nothing if the text is not even JSON.
    tree: Option<Node>,
}

/// A value and where it stands.
pub(crate) struct Node {
    span: Range<usize>,
    kind: Kind,
}

enum Kind {
    /// Fields in their order, also those whose name occurs twice.
    Object(Vec<Field>),
    Array(Vec<Node>),
    Scalar(Value),
}

struct Field {
    name: String,
    /// Where the name stands.
    span: Range<usize>,
    node: Node,
}

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

impl Definition {
    /// Reads a file; `-` is standard input. Placeholders `${Name}` are replaced by what the substitutions say.
    pub(crate) fn read(path: &Path, substitutions: &[(String, String)]) -> Result<Self> {
        let name = path.display().to_string();
        let text = if name == STANDARD_INPUT {
            std::io::read_to_string(std::io::stdin())
        } else {
            std::fs::read_to_string(path)
        };
        let text = text.with_context(|| name.clone())?;
        let text = substitutions
            .iter()
            .fold(text, |text, (name, value)| text.replace(&format!("${{{name}}}"), value));
        let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        let is_yaml = match extension.to_ascii_lowercase().as_str() {
            "yaml" | "yml" => true,
            "json" | "asl" => false,
            _ => !text.trim_start().starts_with(['{', '[']) && yaml::looks_like_it(&text),
        };
        Self::parse(name, text, is_yaml)
    }

    fn parse(name: String, text: String, is_yaml: bool) -> Result<Self> {
        if is_yaml {
            let tree = yaml::parse(&text).with_context(|| name.clone())?;
            let json = tree.to_json();
            return Ok(Self { name, text, json, tree: Some(tree) });
        }
        let tree = json::parse(&text);
        Ok(Self { name, json: text.clone(), text, tree })
    }

    /// Where in the text a location such as `/States/X/Resource` is; `field` is one of the object's fields that is
    /// meant in particular.
    pub(crate) fn span(&self, location: &str, field: Option<&str>) -> Option<Range<usize>> {
        let (mut node, mut name) = (self.tree.as_ref()?, None);
        let mut rest = location.strip_suffix('/').unwrap_or(location);
        while !rest.is_empty() {
            let Some((span, next, after)) = node.step(rest) else { break };
            (node, name, rest) = (next, span, after);
        }
        let named = field.and_then(|field| node.field(field)).map(|field| field.span.clone());
        Some(named.unwrap_or_else(|| match (&node.kind, name) {
            (Kind::Scalar(_), _) => node.span.clone(),
            (_, Some(name)) => name,
            // The whole file would be too much to show.
            (_, None) => node.span.start..node.span.start.saturating_add(1).min(node.span.end),
        }))
    }

    /// The character before a column of a line, both from 1: where a parser stopped.
    pub(crate) fn character_at(&self, line: usize, column: usize) -> Option<Range<usize>> {
        let lines = self.text.split_inclusive('\n');
        let start: usize = lines.clone().take(line.saturating_sub(1)).map(str::len).sum();
        let line = lines.clone().nth(line.saturating_sub(1))?;
        let (at, character) = line.char_indices().take(column.saturating_sub(1).max(1)).last()?;
        Some(start + at..start + at + character.len_utf8())
    }

    /// Whether the value at a location still has a placeholder, so that nobody can say whether it is right.
    pub(crate) fn has_placeholder(&self, location: &str) -> bool {
        let Some(mut node) = self.tree.as_ref() else { return false };
        let mut rest = location;
        while let Some((_, next, after)) = node.step(rest) {
            (node, rest) = (next, after);
        }
        rest.is_empty() && matches!(&node.kind, Kind::Scalar(Value::String(text)) if text.contains("${"))
    }
}

impl Node {
    /// The node that the first step of a location leads to, and the rest of the location. Names may have slashes and
    /// brackets, so the longest one that fits is meant.
    fn step<'a, 'b>(&'a self, location: &'b str) -> Option<(Option<Range<usize>>, &'a Node, &'b str)> {
        match &self.kind {
            Kind::Object(fields) => {
                let location = location.strip_prefix('/')?;
                let fits = fields.iter().filter_map(|field| {
                    let rest = location.strip_prefix(field.name.as_str())?;
                    (rest.is_empty() || rest.starts_with(['/', '['])).then_some((field, rest))
                });
                let (field, rest) = fits.max_by_key(|(field, _)| field.name.len())?;
                Some((Some(field.span.clone()), &field.node, rest))
            }
            Kind::Array(items) => {
                let (index, rest) = location.strip_prefix('[')?.split_once(']')?;
                Some((None, items.get(index.parse::<usize>().ok()?)?, rest))
            }
            Kind::Scalar(_) => None,
        }
    }

    fn field(&self, name: &str) -> Option<&Field> {
        match &self.kind {
            Kind::Object(fields) => fields.iter().find(|field| field.name == name),
            _ => None,
        }
    }

    /// The value as JSON text; a name that occurs twice does so here, too.
    fn to_json(&self) -> String {
        let mut json = String::new();
        self.write(&mut json);
        json
    }

    /// The depth is bounded by the parsers.
    fn write(&self, to: &mut String) {
        match &self.kind {
            Kind::Scalar(value) => to.push_str(&value.to_string()),
            Kind::Array(items) => {
                to.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        to.push(',');
                    }
                    item.write(to);
                }
                to.push(']');
            }
            Kind::Object(fields) => {
                to.push('{');
                for (at, field) in fields.iter().enumerate() {
                    if at > 0 {
                        to.push(',');
                    }
                    to.push_str(&Value::from(field.name.as_str()).to_string());
                    to.push(':');
                    field.node.write(to);
                }
                to.push('}');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const YAML: &str = "\
StartAt: A/b
States:
  A/b:
    Type: Task
    Resource: ${Function}
    Retry: &retry
      - ErrorEquals: [States.ALL]
        BackoffRate: 1.5
    End: true
  C: {Type: Task, Retry: *retry, Comment: 'it''s', Next: \"A/b\", TimeoutSeconds: 0x10}
";

    fn shown<'a>(definition: &'a Definition, location: &str, field: Option<&str>) -> &'a str {
        definition.span(location, field).and_then(|span| definition.text.get(span)).unwrap_or_default()
    }

    #[test]
    fn yaml_becomes_json_and_keeps_its_places() {
        let definition = Definition::parse("f".into(), YAML.into(), true).unwrap();
        let json: Value = serde_json::from_str(&definition.json).unwrap();
        assert_eq!(json["States"]["C"]["Retry"][0]["BackoffRate"], 1.5);
        assert_eq!(json["States"]["C"]["Comment"], "it's");
        assert_eq!(json["States"]["A/b"]["End"], true);
        assert_eq!(shown(&definition, "/States/A/b/Type", None), "Task");
        assert_eq!(shown(&definition, "/States/A/b", None), "A/b");
        assert_eq!(shown(&definition, "/States/A/b", Some("Retry")), "Retry");
        assert_eq!(shown(&definition, "/States/A/b/Retry[0]/BackoffRate", None), "1.5");
        assert!(definition.has_placeholder("/States/A/b/Resource"));
        assert!(!definition.has_placeholder("/States/A/b/Type"));
    }

    #[test]
    fn json_keeps_its_places() {
        let text = r#"{"StartAt": "é", "States": {"é": {"Type": "Pass", "Next": [1, "x"]}}}"#;
        let definition = Definition::parse("f".into(), text.into(), false).unwrap();
        assert_eq!(shown(&definition, "/States/é/Next[1]", None), "\"x\"");
        assert_eq!(shown(&definition, "/States/é", None), "\"é\"");
        assert_eq!(shown(&definition, "/", None), "{");
        assert_eq!(definition.json, text);
    }

    #[test]
    fn what_is_no_yaml_is_refused_with_its_place() {
        for text in ["a: [", "a: *nothing", "? [1]\n: 2", "a: 1\n---\nb: 2"] {
            assert!(Definition::parse("f".into(), text.into(), true).is_err(), "{text}");
        }
        // Aliases of aliases of aliases …
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let before = level - 1;
            let aliases = vec![format!("*a{before}"); 9].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        assert!(Definition::parse("f".into(), bomb, true).is_err());
    }
}
