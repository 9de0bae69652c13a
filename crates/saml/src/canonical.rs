//! Canonical XML without comments, exclusive and inclusive, of one element of a document
//! (W3C: Exclusive XML Canonicalization 1.0; Canonical XML 1.0).

use std::collections::BTreeSet;
use std::ptr;

use crate::tree::{Element, Name, Node, Scope, XML};

/// Which namespaces are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Those that are used where they are written, and those of these prefixes as the inclusive form has them.
    Exclusive(Vec<String>),
    /// Those that are in scope.
    Inclusive,
}

/// The canonical text of an element, without the element `omitted` in it.
pub(crate) fn canonical(element: &Element, form: &Form, omitted: Option<&Element>) -> String {
    let mut writing = Writing { form, omitted, text: String::new() };
    writing.element(element, &Scope::new());
    writing.text
}

struct Writing<'w> {
    form: &'w Form,
    omitted: Option<&'w Element>,
    text: String,
}

impl Writing<'_> {
    /// `rendered` has the namespaces that the text says already.
    fn element(&mut self, element: &Element, rendered: &Scope) {
        if self.omitted.is_some_and(|omitted| ptr::eq(omitted, element)) {
            return;
        }
        let name = qualified(&element.name);
        self.text.push('<');
        self.text.push_str(&name);
        let rendered = self.namespaces(element, rendered);
        self.attributes(element);
        self.text.push('>');
        for node in &element.children {
            match node {
                Node::Element(child) => self.element(child, &rendered),
                Node::Text(text) => escape(text, &mut self.text, false),
            }
        }
        self.text.push_str("</");
        self.text.push_str(&name);
        self.text.push('>');
    }

    fn namespaces(&mut self, element: &Element, rendered: &Scope) -> Scope {
        let mut now = rendered.clone();
        for prefix in self.prefixes(element) {
            let namespace = element.scope.get(prefix).map(String::as_str).unwrap_or_default();
            let known = rendered.get(prefix).map(String::as_str);
            // The default namespace is none until something says otherwise.
            if known.unwrap_or_default() == namespace && (known.is_some() || namespace.is_empty()) {
                continue;
            }
            let start = if prefix.is_empty() { " xmlns".to_owned() } else { format!(" xmlns:{prefix}") };
            self.attribute(&start, namespace);
            now.insert(prefix.to_owned(), namespace.to_owned());
        }
        now
    }

    /// In their order: the default first.
    fn prefixes<'e>(&self, element: &'e Element) -> BTreeSet<&'e str> {
        let inclusive = match self.form {
            Form::Inclusive => return element.scope.keys().map(String::as_str).collect(),
            Form::Exclusive(inclusive) => inclusive,
        };
        let of_attributes = element.attributes.iter().map(|(name, _)| &name.prefix);
        let of_attributes = of_attributes.filter(|prefix| !prefix.is_empty() && *prefix != "xml");
        let more = element.scope.keys().filter(|prefix| inclusive.contains(prefix));
        std::iter::once(&element.name.prefix).chain(of_attributes).chain(more).map(String::as_str).collect()
    }

    fn attributes(&mut self, element: &Element) {
        let mut sorted: Vec<&(Name, String)> = element.attributes.iter().collect();
        sorted.sort_by_key(|(name, _)| (&name.namespace, &name.local));
        for (name, value) in sorted {
            self.attribute(&format!(" {}", qualified(name)), value);
        }
    }

    fn attribute(&mut self, start: &str, value: &str) {
        self.text.push_str(start);
        self.text.push_str("=\"");
        escape(value, &mut self.text, true);
        self.text.push('"');
    }
}

fn qualified(name: &Name) -> String {
    debug_assert!(name.prefix != "xml" || name.namespace == XML);
    if name.prefix.is_empty() { name.local.clone() } else { format!("{}:{}", name.prefix, name.local) }
}

fn escape(text: &str, to: &mut String, is_attribute: bool) {
    for character in text.chars() {
        match (character, is_attribute) {
            ('&', _) => to.push_str("&amp;"),
            ('<', _) => to.push_str("&lt;"),
            ('\r', _) => to.push_str("&#xD;"),
            ('>', false) => to.push_str("&gt;"),
            ('"', true) => to.push_str("&quot;"),
            ('\t', true) => to.push_str("&#x9;"),
            ('\n', true) => to.push_str("&#xA;"),
            (other, _) => to.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(document: &str, exclusive: &str, inclusive: &str) {
        let root = Element::parse(document).unwrap();
        let inner = root.elements().next().unwrap();
        assert_eq!(canonical(inner, &Form::Exclusive(Vec::new()), None), exclusive);
        assert_eq!(canonical(inner, &Form::Inclusive, None), inclusive);
    }

    // Both forms as lxml 6 writes them.
    #[test]
    fn the_exclusive_form_says_only_the_namespaces_that_are_used() {
        check(
            r#"<n0:local xmlns:n0="foo:bar" xmlns:n3="ftp://example.org"><n1:elem2 xmlns:n1="http://example.net" b='2' a="1"><n3:stuff xmlns=""/>A&amp;B &gt; "C"</n1:elem2></n0:local>"#,
            r#"<n1:elem2 xmlns:n1="http://example.net" a="1" b="2"><n3:stuff xmlns:n3="ftp://example.org"></n3:stuff>A&amp;B &gt; "C"</n1:elem2>"#,
            r#"<n1:elem2 xmlns:n0="foo:bar" xmlns:n1="http://example.net" xmlns:n3="ftp://example.org" a="1" b="2"><n3:stuff></n3:stuff>A&amp;B &gt; "C"</n1:elem2>"#,
        );
    }

    #[test]
    fn a_default_namespace_is_taken_back_where_it_ends() {
        check(
            r#"<r xmlns="urn:r"><a><b xmlns="" k="&#10;&quot;"/></a></r>"#,
            r#"<a xmlns="urn:r"><b xmlns="" k="&#xA;&quot;"></b></a>"#,
            r#"<a xmlns="urn:r"><b xmlns="" k="&#xA;&quot;"></b></a>"#,
        );
    }

    #[test]
    fn an_omitted_element_leaves_no_trace() {
        let root = Element::parse("<a>1<b>2</b>3</a>").unwrap();
        let omitted = root.elements().next();
        assert_eq!(canonical(&root, &Form::Exclusive(Vec::new()), omitted), "<a>13</a>");
    }
}
