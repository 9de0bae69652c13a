//! Packs: decisions that came together, as bytes that are kept and read as one.

use std::collections::HashMap;
use std::io::Read as _;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;
use stepward_policy::Effect;

use crate::decisions::Recorded;

/// Decisions in a pack: a list reads no less than one.
const DECISIONS_MAX: usize = 256;
/// Smaller packs are kept as text.
const COMPRESSED_BYTES_MIN: usize = 1_024;
/// No pack is larger: one that says so is broken.
const PACK_BYTES_MAX: u64 = 256 * 1_024 * 1_024;
const LEVEL: i32 = 1;
/// The mark of a right whose resource could not be told, as the integrations give it.
const NOT_DERIVED: &str = "stepward:ResourceNotDerived";

/// A decision as it is kept and listed.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    account: &'a str,
    id: String,
    timestamp: f64,
    principal: &'a str,
    action: &'a str,
    resource: &'a str,
    decision: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    execution_arn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statement: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    count: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_not_derived: Option<bool>,
}

/// Decisions in packs, each with the number of its first; those that are alike are in it once.
pub(super) fn packs(decisions: &[(Arc<Recorded>, u64)]) -> Vec<(u64, Vec<u8>)> {
    let rows = merged(decisions);
    let pack = |rows: &[(&Recorded, u64)]| {
        let number = rows.first().map_or(0, |(first, _)| first.number);
        let rows: Vec<Row<'_>> = rows.iter().map(|(recorded, count)| row(recorded, *count)).collect();
        // Texts and numbers, which JSON cannot refuse.
        (number, compressed(serde_json::to_vec(&rows).unwrap_or_default()))
    };
    rows.chunks(DECISIONS_MAX).map(pack).collect()
}

/// The decisions of a pack, newest first; nothing of a broken one.
pub(super) fn unpacked(pack: &[u8]) -> Vec<Value> {
    let parsed: Option<Vec<Value>> = if pack.first() == Some(&b'[') {
        serde_json::from_slice(pack).ok()
    } else {
        let mut text = Vec::new();
        let decoder = zstd::stream::read::Decoder::new(pack).ok();
        let read = decoder.and_then(|decoder| decoder.take(PACK_BYTES_MAX).read_to_end(&mut text).ok());
        read.and_then(|_| serde_json::from_slice(&text).ok())
    };
    let mut values = parsed.unwrap_or_default();
    values.reverse();
    values
}

/// The number of a decision that was kept.
pub(super) fn number_in(value: &Value) -> u64 {
    value.get("id").and_then(Value::as_str).and_then(|id| id.parse().ok()).unwrap_or_default()
}

fn compressed(text: Vec<u8>) -> Vec<u8> {
    if text.len() < COMPRESSED_BYTES_MIN {
        return text;
    }
    zstd::bulk::compress(&text, LEVEL).unwrap_or(text)
}

/// Principal, action, resource, statement, execution and state.
type What<'a> = (&'a str, &'a str, &'a str, Option<&'a str>, Option<(&'a str, &'a str)>);

/// Allowed calls that differ in nothing but their number, once with a count; denials each.
fn merged(decisions: &[(Arc<Recorded>, u64)]) -> Vec<(&Recorded, u64)> {
    let mut rows: Vec<(&Recorded, u64)> = Vec::with_capacity(decisions.len());
    let mut places: HashMap<What<'_>, usize> = HashMap::with_capacity(decisions.len());
    for (recorded, times) in decisions {
        if recorded.effect != Effect::Allowed {
            rows.push((recorded, 1));
            continue;
        }
        let cause = recorded.cause().map(|cause| (cause.execution_arn.as_str(), cause.state_name.as_str()));
        let statement = recorded.statement.as_deref();
        let what = (recorded.principal(), recorded.action(), recorded.resource(), statement, cause);
        let place = *places.entry(what).or_insert(rows.len());
        match rows.get_mut(place) {
            Some((_, count)) => *count += times,
            None => rows.push((recorded, *times)),
        }
    }
    rows
}

fn row(recorded: &Recorded, count: u64) -> Row<'_> {
    let is_allowed = recorded.effect == Effect::Allowed;
    let explanation = recorded.explanation();
    let cause = recorded.cause();
    Row {
        account: recorded.account(),
        id: recorded.number.to_string(),
        timestamp: recorded.at().epoch_seconds(),
        principal: recorded.principal(),
        action: recorded.action(),
        resource: recorded.resource(),
        decision: if is_allowed { "Allowed" } else { "Denied" },
        message: (!is_allowed).then(|| recorded.text()),
        explanation: explanation.map(ToString::to_string),
        fix: explanation.and_then(|explanation| explanation.fix()).map(|fix| fix.to_string()),
        source_arn: recorded.key("aws:SourceArn"),
        execution_arn: cause.map(|cause| cause.execution_arn.as_str()),
        state_name: cause.map(|cause| cause.state_name.as_str()),
        statement: recorded.statement.as_deref(),
        count: (count > 1).then_some(count),
        resource_not_derived: recorded.key(NOT_DERIVED).is_some().then_some(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pack_is_read_newest_first() {
        let rows = serde_json::json!([{"id": "7"}, {"id": "8"}]);
        let numbers = |pack: &[u8]| unpacked(pack).iter().map(number_in).collect::<Vec<_>>();
        assert_eq!(numbers(rows.to_string().as_bytes()), [8, 7]);
        let long = serde_json::json!([{"id": "7", "resource": "r".repeat(5_000)}, {"id": "8"}]);
        let pack = compressed(long.to_string().into_bytes());
        assert!(pack.len() < 200, "{}", pack.len());
        assert_eq!(numbers(&pack), [8, 7]);
    }

    #[test]
    fn a_broken_pack_holds_nothing() {
        for pack in [&b""[..], b"[", b"{}", b"\x28\xb5\x2f\xfd"] {
            assert_eq!(unpacked(pack), Vec::<Value>::new());
        }
    }
}
