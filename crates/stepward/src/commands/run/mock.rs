//! Mocked responses in the format of Step Functions Local: which response a state's task gets, by how often it ran.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};
use serde::Deserialize;
use serde_json::Value;
use stepward_asl::{Machine, TaskOutcome, TaskRequest};
use stepward_query::Payload;

/// The file.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct File {
    state_machines: BTreeMap<String, StateMachine>,
    mocked_responses: BTreeMap<String, BTreeMap<String, Response>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StateMachine {
    /// Test case to state to the name of a mocked response.
    test_cases: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
enum Response {
    Return(Value),
    Throw(Thrown),
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Thrown {
    error: String,
    cause: Option<String>,
}

/// The responses of one test case.
#[derive(Default)]
pub(super) struct Mocks {
    states: BTreeMap<String, Mocked>,
}

struct Mocked {
    /// The name of the response, for messages.
    name: String,
    /// First and last attempt, and what they get.
    responses: Vec<((u32, u32), Response)>,
    /// How often the state's task ran.
    attempts: u32,
}

impl Mocks {
    /// Reads the test case of a state machine.
    pub(super) fn read(path: &Path, state_machine: &str, test_case: Option<&str>) -> Result<Self> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).with_context(|| name.clone())?;
        Self::parse(&text, state_machine, test_case).with_context(|| name)
    }

    fn parse(text: &str, state_machine: &str, test_case: Option<&str>) -> Result<Self> {
        let file: File = serde_json::from_str(text)
            .context("not a mock configuration: it has StateMachines and MockedResponses")?;
        let machine = only_or_named(&file.state_machines, Some(state_machine), "state machine", "--name")?;
        let case = only_or_named(&machine.test_cases, test_case, "test case", "--test-case")?;
        let mut states = BTreeMap::new();
        for (state, response) in case {
            let responses = file.mocked_responses.get(response).ok_or_else(|| {
                anyhow!(
                    "the state '{state}' gets the response '{response}', which MockedResponses does not have"
                )
            })?;
            let responses = responses
                .iter()
                .map(|(attempts, response)| Ok((attempts_of(attempts)?, response.clone())))
                .collect::<Result<Vec<_>>>()
                .with_context(|| format!("the response '{response}'"))?;
            states.insert(state.clone(), Mocked { name: response.clone(), responses, attempts: 0 });
        }
        Ok(Self { states })
    }

    /// Refuses a mock of a state that the machine does not have: it would never be used.
    pub(super) fn check(&self, machine: &Machine) -> Result<()> {
        let tasks: Vec<&str> = machine.tasks().map(|task| task.state_name).collect();
        for state in self.states.keys() {
            if !tasks.contains(&state.as_str()) {
                bail!("the mock file has a response for '{state}', but no Task state has that name");
            }
        }
        Ok(())
    }

    /// What the task's state gets this time; nothing if it has no mock.
    pub(super) fn outcome(&mut self, request: &TaskRequest) -> Result<Option<TaskOutcome>> {
        let Some(mocked) = self.states.get_mut(&*request.state_name) else { return Ok(None) };
        let attempt = mocked.attempts;
        mocked.attempts += 1;
        let found = mocked.responses.iter().find(|((first, last), _)| (*first..=*last).contains(&attempt));
        let (_, response) = found.ok_or_else(|| {
            anyhow!(
                "the state '{}' runs for the {}. time, and its response '{}' has nothing for \"{attempt}\"",
                request.state_name,
                attempt + 1,
                mocked.name
            )
        })?;
        Ok(Some(match response.clone() {
            Response::Return(output) => TaskOutcome::Succeeded { output: Payload::new(output) },
            Response::Throw(thrown) => TaskOutcome::Failed { error: thrown.error, cause: thrown.cause },
        }))
    }
}

/// The entry that is asked for by its name, or the only one.
fn only_or_named<'a, T>(
    entries: &'a BTreeMap<String, T>,
    name: Option<&str>,
    what: &str,
    flag: &str,
) -> Result<&'a T> {
    if let Some(found) = name.and_then(|name| entries.get(name)) {
        return Ok(found);
    }
    let names = entries.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let mut all = entries.values();
    match (all.next(), all.next()) {
        (Some(only), None) if name.is_none() || flag == "--name" => Ok(only),
        (None, _) => bail!("there is no {what}"),
        _ => match name {
            Some(name) => bail!("there is no {what} '{name}'; there are: {names}"),
            None => bail!("which {what}? Say so with {flag}; there are: {names}"),
        },
    }
}

/// `0` or `1-2`: the first and the last attempt.
fn attempts_of(text: &str) -> Result<(u32, u32)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    match (first.trim().parse(), last.trim().parse()) {
        (Ok(first), Ok(last)) if first <= last => Ok((first, last)),
        _ => bail!("\"{text}\" is not the number of an attempt, as \"0\", or a range of them, as \"1-2\""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{ "StateMachines": { "M": { "TestCases": { "Happy": { "Call": "Ok" }, "Sad": { "Call": "Busy" } } } },
        "MockedResponses": { "Ok": { "0": { "Return": { "a": 1 } } },
            "Busy": { "0-1": { "Throw": { "Error": "Busy", "Cause": "c" } }, "2": { "Return": null } } } }"#;

    #[test]
    fn a_test_case_is_chosen_by_its_name() {
        let read = |case| Mocks::parse(FILE, "M", case).map(|mocks| mocks.states["Call"].responses.len());
        assert_eq!(read(Some("Sad")).unwrap(), 2);
        let told = |case| read(case).unwrap_err().to_string();
        assert_eq!(told(None), "which test case? Say so with --test-case; there are: Happy, Sad");
        assert_eq!(told(Some("Other")), "there is no test case 'Other'; there are: Happy, Sad");
        assert!(Mocks::parse(FILE, "AnyName", Some("Happy")).is_ok());
    }

    #[test]
    fn attempts_are_numbers_or_ranges() {
        assert_eq!(attempts_of("3").unwrap(), (3, 3));
        assert_eq!(attempts_of("1-2").unwrap(), (1, 2));
        for text in ["", "-1", "2-1", "a", "1-2-3"] {
            assert!(attempts_of(text).is_err(), "{text}");
        }
    }
}
