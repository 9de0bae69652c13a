//! Wait: sets a timer, and leaves when it fires.

use stepward_types::Timestamp;

use super::exit;
use crate::effect::{Effect, TimerId, TimerKind};
use crate::evaluate::Data;
use crate::event::Bookkeeping;
use crate::failure::Failure;
use crate::machine::{Number, State, Text, Wait};
use crate::run::FrameId;
use crate::step::Step;

/// AWS: the longest Wait, in seconds.
const WAIT_SECONDS_MAX: f64 = 99_999_999.0;

pub(crate) fn execute(step: &mut Step<'_>, id: FrameId, state: &State, wait: &Wait) -> Result<(), Failure> {
    let mut data = Data::of(step, id)?;
    data.effective_input(step, state)?;
    let due = due(step, state, wait, &data)?;
    let event_id = step.frame(id).map(|frame| frame.entered_event).unwrap_or_default();
    step.note(Bookkeeping::Waiting { frame: id, due });
    step.effect(Effect::StartTimer { timer: TimerId { kind: TimerKind::Wait, event_id }, due });
    Ok(())
}

pub(crate) fn waited(step: &mut Step<'_>, id: FrameId) -> Result<(), Failure> {
    let Some(state) = step.state(id) else { return Ok(()) };
    exit::without_result(step, state, Data::of(step, id)?, state.next)
}

fn due(step: &Step<'_>, state: &State, wait: &Wait, data: &Data) -> Result<Timestamp, Failure> {
    let seconds = match wait {
        Wait::Seconds(Number::Literal(seconds)) => *seconds,
        Wait::Seconds(number) => match data.number(step, state, number, "Seconds")?.floor() {
            negative if negative < 0.0 => {
                let cause = format!("The Seconds field must not be negative, but was: {negative}");
                return Err(data.query_failure(step, state, cause, Some("Seconds".to_owned())));
            }
            seconds => seconds,
        },
        Wait::SecondsPath(path) => seconds_of_path(step, state, path, data)?,
        Wait::Timestamp(text) => return timestamp(step, state, text, data),
        Wait::TimestampPath(path) => return timestamp_of_path(step, state, path, data),
    };
    if seconds > WAIT_SECONDS_MAX {
        return Err(data.runtime(step, state, "Wait state delay is too long."));
    }
    #[expect(clippy::cast_possible_truncation, reason = "bounded above, and a cast of NaN gives 0")]
    let millis = (seconds.max(0.0) * 1_000.0) as i64;
    Ok(step.now.plus_millis(millis))
}

fn seconds_of_path(
    step: &Step<'_>,
    state: &State,
    path: &crate::machine::Path,
    data: &Data,
) -> Result<f64, Failure> {
    let Some(value) = data.find(step, path) else {
        let cause = format!("The SecondsPath parameter does not reference an input value: {}", path.text());
        return Err(data.runtime(step, state, &cause));
    };
    let (text, path) = (crate::evaluate::plain(&value), path.text());
    match value.as_i64() {
        Some(seconds @ 0..) =>
        {
            #[expect(clippy::cast_precision_loss, reason = "anything so large is refused")]
            Ok(seconds as f64)
        }
        Some(_) => {
            let cause = format!("The SecondsPath parameter references a negative value: {path} == {text}");
            Err(data.runtime(step, state, &cause))
        }
        None => {
            let cause =
                format!("The SecondsPath parameter cannot be parsed as a long value: {path} == {text}");
            Err(data.runtime(step, state, &cause))
        }
    }
}

fn timestamp(step: &Step<'_>, state: &State, text: &Text, data: &Data) -> Result<Timestamp, Failure> {
    let text = data.text(step, state, text, "Timestamp")?;
    Timestamp::parse_rfc3339(&text).map_err(|_| {
        let cause = format!(
            "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {text}"
        );
        data.query_failure(step, state, cause, Some("Timestamp".to_owned()))
    })
}

fn timestamp_of_path(
    step: &Step<'_>,
    state: &State,
    path: &crate::machine::Path,
    data: &Data,
) -> Result<Timestamp, Failure> {
    let value = data.find(step, path).unwrap_or_default();
    let parsed = value.as_str().and_then(|text| Timestamp::parse_rfc3339(text).ok());
    parsed.ok_or_else(|| {
        let (text, path) = (crate::evaluate::plain(&value), path.text());
        let cause = format!(
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: {path} == {text}"
        );
        data.runtime(step, state, &cause)
    })
}
