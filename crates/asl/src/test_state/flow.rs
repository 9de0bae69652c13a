//! The life of the tested state, told as it goes.

use std::sync::Arc;

use stepward_query::Payload;

use super::inspection::InspectionData;
use super::{
    HttpExchange, InspectionLevel, TestState, TestStateConfiguration, TestStateError, TestStateOutput,
    TestStatus,
};
use crate::command::TaskOutcome;
use crate::effect::TaskRequest;
use crate::errors::{delay_millis, matches_any};
use crate::evaluate::Data;
use crate::event::{Assigned, Event, HistoryEventBody, StateExited};
use crate::failure::Failure;
use crate::machine::{Kind, Machine, Map, QueryLanguage, State};
use crate::run::{FrameId, Phase};
use crate::states;
use crate::step::Step;

const ROOT: FrameId = FrameId::ROOT;

/// Schedules the state's task, if it has one and no mock.
pub(super) fn task(test: &mut TestState) -> Option<Arc<TaskRequest>> {
    let state = test.machine.state(test.state)?;
    let Kind::Task(task) = &state.kind else { return None };
    if test.mocked.is_some() {
        return None;
    }
    let mut run = test.run.clone();
    let mut step = Step::new(&test.machine, &mut run, test.now, test.seed);
    step.given_context = Some(test.context.clone());
    states::task::execute(&mut step, ROOT, state, task).ok()?;
    run.request_of(ROOT)
}

pub(super) fn finish(
    test: &mut TestState,
    outcome: Option<TaskOutcome>,
    exchange: Option<HttpExchange>,
) -> Result<TestStateOutput, TestStateError> {
    let TestState { machine, run, state, input, variables, context, now, seed, is_of_task, .. } = test;
    let machine: &Machine = machine;
    let Some(state) = machine.state(*state) else {
        return Ok(failed(&Failure::runtime("The state is gone."), None));
    };
    let mut step = Step::new(machine, run, *now, *seed);
    step.given_context = Some(context.take());
    let mut inspection = InspectionData::default();
    inspection.put_text("input", input.input.clone().unwrap_or_else(|| "{}".to_owned()));
    let mut flow = Flow { state, inspection, configuration: &input.configuration, refused: None };
    let ended = flow.execute(&mut step, outcome);
    if let Some(refused) = flow.refused.take() {
        return Err(refused);
    }
    let (mut output, assigned) = match ended {
        Ok(()) => succeeded(machine, step),
        Err(failure) => {
            let failure = Failure { is_of_task: failure.is_of_task.or(*is_of_task), ..failure };
            flow.handle(machine, step, &failure, input.retries_used())
        }
    };
    flow.inspection.put_variables(variables.take(), assigned);
    if input.inspection_level == InspectionLevel::Trace {
        flow.inspection.exchange = exchange;
    }
    if input.inspection_level != InspectionLevel::Info {
        output.inspection = Some(flow.inspection);
    }
    Ok(output)
}

/// The answer, and what the state assigned.
type Answer = (TestStateOutput, Option<Arc<Assigned>>);

fn succeeded(machine: &Machine, step: Step<'_>) -> Answer {
    let exited = exited(step);
    let assigned = exited.as_ref().and_then(|exited| exited.assigned.clone());
    let output = TestStateOutput {
        status: TestStatus::Succeeded,
        next_state: next_name(machine, exited.as_ref()),
        output: exited.map(|exited| exited.output),
        error: None,
        cause: None,
        inspection: None,
    };
    (output, assigned)
}

fn failed(failure: &Failure, status: Option<TestStatus>) -> TestStateOutput {
    TestStateOutput {
        status: status.unwrap_or(TestStatus::Failed),
        output: None,
        error: failure.error.clone(),
        cause: failure.cause.as_deref().map(without_place),
        next_state: None,
        inspection: None,
    }
}

/// AWS: a test's cause does not say in which state it happened.
fn without_place(cause: &str) -> String {
    let place = cause.strip_prefix("An error occurred while executing the state '");
    let rest = place.and_then(|place| place.split_once("' (entered at the event id #0). "));
    rest.map_or(cause, |(_, rest)| rest).to_owned()
}

/// How the state was left.
fn exited(step: Step<'_>) -> Option<StateExited> {
    step.finish().events.into_iter().find_map(|event| match event {
        Event::History(event) => match event.body {
            HistoryEventBody::StateExited(exited) => Some(exited),
            _ => None,
        },
        _ => None,
    })
}

fn next_name(machine: &Machine, exited: Option<&StateExited>) -> Option<Arc<str>> {
    machine.state(exited?.next?).map(|state| Arc::clone(&state.name))
}

pub(super) struct Flow<'a> {
    pub(super) state: &'a State,
    pub(super) inspection: InspectionData,
    configuration: &'a TestStateConfiguration,
    /// Why the request is refused, although the state could be tried.
    refused: Option<TestStateError>,
}

impl Flow<'_> {
    pub(super) fn is_json_path(&self) -> bool {
        self.state.language == QueryLanguage::JsonPath
    }

    fn execute(&mut self, step: &mut Step<'_>, outcome: Option<TaskOutcome>) -> Result<(), Failure> {
        match &self.state.kind {
            Kind::Pass { result } => self.pass(step, result.as_ref()),
            Kind::Task(_) => self.task(step, outcome),
            Kind::Parallel(_) => {
                let result = result_of(outcome)?;
                self.complete(step, result)
            }
            Kind::Map(map) => self.map(step, map, outcome),
            Kind::Choice(choice) => {
                self.input_path(step)?;
                states::choice::execute(step, ROOT, self.state, choice)
            }
            Kind::Wait(wait) => {
                self.input_path(step)?;
                states::wait::execute(step, ROOT, self.state, wait)?;
                if waits_too_long(step) {
                    return Err(Failure::of(Some("States.Timeout".to_owned()), None));
                }
                states::wait::waited(step, ROOT)
            }
            Kind::Succeed => {
                self.input_path(step)?;
                states::succeed::execute(step, ROOT, self.state)
            }
            Kind::Fail(fail) => states::fail::execute(step, ROOT, self.state, fail),
        }
    }

    fn input_path(&mut self, step: &Step<'_>) -> Result<Data, Failure> {
        let mut data = Data::of(step, ROOT)?;
        let effective = data.effective_input(step, self.state)?;
        if self.is_json_path() {
            self.inspection.put("afterInputPath", &effective);
        }
        Ok(data)
    }

    /// AWS: of a Pass with a `Result`, what came before the result is not told.
    fn pass(&mut self, step: &mut Step<'_>, result: Option<&Payload>) -> Result<(), Failure> {
        if self.is_json_path() {
            let selected = match result {
                Some(result) => {
                    self.inspection.put("result", result);
                    result.clone()
                }
                None => {
                    let data = self.input_path(step)?;
                    let selected = data.arguments(step, self.state, data.effective())?;
                    self.inspection.put("afterParameters", &selected);
                    selected
                }
            };
            self.after_result(step, &selected)?;
        }
        states::pass::execute(step, ROOT, self.state, result)
    }

    fn task(&mut self, step: &mut Step<'_>, outcome: Option<TaskOutcome>) -> Result<(), Failure> {
        let data = self.input_path(step)?;
        let arguments = data.arguments(step, self.state, data.effective())?;
        if self.is_json_path() {
            self.inspection.put("afterParameters", &arguments);
        } else if self.state.io.arguments.is_some() {
            self.inspection.put("afterArguments", &arguments);
        }
        if let (Kind::Task(task), None) = (&self.state.kind, &outcome) {
            // Its request could not be made: making it again tells why.
            states::task::execute(step, ROOT, self.state, task)?;
        }
        let result = result_of(outcome)?;
        self.inspection.put("result", &result);
        self.complete(step, result)
    }

    fn map(&mut self, step: &mut Step<'_>, map: &Map, outcome: Option<TaskOutcome>) -> Result<(), Failure> {
        let data = self.input_path(step)?;
        let found = self.items_of(step, map, &data, self.configuration)?;
        let failures = self.configuration.map_iteration_failure_count.unwrap_or_default();
        self.refused = super::map::check_failures(self.configuration, found.length).err();
        let result = result_of(outcome)?;
        if found.is_exceeded_by(failures) {
            return Err(states::map::threshold_exceeded());
        }
        self.complete(step, result)
    }

    fn complete(&mut self, step: &mut Step<'_>, result: Payload) -> Result<(), Failure> {
        if self.is_json_path() {
            let selected = match &self.state.io.result_selector {
                Some(selector) => Data::of(step, ROOT)?.select(step, self.state, selector, Some(&result))?,
                None => result.clone(),
            };
            self.after_result(step, &selected)?;
        }
        states::exit::with_result(step, ROOT, self.state, result)
    }

    fn after_result(&mut self, step: &Step<'_>, selected: &Payload) -> Result<(), Failure> {
        self.inspection.put("afterResultSelector", selected);
        let data = Data::of(step, ROOT)?;
        let combined = data.combine(step, self.state, &self.state.io.result_path, selected.clone())?;
        self.inspection.put("afterResultPath", &combined);
        Ok(())
    }

    /// Retry and Catch, told but not done.
    fn handle(&mut self, machine: &Machine, mut step: Step<'_>, failure: &Failure, used: u32) -> Answer {
        if failure.is_final {
            return (failed(failure, None), None);
        }
        let details = &mut self.inspection.error_details;
        let retriers = self.state.retry.iter().enumerate();
        if let Some((index, retrier)) =
            retriers.into_iter().find(|(_, one)| matches_any(&one.error_equals, failure))
        {
            details.retry_index = Some(index);
            if used < retrier.max_attempts {
                let seconds = delay_millis(retrier, used, 1.0) / 1_000;
                details.retry_backoff_interval_seconds = u64::try_from(seconds).ok();
                return (failed(failure, Some(TestStatus::Retriable)), None);
            }
        }
        let catchers = self.state.catch.iter().enumerate();
        let Some((index, catcher)) =
            catchers.into_iter().find(|(_, one)| matches_any(&one.error_equals, failure))
        else {
            return (failed(failure, None), None);
        };
        details.catch_index = Some(index);
        if let Err(failure) = states::exit::by_catcher(&mut step, ROOT, self.state, catcher, failure) {
            return (failed(&failure, None), None);
        }
        let exited = exited(step);
        let assigned = exited.as_ref().and_then(|exited| exited.assigned.clone());
        let output = TestStateOutput {
            next_state: next_name(machine, exited.as_ref()),
            output: exited.map(|exited| exited.output),
            ..failed(failure, Some(TestStatus::CaughtError))
        };
        (output, assigned)
    }
}

/// AWS: a test takes five minutes at most. Shorter Waits are not waited for.
const TEST_SECONDS_MAX: i64 = 300;

fn waits_too_long(step: &Step<'_>) -> bool {
    let latest = step.now.plus_millis(TEST_SECONDS_MAX * 1_000);
    matches!(step.frame(ROOT).map(|frame| &frame.phase), Some(Phase::Waiting { due }) if *due > latest)
}

fn result_of(outcome: Option<TaskOutcome>) -> Result<Payload, Failure> {
    match outcome {
        Some(TaskOutcome::Succeeded { output }) => Ok(output),
        Some(
            TaskOutcome::Failed { error, cause }
            | TaskOutcome::ScheduleFailed { error, cause }
            | TaskOutcome::StartFailed { error, cause }
            | TaskOutcome::SubmitFailed { error, cause }
            | TaskOutcome::TimedOut { error, cause },
        ) => Err(Failure::of(Some(error), cause)),
        None => Err(Failure::new("States.Runtime", "The task has no outcome.")),
    }
}
