//! Requests that a backend could read in another way than they were authorized: two operations named at once, a value
//! given twice, a name with another's path in it. No client writes them; all of them are refused.

use serde_json::Value;
use stepward_models::{Location, Operation, Protocol};
use stepward_wire::{ApiError, Call, HttpRequest};

use super::s3_error::invalid;

/// Names the operation in a parameter that no service takes.
const OF_SDK: &str = "x-id";

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
    // A parameter of the URL that names an operation goes before the header and the path, for some.
    let names_action = request.query_parameters().iter().any(|(name, _)| name == "Action");
    if names_action && (request.header("x-amz-target").is_some() || !(is_query || is_form)) {
        return Err(invalid("InvalidRequest", "The parameter Action names another operation."));
    }
    if call.service.name == "s3" { check_s3(call, request, input) } else { Ok(()) }
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
        let twice = [("x-amz-acl", "private"), ("x-amz-acl", "public-read")];
        for (method, uri, headers, code) in [
            ("PUT", "/b?policy&tagging", NONE, "InvalidRequest"),
            ("GET", "/b?list-type=2&policy", NONE, "InvalidRequest"),
            ("PUT", "/b/k?tagging&uploadId=u&partNumber=1", NONE, "InvalidRequest"),
            ("PUT", "/b/k?tagging", &copy[..], "InvalidRequest"),
            ("PUT", "/b/k", &twice[..], "InvalidRequest"),
            ("GET", "/b?Action=DeleteBucket", NONE, "InvalidRequest"),
            ("GET", "/b%2Fsecret", NONE, "InvalidBucketName"),
            ("DELETE", "/b%2Fsecret", NONE, "InvalidBucketName"),
            ("POST", "/b?delete", NONE, "MalformedXML"),
        ] {
            assert_eq!(checked(method, uri, headers, "").unwrap_err(), code, "{method} {uri}");
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
