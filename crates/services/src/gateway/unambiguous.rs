//! Requests that a backend could read in another way than they were authorized: two operations named at once, a value
//! given twice, a name with another's path in it. No client writes them; all of them are refused.

mod json;

use serde_json::Value;
use stepward_integrations::backend::is_own_path;
use stepward_models::{Kind, Location, Operation, Protocol};
use stepward_wire::{ApiError, Call, HttpRequest, percent_decode};

use super::s3_error::invalid;

/// Names the operation in a parameter that no service takes.
const OF_SDK: &str = "x-id";

/// Makes MinIO and others unpack an object, whose parts nobody asked for.
const UNPACKS: &str = "x-amz-meta-snowball-auto-extract";

/// Refuses a path that a backend may resolve to another one, or under which it has an API of its own.
pub(super) fn check_path(call: &Call, request: &HttpRequest) -> Result<(), ApiError> {
    let path = percent_decode(&request.path);
    let has_dots = path.split('/').any(|segment| matches!(segment, "." | ".."));
    // These name their operation in a header or in the body; SQS may be asked at the address of a queue.
    let is_general = matches!(call.service.protocol, Protocol::Json { .. } | Protocol::Query | Protocol::Ec2);
    let is_usual = matches!(path.as_str(), "" | "/") || path.starts_with("/service/");
    let is_elsewhere = is_general && !is_usual && call.service.name != "sqs";
    if has_dots || is_elsewhere || is_own_path(&request.path) {
        return Err(invalid("InvalidURI", "Couldn't parse the specified URI."));
    }
    Ok(())
}

/// Refuses a request that is not what was authorized to everybody who reads it.
pub(super) fn check(call: &Call, request: &HttpRequest, input: &Value) -> Result<(), ApiError> {
    if let Some(name) = repeated_header(request) {
        return Err(invalid("InvalidRequest", &format!("The header {name} is there twice.")));
    }
    let is_query = matches!(call.service.protocol, Protocol::Query | Protocol::Ec2);
    let is_form = |kind: &str| kind.starts_with("application/x-www-form-urlencoded");
    let is_form = request.header("content-type").is_some_and(is_form);
    // A body that is compressed, or said to be something else, was not read here.
    let is_read =
        is_form && request.header("content-encoding").is_none() && std::str::from_utf8(&request.body).is_ok();
    if is_query && !request.body.is_empty() && !is_read {
        return Err(invalid("MalformedInput", "The body of the request is no form."));
    }
    // Headers and paths that name the operation of other protocols go first, for some.
    let names_target = request.header("x-amz-target").is_some();
    let is_cbor = call.protocol == Protocol::Cbor;
    let is_path_of_cbor = call.service.understands_cbor && request.path.starts_with("/service/");
    if is_cbor != request.header("smithy-protocol").is_some()
        || is_cbor != is_path_of_cbor
        || is_cbor && (names_target || names_action(request))
    {
        return Err(invalid("InvalidRequest", "The request speaks two protocols."));
    }
    // A parameter of the URL that names an operation goes before the header and the path, for some.
    if names_action(request) && (names_target || !(is_query || is_form)) {
        return Err(invalid("InvalidRequest", "The parameter Action names another operation."));
    }
    if let Some(name) = repeated_parameter(call, request).filter(|_| !is_query) {
        return Err(invalid("InvalidRequest", &format!("The parameter {name} is there twice.")));
    }
    if let Some(name) = json::ambiguous(call, request).filter(|_| !is_form) {
        let text = format!("The member {name} is there twice, or not written as the service does.");
        return Err(ApiError::new("SerializationException", text).with_status(400));
    }
    match call.service.name.as_str() {
        "s3" => check_s3(call, request, input),
        "sqs" => check_sqs(request, input),
        _ => Ok(()),
    }
}

/// A parameter that comes twice although it has one value.
fn repeated_parameter(call: &Call, request: &HttpRequest) -> Option<String> {
    let shape = call.operation.input.map(|id| call.service.shape(id));
    let members = shape.map(|shape| shape.members()).unwrap_or_default();
    let of_query = || members.iter().filter(|member| member.location == Location::QueryString);
    let is_map = |kind: &Kind| matches!(kind, Kind::Map { .. });
    if of_query().any(|member| is_map(&call.service.shape(member.shape).kind)) {
        return None;
    }
    let is_list = |name: &str| {
        let mut named = of_query().filter(|member| member.wire_name() == name);
        named.any(|member| matches!(call.service.shape(member.shape).kind, Kind::List { .. }))
    };
    let mut names: Vec<String> = request.query_parameters().into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    let mut pairs = names.windows(2);
    pairs.find_map(|pair| match pair {
        [one, other] if one == other && !is_list(one) => Some(one.clone()),
        _ => None,
    })
}

/// A queue that is named by the path and by its URL is the same one.
fn check_sqs(request: &HttpRequest, input: &Value) -> Result<(), ApiError> {
    let last = |text: &str| text.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
    let (of_path, url) =
        (last(&percent_decode(&request.path)), input.get("QueueUrl").and_then(Value::as_str));
    if of_path.is_empty() || url.is_some_and(|url| last(url) == of_path) {
        return Ok(());
    }
    Err(invalid("InvalidAddress", "The address and the QueueUrl are not of the same queue."))
}

fn names_action(request: &HttpRequest) -> bool {
    request.query_parameters().iter().any(|(name, _)| name == "Action")
}

/// Headers of AWS that come twice, and those that say how a body is to be read.
fn repeated_header(request: &HttpRequest) -> Option<&str> {
    let counts =
        |name: &str| name == "content-type" || name.starts_with("x-amz-") && !name.starts_with("x-amz-meta-");
    let mut names: Vec<&str> = request.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.retain(|name| counts(name));
    names.sort_unstable();
    names.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    })
}

fn check_s3(call: &Call, request: &HttpRequest, input: &Value) -> Result<(), ApiError> {
    if request.header(UNPACKS).is_some() {
        return Err(invalid("InvalidRequest", &format!("The header {UNPACKS} is not supported.")));
    }
    // `/bucket%2Fkey` is a bucket here and an object elsewhere.
    let bucket = input.get("Bucket").and_then(Value::as_str).unwrap_or_default();
    if bucket.contains('/') {
        return Err(invalid("InvalidBucketName", "The specified bucket is not valid."));
    }
    let parameters = request.query_parameters();
    let other = parameters.iter().map(|(name, _)| name.as_str()).find(|name| {
        *name != OF_SDK && is_telling(call, Location::QueryString, name) && !is_taken(call, name)
    });
    if let Some(name) = other {
        let text = format!("The parameter {name} is not one of {}.", call.operation.name);
        return Err(invalid("InvalidRequest", &text));
    }
    let headers = request.headers.iter().map(|(name, _)| name.as_str());
    let mut of_s3 = headers.filter(|name| name.starts_with("x-amz-"));
    let other = of_s3
        .find(|name| is_telling(call, Location::Header, name) && !has_member(call, Location::Header, name));
    if let Some(name) = other {
        let text = format!("The header {name} is not one of {}.", call.operation.name);
        return Err(invalid("InvalidRequest", &text));
    }
    // Without keys nothing would be asked for that a key could be denied by.
    let objects = input.pointer("/Delete/Objects").and_then(Value::as_array);
    if call.operation.name == "DeleteObjects" && objects.is_none_or(Vec::is_empty) {
        let text =
            "The XML you provided was not well-formed or did not validate against our published schema";
        return Err(invalid("MalformedXML", text));
    }
    Ok(())
}

/// Whether operations of the service are told apart by a parameter or a header: their templates demand it, or they
/// cannot be without it and their templates demand nothing.
fn is_telling(call: &Call, location: Location, name: &str) -> bool {
    call.service.operations.values().any(|operation| {
        let mut demanded = demands(operation).peekable();
        if demanded.peek().is_some() {
            return location == Location::QueryString && demanded.any(|demand| demand == name);
        }
        let shape = operation.input.map(|id| call.service.shape(id));
        shape.is_some_and(|shape| {
            shape.members().iter().any(|member| {
                member.location == location
                    && shape.is_required(&member.name)
                    && member.wire_name().eq_ignore_ascii_case(name)
            })
        })
    })
}

/// Whether the operation of a request takes a parameter.
fn is_taken(call: &Call, name: &str) -> bool {
    demands(call.operation).any(|demand| demand == name) || has_member(call, Location::QueryString, name)
}

fn has_member(call: &Call, location: Location, name: &str) -> bool {
    let shape = call.operation.input.map(|id| call.service.shape(id));
    let is_it = |shape: &stepward_models::Shape| {
        let mut members = shape.members().iter().filter(|member| member.location == location);
        members.any(|member| member.wire_name().eq_ignore_ascii_case(name))
    };
    shape.is_some_and(is_it)
}

/// The parameters that the template of an operation demands.
fn demands(operation: &Operation) -> impl Iterator<Item = &str> {
    let demanded = operation.uri.split_once('?').map_or("", |(_, demanded)| demanded);
    let names = demanded.split('&').filter_map(|demand| demand.split('=').next());
    names.filter(|name| !name.is_empty() && *name != OF_SDK)
}

#[cfg(test)]
mod tests {
    use stepward_models::service;
    use stepward_wire::{read_for_rights, route_of};

    use super::*;

    const NONE: &[(&str, &str)] = &[];

    fn checked(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Result<String, String> {
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let request = HttpRequest {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: headers.collect(),
            body: body.as_bytes().to_vec(),
        };
        let call = route_of(service("s3").unwrap(), &request).unwrap();
        let input = read_for_rights(&call, &request).map_err(|error| error.code)?;
        let name = call.operation.name.clone();
        check(&call, &request, &input).map(|()| name).map_err(|error| error.code)
    }

    #[test]
    fn requests_as_clients_write_them_pass() {
        let copy = [("x-amz-copy-source", "b/other"), ("x-amz-meta-a", "1"), ("x-amz-meta-a", "2")];
        let delete = "<Delete><Object><Key>k</Key></Object></Delete>";
        for (method, uri, headers, body, name) in [
            ("GET", "/b?list-type=2&prefix=a&encoding-type=url", NONE, "", "ListObjectsV2"),
            ("GET", "/b/k?versionId=1&partNumber=2&response-content-type=a", NONE, "", "GetObject"),
            ("GET", "/b/k?x-id=GetObject&id=5", NONE, "", "GetObject"),
            ("PUT", "/b/k?partNumber=1&uploadId=u", NONE, "x", "UploadPart"),
            ("PUT", "/b/k?partNumber=1&uploadId=u", &copy[..], "", "UploadPartCopy"),
            ("PUT", "/b/k", &copy[..], "", "CopyObject"),
            ("DELETE", "/b/k?uploadId=u", NONE, "", "AbortMultipartUpload"),
            ("POST", "/b?delete", NONE, delete, "DeleteObjects"),
            ("PUT", "/b?policy", NONE, "{}", "PutBucketPolicy"),
        ] {
            assert_eq!(checked(method, uri, headers, body).as_deref(), Ok(name), "{method} {uri}");
        }
    }

    #[test]
    fn requests_that_can_be_read_in_two_ways_are_refused() {
        let copy = [("x-amz-copy-source", "b/secret")];
        let unpacks = [(UNPACKS, "true")];
        let twice = [("x-amz-acl", "private"), ("x-amz-acl", "public-read")];
        for (method, uri, headers, code) in [
            ("PUT", "/b?policy&tagging", NONE, "InvalidRequest"),
            ("GET", "/b?list-type=2&policy", NONE, "InvalidRequest"),
            ("PUT", "/b/k?tagging&uploadId=u&partNumber=1", NONE, "InvalidRequest"),
            ("PUT", "/b/k?tagging", &copy[..], "InvalidRequest"),
            ("PUT", "/b/k", &twice[..], "InvalidRequest"),
            ("PUT", "/b/k.tar", &unpacks[..], "InvalidRequest"),
            ("GET", "/b?prefix=mine/&prefix=", NONE, "InvalidRequest"),
            ("GET", "/b/k?versionId=1&versionId=2", NONE, "InvalidRequest"),
            ("GET", "/b?Action=DeleteBucket", NONE, "InvalidRequest"),
            ("GET", "/b%2Fsecret", NONE, "InvalidBucketName"),
            ("DELETE", "/b%2Fsecret", NONE, "InvalidBucketName"),
            ("POST", "/b?delete", NONE, "MalformedXML"),
        ] {
            assert_eq!(checked(method, uri, headers, "").unwrap_err(), code, "{method} {uri}");
        }
    }

    /// A request of a service whose operation stands in a header.
    fn asked(target: &str, path: &str, body: &str) -> Result<(), String> {
        let request = HttpRequest {
            method: "POST".to_owned(),
            path: path.to_owned(),
            query: String::new(),
            headers: vec![("x-amz-target".to_owned(), target.to_owned())],
            body: body.as_bytes().to_vec(),
        };
        let call = stepward_wire::route(&request).unwrap();
        check_path(&call, &request).map_err(|error| error.code)?;
        let input = read_for_rights(&call, &request).map_err(|error| error.code)?;
        check(&call, &request, &input).map_err(|error| error.code)
    }

    #[test]
    fn paths_under_which_backends_have_their_own_are_refused() {
        for uri in ["/moto-api/data.json", "/moto%2Dapi/data.json", "/minio/admin/v3/info", "/a/../b"] {
            let request =
                HttpRequest { method: "GET".to_owned(), path: uri.to_owned(), ..HttpRequest::default() };
            let call = route_of(service("s3").unwrap(), &request).unwrap();
            assert_eq!(check_path(&call, &request).unwrap_err().code, "InvalidURI", "{uri}");
        }
        assert_eq!(asked("DynamoDB_20120810.ListTables", "/moto-api/reset", "{}").unwrap_err(), "InvalidURI");
        assert_eq!(asked("DynamoDB_20120810.ListTables", "/", "{}"), Ok(()));
    }

    #[test]
    fn a_queue_is_named_once() {
        let send = |path, url| {
            let body = format!("{{\"QueueUrl\": \"http://h/000000000000/{url}\", \"MessageBody\": \"m\"}}");
            asked("AmazonSQS.SendMessage", path, &body)
        };
        assert_eq!(send("/", "mine"), Ok(()));
        assert_eq!(send("/000000000000/mine", "mine"), Ok(()));
        assert_eq!(send("/000000000000/secret", "mine").unwrap_err(), "InvalidAddress");
    }

    #[test]
    fn members_that_are_there_twice_are_refused() {
        let code = "SerializationException";
        for (body, is_clear) in [
            (r#"{"TableName": "t", "Key": {"a": {"S": "1"}}}"#, true),
            (r#"{"TableName": "t", "Item": {"Name": {"S": "1"}, "name": {"S": "2"}}}"#, true),
            (r#"{"TableName": "mine", "TableName": "secret"}"#, false),
            (r#"{"TableName": "mine", "tablename": "secret"}"#, false),
            (r#"{"TableName": "mine", "\u0054ableName": "secret"}"#, false),
            (r#"{"TableName": "t", "Item": {"k": {"S": "mine", "S": "other"}}}"#, false),
            (r#"{"TableName": "t", "Item": {"k": {"S": "mine", "s": "other"}}}"#, false),
        ] {
            let expected = if is_clear { Ok(()) } else { Err(code.to_owned()) };
            assert_eq!(asked("DynamoDB_20120810.PutItem", "/", body), expected, "{body}");
        }
    }

    #[test]
    fn keys_that_cannot_be_read_for_sure_are_not_deleted() {
        for body in [
            "",
            "no XML",
            "<!DOCTYPE d [<!ENTITY k \"secret\">]><Delete><Object><Key>&k;</Key></Object></Delete>",
            "<Delete><Object><Key>mine</Key><Key>secret</Key></Object></Delete>",
        ] {
            assert_eq!(checked("POST", "/b?delete", NONE, body).unwrap_err(), "MalformedXML", "{body}");
        }
    }
}
