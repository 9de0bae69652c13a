//! `stepward decisions`: what was allowed and what was denied, of a running server.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use stepward_integrations::backend::{Backends, BackendsConfig, Credentials};
use stepward_types::Timestamp;
use stepward_wire::client::{decode_error, decode_response, encode_request};

/// The file that the first start leaves in the data folder.
const ROOT_KEY_FILE: &str = "root-access-key.json";
const PAGE: usize = 1_000;

#[derive(Args)]
pub(crate) struct Decisions {
    /// The server.
    #[arg(long, env = "AWS_ENDPOINT_URL", default_value = "http://127.0.0.1:4566")]
    endpoint: String,
    /// Folder with the root access key; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY win over it.
    #[arg(long, env = "STEPWARD_DATA_DIR", default_value = "stepward-data")]
    data_dir: PathBuf,
    /// Only decisions about an action, e.g. `dynamodb:GetItem`. Here and below, `*` stands for any characters.
    #[arg(long)]
    action: Option<String>,
    /// Only those of a principal's ARN.
    #[arg(long)]
    principal: Option<String>,
    /// Only those on a resource.
    #[arg(long)]
    resource: Option<String>,
    /// Only those of an execution's ARN.
    #[arg(long)]
    execution: Option<String>,
    /// Only those of a state.
    #[arg(long)]
    state: Option<String>,
    /// Only those that a statement decided, e.g. `*statement 2*` or a policy's ARN with `*` behind it.
    #[arg(long)]
    statement: Option<String>,
    /// Only those of this time or later, e.g. `2026-01-01T00:00:00Z`.
    #[arg(long, value_parser = Timestamp::parse_rfc3339)]
    since: Option<Timestamp>,
    /// Only those before this time.
    #[arg(long, value_parser = Timestamp::parse_rfc3339)]
    until: Option<Timestamp>,
    /// Only those that ended so.
    #[arg(long)]
    decision: Option<Outcome>,
    /// How many at most, the newest first.
    #[arg(long, default_value_t = 100)]
    max: usize,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Outcome {
    Allowed,
    Denied,
}

pub(crate) fn run(decisions: &Decisions) -> Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let listed = runtime.block_on(list(decisions))?;
    for decision in &listed {
        if decisions.json {
            println!("{decision}");
        } else {
            println!("{}", sentence(decision));
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn list(decisions: &Decisions) -> Result<Vec<Value>> {
    let config = BackendsConfig { all: Some(decisions.endpoint.clone()), ..BackendsConfig::default() };
    let backends = Backends::new(&config).context("--endpoint")?;
    let credentials = credentials(decisions)?;
    let (mut listed, mut token) = (Vec::new(), None);
    while listed.len() < decisions.max {
        let limit = (decisions.max - listed.len()).min(PAGE);
        let page = page(&backends, &credentials, input(decisions, limit, token)).await?;
        listed.extend(page.get("decisions").and_then(Value::as_array).cloned().unwrap_or_default());
        token = page.get("nextToken").and_then(Value::as_str).map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    Ok(listed)
}

fn input(decisions: &Decisions, limit: usize, token: Option<String>) -> Value {
    let outcome = decisions.decision.map(|outcome| match outcome {
        Outcome::Allowed => "Allowed",
        Outcome::Denied => "Denied",
    });
    let members = [
        ("action", json!(decisions.action)),
        ("principal", json!(decisions.principal)),
        ("resource", json!(decisions.resource)),
        ("executionArn", json!(decisions.execution)),
        ("stateName", json!(decisions.state)),
        ("statement", json!(decisions.statement)),
        ("startTime", json!(decisions.since.map(Timestamp::epoch_seconds))),
        ("endTime", json!(decisions.until.map(Timestamp::epoch_seconds))),
        ("decision", json!(outcome)),
        ("maxResults", json!(limit)),
        ("nextToken", json!(token)),
    ];
    let given = members.into_iter().filter(|(_, value)| !value.is_null());
    Value::Object(given.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

async fn page(backends: &Backends, credentials: &Credentials, input: Value) -> Result<Value> {
    let service = stepward_integrations::service("stepward").context("the model of Stepward's own API")?;
    let operation = service.operations.get("ListDecisions").context("ListDecisions")?;
    let backend = backends.of(service).context("--endpoint")?;
    let request = encode_request(service, operation, &input)?;
    let answered = backends.send(backend, &request, credentials, ("us-east-1", "stepward")).await;
    let response = answered.map_err(|(error, _)| anyhow!(error))?.response;
    if response.status != 200 {
        let error = decode_error(service, &response);
        bail!("{}: {}", error.code, error.message.unwrap_or_default());
    }
    Ok(decode_response(service, operation, &response)?)
}

fn credentials(decisions: &Decisions) -> Result<Credentials> {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let (Some(access_key_id), Some(secret_access_key)) =
        (variable("AWS_ACCESS_KEY_ID"), variable("AWS_SECRET_ACCESS_KEY"))
    {
        let session_token = variable("AWS_SESSION_TOKEN");
        return Ok(Credentials { access_key_id, secret_access_key, session_token });
    }
    let file = decisions.data_dir.join(ROOT_KEY_FILE);
    let text = std::fs::read_to_string(&file).with_context(|| {
        format!(
            "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name the data folder ({})",
            file.display()
        )
    })?;
    let key: Value = serde_json::from_str(&text).with_context(|| file.display().to_string())?;
    let member = |name: &str| key.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(Credentials {
        access_key_id: member("AccessKeyId"),
        secret_access_key: member("SecretAccessKey"),
        session_token: None,
    })
}

/// One decision on a line; a denial with its reason and what would fix it below.
fn sentence(decision: &Value) -> String {
    let text = |name: &str| decision.get(name).and_then(Value::as_str).unwrap_or_default();
    #[expect(clippy::cast_possible_truncation, reason = "milliseconds of any date fit")]
    let millis = (decision.get("timestamp").and_then(Value::as_f64).unwrap_or_default() * 1_000.0) as i64;
    let at = Timestamp::from_millis(millis).to_rfc3339_millis();
    let count = decision.get("count").and_then(Value::as_u64).map(|count| format!(" ({count} times)"));
    let mut line = format!(
        "{at}  {:<7} {} on {} by {}{}",
        text("decision"),
        text("action"),
        text("resource"),
        text("principal"),
        count.unwrap_or_default()
    );
    if decision.get("resourceNotDerived").and_then(Value::as_bool) == Some(true) {
        line.push_str("  (which resource could not be told: authorized on *)");
    }
    if !text("stateName").is_empty() {
        line.push_str(&format!("  state {} of {}", text("stateName"), text("executionArn")));
    }
    if text("decision") == "Allowed" && !text("statement").is_empty() {
        line.push_str(&format!("  by {}", text("statement")));
    }
    for (name, label) in [("message", ""), ("fix", "would be allowed by: ")] {
        if !text(name).is_empty() {
            line.push_str(&format!("\n    {label}{}", text(name)));
        }
    }
    line
}
