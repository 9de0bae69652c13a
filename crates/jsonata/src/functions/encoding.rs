//! Base 64 and URLs.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

use super::argument;
use super::strings::mapped;
use crate::error::Error;
use crate::evaluate::Evaluator;
use crate::value::Value;

pub(super) fn base64_encode(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    // The reference takes each character for one byte.
    Ok(mapped(arguments, |text| {
        let bytes = text.encode_utf16().map(|unit| unit.to_le_bytes()[0]);
        STANDARD.encode(bytes.collect::<Vec<u8>>())
    }))
}

pub(super) fn base64_decode(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    Ok(mapped(arguments, |text| {
        // As the reference does: what is no digit is skipped, and a `=` ends it. Each byte is one character.
        let digits = text.chars().take_while(|letter| *letter != '=').filter_map(|letter| match letter {
            '-' => Some('+'),
            '_' => Some('/'),
            letter => (letter.is_ascii_alphanumeric() || matches!(letter, '+' | '/')).then_some(letter),
        });
        let mut digits: String = digits.collect();
        if digits.len() % 4 == 1 {
            digits.pop();
        }
        LENIENT.decode(digits).unwrap_or_default().into_iter().map(char::from).collect()
    }))
}

/// Without padding, whatever the last bits are.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(base64::engine::DecodePaddingMode::Indifferent),
);

const COMPONENT: &str = "-_.!~*'()";
const WHOLE: &str = "-_.!~*'();/?:@&=+$,#";

fn encode(text: &str, kept: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

pub(super) fn encode_url_component(
    _: &mut Evaluator<'_>,
    arguments: &[Value],
    _: &Value,
) -> Result<Value, Error> {
    url(arguments, "encodeUrlComponent", |text| checked(text).map(|text| encode(text, COMPONENT)))
}

pub(super) fn encode_url(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    url(arguments, "encodeUrl", |text| checked(text).map(|text| encode(text, WHOLE)))
}

/// Half a surrogate pair, which reading has replaced, cannot be encoded.
fn checked(text: &str) -> Option<&str> {
    (!text.contains('\u{fffd}')).then_some(text)
}

pub(super) fn decode_url_component(
    _: &mut Evaluator<'_>,
    arguments: &[Value],
    _: &Value,
) -> Result<Value, Error> {
    url(arguments, "decodeUrlComponent", |text| decode(text, ""))
}

pub(super) fn decode_url(_: &mut Evaluator<'_>, arguments: &[Value], _: &Value) -> Result<Value, Error> {
    url(arguments, "decodeUrl", |text| decode(text, ";/?:@&=+$,#"))
}

fn url(
    arguments: &[Value],
    name: &'static str,
    map: impl Fn(&str) -> Option<String>,
) -> Result<Value, Error> {
    let Some(text) = argument(arguments, 0).as_str() else { return Ok(Value::Undefined) };
    map(text).map(Value::text).ok_or_else(|| Error::new("D3140").value(text).with("functionName", name))
}

/// Decodes all but what stands for one of the kept characters.
fn decode(text: &str, kept: &str) -> Option<String> {
    let mut decoded = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (first, second) = (bytes.next(), bytes.next());
        let value = u8::try_from(digit(first)? << 4 | digit(second)?).ok()?;
        if kept.as_bytes().contains(&value) {
            decoded.extend([b'%', first?, second?]);
        } else {
            decoded.push(value);
        }
    }
    String::from_utf8(decoded).ok()
}
