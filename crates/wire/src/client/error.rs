//! What a service answers when it refuses, and what cannot be sent or read.

use serde_json::Value;
use stepward_models::{Protocol, Service};

use super::xml::Element;
use crate::cbor;
use crate::http::HttpResponse;

/// A request that cannot be made, or an answer that is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    #[error("{0}")]
    Request(String),
    #[error("{0}")]
    Response(String),
}

/// An error that a service answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceError {
    /// The code as the service's model has it; empty where the answer names none.
    pub code: String,
    /// The code of the service's older protocol, where it tells both.
    pub query_code: Option<String>,
    pub message: Option<String>,
    pub status: u16,
    pub request_id: Option<String>,
    /// S3's second id.
    pub extended_request_id: Option<String>,
}

/// Reads an error of whatever protocol. An answer without a body is an error without a code.
pub fn decode_error(service: &Service, response: &HttpResponse) -> ServiceError {
    let mut error = match service.protocol {
        Protocol::Json { .. } | Protocol::RestJson => {
            of_members(response, &serde_json::from_slice(&response.body).unwrap_or(Value::Null))
        }
        Protocol::Cbor => of_members(response, &cbor::read_plain(&response.body).unwrap_or(Value::Null)),
        Protocol::Query | Protocol::Ec2 | Protocol::RestXml => of_xml(response),
    };
    error.status = response.status;
    let id = ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"];
    let id = id.iter().find_map(|name| response.header(name)).map(str::to_owned);
    error.request_id = error.request_id.or(id);
    let extended = response.header("x-amz-id-2").map(str::to_owned);
    error.extended_request_id = error.extended_request_id.or(extended);
    error
}

fn of_members(response: &HttpResponse, body: &Value) -> ServiceError {
    let text = |names: &[&str]| {
        names.iter().find_map(|name| body.get(*name).and_then(Value::as_str)).map(str::to_owned)
    };
    let code = response.header("x-amzn-errortype").map(str::to_owned).or_else(|| text(&["__type", "code"]));
    let query = response.header("x-amzn-query-error").and_then(|header| header.split(';').next());
    ServiceError {
        code: code.as_deref().map(short).unwrap_or_default().to_owned(),
        query_code: query.map(str::to_owned),
        message: text(&["message", "Message", "errorMessage"]),
        ..ServiceError::default()
    }
}

/// `Name` of `namespace#Name:http://…`.
fn short(code: &str) -> &str {
    let code = code.split(':').next().unwrap_or_default();
    code.rsplit('#').next().unwrap_or_default()
}

fn of_xml(response: &HttpResponse) -> ServiceError {
    let Some(root) = Element::parse(&response.body) else { return ServiceError::default() };
    let error = root.find("Error").unwrap_or(&root);
    let text = |name: &str| error.child(name).map(|child| child.text.clone());
    let id = ["RequestId", "RequestID"];
    ServiceError {
        code: text("Code").unwrap_or_default(),
        message: text("Message"),
        request_id: id.iter().find_map(|name| root.find(name)).map(|found| found.text.clone()),
        extended_request_id: text("HostId"),
        ..ServiceError::default()
    }
}
