//! A strict tree of an XML document: elements with their namespaces resolved, and text.
//!
//! Refuses document types and with them all entities but the five of XML, processing instructions, names beyond ASCII,
//! and documents without end. Comments are dropped, so that they cannot split the text that is read.

use std::collections::BTreeMap;
use std::sync::Arc;

use quick_xml::events::{BytesStart, Event};

use crate::error::SamlError;

const DEPTH_MAX: usize = 64;
const ELEMENTS_MAX: usize = 20_000;
const ATTRIBUTES_MAX: usize = 64;
pub(crate) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Namespaces by prefix; the empty prefix is the default.
pub(crate) type Scope = BTreeMap<String, String>;

#[derive(Clone, Debug)]
pub(crate) struct Element {
    pub(crate) name: Name,
    pub(crate) attributes: Vec<(Name, String)>,
    /// Every namespace that is declared here or around this.
    pub(crate) scope: Arc<Scope>,
    pub(crate) children: Vec<Node>,
}

#[derive(Clone, Debug)]
pub(crate) enum Node {
    Element(Element),
    Text(String),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) prefix: String,
    pub(crate) local: String,
    /// Empty for none.
    pub(crate) namespace: String,
}

impl Element {
    /// The root of a document.
    pub(crate) fn parse(text: &str) -> Result<Self, SamlError> {
        if !text.chars().all(is_character) {
            return Err(SamlError::Xml("a character that XML does not have"));
        }
        // XML: ends of lines are read as one line feed.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let mut reader = quick_xml::Reader::from_str(&text);
        let mut building = Building::default();
        loop {
            let event = reader.read_event().map_err(|_| SamlError::Xml("its tags do not fit together"))?;
            match event {
                Event::Start(start) => building.open(&start)?,
                Event::Empty(start) => {
                    building.open(&start)?;
                    building.close()?;
                }
                Event::End(_) => building.close()?,
                Event::Text(text) => building.text(&text)?,
                Event::CData(data) => building.text(&data)?,
                Event::GeneralRef(reference) => building.text(&resolved(&reference)?)?,
                Event::Comment(_) | Event::Decl(_) => {}
                Event::PI(_) => return Err(SamlError::Xml("a processing instruction")),
                Event::DocType(_) => return Err(SamlError::Xml("a document type")),
                Event::Eof => return building.root(),
            }
        }
    }

    pub(crate) fn is(&self, namespace: &str, local: &str) -> bool {
        self.name.local == local && self.name.namespace == namespace
    }

    /// An attribute without a namespace.
    pub(crate) fn attribute(&self, local: &str) -> Option<&str> {
        let mut found = self.attributes.iter();
        let found = found.find(|(name, _)| name.local == local && name.namespace.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    pub(crate) fn all<'e>(&'e self, namespace: &'e str, local: &'e str) -> impl Iterator<Item = &'e Self> {
        self.elements().filter(move |element| element.is(namespace, local))
    }

    /// The only child of a name; nothing where there are none or several.
    pub(crate) fn only<'e>(&'e self, namespace: &'e str, local: &'e str) -> Option<&'e Self> {
        let mut found = self.all(namespace, local);
        found.next().filter(|_| found.next().is_none())
    }

    /// The text of an element that has no elements, without the space around it.
    pub(crate) fn text(&self) -> Option<String> {
        let mut text = String::new();
        for node in &self.children {
            match node {
                Node::Text(part) => text.push_str(part),
                Node::Element(_) => return None,
            }
        }
        Some(text.trim().to_owned())
    }

    /// Shows this element and every one inside it.
    pub(crate) fn walk<'e>(&'e self, seen: &mut impl FnMut(&'e Self)) {
        seen(self);
        for element in self.elements() {
            element.walk(seen);
        }
    }
}

#[derive(Default)]
struct Building {
    open: Vec<Element>,
    root: Option<Element>,
    elements: usize,
}

impl Building {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), SamlError> {
        self.elements += 1;
        if self.open.len() >= DEPTH_MAX || self.elements > ELEMENTS_MAX {
            return Err(SamlError::Xml("too many elements, or too deep"));
        }
        if self.root.is_some() {
            return Err(SamlError::Xml("more than one root"));
        }
        let around = self.open.last().map(|parent| Arc::clone(&parent.scope)).unwrap_or_default();
        self.open.push(element(start, around)?);
        Ok(())
    }

    fn close(&mut self) -> Result<(), SamlError> {
        let element = self.open.pop().ok_or(SamlError::Xml("an end without a beginning"))?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), SamlError> {
        let Some(parent) = self.open.last_mut() else {
            let is_space = text.trim_matches([' ', '\t', '\n', '\u{feff}']).is_empty();
            return is_space.then_some(()).ok_or(SamlError::Xml("text outside of the root"));
        };
        match parent.children.last_mut() {
            Some(Node::Text(before)) => before.push_str(text),
            _ => parent.children.push(Node::Text(text.to_owned())),
        }
        Ok(())
    }

    fn root(self) -> Result<Element, SamlError> {
        self.root.filter(|_| self.open.is_empty()).ok_or(SamlError::Xml("no whole document"))
    }
}

fn element(start: &BytesStart<'_>, around: Arc<Scope>) -> Result<Element, SamlError> {
    let (scope, plain) = declared(start, around)?;
    let mut attributes: Vec<(Name, String)> = Vec::new();
    for (name, value) in plain {
        let name = resolve(&name, &scope, true)?;
        let is_twice =
            |(known, _): &(Name, String)| known.local == name.local && known.namespace == name.namespace;
        if attributes.iter().any(is_twice) {
            return Err(SamlError::Xml("an attribute that is there twice"));
        }
        attributes.push((name, value));
    }
    let name = resolve(start.name().as_ref(), &scope, false)?;
    Ok(Element { name, attributes, scope, children: Vec::new() })
}

/// Attributes by their names as they are written.
type PlainAttributes = Vec<(String, String)>;

/// The namespaces after a start tag, and its attributes that declare none.
fn declared(start: &BytesStart<'_>, around: Arc<Scope>) -> Result<(Arc<Scope>, PlainAttributes), SamlError> {
    let mut scope = around;
    let mut plain = Vec::new();
    for (count, attribute) in start.attributes().enumerate() {
        let attribute = attribute.map_err(|_| SamlError::Xml("an attribute is not well-formed"))?;
        if count >= ATTRIBUTES_MAX {
            return Err(SamlError::Xml("too many attributes"));
        }
        let (name, value) = (attribute.key.as_ref().to_owned(), normalized(&attribute.value)?);
        let prefix = if name == "xmlns" { Some("") } else { name.strip_prefix("xmlns:") };
        match prefix {
            None => plain.push((name, value)),
            Some("xml" | "xmlns") => return Err(SamlError::Xml("a reserved prefix is declared")),
            Some(prefix) if !prefix.is_empty() && value.is_empty() => {
                return Err(SamlError::Xml("a prefix without a namespace"));
            }
            Some(prefix) => {
                Arc::make_mut(&mut scope).insert(prefix.to_owned(), value);
            }
        }
    }
    Ok((scope, plain))
}

fn resolve(name: &str, scope: &Scope, is_attribute: bool) -> Result<Name, SamlError> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    if !is_name(local) || (name.contains(':') && !is_name(prefix)) {
        return Err(SamlError::Xml("a name with other characters than letters, digits, '_', '-' and '.'"));
    }
    let namespace = match prefix {
        "xml" => XML.to_owned(),
        "" if is_attribute => String::new(),
        "" => scope.get("").cloned().unwrap_or_default(),
        prefix => scope.get(prefix).cloned().ok_or(SamlError::Xml("a prefix that is not declared"))?,
    };
    Ok(Name { prefix: prefix.to_owned(), local: local.to_owned(), namespace })
}

fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|each| each.is_ascii_alphanumeric() || matches!(each, '_' | '-' | '.'))
}

/// An attribute's value as XML reads it: line feeds and tabs become spaces, references what they stand for.
fn normalized(raw: &str) -> Result<String, SamlError> {
    let mut value = String::new();
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('&') {
        value.push_str(&before.replace(['\n', '\t'], " "));
        let (reference, following) =
            after.split_once(';').ok_or(SamlError::Xml("a reference without an end"))?;
        value.push_str(&resolved(reference)?);
        rest = following;
    }
    if raw.contains('<') {
        return Err(SamlError::Xml("a '<' in an attribute"));
    }
    value.push_str(&rest.replace(['\n', '\t'], " "));
    Ok(value)
}

/// What stands for a character: a number, or one of XML's five names.
fn resolved(reference: &str) -> Result<String, SamlError> {
    let unknown = SamlError::Xml("a reference to an entity that XML does not know");
    let Some(number) = reference.strip_prefix('#') else {
        return quick_xml::escape::resolve_predefined_entity(reference).map(str::to_owned).ok_or(unknown);
    };
    let code = match number.strip_prefix('x') {
        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16),
        None => number.parse(),
    };
    let character = code.ok().and_then(char::from_u32).filter(|character| is_character(*character));
    character.map(String::from).ok_or(unknown)
}

fn is_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_their_namespaces() {
        let root = Element::parse(r#"<a:x xmlns:a="urn:a" xmlns="urn:d" a:k="1" k="2"><y xmlns=""/></a:x>"#);
        let root = root.unwrap();
        assert!(root.is("urn:a", "x"));
        assert_eq!(root.attribute("k"), Some("2"));
        assert!(root.only("", "y").is_some());
    }

    #[test]
    fn a_comment_does_not_split_a_text() {
        let root = Element::parse("<x>ada@example.test<!-- -->.evil.test</x>").unwrap();
        assert_eq!(root.text().as_deref(), Some("ada@example.test.evil.test"));
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let documents = [
            "",
            "<a>",
            "<a/><b/>",
            "text<a/>",
            "<a></b>",
            "<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>",
            "<a>&e;</a>",
            "<?run me?><a/>",
            "<p:a/>",
            "<a xmlns:p=\"\"/>",
            "<a xmlns:xml=\"urn:x\"/>",
            "<a k=\"1\" k=\"2\"/>",
            "<a xmlns:p=\"urn:x\" xmlns:q=\"urn:x\" p:k=\"1\" q:k=\"2\"/>",
            "<a k=\"<\"/>",
            "<a k=\"&#0;\"/>",
            "<a>&#xFFFF;</a>",
            "<a:b:c xmlns:a=\"urn:a\"/>",
            "<a>\u{1}</a>",
        ];
        for document in documents {
            assert!(Element::parse(document).is_err(), "{document}");
        }
        assert!(Element::parse(&"<a>".repeat(100)).is_err());
    }
}
