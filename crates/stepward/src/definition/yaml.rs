//! YAML with places: the core schema, anchors and merge keys; one document.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Result, anyhow, bail};
use saphyr_parser::{Event, Parser, ScalarStyle, Span};
use serde_json::{Number, Value};

use super::{Field, Kind, Node};

/// No definition has more values, aliases written out.
const NODES_MAX: usize = 500_000;
/// As deep as JSON parsers go.
const DEPTH_MAX: usize = 120;

/// Whether a text without a telling name is more likely YAML than JSON.
pub(super) fn looks_like_it(text: &str) -> bool {
    text.lines().any(|line| line.starts_with("StartAt:") || line.starts_with("States:"))
}

/// The values of a text.
pub(super) fn parse(text: &str) -> Result<Node> {
    let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let mut reader = Reader { parser: Parser::new_from_str(text), bytes, anchors: BTreeMap::new(), nodes: 0 };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(_), _) => {}
            (Event::StreamEnd | Event::DocumentEnd, _) => bail!("the document is empty"),
            event => {
                let node = reader.node(event, 0)?;
                return reader.end().map(|()| node);
            }
        }
    }
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    /// Where each character begins, in bytes.
    bytes: Vec<usize>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
}

type Spanned<'a> = (Event<'a>, Span);

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Spanned<'a>> {
        let next = self.parser.next().ok_or_else(|| anyhow!("the document ends too early"))?;
        next.map_err(|error| anyhow!("not YAML: {error}"))
    }

    fn span(&self, span: Span) -> Range<usize> {
        let at = |index: usize| self.bytes.get(index).or(self.bytes.last()).copied().unwrap_or_default();
        at(span.start.index())..at(span.end.index())
    }

    fn end(&mut self) -> Result<()> {
        loop {
            match self.next()? {
                (Event::DocumentEnd, _) => {}
                (Event::StreamEnd, _) => return Ok(()),
                (_, span) => bail!("line {}: a definition is one document", span.start.line()),
            }
        }
    }

    fn node(&mut self, (event, span): Spanned<'a>, depth: usize) -> Result<Node> {
        self.nodes += 1;
        if self.nodes > NODES_MAX || depth > DEPTH_MAX {
            bail!("line {}: the document is too large or nested too deeply", span.start.line());
        }
        let (anchor, node) = match event {
            Event::Alias(anchor) => {
                let place = self.span(span);
                return self.alias(anchor, place, span.start.line());
            }
            Event::Scalar(text, style, anchor, tag) => {
                let is_text = style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
                let value = if is_text { Value::from(&*text) } else { plain(&text) };
                (anchor, Node { span: self.span(span), kind: Kind::Scalar(value) })
            }
            Event::SequenceStart(anchor, _) => (anchor, self.sequence(span, depth)?),
            Event::MappingStart(anchor, _) => (anchor, self.mapping(span, depth)?),
            _ => bail!("line {}: a value is missing", span.start.line()),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, node.copy(None));
        }
        Ok(node)
    }

    /// What stands at the anchor, but its places are the alias's.
    fn alias(&mut self, anchor: usize, place: Range<usize>, line: usize) -> Result<Node> {
        let node =
            self.anchors.get(&anchor).ok_or_else(|| anyhow!("line {line}: an alias without an anchor"))?;
        self.nodes += node.count();
        if self.nodes > NODES_MAX {
            bail!("line {line}: the document is too large");
        }
        Ok(node.copy(Some(&place)))
    }

    fn sequence(&mut self, start: Span, depth: usize) -> Result<Node> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, end) => {
                    let span = self.span(start).start..self.span(end).end;
                    return Ok(Node { span, kind: Kind::Array(items) });
                }
                event => items.push(self.node(event, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, start: Span, depth: usize) -> Result<Node> {
        let mut fields = Vec::new();
        let mut merged = Vec::new();
        loop {
            let (name, span) = match self.next()? {
                (Event::MappingEnd, end) => {
                    let span = self.span(start).start..self.span(end).end;
                    merge(&mut fields, merged);
                    return Ok(Node { span, kind: Kind::Object(fields) });
                }
                (Event::Scalar(text, ..), span) => (text.into_owned(), self.span(span)),
                (_, span) => bail!("line {}: the name of a field is not a text", span.start.line()),
            };
            let value = self.next()?;
            let node = self.node(value, depth + 1)?;
            if name == "<<" { merged.push(node) } else { fields.push(Field { name, span, node }) }
        }
    }
}

/// Merge keys: the fields of the merged objects that the object does not have itself.
fn merge(fields: &mut Vec<Field>, merged: Vec<Node>) {
    for node in merged {
        match node.kind {
            Kind::Object(inner) => {
                for field in inner {
                    if fields.iter().all(|own| own.name != field.name) {
                        fields.push(field);
                    }
                }
            }
            Kind::Array(items) => merge(fields, items),
            Kind::Scalar(_) => {}
        }
    }
}

/// A plain scalar (YAML 1.2, core schema).
fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Null,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        _ => {}
    }
    let radix = |prefix: &str, radix| i64::from_str_radix(text.strip_prefix(prefix)?, radix).ok();
    if let Some(number) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return Value::from(number);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
        return Value::from(text);
    }
    let number = text.parse::<i64>().ok().map(Number::from);
    let number = number.or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64));
    number.map_or_else(|| Value::from(text), Value::Number)
}

impl Node {
    fn count(&self) -> usize {
        1 + match &self.kind {
            Kind::Object(fields) => fields.iter().map(|field| field.node.count()).sum::<usize>(),
            Kind::Array(items) => items.iter().map(Node::count).sum(),
            Kind::Scalar(_) => 0,
        }
    }

    /// The same values, all at another place if one is given.
    fn copy(&self, place: Option<&Range<usize>>) -> Node {
        let at = |own: &Range<usize>| place.unwrap_or(own).clone();
        let kind = match &self.kind {
            Kind::Object(fields) => Kind::Object(
                fields
                    .iter()
                    .map(|field| Field {
                        name: field.name.clone(),
                        span: at(&field.span),
                        node: field.node.copy(place),
                    })
                    .collect(),
            ),
            Kind::Array(items) => Kind::Array(items.iter().map(|item| item.copy(place)).collect()),
            Kind::Scalar(value) => Kind::Scalar(value.clone()),
        };
        Node { span: at(&self.span), kind }
    }
}
