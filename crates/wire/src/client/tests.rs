use serde_json::{Value, json};
use stepward_models::{Kind, Operation, Protocol, Service, Shape, service, service_names};

use super::*;
use crate::http::{HttpRequest, HttpResponse};
use crate::{Call, decode, encode};

fn request(name: &str, operation: &str, arguments: Value) -> Result<HttpRequest, ClientError> {
    let service = service(name).unwrap();
    let operation = &service.operations[operation];
    let input = from_arguments(service, operation.input, &arguments, NameStyle::V2).unwrap();
    encode_request(service, operation, &input)
}

fn shown(request: &HttpRequest) -> String {
    let query = if request.query.is_empty() { String::new() } else { format!("?{}", request.query) };
    format!("{} {}{query} {}", request.method, request.path, String::from_utf8_lossy(&request.body))
}

fn result(name: &str, operation: &str, response: &HttpResponse) -> Value {
    let service = service(name).unwrap();
    let operation = &service.operations[operation];
    let output = decode_response(service, operation, response).unwrap();
    to_result(service, operation.output, &output, NameStyle::V2)
}

#[test]
fn every_protocol_has_its_request() {
    let check = |name, operation, arguments| shown(&request(name, operation, arguments).unwrap());
    assert_eq!(
        check("dynamodb", "GetItem", json!({"TableName": "t", "Key": {"id": {"S": "1"}}})),
        r#"POST / {"TableName":"t","Key":{"id":{"S":"1"}}}"#
    );
    assert_eq!(
        check("sns", "Publish", json!({"TopicArn": "a", "Message": {"x": 1}})),
        "POST / Action=Publish&Version=2010-03-31&TopicArn=a&Message=%7B%22x%22%3A1%7D"
    );
    assert_eq!(
        check("ec2", "DescribeInstances", json!({"Filters": [{"Name": "n", "Values": ["a", "b"]}]})),
        "POST / Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=n&Filter.1.Value.1=a&Filter.1.Value.2=b"
    );
    assert_eq!(
        check("lambda", "ListFunctions", json!({"MaxItems": 5})),
        "GET /2015-03-31/functions?MaxItems=5 "
    );
    assert_eq!(
        check("s3", "PutObject", json!({"Bucket": "b", "Key": "a/b c", "Body": {"x": "y"}})),
        r#"PUT /b/a/b%20c {"x":"y"}"#
    );
    assert_eq!(
        check("s3", "DeleteObjects", json!({"Bucket": "b", "Delete": {"Objects": [{"Key": "<k>"}]}})),
        "POST /b?delete <?xml version=\"1.0\" encoding=\"UTF-8\"?><Delete \
         xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>&lt;k&gt;</Key></Object></Delete>"
    );
}

#[test]
fn no_value_reaches_another_part_of_the_request() {
    let sent = request("lambda", "GetFunction", json!({"FunctionName": "a/..b?x=1#y"})).unwrap();
    assert_eq!(shown(&sent), "GET /2015-03-31/functions/a%2F..b%3Fx%3D1%23y ");
    // Somebody on the way may decode the slashes before the dots are resolved.
    let climbs = request("lambda", "GetFunction", json!({"FunctionName": "a/../b"})).unwrap_err();
    assert_eq!(climbs.to_string(), "FunctionName cannot be 'a/../b'.");
    let sent = request("sqs", "ListQueues", json!({"QueueNamePrefix": "a\r\nb"})).unwrap();
    assert!(!String::from_utf8_lossy(&sent.body).contains('\n'));
    let refused = |arguments| request("s3", "PutObject", arguments).unwrap_err().to_string();
    assert!(
        refused(json!({"Bucket": "b", "Key": "k", "ContentType": "a\r\nx-evil: 1"})).contains("in a header"),
    );
    assert!(refused(json!({"Bucket": "b", "Key": "k", "Metadata": {"a b": "c"}})).contains("in a header"));
    assert_eq!(refused(json!({"Bucket": "..", "Key": "k"})), "Bucket cannot be '..'.");
    assert_eq!(refused(json!({"Bucket": "b", "Key": "../c/k"})), "Key cannot be '../c/k'.");
    assert_eq!(refused(json!({"Bucket": "b/c", "Key": "k"})), "Bucket cannot be 'b/c'.");
    assert_eq!(refused(json!({"Key": "k"})), "Bucket cannot be empty.");
}

#[test]
fn arguments_have_the_names_of_the_sdk_and_no_others() {
    let service = service("rds").unwrap();
    let operation = &service.operations["DescribeDBInstances"];
    let read = |arguments, style| from_arguments(service, operation.input, &arguments, style);
    assert!(read(json!({"DbInstanceIdentifier": "d"}), NameStyle::V2).is_ok());
    assert_eq!(
        read(json!({"DBInstanceIdentifier": "d"}), NameStyle::V2).unwrap_err().to_string(),
        "The field \"DBInstanceIdentifier\" is not supported by Step Functions"
    );
    assert!(read(json!({"DBInstanceIdentifier": "d"}), NameStyle::V1).is_ok());
}

#[test]
fn answers_become_results() {
    let xml = |text: &str| HttpResponse { status: 200, headers: vec![], body: text.as_bytes().to_vec() };
    let published =
        xml("<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
                         <MessageId>m</MessageId></PublishResult><ResponseMetadata><RequestId>r</RequestId>\
                         </ResponseMetadata></PublishResponse>");
    assert_eq!(result("sns", "Publish", &published), json!({"MessageId": "m"}));
    let listed = xml("<ListBucketResult><Name>b</Name><Contents><Key>a&amp;b</Key><Size>3</Size>\
                      <LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>");
    assert_eq!(
        result("s3", "ListObjectsV2", &listed),
        json!({"Contents": [{"Key": "a&b", "LastModified": "2026-01-01T00:00:00Z", "Size": 3}], "Name": "b"})
    );
    let got = HttpResponse {
        status: 200,
        headers: vec![("ETag".to_owned(), "\"e\"".to_owned()), ("x-amz-meta-a".to_owned(), "1".to_owned())],
        body: b"text data".to_vec(),
    };
    assert_eq!(
        result("s3", "GetObject", &got),
        json!({"Body": "text data", "ETag": "\"e\"", "Metadata": {"a": "1"}})
    );
    let place = xml("<LocationConstraint>eu-west-1</LocationConstraint>");
    assert_eq!(result("s3", "GetBucketLocation", &place), json!({"LocationConstraint": "eu-west-1"}));
}

#[test]
fn errors_of_every_protocol_are_read() {
    let error = |name: &str, headers: &[(&str, &str)], body: &str| {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let response =
            HttpResponse { status: 400, headers: headers.collect(), body: body.as_bytes().to_vec() };
        let error = decode_error(service(name).unwrap(), &response);
        format!("{} {:?} {:?}", error.code, error.message, error.request_id)
    };
    assert_eq!(
        error(
            "dynamodb",
            &[("x-amzn-requestid", "r")],
            r#"{"__type":"com.amazonaws#ValidationException","message":"m"}"#
        ),
        r#"ValidationException Some("m") Some("r")"#
    );
    assert_eq!(
        error(
            "sns",
            &[],
            "<ErrorResponse><Error><Type>Sender</Type><Code>NotFound</Code><Message>m</Message></Error><RequestId>r</RequestId></ErrorResponse>"
        ),
        r#"NotFound Some("m") Some("r")"#
    );
    assert_eq!(
        error(
            "ec2",
            &[],
            "<Response><Errors><Error><Code>C</Code><Message>m</Message></Error></Errors><RequestID>r</RequestID></Response>"
        ),
        r#"C Some("m") Some("r")"#
    );
    assert_eq!(
        error("lambda", &[("x-amzn-errortype", "ResourceNotFoundException:http://x")], r#"{"Message":"m"}"#),
        r#"ResourceNotFoundException Some("m") None"#
    );
    assert_eq!(error("s3", &[("x-amz-request-id", "r")], ""), r#" None Some("r")"#);
}

#[test]
fn what_is_no_answer_is_said_to_be_none() {
    for (name, operation) in
        [("dynamodb", "GetItem"), ("sns", "Publish"), ("s3", "ListObjectsV2"), ("lambda", "ListFunctions")]
    {
        for body in ["<html>", "[1", "\u{0}", "<!DOCTYPE x [<!ENTITY a \"b\">]><x>&a;</x>"] {
            let service = service(name).unwrap();
            let response = HttpResponse { status: 200, headers: vec![], body: body.as_bytes().to_vec() };
            assert!(
                decode_response(service, &service.operations[operation], &response).is_err(),
                "{name} {body}"
            );
        }
    }
}

/// A value that has every member of a shape, down to a depth.
fn sample(service: &Service, shape: &Shape, depth: usize) -> Value {
    match &shape.kind {
        Kind::Structure { is_document: true, .. } => json!({}),
        Kind::Structure { members, is_union, .. } => {
            let members = members.iter().filter(|_| depth < 4).take(if *is_union { 1 } else { usize::MAX });
            let members = members.map(|member| {
                let shape = service.shape(member.shape);
                (member.name.clone(), sample(service, shape, depth + 1))
            });
            Value::Object(members.collect())
        }
        Kind::List { member } => json!([sample(service, service.shape(member.shape), depth + 1)]),
        Kind::Map { key, value } => {
            let key = sample(service, service.shape(key.shape), depth + 1);
            json!({key.as_str().unwrap_or("k"): sample(service, service.shape(value.shape), depth + 1)})
        }
        Kind::String => json!(shape.constraints.values.first().cloned().unwrap_or_else(|| "text".to_owned())),
        Kind::Integer | Kind::Long => json!(7),
        Kind::Float | Kind::Double => json!(1.5),
        Kind::Boolean => json!(true),
        Kind::Blob => json!("YmxvYg=="),
        Kind::Timestamp => json!(1_767_225_600.0),
    }
}

/// What an answer holds, as a server of the protocol would write it.
fn answer(service: &Service, operation: &Operation) -> HttpResponse {
    let output = operation.output.map_or_else(|| json!({}), |id| sample(service, service.shape(id), 0));
    let mut response = encode(service, operation, &output, "r");
    let shape = operation.output.map(|id| service.shape(id));
    if service.protocol == Protocol::RestXml
        && let Some(shape) = shape
    {
        let payload = shape.payload.as_deref().and_then(|name| shape.member(name));
        match payload.map(|member| (member, service.shape(member.shape))) {
            Some((_, target)) if matches!(target.kind, Kind::Blob | Kind::String) => {}
            Some((member, target)) => {
                response.body = crate::xml::document(service, ("Root", None), target, &output[&member.name]);
            }
            None => response.body = crate::xml::document(service, ("Root", None), shape, &output),
        }
    }
    response
}

#[test]
fn every_operation_of_every_service_encodes_a_request_and_decodes_an_answer() {
    let (mut requests, mut answers, mut again) = (0, 0, 0);
    let mut problems = Vec::new();
    for name in service_names() {
        let service = service(name).unwrap();
        let mut names: Vec<_> = service.operations.keys().collect();
        names.sort_unstable();
        for operation in names.into_iter().map(|name| &service.operations[name]) {
            let input = operation.input.map_or_else(|| json!({}), |id| sample(service, service.shape(id), 0));
            match encode_request(service, operation, &input) {
                Ok(request) => {
                    requests += 1;
                    again += usize::from(reads_again(service, operation, &request, &input));
                }
                Err(error) => problems.push(format!("{name} {}: {error}", operation.name)),
            }
            match decode_response(service, operation, &answer(service, operation)) {
                Ok(_) => answers += 1,
                Err(error) => problems.push(format!("{name} {}: {error}", operation.name)),
            }
        }
    }
    assert_eq!(problems, Vec::<String>::new());
    let all: usize = service_names().iter().map(|name| service(name).unwrap().operations.len()).sum();
    assert_eq!(requests, all);
    eprintln!(
        "{requests} requests encoded, {answers} answers decoded, {again} requests read again by the server's side"
    );
    assert!(requests > 15_000 && answers == requests && again > 4_000);
}

/// Services that speak CBOR beside another protocol are asked in that one; their clients may choose.
#[test]
fn every_operation_that_may_be_asked_in_cbor_is_read_as_it_was_written() {
    let (mut services, mut only, mut operations) = (0, 0, 0);
    for service in service_names().into_iter().map(|name| service(name).unwrap()) {
        if !service.understands_cbor {
            continue;
        }
        services += 1;
        only += if service.protocol == Protocol::Cbor { service.operations.len() } else { 0 };
        let mut names: Vec<_> = service.operations.keys().collect();
        names.sort_unstable();
        for operation in names.into_iter().map(|name| &service.operations[name]) {
            operations += 1;
            for id in operation.input.into_iter().chain(operation.output) {
                let value = sample(service, service.shape(id), 0);
                let written = crate::cbor::write(service, service.shape(id), &value);
                assert_eq!(crate::cbor::read(service, id, &written), Ok(value), "{}", operation.name);
            }
        }
    }
    eprintln!("{operations} operations of {services} services, {only} of them in CBOR only");
    assert!(services >= 40 && only >= 100);
}

#[test]
fn cbor_names_the_operation_in_the_path_and_errors_in_the_body() {
    let service = service("eventbridgev2").unwrap();
    let mut names: Vec<_> = service.operations.keys().collect();
    names.sort_unstable();
    let request = encode_request(service, &service.operations[names[0]], &json!({})).unwrap();
    assert_eq!(request.path, format!("/service/AWSEventsV2/operation/{}", names[0]));
    assert_eq!((request.header("smithy-protocol"), request.method.as_str()), (Some("rpc-v2-cbor"), "POST"));
    let call = crate::route(&request).unwrap();
    assert_eq!((call.operation.name.as_str(), call.protocol), (names[0].as_str(), Protocol::Cbor));
    let error = crate::ApiError::new("ConflictException", "It is there.").with_status(409);
    let answered = decode_error(service, &crate::encode_error(Some(service), &error, "r"));
    assert_eq!((answered.code.as_str(), answered.status), ("ConflictException", 409));
    assert_eq!(answered.message.as_deref(), Some("It is there."));
}

#[test]
fn a_path_of_cbor_leads_only_to_services_that_speak_it() {
    for path in [
        "/service/AWSStepFunctions/operation/StartExecution",
        "/service/Unknown/operation/X",
        "/service/CloudWatchOmniFrontend/operation/Unknown",
        "/service/AWSEventsV2/operation/",
        "/service/AWSEventsV2",
        "/x/service/AWSEventsV2/operation/ListEventBuses",
        "/",
    ] {
        let headers = vec![("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned())];
        let request =
            HttpRequest { method: "POST".into(), path: path.into(), headers, ..HttpRequest::default() };
        assert_eq!(crate::route(&request).unwrap_err().1.code, "UnknownOperationException", "{path}");
    }
}

/// Whether the server's side reads the request as the same input. It reads neither XML bodies nor EC2's lists.
fn reads_again(
    service: &'static Service,
    operation: &'static Operation,
    request: &HttpRequest,
    input: &Value,
) -> bool {
    let is_read = matches!(service.protocol, Protocol::Json { .. } | Protocol::Query | Protocol::Cbor);
    let call = Call { service, operation, protocol: service.protocol, labels: Vec::new() };
    is_read && decode(&call, request).is_ok_and(|read| read == *input)
}
