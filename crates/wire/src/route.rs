//! Which service and which operation a request names.

use stepward_models::{
    Operation, Protocol, Service, all_by_signing_name, by_signing_name, by_target_prefix, service,
};

use crate::cbor;
use crate::decode::is_form;
use crate::error::ApiError;
use crate::http::{HttpRequest, form_pairs};
use crate::rest;

/// A request that has been understood so far: the operation, and where its labels stand in the path.
#[derive(Clone, Debug)]
pub struct Call {
    pub service: &'static Service,
    pub operation: &'static Operation,
    /// How the request speaks.
    pub protocol: Protocol,
    /// Values of the URI's labels, decoded.
    pub(crate) labels: Vec<(String, String)>,
}

/// Why a request names no operation: the service, as far as it is known, and what to answer.
pub type Unrouted = (Option<&'static Service>, ApiError);

/// Finds the operation of a request.
pub fn route(request: &HttpRequest) -> Result<Call, Unrouted> {
    if let Some(target) = request.header("x-amz-target") {
        return by_target(target);
    }
    if cbor::is_spoken(request) {
        return by_cbor_path(request);
    }
    let usual = service_of(request).ok_or_else(|| (None, unknown_service(request)))?;
    if usual.name == "s3" && is_of_s3_control(request) {
        return route_of(service("s3control").unwrap_or(usual), request);
    }
    route_of(usual, request).or_else(|unrouted| {
        let mut others = all_by_signing_name(&usual.signing_name).filter(|other| other.name != usual.name);
        others.find_map(|other| route_of(other, request).ok()).ok_or(unrouted)
    })
}

/// AWS: the control API of S3 has the same signature, paths of its own version, and a header that S3 has not.
fn is_of_s3_control(request: &HttpRequest) -> bool {
    request.path.starts_with("/v20180820/") && request.header("x-amz-account-id").is_some()
}

/// Finds the operation of a request that is known to be for a service.
pub fn route_of(service: &'static Service, request: &HttpRequest) -> Result<Call, Unrouted> {
    match service.protocol {
        Protocol::Query | Protocol::Ec2 => by_action(service, request),
        _ if is_form(request) && names_action(request) => by_action(service, request),
        Protocol::RestJson | Protocol::RestXml => rest::route(service, request).ok_or_else(|| {
            let text = format!(
                "Unable to determine service/operation name to be authorized for {} {}",
                request.method, request.path
            );
            (Some(service), ApiError::new("UnknownOperationException", text).with_status(404))
        }),
        Protocol::Json { .. } | Protocol::Cbor => Err((
            Some(service),
            ApiError::new(
                "UnknownOperationException",
                "The request names its operation neither in X-Amz-Target nor in its path.",
            )
            .with_status(400),
        )),
    }
}

fn names_action(request: &HttpRequest) -> bool {
    query_parameters(request).iter().any(|(name, _)| name == "Action")
}

/// A request for S3 whose bucket is in its host (`bucket.s3.…`, `bucket.localhost`, or before one of `hosts`), with the bucket
/// in its path. Nothing where it is there already. What is not signed at all may be for S3, too.
pub fn addressed(request: &HttpRequest, hosts: &[String]) -> Option<HttpRequest> {
    if request.header("x-amz-target").is_some()
        || scope_service(request).is_some_and(|service| service != "s3")
    {
        return None;
    }
    let host = request.header("host")?;
    let host = host.split(':').next().unwrap_or(host);
    let host = host.to_ascii_lowercase();
    let before = |own: &String| host.strip_suffix(own.as_str())?.strip_suffix('.');
    let bucket = match hosts.iter().find_map(before) {
        Some(bucket) => bucket,
        // The address itself has no bucket before it.
        None if hosts.contains(&host) => return None,
        None => host
            .find(".s3.")
            .or_else(|| host.find(".s3-"))
            .and_then(|at| host.get(..at))
            .or_else(|| host.strip_suffix(".localhost").filter(|rest| *rest != "s3"))?,
    };
    let is_name = !bucket.is_empty()
        && bucket.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    let path = if request.path == "/" { String::new() } else { request.path.clone() };
    is_name.then(|| HttpRequest { path: format!("/{bucket}{path}"), ..request.clone() })
}

fn by_target(target: &str) -> Result<Call, Unrouted> {
    let unknown = |service| (service, ApiError::new("UnknownOperationException", "").with_status(400));
    let (prefix, name) = target.rsplit_once('.').ok_or_else(|| unknown(None))?;
    let service = by_target_prefix(prefix).ok_or_else(|| unknown(None))?;
    let operation = service.operations.get(name).ok_or_else(|| unknown(Some(service)))?;
    Ok(Call { service, operation, protocol: service.protocol, labels: Vec::new() })
}

/// Smithy RPC v2: `/service/{service}/operation/{operation}`, by names that have no slashes.
fn by_cbor_path(request: &HttpRequest) -> Result<Call, Unrouted> {
    let unknown = |service| {
        let text = format!("{} {} names no operation that is known here.", request.method, request.path);
        (service, ApiError::new("UnknownOperationException", text).with_status(404))
    };
    let parts: Vec<&str> = request.path.split('/').collect();
    let ["", "service", prefix, "operation", name] = parts.as_slice() else { return Err(unknown(None)) };
    let found = by_target_prefix(prefix).filter(|service| service.understands_cbor);
    let service = found.ok_or_else(|| unknown(None))?;
    let operation = service.operations.get(*name).filter(|_| request.method == "POST");
    let operation = operation.ok_or_else(|| unknown(Some(service)))?;
    Ok(Call { service, operation, protocol: Protocol::Cbor, labels: Vec::new() })
}

/// By the credential scope, else by the Query API's version, else by a path that only one hosted service has.
fn service_of(request: &HttpRequest) -> Option<&'static Service> {
    if let Some(name) = scope_service(request) {
        return by_signing_name(&name);
    }
    let parameters = query_parameters(request);
    let parameter =
        |name: &str| parameters.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    match (parameter("Action"), parameter("Version")) {
        (Some(_), Some("2010-05-08")) => service("iam"),
        (Some(_), Some("2011-06-15")) => service("sts"),
        _ if request.path.starts_with("/2015-03-31/functions") => service("lambda"),
        _ => None,
    }
}

fn scope_service(request: &HttpRequest) -> Option<String> {
    let from_header = request
        .header("authorization")
        .and_then(|value| value.split_once("Credential="))
        .map(|(_, rest)| rest.to_owned());
    let credential = from_header.or_else(|| {
        let parameters = request.query_parameters();
        parameters.into_iter().find(|(name, _)| name == "X-Amz-Credential").map(|(_, value)| value)
    })?;
    credential.split([',', ' ']).next()?.split('/').nth(3).map(str::to_owned)
}

fn query_parameters(request: &HttpRequest) -> Vec<(String, String)> {
    let is_form = request
        .header("content-type")
        .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    let mut parameters = request.query_parameters();
    if is_form && let Ok(body) = std::str::from_utf8(&request.body) {
        parameters.extend(form_pairs(body));
    }
    parameters
}

fn by_action(service: &'static Service, request: &HttpRequest) -> Result<Call, Unrouted> {
    let parameters = query_parameters(request);
    // Whoever reads the request next may take the other value.
    if let Some(name) = repeated(&parameters) {
        let text = format!("The parameter {name} is there twice.");
        return Err((Some(service), ApiError::new("MalformedQueryString", text).with_status(400)));
    }
    let parameter =
        |name: &str| parameters.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
    let Some(name) = parameter("Action") else {
        let error =
            ApiError::new("MissingAction", "The request must contain the parameter Action.").with_status(400);
        return Err((Some(service), error));
    };
    let version = parameter("Version").unwrap_or("NO_VERSION_SPECIFIED");
    match service.operations.get(name).filter(|_| version == service.api_version) {
        Some(operation) => Ok(Call { service, operation, protocol: service.protocol, labels: Vec::new() }),
        None => {
            let text = format!("Could not find operation {name} for version {version}");
            Err((Some(service), ApiError::new("InvalidAction", text).with_status(400)))
        }
    }
}

fn repeated(parameters: &[(String, String)]) -> Option<&str> {
    let mut names: Vec<&str> = parameters.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    })
}

fn unknown_service(request: &HttpRequest) -> ApiError {
    let is_signed = request.header("authorization").is_some();
    if is_signed {
        return ApiError::new(
            "UnknownOperationException",
            "The request names no service that is known here.",
        )
        .with_status(404);
    }
    ApiError::new("MissingAuthenticationToken", "Request is missing Authentication Token").with_status(403)
}

/// Every parameter of a Query request: those of the URL, then those of the body.
pub(crate) fn all_parameters(request: &HttpRequest) -> Vec<(String, String)> {
    query_parameters(request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_that_sign_alike_are_told_apart_by_what_they_know() {
        let routed = |scope: &str, method: &str, uri: &str| {
            let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
            let credential =
                format!("AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/{scope}/aws4_request, x");
            let mut headers = vec![("authorization".to_owned(), credential)];
            if path.starts_with("/v20180820") {
                headers.push(("x-amz-account-id".to_owned(), "1".to_owned()));
            }
            let (method, path, query) = (method.to_owned(), path.to_owned(), query.to_owned());
            let call = route(&HttpRequest { method, path, query, headers, body: Vec::new() }).unwrap();
            format!("{} {}", call.service.name, call.operation.name)
        };
        for (scope, method, uri, expected) in [
            ("es", "GET", "/2021-01-01/opensearch/domain/d", "opensearch DescribeDomain"),
            ("es", "GET", "/2015-01-01/es/domain/d", "es DescribeElasticsearchDomain"),
            ("ses", "GET", "/v2/email/account", "sesv2 GetAccount"),
            ("apigateway", "GET", "/v2/apis/a", "apigatewayv2 GetApi"),
            ("apigateway", "GET", "/restapis/a", "apigateway GetRestApi"),
            ("lex", "POST", "/policy/arn/", "lexv2-models CreateResourcePolicy"),
            ("s3", "GET", "/v20180820/accesspoint/a/policy", "s3control GetAccessPointPolicy"),
            ("s3", "GET", "/b/k", "s3 GetObject"),
            (
                "elasticloadbalancing",
                "GET",
                "/?Action=DescribeTargetGroups&Version=2015-12-01",
                "elbv2 DescribeTargetGroups",
            ),
        ] {
            assert_eq!(routed(scope, method, uri), expected, "{scope} {uri}");
        }
    }

    #[test]
    fn a_bucket_may_stand_before_a_host_that_is_ours() {
        let hosts = ["objects.example.com".to_owned(), "s3.my.cloud".to_owned()];
        let path = |host: &str, path: &str| {
            let headers = vec![("host".to_owned(), host.to_owned())];
            let request = HttpRequest { path: path.to_owned(), headers, ..HttpRequest::default() };
            addressed(&request, &hosts).map(|request| request.path)
        };
        for (host, given, expected) in [
            ("b.objects.example.com", "/k", Some("/b/k")),
            ("B.Objects.Example.com:4566", "/k", Some("/b/k")),
            ("a.b.objects.example.com", "/", Some("/a.b")),
            ("objects.example.com", "/b/k", None),
            ("xobjects.example.com", "/b/k", None),
            ("s3.my.cloud", "/b/k", None),
            ("b.s3.my.cloud", "/k", Some("/b/k")),
            ("b.s3.us-east-1.amazonaws.com", "/k", Some("/b/k")),
            ("b.localhost", "/k", Some("/b/k")),
            ("s3.localhost", "/b/k", None),
            ("127.0.0.1:4566", "/b/k", None),
        ] {
            assert_eq!(path(host, given).as_deref(), expected, "{host}{given}");
        }
    }
}
