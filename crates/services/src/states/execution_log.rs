//! Execution logs in CloudWatch's form: which events a level has, and how each is written.

use serde_json::{Map, Value, json};
use stepward_asl::HistoryEvent;

use super::delivery::LogBatch;

/// AWS: a payload that is larger when it is escaped is cut off.
const PAYLOAD_BYTES_MAX: usize = 248 * 1_024;

/// What of an execution is logged (AWS: `LogLevel`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogLevel {
    All,
    Error,
    Fatal,
}

/// A logging configuration that is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Logging {
    pub(crate) level: LogLevel,
    pub(crate) includes_data: bool,
    /// `arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*`
    pub(crate) group_arn: String,
}

impl Logging {
    /// Of a configuration as it is stored; nothing when it logs nothing.
    pub(crate) fn of(configuration: &Value) -> Option<Self> {
        let level = match configuration.get("level")?.as_str()? {
            "ALL" => LogLevel::All,
            "ERROR" => LogLevel::Error,
            "FATAL" => LogLevel::Fatal,
            _ => return None,
        };
        let group_arn =
            configuration.pointer("/destinations/0/cloudWatchLogsLogGroup/logGroupArn")?.as_str()?;
        let includes_data =
            configuration.get("includeExecutionData").and_then(Value::as_bool).unwrap_or(false);
        Some(Self { level, includes_data, group_arn: group_arn.to_owned() })
    }
}

impl Logging {
    /// A batch without events, and without the name of a stream.
    pub(crate) fn batch(&self, machine: &str, role_arn: &str, machine_arn: &str) -> LogBatch {
        let part = |index: usize| self.group_arn.split(':').nth(index).unwrap_or_default().to_owned();
        LogBatch {
            account: part(4),
            region: part(3),
            group: part(6),
            machine: machine.to_owned(),
            stream: String::new(),
            role_arn: role_arn.to_owned(),
            machine_arn: machine_arn.to_owned(),
            events: Vec::new(),
        }
    }
}

impl LogLevel {
    /// AWS: the table of log levels. ERROR has what failed, timed out or was aborted, and Fail states; FATAL only the
    /// execution's own end.
    pub(crate) fn has(self, event: &str) -> bool {
        let is_bad = event.ends_with("Failed") || event.ends_with("TimedOut") || event.ends_with("Aborted");
        match self {
            Self::All => true,
            Self::Error => is_bad || event == "FailStateEntered",
            Self::Fatal => is_bad && event.starts_with("Execution"),
        }
    }
}

/// An event as a line of the log.
pub(crate) fn message(
    event: &HistoryEvent,
    includes_data: bool,
    execution_arn: &str,
    redrives: u32,
) -> String {
    let shown = event.to_api_json(includes_data);
    let details = shown.as_object().into_iter().flatten().find(|(name, _)| name.ends_with("EventDetails"));
    let mut line = Map::new();
    line.insert("id".to_owned(), json!(event.id.to_string()));
    line.insert("type".to_owned(), json!(event.type_name()));
    if let Some((_, Value::Object(details))) = details {
        line.insert("details".to_owned(), Value::Object(limited(details.clone())));
    }
    line.insert("redrive_count".to_owned(), json!(redrives.to_string()));
    line.insert("previous_event_id".to_owned(), json!(event.previous_event_id.to_string()));
    line.insert("event_timestamp".to_owned(), json!(event.timestamp.millis().to_string()));
    line.insert("execution_arn".to_owned(), json!(execution_arn));
    Value::Object(line).to_string()
}

fn limited(mut details: Map<String, Value>) -> Map<String, Value> {
    for name in ["input", "output"] {
        let Some(text) = details.get(name).and_then(Value::as_str) else { continue };
        if let Some(cut) = cut_off(text) {
            details.insert(name.to_owned(), json!(cut));
            details.insert(format!("{name}Details"), json!({"truncated": true}));
        }
    }
    details
}

/// As much of a text as may be logged; nothing when that is all of it.
fn cut_off(text: &str) -> Option<String> {
    let mut bytes = 0;
    let mut fits = |character: char| {
        bytes += match character {
            '"' | '\\' | '\n' | '\r' | '\t' => 2,
            '\0'..='\u{1f}' => 6,
            other => other.len_utf8(),
        };
        bytes <= PAYLOAD_BYTES_MAX
    };
    let cut: String = text.chars().take_while(|character| fits(*character)).collect();
    (cut.len() < text.len()).then_some(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_has_the_events_of_the_table() {
        let table = [
            ("ExecutionStarted", true, false, false),
            ("ExecutionSucceeded", true, false, false),
            ("ExecutionFailed", true, true, true),
            ("ExecutionTimedOut", true, true, true),
            ("ExecutionAborted", true, true, true),
            ("FailStateEntered", true, true, false),
            ("PassStateEntered", true, false, false),
            ("LambdaFunctionScheduleFailed", true, true, false),
            ("TaskTimedOut", true, true, false),
            ("MapIterationAborted", true, true, false),
            ("MapRunFailed", true, true, false),
        ];
        for (event, all, error, fatal) in table {
            let has = [LogLevel::All, LogLevel::Error, LogLevel::Fatal].map(|level| level.has(event));
            assert_eq!(has, [all, error, fatal], "{event}");
        }
    }

    #[test]
    fn a_configuration_that_is_off_logs_nothing() {
        assert_eq!(Logging::of(&json!({"level": "OFF", "includeExecutionData": false})), None);
        assert_eq!(Logging::of(&Value::Null), None);
        let group = json!({"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:r:1:log-group:g:*"}});
        let logging = Logging::of(&json!({"level": "FATAL", "destinations": [group]})).unwrap();
        assert_eq!((logging.level, logging.includes_data), (LogLevel::Fatal, false));
    }

    #[test]
    fn a_payload_that_is_too_large_is_cut_off_and_says_so() {
        assert_eq!(cut_off("{}"), None);
        let cut = limited(Map::from_iter([("input".to_owned(), json!("\"".repeat(200_000)))]));
        assert_eq!(cut["input"].as_str().unwrap().len(), PAYLOAD_BYTES_MAX / 2);
        assert_eq!(cut["inputDetails"], json!({"truncated": true}));
    }
}
