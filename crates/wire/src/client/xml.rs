//! XML that is read: answers, and bodies of requests.

use quick_xml::events::Event;
use serde_json::{Map, Value};
use stepward_models::{Kind, Location, Member, Service, Shape};

use crate::query::read_scalar;

/// No answer is nested deeper.
const DEPTH_MAX: usize = 64;
/// No answer has more elements: it would not fit a payload by far.
const ELEMENTS_MAX: usize = 1_000_000;

/// An element, without prefixes of namespaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) children: Vec<Element>,
    pub(super) text: String,
}

impl Element {
    /// The root of a document; nothing where there is no whole document. Entities of a document type are not known.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let mut reader = quick_xml::Reader::from_str(text);
        let mut open = vec![Self::default()];
        let mut elements = 0;
        loop {
            match reader.read_event().ok()? {
                Event::Start(start) => {
                    elements += 1;
                    if open.len() > DEPTH_MAX || elements > ELEMENTS_MAX {
                        return None;
                    }
                    open.push(Self::started(&start)?);
                }
                Event::Empty(start) => {
                    elements += 1;
                    if elements > ELEMENTS_MAX {
                        return None;
                    }
                    let element = Self::started(&start)?;
                    open.last_mut()?.children.push(element);
                }
                Event::End(_) => {
                    let element = open.pop()?;
                    open.last_mut()?.children.push(element);
                }
                Event::Text(text) => open.last_mut()?.text.push_str(&text),
                Event::CData(data) => open.last_mut()?.text.push_str(&data),
                Event::GeneralRef(reference) => {
                    let text = match reference.resolve_char_ref().ok()? {
                        Some(character) => character.to_string(),
                        None => quick_xml::escape::resolve_predefined_entity(&reference)?.to_owned(),
                    };
                    open.last_mut()?.text.push_str(&text);
                }
                Event::Eof => break,
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
                Event::DocType(_) => return None,
            }
        }
        let mut document = open.pop().filter(|_| open.is_empty())?;
        document.children.pop().filter(|_| document.children.is_empty())
    }

    fn started(start: &quick_xml::events::BytesStart<'_>) -> Option<Self> {
        let name = start.local_name().as_ref().to_owned();
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.ok()?;
            let key = attribute.key.as_ref().to_owned();
            let value = quick_xml::escape::unescape(&attribute.value).ok()?.into_owned();
            attributes.push((key, value));
        }
        Some(Self { name, attributes, ..Self::default() })
    }

    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The first element of a name, at whatever depth.
    pub(super) fn find(&self, name: &str) -> Option<&Self> {
        if self.name == name {
            return Some(self);
        }
        self.children.iter().find_map(|child| child.find(name))
    }

    /// The members of a structure, as far as they are there and can be read.
    pub(super) fn members(&self, service: &Service, shape: &Shape) -> Map<String, Value> {
        let read = |member: &Member| Some((member.name.clone(), self.member(service, member)?));
        shape.members().iter().filter_map(read).collect()
    }

    /// Whether a member that is no list is there twice, here or inside: which of the two counts is up to who reads it.
    fn repeats(&self, service: &Service, shape: &Shape) -> bool {
        let of_member = |member: &Member| {
            let target = service.shape(member.shape);
            let name = member.wire_name();
            let mut found = self.children.iter().filter(|child| child.name == name);
            match &target.kind {
                Kind::List { member: item } if member.is_flattened || target.is_flattened => {
                    let name = item.location_name.as_deref().unwrap_or(name);
                    let mut items = self.children.iter().filter(|child| child.name == name);
                    items.any(|child| child.repeats(service, service.shape(item.shape)))
                }
                Kind::Map { .. } if member.is_flattened || target.is_flattened => false,
                Kind::List { member: item } => {
                    let shape = service.shape(item.shape);
                    let list = found.next();
                    found.next().is_some()
                        || list.is_some_and(|list| {
                            list.children.iter().any(|child| child.repeats(service, shape))
                        })
                }
                _ => {
                    let first = found.next();
                    found.next().is_some() || first.is_some_and(|child| child.repeats(service, target))
                }
            }
        };
        matches!(shape.kind, Kind::Structure { .. }) && shape.members().iter().any(of_member)
    }

    fn member(&self, service: &Service, member: &Member) -> Option<Value> {
        let shape = service.shape(member.shape);
        let name = member.wire_name();
        if member.is_xml_attribute {
            let (_, value) = self.attributes.iter().find(|(key, _)| key == name)?;
            return read_scalar(shape, value).ok();
        }
        let is_flat = member.is_flattened || shape.is_flattened;
        match &shape.kind {
            Kind::List { member: item } if is_flat => {
                let name = item.location_name.as_deref().unwrap_or(name);
                let items: Vec<Value> = self
                    .children
                    .iter()
                    .filter(|child| child.name == name)
                    .filter_map(|child| child.value(service, service.shape(item.shape)))
                    .collect();
                (!items.is_empty()).then_some(Value::Array(items))
            }
            Kind::Map { key, value } if is_flat => {
                let entries = self.children.iter().filter(|child| child.name == name);
                let read: Map<String, Value> =
                    entries.filter_map(|entry| entry.entry(service, (key, value))).collect();
                (!read.is_empty()).then_some(Value::Object(read))
            }
            _ => self.child(name)?.value(service, shape),
        }
    }

    fn value(&self, service: &Service, shape: &Shape) -> Option<Value> {
        Some(match &shape.kind {
            Kind::Structure { .. } => Value::Object(self.members(service, shape)),
            Kind::List { member } => {
                let shape = service.shape(member.shape);
                self.children.iter().filter_map(|child| child.value(service, shape)).collect()
            }
            Kind::Map { key, value } => {
                let entries = self.children.iter().filter_map(|entry| entry.entry(service, (key, value)));
                Value::Object(entries.collect())
            }
            Kind::String | Kind::Blob => Value::String(self.text.clone()),
            _ => read_scalar(shape, self.text.trim()).ok()?,
        })
    }

    fn entry(&self, service: &Service, (key, value): (&Member, &Member)) -> Option<(String, Value)> {
        let name = self.child(key.location_name.as_deref().unwrap_or("key"))?.text.clone();
        let item = self.child(value.location_name.as_deref().unwrap_or("value"))?;
        Some((name, item.value(service, service.shape(value.shape))?))
    }
}

/// The body of a request as its members: those of the payload, or those that are nowhere else; nothing where it is no
/// XML, or can be read in two ways. Bytes have none.
pub(crate) fn xml_members(service: &Service, shape: &Shape, body: &[u8]) -> Option<Map<String, Value>> {
    let payload = shape.payload.as_deref().and_then(|name| shape.member(name));
    let target = payload.map_or(shape, |member| service.shape(member.shape));
    let is_in_body = |member: &Member| member.location == Location::Body;
    let is_read = matches!(target.kind, Kind::Structure { .. })
        && (payload.is_some() || shape.members().iter().any(is_in_body));
    if body.is_empty() || !is_read {
        return Some(Map::new());
    }
    let root = Element::parse(body).filter(|root| !root.repeats(service, target))?;
    let members = root.members(service, target);
    Some(match payload {
        Some(member) => Map::from_iter([(member.name.clone(), Value::Object(members))]),
        None => members,
    })
}
