//! Requests as AWS's clients send them, and answers as they read them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that cannot go on fails")]

use serde_json::{Value, json};
use stepward_wire::{ApiError, HttpRequest, HttpResponse, decode, encode, encode_error, route};

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

fn states(operation: &str, body: &str) -> HttpRequest {
    HttpRequest {
        method: "POST".into(),
        path: "/".into(),
        headers: vec![("x-amz-target".into(), format!("AWSStepFunctions.{operation}"))],
        body: body.as_bytes().to_vec(),
        ..HttpRequest::default()
    }
}

fn query(body: &str) -> HttpRequest {
    HttpRequest {
        method: "POST".into(),
        path: "/".into(),
        headers: vec![("content-type".into(), FORM.into())],
        body: body.as_bytes().to_vec(),
        ..HttpRequest::default()
    }
}

fn lambda(method: &str, path: &str, parameters: &str, body: &[u8]) -> HttpRequest {
    let scope = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0";
    HttpRequest {
        method: method.into(),
        path: path.into(),
        query: parameters.into(),
        headers: vec![("authorization".into(), scope.into())],
        body: body.to_vec(),
    }
}

fn read(request: &HttpRequest) -> Result<Value, ApiError> {
    decode(&route(request).map_err(|(_, error)| error)?, request)
}

fn text(response: &HttpResponse) -> String {
    String::from_utf8(response.body.clone()).unwrap()
}

#[test]
fn json_input_is_read_and_unknown_members_are_left_out() {
    let request = states("StartExecution", r#"{"stateMachineArn": "arn:x", "name": null, "unknown": 1}"#);
    assert_eq!(read(&request).unwrap(), json!({"stateMachineArn": "arn:x"}));
}

#[test]
fn violations_are_told_in_the_words_of_aws() {
    for (operation, body, expected) in [
        (
            "ListExecutions",
            r#"{"maxResults": 1001}"#,
            "1 validation error detected: Value '1001' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 1000",
        ),
        (
            "ListExecutions",
            r#"{"statusFilter": "succeeded"}"#,
            "1 validation error detected: Value 'succeeded' at 'statusFilter' failed to satisfy constraint: Member must satisfy enum value set: [SUCCEEDED, TIMED_OUT, PENDING_REDRIVE, ABORTED, FAILED, RUNNING]",
        ),
        (
            "CreateStateMachineAlias",
            r#"{"name": "123", "routingConfiguration": [{"stateMachineVersionArn": "arn:x:1", "weight": 100}]}"#,
            "1 validation error detected: Value '123' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^(?=.*[a-zA-Z_\\-\\.])[a-zA-Z0-9_\\-\\.]+$",
        ),
        (
            "StartExecution",
            "{}",
            "1 validation error detected: Value null at 'stateMachineArn' failed to satisfy constraint: Member must not be null",
        ),
        (
            "CreateActivity",
            r#"{"name": "", "tags": [{"key": ""}]}"#,
            "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1; Value '' at 'tags.1.member.key' failed to satisfy constraint: Member must have length greater than or equal to 1",
        ),
    ] {
        let error = read(&states(operation, body)).unwrap_err();
        assert_eq!((error.code.as_str(), error.message.as_str()), ("ValidationException", expected));
    }
}

#[test]
fn a_text_that_is_far_too_long_is_not_matched() {
    let told = |text: &str| {
        let body = format!("Action=UpdateRole&Version=2010-05-08&RoleName=r&Description={text}");
        read(&query(&body)).unwrap_err().message
    };
    let pattern = "Member must satisfy regular expression pattern";
    assert!(told(&"%7F".repeat(1_001)).contains(pattern));
    let long = told(&"%7F".repeat(1_000_000));
    assert!(long.contains("Member must have length less than or equal to 1000") && !long.contains(pattern));
}

#[test]
fn a_body_that_is_no_json_object_is_refused() {
    for body in [
        "not json",
        "[]",
        "1",
        r#"{"stateMachineArn": 1, "#,
        r#"{"stateMachineArn": {}}"#,
        &"[".repeat(10_000),
    ] {
        assert_eq!(
            read(&states("StartExecution", body)).unwrap_err().code,
            "SerializationException",
            "{body:.20}"
        );
    }
}

#[test]
fn iam_says_what_is_wrong_without_repeating_it() {
    let name = "It must contain only alphanumeric characters and/or the following: +=,.@_-";
    let path = "It must begin and end with / and contain only alphanumeric characters and/or / characters.";
    let prefix =
        "It must begin with the / character and contain only alphanumeric characters and/or / characters.";
    let long = "r".repeat(65);
    let cases = [
        ("GetRole", String::new(), "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must not be null".to_owned()),
        ("GetRole", "RoleName=".to_owned(), "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must have length greater than or equal to 1".to_owned()),
        ("GetRole", format!("RoleName={long}"), "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64".to_owned()),
        // What IAM looks at itself is told when the rest is right.
        ("CreateRole", format!("RoleName={long}%2F"), "2 validation errors detected: Value at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64; Value at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must not be null".to_owned()),
        ("GetRole", "RoleName=a%2Fb".to_owned(), format!("The specified value for roleName is invalid. {name}")),
        ("UpdateUser", "UserName=a&NewUserName=%23".to_owned(), format!("The specified value for newUserName is invalid. {name}")),
        ("CreateUser", "UserName=a&Path=b".to_owned(), format!("The specified value for path is invalid. {path}")),
        ("CreateUser", "UserName=a&Path=%2Fb%2F%2Fc%2F".to_owned(), format!("The specified value for path is invalid. {path}")),
        ("ListRoles", "PathPrefix=b".to_owned(), format!("The specified value for pathPrefix is invalid. {prefix}")),
        ("ListRoles", "MaxItems=0".to_owned(), "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value greater than or equal to 1".to_owned()),
        ("ListRoles", "MaxItems=1001".to_owned(), "1 validation error detected: Value at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000".to_owned()),
        ("UpdateRole", "RoleName=r&Description=%E2%80%94".to_owned(), r"1 validation error detected: Value at 'description' failed to satisfy constraint: Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u007E\u00A1-\u00FF]*".to_owned()),
        ("UpdateRole", "RoleName=r&MaxSessionDuration=3599".to_owned(), "1 validation error detected: Value at 'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600".to_owned()),
        ("PutRolePolicy", "RoleName=r&PolicyName=p&PolicyDocument=%E2%80%94".to_owned(), r"1 validation error detected: Value at 'policyDocument' failed to satisfy constraint: Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+".to_owned()),
        ("TagRole", "RoleName=r&Tags.member.1.Key=a*&Tags.member.1.Value=v".to_owned(), r"1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\p{L}\p{Z}\p{N}_.:/=+\-@]+".to_owned()),
    ];
    for (operation, parameters, message) in cases {
        let error = read(&query(&format!("Action={operation}&Version=2010-05-08&{parameters}"))).unwrap_err();
        assert_eq!(
            (error.code.as_str(), error.message),
            ("ValidationError", message),
            "{operation} {parameters}"
        );
    }
}

#[test]
fn unknown_operations_are_named_by_their_protocols() {
    assert_eq!(read(&states("Nothing", "{}")).unwrap_err().code, "UnknownOperationException");
    let error = read(&query("Action=Nothing&Version=2010-05-08")).unwrap_err();
    assert_eq!(error.code, "InvalidAction");
    assert_eq!(error.message, "Could not find operation Nothing for version 2010-05-08");
    let twice =
        HttpRequest { query: "Action=GetUser".into(), ..query("Action=DeleteUser&Version=2010-05-08") };
    assert_eq!(read(&twice).unwrap_err().code, "MalformedQueryString");
    let error = read(&lambda("GET", "/2015-03-31/nothing", "", b"")).unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("UnknownOperationException", Some(404)));
}

#[test]
fn query_parameters_become_lists_and_structures() {
    let body = "Action=CreateRole&Version=2010-05-08&RoleName=a+b%2Fc&AssumeRolePolicyDocument=%7B%7D\
                &Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.2.Key=l&Tags.member.2.Value=&MaxSessionDuration=3600";
    let call = route(&query(body)).unwrap();
    assert_eq!(call.operation.name, "CreateRole");
    // The name breaks its pattern: the check comes after the reading.
    let error = decode(&call, &query(body)).unwrap_err();
    assert_eq!(error.code, "ValidationError");
    assert_eq!(
        error.message,
        "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: \
         +=,.@_-"
    );
    let read = read(&query(&body.replace("a+b%2Fc", "ab"))).unwrap();
    assert_eq!(read["Tags"], json!([{"Key": "k", "Value": "v"}, {"Key": "l", "Value": ""}]));
    assert_eq!(read["MaxSessionDuration"], json!(3600));
}

#[test]
fn query_input_that_makes_no_sense_is_refused() {
    let start = "Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=x&";
    for rest in ["Tags.member.x.Key=k", "Tags.member.999999.Key=k", "MaxSessionDuration=long"] {
        assert_eq!(read(&query(&format!("{start}{rest}"))).unwrap_err().code, "MalformedInput", "{rest}");
    }
}

#[test]
fn rest_input_comes_from_the_path_the_query_and_the_body() {
    let request = lambda("POST", "/2015-03-31/functions/my%3Afn/invocations", "Qualifier=live", b"{\"a\":1}");
    let call = route(&request).unwrap();
    assert_eq!(call.operation.name, "Invoke");
    let read = decode(&call, &request).unwrap();
    assert_eq!(read["FunctionName"], "my:fn");
    assert_eq!(read["Qualifier"], "live");
    assert_eq!(read["Payload"], "eyJhIjoxfQ==");
    let request = lambda("GET", "/2015-03-31/functions/", "MaxItems=5", b"");
    let call = route(&request).unwrap();
    assert_eq!(
        (call.operation.name.as_str(), &decode(&call, &request).unwrap()["MaxItems"]),
        ("ListFunctions", &json!(5))
    );
}

#[test]
fn outputs_are_written_by_their_protocols() {
    let call = route(&states("StartExecution", "{}")).unwrap();
    let output = json!({"executionArn": "arn:x", "startDate": 1.5, "other": 1});
    let response = encode(call.service, call.operation, &output, "id");
    assert_eq!(text(&response), r#"{"executionArn":"arn:x","startDate":1.5}"#);
    assert_eq!(response.header("Content-Type"), Some("application/x-amz-json-1.0"));

    let call = route(&query("Action=GetRole&Version=2010-05-08")).unwrap();
    let role = json!({"Role": {"RoleName": "a<b", "Path": "/", "CreateDate": 1_767_225_600, "Tags": [{"Key": "k", "Value": "v"}]}});
    insta::assert_snapshot!(text(&encode(call.service, call.operation, &role, "id")), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <GetRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><GetRoleResult><Role><Path>/</Path><RoleName>a&lt;b</RoleName><CreateDate>2026-01-01T00:00:00Z</CreateDate><Tags><member><Key>k</Key><Value>v</Value></member></Tags></Role></GetRoleResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></GetRoleResponse>
    "#);

    let call = route(&lambda("POST", "/2015-03-31/functions/f/invocations", "", b"")).unwrap();
    let output = json!({"StatusCode": 202, "Payload": "eyJhIjoxfQ==", "FunctionError": "Unhandled"});
    let response = encode(call.service, call.operation, &output, "id");
    assert_eq!((response.status, text(&response).as_str()), (202, r#"{"a":1}"#));
    assert_eq!(response.header("x-amz-function-error"), Some("Unhandled"));
}

#[test]
fn errors_have_the_code_and_status_of_the_model() {
    let service = route(&query("Action=GetRole&Version=2010-05-08")).unwrap().service;
    let response = encode_error(Some(service), &ApiError::new("NoSuchEntityException", "no <role>"), "id");
    assert_eq!(response.status, 404);
    insta::assert_snapshot!(text(&response), @r#"<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no &lt;role&gt;</Message></Error><RequestId>id</RequestId></ErrorResponse>"#);
    let service = route(&states("StartExecution", "{}")).unwrap().service;
    let response = encode_error(Some(service), &ApiError::new("AccessDeniedException", "no"), "id");
    assert_eq!(
        (response.status, text(&response).as_str()),
        (400, r#"{"__type":"AccessDeniedException","message":"no"}"#)
    );
    let service = route(&lambda("GET", "/2015-03-31/functions/", "", b"")).unwrap().service;
    let response = encode_error(Some(service), &ApiError::new("ResourceNotFoundException", "no"), "id");
    assert_eq!(
        (response.status, response.header("x-amzn-errortype")),
        (404, Some("ResourceNotFoundException"))
    );
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(body in proptest::collection::vec(proptest::num::u8::ANY, 0..200), parameters in ".{0,80}") {
        for request in [
            HttpRequest { body: body.clone(), ..states("CreateStateMachine", "") },
            HttpRequest { body: body.clone(), ..query("") },
            HttpRequest { query: parameters.clone(), ..query(&format!("Action=CreateRole&Version=2010-05-08&{parameters}")) },
            lambda("POST", &format!("/2015-03-31/functions/{parameters}"), &parameters, &body),
        ] {
            let _ = read(&request);
        }
    }
}
