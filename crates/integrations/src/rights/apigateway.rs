//! API Gateway: its actions are HTTP methods, and its resources the paths that they are called with.

use stepward_wire::client::encode_request;
use stepward_wire::percent_decode;

use super::Right;
use crate::calls::ApiCall;

pub(super) fn rights(call: &ApiCall) -> Option<Vec<Right>> {
    let request = encode_request(call.service, call.operation, &call.input).ok()?;
    let path = percent_decode(&request.path);
    // AWS: paths of the second version are named without it.
    let path = path.strip_prefix("/v2").unwrap_or(&path);
    let resource = format!("arn:aws:apigateway:{}::{path}", call.region);
    Some(vec![Right::new(format!("apigateway:{}", call.operation.method), resource)])
}
