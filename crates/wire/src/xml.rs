//! XML of the Query and rest-xml protocols, written from values: requests and answers alike.

use quick_xml::escape::escape;
use serde_json::Value;
use stepward_models::{Kind, Member, Service, Shape};

use crate::timestamp::{self, Format};

/// A structure as a document with its root's name and namespace.
pub(crate) fn document(
    service: &Service,
    (name, namespace): (&str, Option<&str>),
    shape: &Shape,
    value: &Value,
) -> Vec<u8> {
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
    let namespace = namespace.or(service.xml_namespace.as_deref());
    let declared = namespace.map(|uri| format!(" xmlns=\"{}\"", escape(uri))).unwrap_or_default();
    text.push_str(&format!("<{name}{declared}>"));
    write_members(service, shape, value, &mut text);
    close(name, &mut text);
    text.into_bytes()
}

/// Writes the members of a structure.
pub(crate) fn write_members(service: &Service, shape: &Shape, value: &Value, into: &mut String) {
    for member in shape.members().iter().filter(|member| !member.is_xml_attribute) {
        if let Some(value) = value.get(&member.name).filter(|value| !value.is_null()) {
            child(service, member, value, into);
        }
    }
}

fn child(service: &Service, member: &Member, value: &Value, into: &mut String) {
    let shape = service.shape(member.shape);
    let name = member.wire_name();
    let is_flat = member.is_flattened || shape.is_flattened;
    match (&shape.kind, value) {
        (Kind::List { member: item }, Value::Array(items)) if is_flat => {
            let name = item.location_name.as_deref().unwrap_or(name);
            items.iter().for_each(|value| element(service, (name, item), value, into));
        }
        (Kind::Map { key, value: item }, Value::Object(fields)) if is_flat => {
            for entry in fields {
                map_entry(service, name, (key, item), entry, into);
            }
        }
        _ => element(service, (name, member), value, into),
    }
}

fn element(service: &Service, (name, member): (&str, &Member), value: &Value, into: &mut String) {
    let shape = service.shape(member.shape);
    into.push_str(&format!("<{name}{}>", attributes(service, member, shape, value)));
    match (&shape.kind, value) {
        (Kind::Structure { .. }, value) => write_members(service, shape, value, into),
        (Kind::List { member: item }, Value::Array(items)) => {
            let name = item.location_name.as_deref().unwrap_or("member");
            items.iter().for_each(|value| element(service, (name, item), value, into));
        }
        (Kind::Map { key, value: item }, Value::Object(fields)) => {
            for entry in fields {
                map_entry(service, "entry", (key, item), entry, into);
            }
        }
        (_, value) => into.push_str(&escape(scalar(shape, member, value))),
    }
    close(name, into);
}

fn attributes(service: &Service, member: &Member, shape: &Shape, value: &Value) -> String {
    let mut text = String::new();
    let given = shape.members().iter().filter(|member| member.is_xml_attribute);
    let mut prefix = None;
    for attribute in given {
        let Some(value) = value.get(&attribute.name).filter(|value| !value.is_null()) else { continue };
        let name = attribute.wire_name();
        prefix = name.split_once(':').map(|(prefix, _)| prefix).or(prefix);
        let value = scalar(service.shape(attribute.shape), attribute, value);
        text.push_str(&format!(" {name}=\"{}\"", escape(value)));
    }
    if let Some(uri) = member.xml_namespace.as_deref().or(shape.xml_namespace.as_deref()) {
        let name = prefix.map_or_else(|| "xmlns".to_owned(), |prefix| format!("xmlns:{prefix}"));
        text.insert_str(0, &format!(" {name}=\"{}\"", escape(uri)));
    }
    text
}

fn map_entry(
    service: &Service,
    name: &str,
    (key, item): (&Member, &Member),
    (field, value): (&String, &Value),
    into: &mut String,
) {
    let key = key.location_name.as_deref().unwrap_or("key");
    into.push_str(&format!("<{name}><{key}>{}</{key}>", escape(field)));
    element(service, (item.location_name.as_deref().unwrap_or("value"), item), value, into);
    close(name, into);
}

/// A scalar's text.
pub(crate) fn scalar(shape: &Shape, member: &Member, value: &Value) -> String {
    match (&shape.kind, value) {
        (Kind::Timestamp, Value::Number(seconds)) => {
            let named = member.timestamp_format.as_deref().or(shape.timestamp_format.as_deref());
            timestamp::write(seconds.as_f64().unwrap_or_default(), Format::named(named, Format::Iso8601))
        }
        (_, Value::String(text)) => text.clone(),
        (_, value) => value.to_string(),
    }
}

pub(crate) fn open(name: &str, into: &mut String) {
    into.push('<');
    into.push_str(name);
    into.push('>');
}

pub(crate) fn close(name: &str, into: &mut String) {
    into.push_str("</");
    into.push_str(name);
    into.push('>');
}

/// An element of text.
pub(crate) fn text(name: &str, content: &str, into: &mut String) {
    open(name, into);
    into.push_str(&escape(content));
    close(name, into);
}
