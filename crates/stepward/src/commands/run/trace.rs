//! What an execution does, as it does it.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::sync::Arc;

use stepward_asl::{
    Bookkeeping, ErrorDetails, Event, FrameId, HistoryEvent, HistoryEventBody as Body, IterationEnd, Machine,
    Run as Execution, RunStatus, TaskEnd, evolve,
};
use stepward_query::Payload;
use stepward_types::Timestamp;

/// How the trace is shown.
#[derive(Clone, Copy)]
pub(super) enum Format {
    /// For people.
    Text {
        /// Whether inputs and outputs are shown as a whole.
        is_full: bool,
    },
    /// Each event of the history as a line of JSON.
    Json,
}

/// How much of an input or an output is shown.
const CHARACTERS_MAX: usize = 160;

/// Shows events. It follows the execution with one of its own, to know where in it an event happened.
pub(super) struct Trace {
    follower: Execution,
    format: Format,
    has_color: bool,
    /// Which state each frame is in, and since when.
    states: BTreeMap<FrameId, (Arc<str>, Timestamp)>,
}

enum Color {
    Green,
    Red,
    Yellow,
    Dim,
}

impl Trace {
    pub(super) fn new(follower: Execution, format: Format) -> Self {
        let has_color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { follower, format, has_color, states: BTreeMap::new() }
    }

    /// Shows one event.
    pub(super) fn show(&mut self, machine: &Machine, event: &Event) {
        match (self.format, event) {
            (Format::Json, Event::History(event)) => println!("{}", event.to_api_json(true)),
            (Format::Json, _) => {}
            (Format::Text { .. }, Event::History(event) | Event::Child(event)) => self.event(machine, event),
            (Format::Text { .. }, Event::Private(bookkeeping)) => self.bookkeeping(machine, bookkeeping),
        }
        evolve(machine, &mut self.follower, event);
    }

    fn event(&mut self, machine: &Machine, event: &HistoryEvent) {
        let frame = event.frame();
        match &event.body {
            Body::ExecutionStarted(started) => {
                println!("{} {}", self.paint(&Color::Dim, "input "), self.shown(&started.input));
            }
            Body::StateEntered { state_type, name, input, .. } => {
                self.states.insert(frame, (Arc::clone(name), event.timestamp));
                let place = self.place(machine, frame);
                println!("{place}→ {name} ({state_type:?})  {}", self.labelled("in", input));
            }
            Body::StateExited(exited) => {
                let place = self.place(machine, frame);
                let mark = self.paint(&Color::Green, "✓");
                let took = self.took(frame, event.timestamp);
                println!("{place}{mark} {}  {took}  {}", exited.name, self.labelled("out", &exited.output));
                for (name, value) in exited.assigned.iter().flat_map(|assigned| assigned.iter()) {
                    println!("{place}  ${name} = {}", self.shown(value));
                }
            }
            Body::TaskEnded { end, .. } => self.task_ended(machine, frame, end),
            Body::EvaluationFailed(failed) => {
                let details =
                    ErrorDetails { error: Some(failed.error.clone()), cause: Some(failed.cause.clone()) };
                self.failed(machine, frame, &details);
            }
            Body::MapIterationEnded { end: IterationEnd::Failed, name, index } => {
                let place = self.place(machine, frame);
                println!("{place}{} {name}[{index}] failed", self.paint(&Color::Red, "✗"));
            }
            Body::MapRunFailed(details) | Body::ExecutionFailed(details) => {
                self.failed(machine, frame, details);
            }
            _ => {}
        }
    }

    fn task_ended(&self, machine: &Machine, frame: FrameId, end: &TaskEnd) {
        match end {
            TaskEnd::Succeeded(output) => {
                println!("{}  {}", self.place(machine, frame), self.labelled("result", output));
            }
            TaskEnd::Failed(details)
            | TaskEnd::TimedOut(details)
            | TaskEnd::ScheduleFailed(details)
            | TaskEnd::StartFailed(details)
            | TaskEnd::SubmitFailed(details) => self.failed(machine, frame, details),
        }
    }

    fn failed(&self, machine: &Machine, frame: FrameId, details: &ErrorDetails) {
        let name = self.states.get(&frame).map(|(name, _)| &**name).unwrap_or_default();
        let (place, mark) = (self.place(machine, frame), self.paint(&Color::Red, "✗"));
        println!("{place}{mark} {name}  {}", told(details));
    }

    fn bookkeeping(&self, machine: &Machine, bookkeeping: &Bookkeeping) {
        let (frame, due, what) = match bookkeeping {
            Bookkeeping::Waiting { frame, due } => (*frame, *due, "waits until"),
            Bookkeeping::RetryScheduled { frame, due, .. } => (*frame, *due, "is tried again at"),
            _ => return,
        };
        let name = self.states.get(&frame).map(|(name, _)| &**name).unwrap_or_default();
        let (place, mark) = (self.place(machine, frame), self.paint(&Color::Yellow, "…"));
        println!("{place}{mark} {name} {what} {}", due.to_rfc3339_millis());
    }

    /// Tells how the execution ended.
    pub(super) fn finish(&self, execution: &Execution) {
        if matches!(self.format, Format::Json) {
            return;
        }
        let color = if execution.status() == RunStatus::Succeeded { Color::Green } else { Color::Red };
        let took = execution.started_at().zip(execution.ended_at());
        let took = took.map(|(from, to)| duration(from, to)).unwrap_or_default();
        println!("{} in {took}", self.paint(&color, execution.status().as_str()));
        if let Some(output) = execution.output() {
            println!("{:#}", output.value());
        }
        let (error, cause) = (execution.error().map(str::to_owned), execution.cause().map(str::to_owned));
        if error.is_some() || cause.is_some() {
            println!("{}", told(&ErrorDetails { error, cause }));
        }
    }

    /// The branches and iterations around a frame.
    fn place(&self, machine: &Machine, frame: FrameId) -> String {
        let trail = self.follower.trail(machine, frame);
        let place: String = trail.iter().map(|(name, index)| format!("{name}[{index}] ")).collect();
        let indentation = "  ".repeat(trail.len());
        if place.is_empty() { place } else { format!("{indentation}{}", self.paint(&Color::Dim, &place)) }
    }

    fn took(&self, frame: FrameId, at: Timestamp) -> String {
        let since = self.states.get(&frame).map_or(at, |(_, since)| *since);
        self.paint(&Color::Dim, &duration(since, at))
    }

    fn labelled(&self, label: &str, payload: &Payload) -> String {
        format!("{} {}", self.paint(&Color::Dim, label), self.shown(payload))
    }

    fn shown(&self, payload: &Payload) -> String {
        let text = payload.value().to_string();
        let is_full = matches!(self.format, Format::Text { is_full: true });
        match text.char_indices().nth(CHARACTERS_MAX) {
            Some((at, _)) if !is_full => format!("{}…", text.get(..at).unwrap_or_default()),
            _ => text,
        }
    }

    fn paint(&self, color: &Color, text: &str) -> String {
        if !self.has_color {
            return text.to_owned();
        }
        let code = match color {
            Color::Green => 32,
            Color::Red => 31,
            Color::Yellow => 33,
            Color::Dim => 2,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

fn told(details: &ErrorDetails) -> String {
    let error = details.error.as_deref().unwrap_or("(no error name)");
    match &details.cause {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_owned(),
    }
}

fn duration(from: Timestamp, to: Timestamp) -> String {
    let millis = to.millis().saturating_sub(from.millis());
    match millis {
        ..10_000 => format!("{millis} ms"),
        10_000..120_000 => format!("{}.{} s", millis / 1_000, millis % 1_000 / 100),
        _ => {
            let seconds = millis / 1_000;
            let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
            let parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds % 60, "s")];
            let parts =
                parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}"));
            parts.collect::<Vec<_>>().join(" ")
        }
    }
}
