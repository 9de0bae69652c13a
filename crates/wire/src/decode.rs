//! The input of a call: read by its protocol, checked against its model.

use serde_json::{Map, Value};
use stepward_models::{Protocol, Service};

use crate::error::ApiError;
use crate::http::HttpRequest;
use crate::route::{Call, all_parameters};
use crate::{cbor, constraints, json, query, rest};

/// Reads and checks the input of a call. Members have the names of the model.
pub fn decode(call: &Call, request: &HttpRequest) -> Result<Value, ApiError> {
    let Some(input) = call.operation.input else { return Ok(Value::Object(Map::new())) };
    let value = match call.protocol {
        Protocol::Json { .. } => {
            let parsed = json::parse(&request.body)?;
            if !parsed.is_object() {
                return Err(json::serialization("The request body must be a JSON object."));
            }
            json::read(call.service, input, parsed, "")?
        }
        Protocol::Query | Protocol::Ec2 => query::read(call.service, input, all_parameters(request))?,
        Protocol::RestJson | Protocol::RestXml => rest::read(call, call.service.shape(input), request)?,
        Protocol::Cbor => {
            cbor::read(call.service, input, &request.body).map_err(|text| json::serialization(&text))?
        }
    };
    check(call.service, &call.operation.name, &value)?;
    Ok(value)
}

/// Checks an input, whose members have the names of the model, against the constraints of its operation.
pub fn check(service: &Service, operation: &str, value: &Value) -> Result<(), ApiError> {
    let Some(input) = service.operations.get(operation).and_then(|operation| operation.input) else {
        return Ok(());
    };
    constraints::check(service, input, value).map_err(|error| match service.protocol {
        // AWS: the Query services call it by another name.
        Protocol::Query | Protocol::Ec2 => ApiError { code: "ValidationError".to_owned(), ..error },
        _ => error,
    })
}

/// Reads of a request what its rights depend on, whatever else it holds: its constraints are the backend's business.
pub fn read_for_rights(call: &Call, request: &HttpRequest) -> Result<Value, ApiError> {
    let Some(input) = call.operation.input else { return Ok(Value::Object(Map::new())) };
    let shape = call.service.shape(input);
    if is_form(request) {
        return query::read(call.service, input, all_parameters(request));
    }
    match call.protocol {
        Protocol::Json { .. } => json::read(call.service, input, json::parse(&request.body)?, ""),
        Protocol::Query | Protocol::Ec2 => query::read(call.service, input, all_parameters(request)),
        Protocol::RestJson => rest::read(call, shape, request),
        Protocol::RestXml => rest::read_with_xml(call, shape, request),
        Protocol::Cbor => {
            cbor::read(call.service, input, &request.body).map_err(|text| json::serialization(&text))
        }
    }
}

/// Whether a request speaks the Query protocol, which some services understand beside their own.
pub(crate) fn is_form(request: &HttpRequest) -> bool {
    let kind = request.header("content-type").unwrap_or_default();
    request.header("x-amz-target").is_none() && kind.starts_with("application/x-www-form-urlencoded")
}
