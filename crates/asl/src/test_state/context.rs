//! The context object that a test is given.

use serde_json::{Map, Value, json};
use stepward_query::Payload;
use stepward_types::Timestamp;

use super::{TestStateError, TestStateInput};
use crate::effect::TaskId;
use crate::event::StateType;
use crate::machine::State;
use crate::run::{ExecutionInfo, MapItem, Seed};
use crate::token::new_token;

/// What AWS calls every state under test in its context object.
pub(super) const STATE_NAME: &str = "StateName";

/// The fields that a context object may have, and what those of each must be.
const FIELDS: [(&str, &[(&str, Kind)]); 5] = [
    (
        "Execution",
        &[
            ("Id", Kind::Text),
            ("Input", Kind::Any),
            ("Name", Kind::Text),
            ("RoleArn", Kind::Text),
            ("StartTime", Kind::Text),
            ("RedriveCount", Kind::Number),
            ("RedriveTime", Kind::Text),
        ],
    ),
    ("State", &[("EnteredTime", Kind::Text), ("Name", Kind::Text), ("RetryCount", Kind::Number)]),
    ("StateMachine", &[("Id", Kind::Text), ("Name", Kind::Text)]),
    ("Task", &[("Token", Kind::Text)]),
    ("Map", &[("Item", Kind::Item)]),
];

/// And those of an item of a Map.
const ITEM_FIELDS: &[(&str, Kind)] =
    &[("Index", Kind::Number), ("Value", Kind::Any), ("Key", Kind::Text), ("Source", Kind::Text)];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Any,
    Item,
}

pub(super) fn parse(text: &str) -> Result<Value, TestStateError> {
    let invalid =
        |problem: String| TestStateError::Validation(format!("Invalid Context object provided: {problem}"));
    let value: Value = serde_json::from_str(text).map_err(|_| invalid("it must be valid JSON".to_owned()))?;
    let Some(fields) = value.as_object() else {
        return Err(invalid("it must be a JSON object".to_owned()));
    };
    for (name, value) in fields {
        let known = FIELDS.iter().find(|(known, _)| known == name);
        let (_, members) = known.ok_or_else(|| invalid(format!("Field '{name}' is not allowed")))?;
        let object = value.as_object().ok_or_else(|| invalid(format!("{name} must be an object")))?;
        members_are_right(name, object, members).map_err(invalid)?;
    }
    Ok(value)
}

fn members_are_right(
    name: &str,
    object: &Map<String, Value>,
    members: &[(&str, Kind)],
) -> Result<(), String> {
    for (member, value) in object {
        let known = members.iter().find(|(known, _)| known == member);
        let (_, kind) = known.ok_or_else(|| format!("Field '{member}' is not allowed"))?;
        let problem = match (kind, value) {
            (Kind::Item, Value::Object(fields)) => {
                members_are_right(&format!("{name}.{member}"), fields, ITEM_FIELDS)?;
                continue;
            }
            (Kind::Item, _) => "must be an object",
            (Kind::Text, value) if !value.is_string() => "must be a string",
            (Kind::Number, value) if !value.is_number() => "must be a number",
            _ => continue,
        };
        return Err(format!("{name}.{member} {problem}"));
    }
    Ok(())
}

/// The context object of a test that is given none: that of an Express execution, of a state called `StateName`.
pub(super) fn default(
    input: &TestStateInput,
    info: &ExecutionInfo,
    (tested, map_around): (&State, Option<&State>),
    payload: &Payload,
    (now, seed): (Timestamp, Seed),
) -> Value {
    let at = now.to_rfc3339_millis();
    let mut state = json!({ "Name": STATE_NAME, "EnteredTime": at });
    let can_retry = matches!(tested.state_type, StateType::Task | StateType::Parallel | StateType::Map);
    if let (true, Some(fields)) = (can_retry, state.as_object_mut()) {
        fields.insert("RetryCount".to_owned(), input.retries_used().into());
    }
    let mut context = json!({
        "Execution": {
            "Id": &*info.execution_arn,
            "Input": payload.value(),
            "StartTime": at,
            "Name": &*info.execution_name,
            "RoleArn": input.role_arn,
        },
        "StateMachine": { "Id": &*info.state_machine_arn, "Name": &*info.state_machine_name },
        "State": state,
    });
    let Some(fields) = context.as_object_mut() else { return context };
    // AWS: a state within a Map is in its first iteration.
    if let Some(map) = map_around {
        let item = MapItem::of(0, payload.value().clone(), false, map.is_distributed_map());
        fields.insert("Map".to_owned(), item.context());
    }
    if matches!(&tested.kind, crate::machine::Kind::Task(task) if task.resource.has_token()) {
        let token = new_token(&info.execution_arn, TaskId(0), seed);
        fields.insert("Task".to_owned(), json!({ "Token": &*token }));
    }
    context
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_object_has_known_fields_of_known_types_only() {
        assert!(parse(r#"{"Execution":{"Id":"x","Input":[1]},"State":{"RetryCount":1}}"#).is_ok());
        let refused = |text: &str| parse(text).map_err(|error| error.to_string()).unwrap_err();
        assert_eq!(
            refused(r#"{"Pokedex":{}}"#),
            "Invalid Context object provided: Field 'Pokedex' is not allowed"
        );
        assert_eq!(
            refused(r#"{"Execution":{"Id":1}}"#),
            "Invalid Context object provided: Execution.Id must be a string"
        );
        assert!(
            parse(r#"{"Map":{"Item":{"Index":0,"Value":null,"Key":"k","Source":"STATE_DATA"}}}"#).is_ok()
        );
        assert_eq!(
            refused(r#"{"Map":{"Item":{"Index":"0"}}}"#),
            "Invalid Context object provided: Map.Item.Index must be a number"
        );
        assert_eq!(
            refused(r#"{"Map":{"Item":1}}"#),
            "Invalid Context object provided: Map.Item must be an object"
        );
        assert_eq!(refused("[]"), "Invalid Context object provided: it must be a JSON object");
    }
}
