//! Service models as they are used: operations, shapes, constraints.

use std::collections::HashMap;

/// One AWS service.
#[derive(Debug)]
pub struct Service {
    /// botocore's name, e.g. `stepfunctions`.
    pub name: String,
    /// e.g. `SFN`.
    pub service_id: String,
    /// e.g. `2016-11-23`.
    pub api_version: String,
    pub endpoint_prefix: String,
    /// The service of the credential scope.
    pub signing_name: String,
    /// `X-Amz-Target` is this, a dot, and the operation.
    pub target_prefix: Option<String>,
    pub protocol: Protocol,
    /// Whether it understands Smithy RPC v2 CBOR, beside its protocol or as the only one.
    pub understands_cbor: bool,
    /// Whether it tells the codes that it had when it spoke the Query protocol, too.
    pub tells_query_codes: bool,
    pub xml_namespace: Option<String>,
    pub operations: HashMap<String, Operation>,
    pub(crate) shapes: Vec<Shape>,
    pub(crate) by_name: HashMap<String, ShapeId>,
}

/// How a service speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// JSON of the version 1.0 or 1.1.
    Json {
        minor: u8,
    },
    Query,
    Ec2,
    RestJson,
    RestXml,
    /// Smithy RPC v2 CBOR.
    Cbor,
}

/// One operation of a service.
#[derive(Debug)]
pub struct Operation {
    pub name: String,
    pub method: String,
    /// The URI template, e.g. `/2015-03-31/functions/{FunctionName}`.
    pub uri: String,
    /// The status of success.
    pub status: u16,
    pub host_prefix: Option<String>,
    pub input: Option<ShapeId>,
    /// The root element of a rest-xml request whose body has no member of its own.
    pub input_name: Option<String>,
    pub input_namespace: Option<String>,
    pub output: Option<ShapeId>,
    /// The element that wraps the output of Query protocols.
    pub output_wrapper: Option<String>,
    pub errors: Vec<ShapeId>,
}

/// A shape's place in its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ShapeId(pub(crate) usize);

/// The form of a value.
#[derive(Debug)]
pub struct Shape {
    pub name: String,
    pub kind: Kind,
    pub constraints: Constraints,
    /// Set for errors.
    pub error: Option<ErrorTrait>,
    /// The member that is the whole body of a REST message.
    pub payload: Option<String>,
    pub is_sensitive: bool,
    pub is_flattened: bool,
    pub xml_namespace: Option<String>,
    pub timestamp_format: Option<String>,
    pub location_name: Option<String>,
}

#[derive(Debug)]
pub enum Kind {
    Structure { members: Vec<Member>, required: Vec<String>, is_union: bool, is_document: bool },
    List { member: Member },
    Map { key: Member, value: Member },
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Blob,
    Timestamp,
}

/// A member of a structure, list or map.
#[derive(Debug)]
pub struct Member {
    pub name: String,
    pub shape: ShapeId,
    pub location: Location,
    /// The name on the wire where it differs.
    pub location_name: Option<String>,
    /// The name in EC2's queries where it differs.
    pub query_name: Option<String>,
    pub is_flattened: bool,
    pub is_xml_attribute: bool,
    pub is_streaming: bool,
    pub is_idempotency_token: bool,
    /// A string that holds JSON, in a header.
    pub is_json_value: bool,
    pub timestamp_format: Option<String>,
    pub xml_namespace: Option<String>,
}

/// Where a member of a REST message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Location {
    Body,
    Uri,
    QueryString,
    Header,
    /// A map whose keys are names of headers after a prefix.
    Headers,
    StatusCode,
}

/// What a value must satisfy.
#[derive(Debug, Default)]
pub struct Constraints {
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub pattern: Option<String>,
    pub values: Vec<String>,
}

/// How an error appears.
#[derive(Debug)]
pub struct ErrorTrait {
    /// The code on the wire.
    pub code: String,
    pub status: Option<u16>,
    /// Whose fault it is.
    pub is_sender_fault: bool,
}

static EMPTY: Shape = Shape {
    name: String::new(),
    kind: Kind::String,
    constraints: Constraints { min: None, max: None, pattern: None, values: Vec::new() },
    error: None,
    payload: None,
    is_sensitive: false,
    is_flattened: false,
    xml_namespace: None,
    timestamp_format: None,
    location_name: None,
};

impl Service {
    /// The shape of an id that this service gave out.
    pub fn shape(&self, id: ShapeId) -> &Shape {
        self.shapes.get(id.0).unwrap_or(&EMPTY)
    }

    /// Every shape, in no order.
    pub fn shapes(&self) -> impl Iterator<Item = &Shape> {
        self.shapes.iter()
    }

    /// A shape by its name.
    pub fn shape_named(&self, name: &str) -> Option<&Shape> {
        self.by_name.get(name).map(|id| self.shape(*id))
    }

    /// The shape of the error that has a code on the wire, among all of the service.
    pub fn error_shape(&self, code: &str) -> Option<&Shape> {
        let is_error = |shape: &&Shape| shape.error.is_some();
        let named = self.shape_named(code).filter(is_error);
        named.or_else(|| {
            let has_code = |shape: &&Shape| shape.error.as_ref().is_some_and(|error| error.code == code);
            self.shapes.iter().find(has_code)
        })
    }

    /// The error that has a code, among all of the service.
    pub fn error(&self, code: &str) -> Option<&ErrorTrait> {
        let named = self.shape_named(code).and_then(|shape| shape.error.as_ref());
        named.or_else(|| {
            self.shapes.iter().filter_map(|shape| shape.error.as_ref()).find(|error| error.code == code)
        })
    }
}

impl Shape {
    /// The members of a structure; nothing of other shapes.
    pub fn members(&self) -> &[Member] {
        match &self.kind {
            Kind::Structure { members, .. } => members,
            _ => &[],
        }
    }

    pub fn member(&self, name: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.name == name)
    }

    pub fn is_required(&self, name: &str) -> bool {
        matches!(&self.kind, Kind::Structure { required, .. } if required.iter().any(|required| required == name))
    }
}

impl Member {
    /// The name on the wire.
    pub fn wire_name(&self) -> &str {
        self.location_name.as_deref().unwrap_or(&self.name)
    }
}
