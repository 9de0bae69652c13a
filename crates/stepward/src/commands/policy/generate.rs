//! `stepward policy generate`: the role that a definition needs.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::{Value, json};
use stepward_advisor::{Definition, Format, Place, Settings, Style, generate, render};
use stepward_asl::{Diagnostic, MachineType};

use super::apply::{Apply, Plan, apply};
use crate::client::Server;

#[derive(Args)]
pub(crate) struct Generate {
    /// Definition file (JSON).
    #[arg(required_unless_present = "batch")]
    file: Option<PathBuf>,
    /// console: as the console of Step Functions makes it; least-privilege: what is really called.
    #[arg(long, default_value = "least-privilege", value_parser = ["console", "least-privilege"])]
    style: String,
    /// The language in which the role is written.
    #[arg(long, default_value = "json", value_parser = ["json", "cloudformation", "terraform", "cdk"])]
    format: String,
    /// Account of the state machine.
    #[arg(long, default_value = "123456789012")]
    account: String,
    /// Name of the state machine; the file's when it is not given.
    #[arg(long)]
    name: Option<String>,
    /// Name of the role.
    #[arg(long)]
    role_name: Option<String>,
    /// Type of the state machine.
    #[arg(long = "type", default_value = "STANDARD", value_parser = ["STANDARD", "EXPRESS"])]
    machine_type: String,
    /// The state machine sends traces to X-Ray.
    #[arg(long)]
    tracing: bool,
    /// The state machine delivers logs to CloudWatch.
    #[arg(long)]
    logging: bool,
    /// Read {"id", "definition", "region", "account", "stateMachineName", "type"?, "style", "tracingConfiguration"?,
    /// "loggingConfiguration"?} lines from standard input and answer each with a line.
    #[arg(long)]
    batch: bool,
    #[command(flatten)]
    apply: Apply,
    #[command(flatten)]
    server: Server,
}

pub(crate) fn run(arguments: &Generate) -> Result<ExitCode> {
    let Some(file) = arguments.file.as_ref().filter(|_| !arguments.batch) else {
        super::super::batch(answer)?;
        return Ok(ExitCode::SUCCESS);
    };
    let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let name = arguments.name.clone().unwrap_or_else(|| name_of(file));
    let place = Place::new(&arguments.server.region, &arguments.account, &name);
    let definition = match Definition::parse(&text, type_named(&arguments.machine_type), place) {
        Ok(definition) => definition,
        Err(diagnostics) => bail!("{}: {}", file.display(), told(&diagnostics)),
    };
    let settings = Settings { is_traced: arguments.tracing, is_logged: arguments.logging };
    let generated = generate(&definition, style_named(&arguments.style), settings);
    for note in &generated.notes {
        eprintln!("note: {note}");
    }
    let role_name = arguments.role_name.clone().unwrap_or_else(|| format!("{name}Role"));
    let format = Format::named(&arguments.format).context("unknown format")?;
    println!("{}", render(&generated, format, &role_name)?);
    if arguments.apply.is_asked() {
        let (policy, trust_policy) = (generated.policy, Some(generated.trust_policy));
        apply(&arguments.server, &Plan { role_name, policy, trust_policy })?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The file's name, without what follows its first dot.
pub(in crate::commands) fn name_of(file: &std::path::Path) -> String {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let name = name.split('.').next().unwrap_or_default().to_owned();
    if name.is_empty() { "StateMachine".to_owned() } else { name }
}

fn type_named(name: &str) -> MachineType {
    if name == "EXPRESS" { MachineType::Express } else { MachineType::Standard }
}

fn style_named(name: &str) -> Style {
    if name == "console" { Style::Console } else { Style::LeastPrivilege }
}

fn told(diagnostics: &[Diagnostic]) -> String {
    let one = |diagnostic: &Diagnostic| {
        let place = diagnostic.location.as_deref().unwrap_or("/");
        format!("{} at {place}: {}", diagnostic.code, diagnostic.message)
    };
    diagnostics.iter().map(one).collect::<Vec<_>>().join("\n")
}

fn answer(request: &Value) -> Value {
    let text = |name: &str| request.get(name).and_then(Value::as_str);
    let definition = match request.get("definition") {
        Some(Value::String(text)) => text.clone(),
        Some(definition) => definition.to_string(),
        None => String::new(),
    };
    let place = Place::new(
        text("region").unwrap_or("us-east-1"),
        text("account").unwrap_or("123456789012"),
        text("stateMachineName").unwrap_or("StateMachine"),
    );
    let machine_type = type_named(text("type").unwrap_or("STANDARD"));
    let settings = Settings {
        is_traced: request.pointer("/tracingConfiguration/enabled") == Some(&Value::Bool(true)),
        is_logged: request
            .pointer("/loggingConfiguration/level")
            .and_then(Value::as_str)
            .is_some_and(|level| level != "OFF"),
    };
    match Definition::parse(&definition, machine_type, place) {
        Ok(definition) => {
            let generated = generate(&definition, style_named(text("style").unwrap_or("console")), settings);
            json!({
                "id": request.get("id"),
                "policy": generated.policy,
                "trustPolicy": generated.trust_policy,
                "notes": generated.notes,
            })
        }
        Err(diagnostics) => json!({"id": request.get("id"), "error": told(&diagnostics)}),
    }
}
