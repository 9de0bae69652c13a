//! XML of the Query and rest-xml protocols, written from values.

use quick_xml::escape::escape;
use serde_json::Value;
use stepward_models::{Kind, Member, Service, Shape};

use crate::timestamp::{self, Format};

/// Writes the members of a structure.
pub(crate) fn write_members(service: &Service, shape: &Shape, value: &Value, into: &mut String) {
    for member in shape.members() {
        if let Some(value) = value.get(&member.name).filter(|value| !value.is_null()) {
            write_member(service, member, value, into);
        }
    }
}

fn write_member(service: &Service, member: &Member, value: &Value, into: &mut String) {
    let shape = service.shape(member.shape);
    let name = member.wire_name();
    let is_flat = member.is_flattened || shape.is_flattened;
    match (&shape.kind, value) {
        (Kind::List { member: item }, Value::Array(items)) if is_flat => {
            let name = item.location_name.as_deref().unwrap_or(name);
            items.iter().for_each(|value| element(service, (name, item), value, into));
        }
        (Kind::Map { key, value: item }, Value::Object(fields)) if is_flat => {
            for (field, value) in fields {
                open(name, into);
                write_entry(service, (key, item), (field, value), into);
                close(name, into);
            }
        }
        _ => element(service, (name, member), value, into),
    }
}

fn element(service: &Service, (name, member): (&str, &Member), value: &Value, into: &mut String) {
    let shape = service.shape(member.shape);
    open(name, into);
    match (&shape.kind, value) {
        (Kind::Structure { .. }, value) => write_members(service, shape, value, into),
        (Kind::List { member: item }, Value::Array(items)) => {
            items.iter().for_each(|value| {
                element(service, (item.location_name.as_deref().unwrap_or("member"), item), value, into)
            });
        }
        (Kind::Map { key, value: item }, Value::Object(fields)) => {
            for (field, value) in fields {
                open("entry", into);
                write_entry(service, (key, item), (field, value), into);
                close("entry", into);
            }
        }
        (_, value) => into.push_str(&escape(scalar(shape, member, value))),
    }
    close(name, into);
}

fn write_entry(
    service: &Service,
    (key, item): (&Member, &Member),
    (field, value): (&str, &Value),
    into: &mut String,
) {
    let name = key.location_name.as_deref().unwrap_or("key");
    open(name, into);
    into.push_str(&escape(field));
    close(name, into);
    element(service, (item.location_name.as_deref().unwrap_or("value"), item), value, into);
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
