//! Parameters of the Query and EC2 protocols.

use base64::Engine as _;
use serde_json::Value;
use stepward_models::{Kind, Member, Operation, Service, Shape};

use crate::http::percent_encode;
use crate::xml::scalar;

/// The form of a request.
pub(super) fn write(service: &Service, operation: &Operation, input: &Value, is_ec2: bool) -> String {
    let mut form = Form { service, is_ec2, pairs: Vec::new() };
    form.pairs.push(("Action".to_owned(), operation.name.clone()));
    form.pairs.push(("Version".to_owned(), service.api_version.clone()));
    if let Some(id) = operation.input {
        form.structure(service.shape(id), input, "");
    }
    let pairs = form
        .pairs
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name, b""), percent_encode(value, b"")));
    pairs.collect::<Vec<_>>().join("&")
}

struct Form<'a> {
    service: &'a Service,
    is_ec2: bool,
    pairs: Vec<(String, String)>,
}

impl Form<'_> {
    fn structure(&mut self, shape: &Shape, value: &Value, prefix: &str) {
        for member in shape.members() {
            let Some(value) = value.get(&member.name).filter(|value| !value.is_null()) else { continue };
            let name = join(prefix, &self.name_of(member));
            self.value(member, value, &name);
        }
    }

    fn name_of(&self, member: &Member) -> String {
        if self.is_ec2 {
            // EC2: queryName, else the wire's name with a capital.
            return member.query_name.clone().unwrap_or_else(|| {
                let mut letters = member.wire_name().chars();
                letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
            });
        }
        let shape = self.service.shape(member.shape);
        if let Kind::List { member: item } = &shape.kind
            && (member.is_flattened || shape.is_flattened)
            && let Some(name) = &item.location_name
        {
            return name.clone();
        }
        member.wire_name().to_owned()
    }

    fn value(&mut self, member: &Member, value: &Value, name: &str) {
        let shape = self.service.shape(member.shape);
        match (&shape.kind, value) {
            (Kind::Structure { .. }, value) => self.structure(shape, value, name),
            (Kind::List { member: item }, Value::Array(items)) => {
                let is_flat = self.is_ec2 || member.is_flattened || shape.is_flattened;
                let base = if is_flat {
                    name.to_owned()
                } else {
                    format!("{name}.{}", item.location_name.as_deref().unwrap_or("member"))
                };
                if items.is_empty() && !self.is_ec2 {
                    self.pairs.push((name.to_owned(), String::new()));
                }
                for (at, value) in items.iter().enumerate() {
                    self.value(item, value, &format!("{base}.{}", at + 1));
                }
            }
            (Kind::Map { key, value: item }, Value::Object(fields)) => {
                let is_flat = member.is_flattened || shape.is_flattened;
                let base = if is_flat { name.to_owned() } else { format!("{name}.entry") };
                for (at, (field, value)) in fields.iter().enumerate() {
                    let entry = format!("{base}.{}", at + 1);
                    let key = key.location_name.as_deref().unwrap_or("key");
                    self.pairs.push((format!("{entry}.{key}"), field.clone()));
                    let named = item.location_name.as_deref().unwrap_or("value");
                    self.value(item, value, &format!("{entry}.{named}"));
                }
            }
            (Kind::Blob, Value::String(text)) => {
                // Base64 already; what is not is refused by the service.
                let engine = base64::engine::general_purpose::STANDARD;
                let text = engine.decode(text).map_or_else(|_| text.clone(), |bytes| engine.encode(bytes));
                self.pairs.push((name.to_owned(), text));
            }
            (_, value) => self.pairs.push((name.to_owned(), scalar(shape, member, value))),
        }
    }
}

fn join(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}
