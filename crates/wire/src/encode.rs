//! Outputs and errors in the envelopes of their protocols.

use serde_json::{Map, Value, json};
use stepward_models::{Operation, Protocol, Service};

use crate::error::ApiError;
use crate::http::HttpResponse;
use crate::timestamp::Format;
use crate::{cbor, json, rest, xml};

/// Writes the output of an operation.
pub fn encode(service: &Service, operation: &Operation, output: &Value, request_id: &str) -> HttpResponse {
    let mut response = match service.protocol {
        Protocol::Json { minor } => {
            let written =
                operation.output.map(|id| json::write(service, service.shape(id), output, Format::Epoch));
            json_response(200, minor, written.unwrap_or_else(|| b"{}".to_vec()))
        }
        Protocol::Query | Protocol::Ec2 => query_output(service, operation, output, request_id),
        Protocol::RestJson | Protocol::RestXml => rest::write(service, operation, output),
        Protocol::Cbor => {
            let written = operation.output.map(|id| cbor::write(service, service.shape(id), output));
            cbor_response(200, written.unwrap_or_default())
        }
    };
    response.headers.push(("x-amzn-requestid".to_owned(), request_id.to_owned()));
    response
}

/// An output of a JSON service that is written already, as `encode` would write it.
pub fn encode_written(service: &Service, text: Vec<u8>, request_id: &str) -> HttpResponse {
    let minor = if let Protocol::Json { minor } = service.protocol { minor } else { 0 };
    let mut response = json_response(200, minor, text);
    response.headers.push(("x-amzn-requestid".to_owned(), request_id.to_owned()));
    response
}

fn cbor_response(status: u16, body: Vec<u8>) -> HttpResponse {
    let mut headers = vec![(cbor::PROTOCOL_HEADER.to_owned(), cbor::PROTOCOL.to_owned())];
    if !body.is_empty() {
        headers.push(("content-type".to_owned(), cbor::CONTENT_TYPE.to_owned()));
    }
    HttpResponse { status, headers, body }
}

fn json_response(status: u16, minor: u8, body: Vec<u8>) -> HttpResponse {
    let kind = format!("application/x-amz-json-1.{minor}");
    HttpResponse { status, headers: vec![("content-type".to_owned(), kind)], body }
}

fn query_output(service: &Service, operation: &Operation, output: &Value, request_id: &str) -> HttpResponse {
    let mut body = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let namespace = service.xml_namespace.as_deref().unwrap_or_default();
    let wrapper = format!("{}Response", operation.name);
    body.push_str(&format!("<{wrapper} xmlns=\"{namespace}\">"));
    if let Some(shape) = operation.output.map(|id| service.shape(id)) {
        let result = operation.output_wrapper.clone().unwrap_or_else(|| format!("{}Result", operation.name));
        xml::open(&result, &mut body);
        xml::write_members(service, shape, output, &mut body);
        xml::close(&result, &mut body);
    }
    xml::open("ResponseMetadata", &mut body);
    xml::text("RequestId", request_id, &mut body);
    xml::close("ResponseMetadata", &mut body);
    xml::close(&wrapper, &mut body);
    HttpResponse {
        status: 200,
        headers: vec![("content-type".to_owned(), "text/xml".to_owned())],
        body: body.into_bytes(),
    }
}

/// Writes an error. Its code and status are those of the service's model where it has one of that name.
pub fn encode_error(service: Option<&Service>, error: &ApiError, request_id: &str) -> HttpResponse {
    encode_error_in(service.map(|service| service.protocol), service, error, request_id)
}

/// The same in the protocol of the request, which may be another than the usual one of the service.
pub fn encode_error_in(
    protocol: Option<Protocol>,
    service: Option<&Service>,
    error: &ApiError,
    request_id: &str,
) -> HttpResponse {
    let known = service.and_then(|service| service.error(&error.code));
    let is_query = service.is_some_and(|service| {
        matches!(service.protocol, Protocol::Query | Protocol::Ec2 | Protocol::RestXml)
    });
    // AWS: the older protocols have an older name for a denial.
    let named =
        if is_query && error.code == "AccessDeniedException" { "AccessDenied" } else { error.code.as_str() };
    let code = known.map_or(named, |known| known.code.as_str());
    let status = error
        .status
        .or_else(|| known.and_then(|known| known.status))
        .unwrap_or_else(|| status_of(service, code));
    let mut response = match protocol {
        Some(Protocol::Query | Protocol::Ec2) => query_error(service, (code, status), error, request_id),
        Some(Protocol::RestJson) => {
            let mut response = HttpResponse { status, ..HttpResponse::default() };
            response.headers.push(("content-type".to_owned(), "application/json".to_owned()));
            response.headers.push(("x-amzn-errortype".to_owned(), code.to_owned()));
            let mut body = error.members.as_deref().cloned().unwrap_or_default();
            body.insert("message".to_owned(), json!(error.message));
            body.insert("Type".to_owned(), json!(if status < 500 { "User" } else { "Service" }));
            response.body = Value::Object(body).to_string().into_bytes();
            response
        }
        Some(Protocol::RestXml) => rest_xml_error((code, status), error, request_id),
        Some(Protocol::Json { minor }) => json_error(service, (code, status), minor, error),
        Some(Protocol::Cbor) => cbor_error((code, status), error),
        None => json_error(service, (code, status), 0, error),
    };
    let is_json = matches!(protocol, Some(Protocol::Json { .. } | Protocol::Cbor));
    // AWS: these spoke the Query protocol once; their clients still go by the codes of that.
    if is_json && service.is_some_and(|service| service.tells_query_codes) {
        let fault = if status < 500 { "Sender" } else { "Receiver" };
        response.headers.push(("x-amzn-query-error".to_owned(), format!("{code};{fault}")));
    }
    response.headers.push(("x-amzn-requestid".to_owned(), request_id.to_owned()));
    response
}

/// The status of errors that no model describes.
fn status_of(service: Option<&Service>, code: &str) -> u16 {
    let is_json =
        service.is_none_or(|service| matches!(service.protocol, Protocol::Json { .. } | Protocol::Cbor));
    match code {
        "InternalFailure" | "InternalError" | "ServiceFailure" | "ServiceException" => 500,
        "ServiceUnavailable" => 503,
        "Throttling" | "ThrottlingException" | "TooManyRequestsException" if !is_json => 429,
        // AWS: JSON services answer a denial with 400, the others with 403.
        "AccessDenied"
        | "AccessDeniedException"
        | "SignatureDoesNotMatch"
        | "InvalidClientTokenId"
        | "ExpiredToken"
        | "MissingAuthenticationToken"
        | "UnrecognizedClientException"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "ExpiredTokenException"
        | "RequestExpired"
            if !is_json =>
        {
            403
        }
        "NoSuchEntity" => 404,
        "NotImplemented" => 501,
        _ => 400,
    }
}

fn json_error(
    service: Option<&Service>,
    (code, status): (&str, u16),
    minor: u8,
    error: &ApiError,
) -> HttpResponse {
    // AWS: Step Functions writes the short name; others put their namespace before it.
    let namespace = match service.map(|service| service.name.as_str()) {
        Some("stepfunctions" | "stepward") => "",
        _ => "com.amazon.coral.service#",
    };
    let shape = if code == "AccessDenied" { "AccessDeniedException" } else { code };
    let mut body = Map::from_iter([("__type".to_owned(), json!(format!("{namespace}{shape}")))]);
    body.insert("message".to_owned(), json!(error.message));
    body.extend(error.members.as_deref().cloned().unwrap_or_default());
    json_response(status, minor, Value::Object(body).to_string().into_bytes())
}

fn cbor_error((code, status): (&str, u16), error: &ApiError) -> HttpResponse {
    let shape = if code == "AccessDenied" { "AccessDeniedException" } else { code };
    let mut body =
        Map::from_iter([("__type".to_owned(), json!(format!("com.amazon.coral.service#{shape}")))]);
    body.insert("message".to_owned(), json!(error.message));
    body.extend(error.members.as_deref().cloned().unwrap_or_default());
    cbor_response(status, cbor::write_plain(&Value::Object(body)))
}

fn query_error(
    service: Option<&Service>,
    (code, status): (&str, u16),
    error: &ApiError,
    request_id: &str,
) -> HttpResponse {
    let namespace = service.and_then(|service| service.xml_namespace.as_deref()).unwrap_or_default();
    let mut body = format!("<ErrorResponse xmlns=\"{namespace}\">");
    xml::open("Error", &mut body);
    xml::text("Type", if status < 500 { "Sender" } else { "Receiver" }, &mut body);
    xml::text("Code", code, &mut body);
    xml::text("Message", &error.message, &mut body);
    xml::close("Error", &mut body);
    xml::text("RequestId", request_id, &mut body);
    xml::close("ErrorResponse", &mut body);
    HttpResponse {
        status,
        headers: vec![("content-type".to_owned(), "text/xml".to_owned())],
        body: body.into_bytes(),
    }
}

fn rest_xml_error((code, status): (&str, u16), error: &ApiError, request_id: &str) -> HttpResponse {
    let mut body = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
    xml::text("Code", code, &mut body);
    xml::text("Message", &error.message, &mut body);
    xml::text("RequestId", request_id, &mut body);
    body.push_str("</Error>");
    let kind = ("content-type".to_owned(), "application/xml".to_owned());
    HttpResponse { status, headers: vec![kind], body: body.into_bytes() }
}
