//! The Query protocol: parameters with dots, answers in XML.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use stepward_models::{Kind, Member, Service, Shape, ShapeId};

use crate::error::ApiError;
use crate::timestamp;

/// How many parameters a request may have.
const PARAMETERS_MAX: usize = 20_000;
/// How long a list may be: an index is an attacker's number.
const LIST_MAX: usize = 10_000;
const DEPTH_MAX: usize = 32;

/// Reads the input of an operation from its parameters.
pub(crate) fn read(
    service: &Service,
    shape: ShapeId,
    parameters: Vec<(String, String)>,
) -> Result<Value, ApiError> {
    if parameters.len() > PARAMETERS_MAX {
        return Err(malformed(&format!("The request has more than {PARAMETERS_MAX} parameters.")));
    }
    let mut root = Node::default();
    for (name, value) in parameters {
        root.insert(&name, value)?;
    }
    Ok(root.read(service, service.shape(shape), false)?.unwrap_or_else(|| Value::Object(Map::new())))
}

fn malformed(text: &str) -> ApiError {
    ApiError::new("MalformedInput", text).with_status(400)
}

/// Parameters as a tree, split at their dots.
#[derive(Default)]
struct Node {
    text: Option<String>,
    children: BTreeMap<String, Node>,
}

impl Node {
    fn insert(&mut self, name: &str, value: String) -> Result<(), ApiError> {
        let mut node = self;
        for (depth, part) in name.split('.').enumerate() {
            if depth > DEPTH_MAX {
                return Err(malformed("A parameter's name has too many parts."));
            }
            node = node.children.entry(part.to_owned()).or_default();
        }
        node.text = Some(value);
        Ok(())
    }

    fn read(&self, service: &Service, shape: &Shape, is_flat: bool) -> Result<Option<Value>, ApiError> {
        match &shape.kind {
            Kind::Structure { members, .. } => self.read_structure(service, members).map(Some),
            Kind::List { member } => self.read_list(service, member, is_flat || shape.is_flattened).map(Some),
            Kind::Map { key, value } => {
                self.read_map(service, (key, value), is_flat || shape.is_flattened).map(Some)
            }
            _ => self.text.as_ref().map(|text| read_scalar(shape, text)).transpose(),
        }
    }

    fn read_structure(&self, service: &Service, members: &[Member]) -> Result<Value, ApiError> {
        let mut fields = Map::new();
        for member in members {
            let shape = service.shape(member.shape);
            let is_flat = member.is_flattened || shape.is_flattened;
            let Some(node) = self.children.get(member_name(service, member, shape, is_flat)) else {
                continue;
            };
            // A list or map that is given as one empty text is there and empty.
            if let Some(value) = node.read(service, shape, is_flat)? {
                fields.insert(member.name.clone(), value);
            }
        }
        Ok(Value::Object(fields))
    }

    fn read_list(&self, service: &Service, member: &Member, is_flat: bool) -> Result<Value, ApiError> {
        let shape = service.shape(member.shape);
        let items = if is_flat {
            Some(self)
        } else {
            self.children.get(member.wire_name()).or_else(|| self.children.get("member"))
        };
        let mut read = BTreeMap::new();
        for (index, node) in items.map(|items| &items.children).into_iter().flatten() {
            let index: usize = index.parse().map_err(|_| malformed("Key (list index) must be a number."))?;
            if index > LIST_MAX {
                return Err(malformed(&format!("A list can have at most {LIST_MAX} items.")));
            }
            if let Some(value) = node.read(service, shape, false)? {
                read.insert(index, value);
            }
        }
        Ok(Value::Array(read.into_values().collect()))
    }

    fn read_map(
        &self,
        service: &Service,
        (key, value): (&Member, &Member),
        is_flat: bool,
    ) -> Result<Value, ApiError> {
        let entries = if is_flat { Some(self) } else { self.children.get("entry") };
        let mut read = Map::new();
        for entry in entries.map(|entries| &entries.children).into_iter().flatten().map(|(_, entry)| entry) {
            let name = entry
                .children
                .get(key.location_name.as_deref().unwrap_or("key"))
                .and_then(|node| node.text.clone());
            let item = entry.children.get(value.location_name.as_deref().unwrap_or("value"));
            let item =
                item.map(|node| node.read(service, service.shape(value.shape), false)).transpose()?.flatten();
            if let (Some(name), Some(item)) = (name, item) {
                read.insert(name, item);
            }
        }
        Ok(Value::Object(read))
    }
}

/// A flattened list is named by its items where they have a name.
fn member_name<'a>(service: &'a Service, member: &'a Member, shape: &'a Shape, is_flat: bool) -> &'a str {
    if is_flat
        && let Kind::List { member: item } = &shape.kind
        && let Some(name) = &item.location_name
    {
        return name;
    }
    let _ = service;
    member.wire_name()
}

pub(crate) fn read_scalar(shape: &Shape, text: &str) -> Result<Value, ApiError> {
    let wrong =
        |what: &str| malformed(&format!("'{}' is not {what}.", text.chars().take(64).collect::<String>()));
    Ok(match shape.kind {
        Kind::Integer | Kind::Long => Value::from(text.parse::<i64>().map_err(|_| wrong("an integer"))?),
        Kind::Float | Kind::Double => Value::from(
            text.parse::<f64>().ok().filter(|number| number.is_finite()).ok_or_else(|| wrong("a number"))?,
        ),
        Kind::Boolean => match text {
            "true" | "True" => Value::Bool(true),
            "false" | "False" => Value::Bool(false),
            _ => return Err(wrong("true or false")),
        },
        Kind::Timestamp => {
            Value::from(timestamp::read(&Value::from(text)).ok_or_else(|| wrong("a timestamp"))?)
        }
        _ => Value::String(text.to_owned()),
    })
}
