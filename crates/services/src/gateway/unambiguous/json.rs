//! Bodies in JSON of which parsers make different things: of two members of one name some take the first and some the
//! last, and some read names whatever their case.

use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use stepward_models::{Kind, Protocol, Service, ShapeId};
use stepward_wire::{Call, HttpRequest};

/// No body is nested deeper (serde_json refuses at 128 itself).
const DEPTH_MAX: usize = 128;

/// A member of a request's body that can be read in two ways.
pub(super) fn ambiguous(call: &Call, request: &HttpRequest) -> Option<String> {
    let id = shape_of_body(call)?;
    let mut repeated = None;
    let mut parser = serde_json::Deserializer::from_slice(&request.body);
    if let Err(error) = Once::deserialize(&mut parser) {
        repeated = error.to_string().split(" at line ").next().map(str::to_owned);
    }
    // What is no JSON at all was refused when it was read.
    let body: Value = serde_json::from_slice(&request.body).ok()?;
    repeated.or_else(|| miswritten(call.service, id, &body, 0))
}

/// What the body holds, where it is JSON.
fn shape_of_body(call: &Call) -> Option<ShapeId> {
    let id = call.operation.input?;
    match call.protocol {
        Protocol::Json { .. } => Some(id),
        Protocol::RestJson => {
            let shape = call.service.shape(id);
            let Some(payload) = shape.payload.as_deref().and_then(|name| shape.member(name)) else {
                return Some(id);
            };
            let is_bytes = matches!(call.service.shape(payload.shape).kind, Kind::Blob | Kind::String);
            (!is_bytes).then_some(payload.shape)
        }
        // The reader of CBOR refuses such bodies itself.
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml | Protocol::Cbor => None,
    }
}

/// A member that differs in case only from one that the structure has.
fn miswritten(service: &Service, id: ShapeId, value: &Value, depth: usize) -> Option<String> {
    if depth > DEPTH_MAX {
        return None;
    }
    match (&service.shape(id).kind, value) {
        (Kind::Structure { is_document: true, .. }, _) => None,
        (Kind::Structure { members, .. }, Value::Object(fields)) => {
            fields.iter().find_map(|(name, value)| {
                if let Some(member) = members.iter().find(|member| member.wire_name() == name) {
                    return miswritten(service, member.shape, value, depth + 1);
                }
                let is_other = members.iter().any(|member| member.wire_name().eq_ignore_ascii_case(name));
                is_other.then(|| name.clone())
            })
        }
        (Kind::List { member }, Value::Array(items)) => {
            items.iter().find_map(|item| miswritten(service, member.shape, item, depth + 1))
        }
        (Kind::Map { value: member, .. }, Value::Object(fields)) => {
            fields.values().find_map(|item| miswritten(service, member.shape, item, depth + 1))
        }
        _ => None,
    }
}

/// JSON in which every name is there once; what it says is not kept.
struct Once;

impl<'de> Deserialize<'de> for Once {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Once)
    }
}

impl<'de> Visitor<'de> for Once {
    type Value = Once;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Once, A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            map.next_value::<Once>()?;
            if let Some(name) = names.replace(name) {
                return Err(A::Error::custom(name));
            }
        }
        Ok(Once)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Once, A::Error> {
        while items.next_element::<Once>()?.is_some() {}
        Ok(Once)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_str<E>(self, _: &str) -> Result<Once, E> {
        Ok(Once)
    }

    fn visit_unit<E>(self) -> Result<Once, E> {
        Ok(Once)
    }
}
