//! `SdkHttpMetadata` and `SdkResponseMetadata`: what optimized integrations add to an answer.

use serde_json::{Map, Value, json};
use stepward_models::{Protocol, Service};
use stepward_types::Timestamp;

use crate::calls::Answer;
use crate::task::now;

/// Adds what the SDK's first version knows of an answer. The headers are those that AWS's services send, whatever
/// software answers here, so that a state machine sees the same members everywhere.
pub fn with_metadata(result: Value, service: &Service, answer: &Answer) -> Value {
    let Value::Object(mut members) = result else { return result };
    let id = answer.request_id.clone();
    let kind = match service.protocol {
        Protocol::Json { minor } => format!("application/x-amz-json-1.{minor}"),
        Protocol::RestJson => "application/json".to_owned(),
        Protocol::Cbor => "application/cbor".to_owned(),
        Protocol::Query | Protocol::Ec2 => "text/xml".to_owned(),
        Protocol::RestXml => "application/xml".to_owned(),
    };
    let length = answer.body_bytes.to_string();
    let headers: Vec<(&str, String)> = if service.name == "dynamodb" {
        let checksum = answer.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-amz-crc32"));
        vec![
            ("Server", "Server".to_owned()),
            ("Connection", "keep-alive".to_owned()),
            ("x-amzn-RequestId", id.clone()),
            ("x-amz-crc32", checksum.map_or_else(|| "0".to_owned(), |(_, value)| value.clone())),
            ("Content-Length", length),
            ("Date", http_date(now())),
            ("Content-Type", kind),
        ]
    } else {
        vec![
            ("x-amzn-RequestId", id.clone()),
            ("connection", "keep-alive".to_owned()),
            ("Content-Length", length),
            ("Date", http_date(now())),
            ("Content-Type", kind),
        ]
    };
    let all: Map<String, Value> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), json!([value]))).collect();
    let one: Map<String, Value> =
        headers.into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect();
    members.insert(
        "SdkHttpMetadata".to_owned(),
        json!({"AllHttpHeaders": all, "HttpHeaders": one, "HttpStatusCode": answer.status}),
    );
    members.insert("SdkResponseMetadata".to_owned(), json!({"RequestId": id}));
    Value::Object(members)
}

/// A time as HTTP's header `Date` has it.
pub fn http_date(at: Timestamp) -> String {
    stepward_wire::http_date(at)
}
