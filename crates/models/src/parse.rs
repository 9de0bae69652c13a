//! Reads botocore's form of a service model.

use std::collections::HashMap;

use serde_json::{Map, Value};

use crate::shape::{
    Constraints, ErrorTrait, Kind, Location, Member, Operation, Protocol, Service, Shape, ShapeId,
};

pub(crate) fn service(name: &str, model: &Value) -> Option<Service> {
    let metadata = model.get("metadata")?;
    let texts: &Map<String, Value> = model.get("shapes")?.as_object()?;
    let by_name: HashMap<String, ShapeId> =
        texts.keys().enumerate().map(|(at, name)| (name.clone(), ShapeId(at))).collect();
    let shapes =
        texts.iter().map(|(name, shape)| read_shape(name, shape, &by_name)).collect::<Option<_>>()?;
    let operations = model
        .get("operations")?
        .as_object()?
        .iter()
        .map(|(name, operation)| (name.clone(), read_operation(name, operation, &by_name)));
    let endpoint_prefix = text(metadata, "endpointPrefix").unwrap_or_default();
    Some(Service {
        name: name.to_owned(),
        service_id: text(metadata, "serviceId").unwrap_or_default(),
        api_version: text(metadata, "apiVersion").unwrap_or_default(),
        signing_name: text(metadata, "signingName").unwrap_or_else(|| endpoint_prefix.clone()),
        endpoint_prefix,
        target_prefix: text(metadata, "targetPrefix"),
        protocol: protocol(metadata)?,
        understands_cbor: protocols(metadata).any(|name| name == CBOR),
        tells_query_codes: metadata.get("awsQueryCompatible").is_some(),
        xml_namespace: text(metadata, "xmlNamespace"),
        operations: operations.collect(),
        shapes,
        by_name,
    })
}

const CBOR: &str = "smithy-rpc-v2-cbor";

/// The protocol that a service is spoken to in: of several the first, and CBOR where there is no other.
fn protocol(metadata: &Value) -> Option<Protocol> {
    let older = protocols(metadata).find_map(|name| match name {
        "json" => {
            let minor = if text(metadata, "jsonVersion").as_deref() == Some("1.0") { 0 } else { 1 };
            Some(Protocol::Json { minor })
        }
        "query" => Some(Protocol::Query),
        "ec2" => Some(Protocol::Ec2),
        "rest-json" => Some(Protocol::RestJson),
        "rest-xml" => Some(Protocol::RestXml),
        _ => None,
    });
    older.or_else(|| protocols(metadata).any(|name| name == CBOR).then_some(Protocol::Cbor))
}

fn protocols(metadata: &Value) -> impl Iterator<Item = &str> {
    let one = metadata.get("protocol").and_then(Value::as_str);
    let several = metadata.get("protocols").and_then(Value::as_array);
    one.into_iter().chain(several.into_iter().flatten().filter_map(Value::as_str))
}

fn read_operation(name: &str, operation: &Value, by_name: &HashMap<String, ShapeId>) -> Operation {
    let shape = |key: &str| {
        operation
            .get(key)
            .and_then(|shape| shape.get("shape"))
            .and_then(Value::as_str)
            .and_then(|name| by_name.get(name))
            .copied()
    };
    let http = operation.get("http").unwrap_or(&Value::Null);
    let errors = operation.get("errors").and_then(Value::as_array).into_iter().flatten();
    Operation {
        name: name.to_owned(),
        method: text(http, "method").unwrap_or_else(|| "POST".to_owned()),
        uri: text(http, "requestUri").unwrap_or_else(|| "/".to_owned()),
        status: http
            .get("responseCode")
            .and_then(Value::as_u64)
            .and_then(|code| u16::try_from(code).ok())
            .unwrap_or(200),
        host_prefix: operation.get("endpoint").and_then(|endpoint| text(endpoint, "hostPrefix")),
        input: shape("input"),
        input_name: operation.get("input").and_then(|input| text(input, "locationName")),
        input_namespace: operation.get("input").and_then(namespace),
        output: shape("output"),
        output_wrapper: operation.get("output").and_then(|output| text(output, "resultWrapper")),
        errors: errors
            .filter_map(|error| error.get("shape").and_then(Value::as_str))
            .filter_map(|name| by_name.get(name).copied())
            .collect(),
    }
}

fn read_shape(name: &str, shape: &Value, by_name: &HashMap<String, ShapeId>) -> Option<Shape> {
    Some(Shape {
        name: name.to_owned(),
        kind: read_kind(shape, by_name)?,
        constraints: Constraints {
            min: shape.get("min").and_then(Value::as_f64),
            max: shape.get("max").and_then(Value::as_f64),
            pattern: text(shape, "pattern"),
            values: shape.get("enum").map(texts).unwrap_or_default(),
        },
        error: read_error(name, shape),
        payload: text(shape, "payload"),
        is_sensitive: flag(shape, "sensitive"),
        is_flattened: flag(shape, "flattened"),
        xml_namespace: namespace(shape),
        timestamp_format: text(shape, "timestampFormat"),
        location_name: text(shape, "locationName"),
    })
}

fn read_kind(shape: &Value, by_name: &HashMap<String, ShapeId>) -> Option<Kind> {
    Some(match shape.get("type").and_then(Value::as_str)? {
        "structure" => Kind::Structure {
            members: shape
                .get("members")
                .and_then(Value::as_object)
                .into_iter()
                .flatten()
                .filter_map(|(name, member)| read_member(name, member, by_name))
                .collect(),
            required: shape.get("required").map(texts).unwrap_or_default(),
            is_union: flag(shape, "union"),
            is_document: flag(shape, "document"),
        },
        "list" => Kind::List { member: read_member("member", shape.get("member")?, by_name)? },
        "map" => Kind::Map {
            key: read_member("key", shape.get("key")?, by_name)?,
            value: read_member("value", shape.get("value")?, by_name)?,
        },
        "integer" => Kind::Integer,
        "long" => Kind::Long,
        "float" => Kind::Float,
        "double" => Kind::Double,
        "boolean" => Kind::Boolean,
        "blob" => Kind::Blob,
        "timestamp" => Kind::Timestamp,
        _ => Kind::String,
    })
}

fn read_member(name: &str, member: &Value, by_name: &HashMap<String, ShapeId>) -> Option<Member> {
    Some(Member {
        name: name.to_owned(),
        shape: *by_name.get(member.get("shape")?.as_str()?)?,
        location: match member.get("location").and_then(Value::as_str) {
            Some("uri") => Location::Uri,
            Some("querystring") => Location::QueryString,
            Some("header") => Location::Header,
            Some("headers") => Location::Headers,
            Some("statusCode") => Location::StatusCode,
            _ => Location::Body,
        },
        location_name: text(member, "locationName"),
        query_name: text(member, "queryName"),
        is_flattened: flag(member, "flattened"),
        is_xml_attribute: flag(member, "xmlAttribute"),
        is_streaming: flag(member, "streaming"),
        is_idempotency_token: flag(member, "idempotencyToken"),
        is_json_value: flag(member, "jsonvalue"),
        timestamp_format: text(member, "timestampFormat"),
        xml_namespace: namespace(member),
    })
}

fn read_error(name: &str, shape: &Value) -> Option<ErrorTrait> {
    let error = shape.get("error");
    if error.is_none() && !flag(shape, "exception") {
        return None;
    }
    let error = error.unwrap_or(&Value::Null);
    let status =
        error.get("httpStatusCode").and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    Some(ErrorTrait {
        code: text(error, "code").unwrap_or_else(|| name.to_owned()),
        status,
        is_sender_fault: !flag(shape, "fault") && status.is_none_or(|status| status < 500),
    })
}

fn namespace(value: &Value) -> Option<String> {
    let namespace = value.get("xmlNamespace")?;
    text(namespace, "uri").or_else(|| namespace.as_str().map(str::to_owned))
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn flag(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn texts(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}
