//! Data items (RFC 8949): read within limits, written in their shortest form.
//!
//! Lengths that a body tells are believed only as far as there are bytes. What two readers could understand differently
//! is refused: a name that is there twice, bytes behind the item.

use std::collections::HashSet;

use serde_json::{Number, Value};

/// No body is nested deeper.
const DEPTH_MAX: usize = 100;
/// No body has more items: one byte may be one, and takes much more in memory.
const ITEMS_MAX: usize = 1_000_000;
/// AWS: seconds since 1970.
const EPOCH_TAG: u64 = 1;
const INDEFINITE: u8 = 31;
const BREAK: u8 = 0xff;

/// One data item.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    Integer(Number),
    Float(f64),
    /// Seconds since 1970.
    Time(f64),
    Bytes(Vec<u8>),
    Text(String),
    List(Vec<Item>),
    Map(Vec<(String, Item)>),
    Boolean(bool),
    Null,
}

impl Item {
    /// The item that the bytes are.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let mut reader = Reader { whole: bytes, at: 0, items: 0 };
        let item = reader.item(0)?;
        if reader.at == bytes.len() { Ok(item) } else { Err(reader.wrong("something follows the value")) }
    }
}

struct Reader<'a> {
    whole: &'a [u8],
    at: usize,
    items: usize,
}

/// What an item begins with: its major type, the five bits behind it, and the number that they mean.
struct Head {
    major: u8,
    info: u8,
    argument: u64,
}

impl Reader<'_> {
    fn wrong(&self, why: &str) -> String {
        format!("The body is not CBOR: {why} at byte {}.", self.at)
    }

    fn take(&mut self, length: u64) -> Result<&[u8], String> {
        let end = usize::try_from(length).ok().and_then(|length| self.at.checked_add(length));
        let taken = end.and_then(|end| self.whole.get(self.at..end));
        let Some(taken) = taken else { return Err(self.wrong("it ends early")) };
        self.at += taken.len();
        Ok(taken)
    }

    fn number(&mut self, bytes: u64) -> Result<u64, String> {
        Ok(self.take(bytes)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn head(&mut self) -> Result<Head, String> {
        let first = self.take(1)?.first().copied().unwrap_or_default();
        let (major, info) = (first >> 5, first & 0x1f);
        let argument = match info {
            0..=23 => u64::from(info),
            24..=27 => self.number(1 << (info - 24))?,
            INDEFINITE if matches!(major, 2..=5) => 0,
            _ => return Err(self.wrong("there is no such item")),
        };
        Ok(Head { major, info, argument })
    }

    fn item(&mut self, depth: usize) -> Result<Item, String> {
        self.items += 1;
        if depth > DEPTH_MAX {
            return Err(format!("The body is nested more than {DEPTH_MAX} levels deep."));
        }
        if self.items > ITEMS_MAX {
            return Err(format!("The body has more than {ITEMS_MAX} items."));
        }
        let head = self.head()?;
        match head.major {
            0 => Ok(Item::Integer(head.argument.into())),
            1 => match i64::try_from(head.argument) {
                Ok(number) => Ok(Item::Integer((-1 - number).into())),
                Err(_) => Err(self.wrong("a number is below the smallest long")),
            },
            2 => self.string(&head).map(Item::Bytes),
            3 => match String::from_utf8(self.string(&head)?) {
                Ok(text) => Ok(Item::Text(text)),
                Err(_) => Err(self.wrong("a text is no UTF-8")),
            },
            4 => {
                let mut items = Vec::new();
                while self.goes_on(&head, items.len())? {
                    items.push(self.item(depth + 1)?);
                }
                Ok(Item::List(items))
            }
            5 => self.map(&head, depth),
            6 => self.tagged(head.argument, depth),
            _ => self.simple(&head),
        }
    }

    /// Whether another item of a list or a map follows the `count` that there are.
    fn goes_on(&mut self, head: &Head, count: usize) -> Result<bool, String> {
        if head.info != INDEFINITE {
            return Ok((count as u64) < head.argument);
        }
        match self.whole.get(self.at) {
            Some(&BREAK) => {
                self.at += 1;
                Ok(false)
            }
            Some(_) => Ok(true),
            None => Err(self.wrong("it ends early")),
        }
    }

    /// The bytes of a string; one without a length comes in strings of its kind that have one.
    fn string(&mut self, head: &Head) -> Result<Vec<u8>, String> {
        if head.info != INDEFINITE {
            return Ok(self.take(head.argument)?.to_vec());
        }
        let mut whole = Vec::new();
        while self.goes_on(head, 0)? {
            let part = self.head()?;
            if part.major != head.major || part.info == INDEFINITE {
                return Err(self.wrong("a string has parts of another kind"));
            }
            whole.extend_from_slice(self.take(part.argument)?);
        }
        Ok(whole)
    }

    fn map(&mut self, head: &Head, depth: usize) -> Result<Item, String> {
        let (mut fields, mut names) = (Vec::new(), HashSet::new());
        while self.goes_on(head, fields.len())? {
            let Item::Text(name) = self.item(depth + 1)? else {
                return Err(self.wrong("a key is no text"));
            };
            if !names.insert(name.clone()) {
                return Err(self.wrong(&format!("the key {name:?} is there twice")));
            }
            fields.push((name, self.item(depth + 1)?));
        }
        Ok(Item::Map(fields))
    }

    fn tagged(&mut self, tag: u64, depth: usize) -> Result<Item, String> {
        let seconds = match (tag, self.item(depth + 1)?) {
            (EPOCH_TAG, Item::Integer(seconds)) => seconds.as_f64(),
            (EPOCH_TAG, Item::Float(seconds)) => Some(seconds).filter(|seconds| seconds.is_finite()),
            (EPOCH_TAG, _) => None,
            // Other tags say how a value is meant, and the model says that already.
            (_, item) => return Ok(item),
        };
        seconds.map(Item::Time).ok_or_else(|| self.wrong("a time is no number"))
    }

    fn simple(&mut self, head: &Head) -> Result<Item, String> {
        #[expect(clippy::cast_possible_truncation, reason = "as many bits as were read")]
        match (head.info, head.argument) {
            (20, _) => Ok(Item::Boolean(false)),
            (21, _) => Ok(Item::Boolean(true)),
            (22 | 23, _) => Ok(Item::Null),
            (25, bits) => Ok(Item::Float(half(bits as u16))),
            (26, bits) => Ok(Item::Float(f64::from(f32::from_bits(bits as u32)))),
            (27, bits) => Ok(Item::Float(f64::from_bits(bits))),
            _ => Err(self.wrong("there is no such simple value")),
        }
    }
}

/// A number of 16 bits: a sign, five bits of exponent, ten of fraction.
fn half(bits: u16) -> f64 {
    let fraction = f64::from(bits & 0x3ff);
    let size = match bits >> 10 & 0x1f {
        0 => fraction * 2f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        exponent => (1.0 + fraction / 1_024.0) * 2f64.powi(i32::from(exponent) - 15),
    };
    if bits & 0x8000 == 0 { size } else { -size }
}

/// Writes items one after the other.
#[derive(Default)]
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn head(&mut self, major: u8, argument: u64) {
        let bytes = argument.to_be_bytes();
        let (info, length) = match argument {
            0..=23 => (argument.to_le_bytes()[0], 0),
            24..=0xff => (24, 1),
            0x100..=0xffff => (25, 2),
            0x1_0000..=0xffff_ffff => (26, 4),
            _ => (27, 8),
        };
        self.0.push(major << 5 | info);
        self.0.extend(bytes.iter().skip(bytes.len() - length));
    }

    pub(super) fn map(&mut self, fields: usize) {
        self.head(5, fields as u64);
    }

    pub(super) fn list(&mut self, items: usize) {
        self.head(4, items as u64);
    }

    pub(super) fn text(&mut self, text: &str) {
        self.head(3, text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.head(2, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn single(&mut self, number: f32) {
        self.0.push(0xfa);
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    pub(super) fn double(&mut self, number: f64) {
        self.0.push(0xfb);
        self.0.extend_from_slice(&number.to_be_bytes());
    }

    pub(super) fn time(&mut self, seconds: f64) {
        self.head(6, EPOCH_TAG);
        #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
        if seconds.fract() == 0.0 && seconds.abs() < 9e15 {
            self.integer(seconds as i64);
        } else {
            self.double(seconds);
        }
    }

    fn integer(&mut self, number: i64) {
        match u64::try_from(number) {
            Ok(number) => self.head(0, number),
            Err(_) => self.head(1, number.unsigned_abs() - 1),
        }
    }

    /// A value that says itself what it is.
    pub(super) fn plain(&mut self, value: &Value) {
        match value {
            Value::Null => self.0.push(0xf6),
            Value::Bool(value) => self.0.push(if *value { 0xf5 } else { 0xf4 }),
            Value::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(number), _) => self.integer(number),
                (None, Some(number)) => self.head(0, number),
                _ => self.double(number.as_f64().unwrap_or_default()),
            },
            Value::String(text) => self.text(text),
            Value::Array(items) => {
                self.list(items.len());
                items.iter().for_each(|item| self.plain(item));
            }
            Value::Object(fields) => {
                self.map(fields.len());
                for (name, value) in fields {
                    self.text(name);
                    self.plain(value);
                }
            }
        }
    }
}
