//! Uploads by a browser's form (AWS: POST Object): who signed the form's policy writes an object, within what the policy
//! says.
//!
//! A form's file comes last and its length is not told, so a form is read as a whole; the edge limits it.

mod multipart;
mod policy;

use std::sync::Arc;

use stepward_access::{Authenticated, AuthenticationError, Origin};
use stepward_integrations::backend::Forwarded;
use stepward_integrations::http_client::whole;
use stepward_models::{Service, service};
use stepward_sigv4::{Form as SignatureForm, Signature, parse_basic};
use stepward_types::Timestamp;
use stepward_wire::{ApiError, HttpRequest, Unrouted, percent_encode, route_of};

use super::{forward, s3_error};
use crate::Services;
use crate::time::now;
use multipart::Form;

/// Fields that become headers of the object, where their names do not begin with `x-amz-`.
const HEADERS: [&str; 6] = [
    "cache-control",
    "content-type",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
];
/// Fields of the signature, which are no headers of the object.
const OF_SIGNATURE: [&str; 5] =
    ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature", "x-amz-security-token"];

/// Whether a request is a form for S3.
pub(crate) fn is_form(request: &HttpRequest) -> bool {
    let kind = request.header("content-type").unwrap_or_default();
    request.method == "POST"
        && kind.starts_with("multipart/form-data")
        && request.header("authorization").is_none()
        && request.header("x-amz-target").is_none()
}

/// Writes the object of a form. The request has the bucket in its path.
pub(crate) async fn upload(
    services: &Services,
    request: &HttpRequest,
    origin: Origin,
    account_of: impl Fn(&Authenticated) -> String,
) -> Result<Forwarded, Unrouted> {
    let Some(s3) = service("s3") else { return Err((None, ApiError::internal())) };
    upload_to(services, s3, request, origin, account_of).await.map_err(|error| (Some(s3), error))
}

async fn upload_to(
    services: &Services,
    s3: &'static Service,
    request: &HttpRequest,
    origin: Origin,
    account_of: impl Fn(&Authenticated) -> String,
) -> Result<Forwarded, ApiError> {
    let bucket = request.path.trim_matches('/').to_owned();
    if bucket.is_empty() || bucket.contains('/') {
        let text = "The specified method is not allowed against this resource.";
        return Err(ApiError::new("MethodNotAllowed", text).with_status(405));
    }
    let form = Form::parse(request)?;
    let caller = authenticate(services, &form, request, origin)?;
    if let Some(text) = form.field("policy") {
        policy::check(text, &form, &bucket, now())?;
    }
    let put = put_request(&form, &bucket, request)?;
    let location = put.path.clone();
    let call = route_of(s3, &put).map_err(|(_, error)| error)?;
    let account = account_of(&caller);
    let answered = forward(&Arc::clone(&services.calls), put, &call, &caller, &account).await?;
    Ok(if (200..300).contains(&answered.status) {
        done(answered, &form, (&bucket, &location))
    } else {
        answered
    })
}

/// Who signed the form; nobody known where there is no signature at all.
fn authenticate(
    services: &Services,
    form: &Form,
    request: &HttpRequest,
    origin: Origin,
) -> Result<Authenticated, ApiError> {
    let now = now();
    let Some(policy) = form.field("policy").filter(|_| form.field("x-amz-signature").is_some()) else {
        if form.field("policy").is_some() || form.field("awsaccesskeyid").is_some() {
            return Err(super::anonymous::second_version());
        }
        return Ok(Authenticated::anonymous(origin, services.region.as_str(), now));
    };
    let signature = signature(form)?;
    let user_agent = request.header("user-agent").map(str::to_owned);
    let found = services.access.authenticate_policy(policy, signature, user_agent, (origin, now));
    found.map_err(|error: AuthenticationError| s3_error::authentication(&error))
}

fn signature(form: &Form) -> Result<Signature, ApiError> {
    let field = |name: &str| {
        let text = format!("Bucket POST must contain a field named '{name}'.");
        form.field(name).ok_or_else(|| s3_error::invalid("InvalidArgument", &text))
    };
    if field("x-amz-algorithm")? != "AWS4-HMAC-SHA256" {
        return Err(super::anonymous::second_version());
    }
    let signed_at: Option<Timestamp> = parse_basic(field("x-amz-date")?);
    let scope: Vec<&str> = field("x-amz-credential")?.split('/').collect();
    match (scope.as_slice(), signed_at) {
        ([access_key_id, date, region, "s3", "aws4_request"], Some(signed_at)) => Ok(Signature {
            access_key_id: (*access_key_id).to_owned(),
            scope_date: (*date).to_owned(),
            region: (*region).to_owned(),
            service: "s3".to_owned(),
            signed_headers: Vec::new(),
            signature: field("x-amz-signature")?.to_owned(),
            signed_at,
            session_token: form.field("x-amz-security-token").map(str::to_owned),
            form: SignatureForm::Header,
        }),
        _ => Err(s3_error::invalid(
            "AuthorizationQueryParametersError",
            "X-Amz-Credential must be <your-akid>/YYYYMMDD/REGION/s3/aws4_request, and X-Amz-Date a date of ISO 8601's basic format",
        )),
    }
}

/// The form as the request that it stands for.
fn put_request(form: &Form, bucket: &str, request: &HttpRequest) -> Result<HttpRequest, ApiError> {
    let key = form.key()?;
    let mut headers = vec![("content-type".to_owned(), "binary/octet-stream".to_owned())];
    for (name, value) in form.fields() {
        let name = match name {
            "acl" => "x-amz-acl".to_owned(),
            "tagging" => "x-amz-tagging".to_owned(),
            name => name.to_owned(),
        };
        let is_of_object = name.starts_with("x-amz-") && !OF_SIGNATURE.contains(&name.as_str());
        let is_value = value.bytes().all(|byte| byte >= 0x20 && byte != 0x7f);
        if is_value && (is_of_object || HEADERS.contains(&name.as_str())) {
            headers.retain(|(given, _)| *given != name);
            headers.push((name, value.to_owned()));
        }
    }
    headers.extend(
        request.headers.iter().filter(|(name, _)| name == "referer" || name == "user-agent").cloned(),
    );
    Ok(HttpRequest {
        method: "PUT".to_owned(),
        path: format!("/{bucket}/{}", percent_encode(&key, b"/")),
        query: String::new(),
        headers,
        body: form.file().to_vec(),
    })
}

/// AWS: 204, or what the form asks for.
fn done(mut answered: Forwarded, form: &Form, (bucket, location): (&str, &str)) -> Forwarded {
    let etag = answered.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("etag"));
    let etag = etag.map(|(_, value)| value.clone()).unwrap_or_default();
    answered.headers.retain(|(name, _)| !matches!(name.as_str(), "content-length" | "content-type"));
    let key = form.key().unwrap_or_default();
    answered.headers.push(("location".to_owned(), location.to_owned()));
    answered.body = whole(Vec::new());
    answered.status = match (form.field("success_action_redirect"), form.field("success_action_status")) {
        (Some(address), _) if address.starts_with("http://") || address.starts_with("https://") => {
            let sign = if address.contains('?') { '&' } else { '?' };
            let encoded = |text: &str| percent_encode(text, b"");
            let address = format!(
                "{address}{sign}bucket={}&key={}&etag={}",
                encoded(bucket),
                encoded(&key),
                encoded(&etag)
            );
            answered.headers.retain(|(name, _)| name != "location");
            answered.headers.push(("location".to_owned(), address));
            303
        }
        (_, Some("200")) => 200,
        (_, Some("201")) => {
            let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
            let body = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse><Location>{}</Location><Bucket>{}</Bucket>\
                 <Key>{}</Key><ETag>{}</ETag></PostResponse>",
                escape(location),
                escape(bucket),
                escape(&key),
                escape(&etag)
            );
            answered.headers.push(("content-type".to_owned(), "application/xml".to_owned()));
            answered.body = whole(body);
            201
        }
        _ => 204,
    };
    answered
}
