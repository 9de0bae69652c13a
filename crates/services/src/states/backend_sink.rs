//! Execution logs and events of status changes for a backend's CloudWatch Logs and EventBridge.
//!
//! Requests are signed with a session of the execution role. Whether the role may deliver logs was decided before
//! anything comes here; the events are Step Functions' own, for which no role is asked.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use serde_json::{Value, json};
use stepward_access::{ServiceCall, Session};
use stepward_integrations::{Answer, ApiCall, CallError, Calls};
use stepward_models::{Operation, Service, service};

use super::delivery::{Delivering, EventSink, LogBatch, LogEvent, LogSink, Undelivered};
use super::rights::PRINCIPAL;
use super::status_event::StatusEvent;
use crate::time::now;

/// CloudWatch Logs: what one request may hold, and what each event counts beside its text.
const BATCH_EVENTS_MAX: usize = 10_000;
const BATCH_BYTES_MAX: usize = 1_048_576;
const EVENT_BYTES: usize = 26;
/// EventBridge: entries of one request.
const ENTRIES_MAX: usize = 10;

/// The backends, as a place where logs and events go.
pub struct BackendSink {
    calls: Arc<Calls>,
}

impl fmt::Debug for BackendSink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BackendSink").finish_non_exhaustive()
    }
}

impl BackendSink {
    pub fn new(calls: Arc<Calls>) -> Self {
        Self { calls }
    }

    /// Whether a backend hosts the service (`logs`, `events`).
    pub fn hosts(&self, name: &str) -> bool {
        service(name).is_some_and(|service| self.calls.backends().of(service).is_some())
    }

    fn session(&self, role_arn: &str, machine_arn: &str) -> Result<Session, Undelivered> {
        let part = |index: usize| machine_arn.split(':').nth(index).unwrap_or_default();
        let call = ServiceCall {
            service: PRINCIPAL,
            source_arn: machine_arn,
            source_account: part(4),
            region: part(3),
            session_name: None,
            now: now(),
        };
        self.calls.access().assume_as_service(role_arn, &call).map_err(Undelivered::new)
    }

    async fn log(
        &self,
        batch: &LogBatch,
        session: &Session,
        events: &[&LogEvent],
    ) -> Result<(), Undelivered> {
        let place = (batch.account.as_str(), batch.region.as_str());
        let stream = json!({"logGroupName": batch.group, "logStreamName": batch.stream});
        let mut put = stream.clone();
        let written =
            events.iter().map(|event| json!({"timestamp": event.timestamp_ms, "message": event.message}));
        if let Some(members) = put.as_object_mut() {
            members.insert("logEvents".to_owned(), written.collect());
        }
        let outcome = self.send(session, place, ("logs", "PutLogEvents"), put.clone()).await;
        if !matches!(&outcome, Err(CallError::Service(error, _)) if error.code == "ResourceNotFoundException")
        {
            return outcome.map(|_| ()).map_err(undelivered);
        }
        // The first events of a stream make it.
        match self.send(session, place, ("logs", "CreateLogStream"), stream).await {
            Err(CallError::Service(error, _)) if error.code == "ResourceAlreadyExistsException" => {}
            made => drop(made.map_err(undelivered)?),
        }
        self.send(session, place, ("logs", "PutLogEvents"), put).await.map(|_| ()).map_err(undelivered)
    }

    async fn send(
        &self,
        session: &Session,
        (account, region): (&str, &str),
        (service_name, operation_name): (&str, &str),
        input: Value,
    ) -> Result<Answer, CallError> {
        let Some((service, operation)) = operation(service_name, operation_name) else {
            return Err(CallError::Client(format!("no model has {service_name}:{operation_name}")));
        };
        let (account, region) = (account.to_owned(), region.to_owned());
        self.calls.deliver(session, ApiCall { service, operation, input, account, region }).await
    }
}

impl LogSink for BackendSink {
    fn put_log_events<'a>(&'a self, batch: &'a LogBatch) -> Delivering<'a> {
        Box::pin(async move {
            let session = self.session(&batch.role_arn, &batch.machine_arn)?;
            for events in portions(&batch.events) {
                self.log(batch, &session, &events).await?;
            }
            Ok(())
        })
    }

    /// A backend that does not answer is no reason to refuse a state machine.
    fn has_group<'a>(&'a self, batch: &'a LogBatch) -> Pin<Box<dyn Future<Output = bool> + Send + 'a>> {
        Box::pin(async move {
            self.knows_group(batch).await.unwrap_or_else(|error| {
                tracing::warn!(
                    cause = crate::chain(&error),
                    group = batch.group,
                    "a log group was not looked up"
                );
                true
            })
        })
    }
}

impl BackendSink {
    async fn knows_group(&self, batch: &LogBatch) -> Result<bool, Undelivered> {
        let session = self.session(&batch.role_arn, &batch.machine_arn)?;
        let place = (batch.account.as_str(), batch.region.as_str());
        let question = json!({"logGroupNamePrefix": batch.group});
        let found = self.send(&session, place, ("logs", "DescribeLogGroups"), question).await;
        let found = found.map_err(undelivered)?;
        let groups = found.member("logGroups").as_array().into_iter().flatten();
        let mut names = groups.filter_map(|group| group.get("logGroupName")?.as_str());
        Ok(names.any(|name| name == batch.group))
    }
}

impl EventSink for BackendSink {
    fn put_events<'a>(&'a self, events: &'a [StatusEvent]) -> Delivering<'a> {
        Box::pin(async move {
            for portion in events.chunk_by(|one, next| one.role_arn == next.role_arn) {
                for entries in portion.chunks(ENTRIES_MAX) {
                    let Some(first) = entries.first() else { continue };
                    let session = self.session(&first.role_arn, &first.machine_arn)?;
                    let place = (first.account.as_str(), first.region.as_str());
                    let input = json!({"Entries": entries.iter().map(entry).collect::<Vec<_>>()});
                    let put = self.send(&session, place, ("events", "PutEvents"), input).await;
                    let refused = put.map_err(undelivered)?.member("FailedEntryCount").as_u64();
                    if refused.is_some_and(|count| count > 0) {
                        return Err(Undelivered::new("the event bus took not all events"));
                    }
                }
            }
            Ok(())
        })
    }
}

fn entry(event: &StatusEvent) -> Value {
    json!({
        "Source": event.source,
        "DetailType": event.detail_type,
        "Detail": event.detail.to_string(),
        "Resources": [event.resource],
        "Time": event.time.epoch_seconds(),
    })
}

/// Events in the order of time, in portions that one request may hold.
fn portions(events: &[LogEvent]) -> Vec<Vec<&LogEvent>> {
    let mut sorted: Vec<&LogEvent> = events.iter().collect();
    sorted.sort_by_key(|event| event.timestamp_ms);
    let (mut portions, mut portion, mut bytes) = (Vec::new(), Vec::new(), 0);
    for event in sorted {
        let more = event.message.len() + EVENT_BYTES;
        if !portion.is_empty() && (portion.len() >= BATCH_EVENTS_MAX || bytes + more > BATCH_BYTES_MAX) {
            portions.push(std::mem::take(&mut portion));
            bytes = 0;
        }
        bytes += more;
        portion.push(event);
    }
    portions.push(portion);
    portions
}

fn operation(service_name: &str, name: &str) -> Option<(&'static Service, &'static Operation)> {
    let service = service(service_name)?;
    Some((service, service.operations.get(name)?))
}

fn undelivered(error: CallError) -> Undelivered {
    Undelivered::new(match error {
        CallError::Service(error, _) => format!("{}: {}", error.code, error.message.unwrap_or_default()),
        CallError::Denied(denial) => denial.text,
        CallError::Client(text) => text,
        CallError::TooLarge => "the answer is too large".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(timestamp_ms: i64, bytes: usize) -> LogEvent {
        LogEvent { timestamp_ms, message: "x".repeat(bytes) }
    }

    #[test]
    fn events_go_in_the_order_of_time_and_in_portions() {
        let events = [event(2, 600_000), event(1, 600_000), event(3, 10)];
        let times: Vec<Vec<i64>> = portions(&events)
            .into_iter()
            .map(|portion| portion.into_iter().map(|event| event.timestamp_ms).collect())
            .collect();
        assert_eq!(times, [vec![1], vec![2, 3]]);
    }
}
