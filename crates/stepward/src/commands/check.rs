//! `stepward check`: a definition against the role that it has or will have.

mod role_file;
mod sarif;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::{Value, json};
use stepward_advisor::{Against, Definition, NamedPolicy, Place, Report, check};
use stepward_asl::{Diagnostic, MachineType};

use crate::client::{Server, list, text as text_of};
use role_file::RoleFile;

#[derive(Args)]
pub(crate) struct Check {
    /// Definition file (JSON), or the ARN of a state machine on the server.
    definition: String,
    /// The execution role, then roles that states name in their Credentials: files with {"arn"?, "policies": [document…],
    /// "managedPolicyArns"?, "permissionsBoundary"?, "trustPolicy"?}, with one policy document, or with a role as
    /// `aws iam get-account-authorization-details` tells it; or names or ARNs on the server.
    #[arg(long = "role", num_args = 1..)]
    roles: Vec<String>,
    /// Name of the state machine; the file's when it is not given.
    #[arg(long)]
    name: Option<String>,
    /// Account of the state machine.
    #[arg(long, default_value = "123456789012")]
    account: String,
    /// Type of the state machine.
    #[arg(long = "type", default_value = "STANDARD", value_parser = ["STANDARD", "EXPRESS"])]
    machine_type: String,
    #[arg(long, default_value = "text", value_parser = ["text", "json", "sarif"])]
    format: String,
    /// Fail for warnings, too.
    #[arg(long)]
    strict: bool,
    #[command(flatten)]
    server: Server,
}

/// Findings are 1; what could not be checked is 2.
const COULD_NOT_CHECK: u8 = 2;

pub(crate) fn run(arguments: &Check) -> Result<ExitCode> {
    match outcome(arguments) {
        Ok(code) => Ok(code),
        Err(error) => {
            eprintln!("stepward: {error:#}");
            Ok(ExitCode::from(COULD_NOT_CHECK))
        }
    }
}

fn outcome(arguments: &Check) -> Result<ExitCode> {
    let is_remote =
        arguments.definition.starts_with("arn:") || !arguments.roles.iter().all(|role| is_file(role));
    let checked = if is_remote { on_server(arguments)? } else { here(arguments)? };
    match arguments.format.as_str() {
        "json" => println!("{}", serde_json::to_string_pretty(&checked.report)?),
        "sarif" => println!("{}", serde_json::to_string_pretty(&sarif::log(&checked))?),
        _ => println!("{}", text::told(&checked)),
    }
    let has = |level: &str| {
        list(&checked.report, "findings").iter().any(|finding| text_of(finding, "level") == level)
    };
    let is_bad = has("ERROR") || (arguments.strict && has("WARNING"));
    Ok(if is_bad { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// A report with the text that it is about.
pub(crate) struct Checked {
    /// The file's name, or the state machine's ARN.
    pub(crate) source: String,
    /// The definition's text, where it is at hand.
    pub(crate) definition: Option<String>,
    pub(crate) report: Value,
}

fn is_file(name: &str) -> bool {
    Path::new(name).exists()
}

fn here(arguments: &Check) -> Result<Checked> {
    if arguments.roles.is_empty() {
        bail!("give the execution role with --role: a file, or a name on the server")
    }
    let text = read(&arguments.definition)?;
    let file = PathBuf::from(&arguments.definition);
    let name = arguments.name.clone().unwrap_or_else(|| super::policy::name_of(&file));
    let place = Place::new(&arguments.server.region, &arguments.account, &name);
    let machine_type =
        if arguments.machine_type == "EXPRESS" { MachineType::Express } else { MachineType::Standard };
    let definition = match Definition::parse(&text, machine_type, place) {
        Ok(definition) => definition,
        Err(diagnostics) => bail!("{}: {}", arguments.definition, told(&diagnostics)),
    };
    let role = |file: &String| RoleFile::read(file)?.role(file, &arguments.account);
    let roles = arguments.roles.iter().map(role).collect::<Result<Vec<_>>>()?;
    let Some((first, others)) = roles.split_first() else { bail!("give the execution role with --role") };
    let report: Report = check(&definition, &Against { role: first, others, settings: None });
    Ok(Checked { source: arguments.definition.clone(), definition: Some(text), report: report.to_json() })
}

fn on_server(arguments: &Check) -> Result<Checked> {
    let mut input = json!({"otherRoles": []});
    let (first, others) = match arguments.roles.split_first() {
        Some((first, others)) => (Some(first), others),
        None => (None, &[] as &[String]),
    };
    let mut definition = None;
    if arguments.definition.starts_with("arn:") {
        set(&mut input, "stateMachineArn", json!(arguments.definition));
    } else {
        let text = read(&arguments.definition)?;
        let file = PathBuf::from(&arguments.definition);
        let name = arguments.name.clone().unwrap_or_else(|| super::policy::name_of(&file));
        set(&mut input, "definition", json!(text));
        set(&mut input, "stateMachineName", json!(name));
        set(&mut input, "type", json!(arguments.machine_type));
        definition = Some(text);
    }
    match first {
        Some(file) if is_file(file) => given(&mut input, file)?,
        Some(name) => set(&mut input, "role", json!(name)),
        None => {}
    }
    set(&mut input, "otherRoles", json!(others));
    let report = arguments.server.stepward("CheckDefinition", &input)?;
    Ok(Checked { source: arguments.definition.clone(), definition, report })
}

/// The documents of a role's file, for a request.
fn given(input: &mut Value, file: &str) -> Result<()> {
    let read = RoleFile::read(file)?;
    let texts: Vec<String> = read.policies.iter().map(|policy| policy.document.to_string()).collect();
    set(input, "policies", json!(texts));
    if let Some(arn) = read.arn {
        set(input, "role", json!(arn));
    }
    if let Some(boundary) = read.boundary {
        set(input, "permissionsBoundary", json!(boundary.document.to_string()));
    }
    if let Some(trust) = read.trust {
        set(input, "trustPolicy", json!(trust.to_string()));
    }
    let texts = |level: &Vec<NamedPolicy>| -> Vec<String> {
        level.iter().map(|policy| policy.document.to_string()).collect()
    };
    let levels: Vec<_> = read.service_control.iter().map(texts).collect();
    set(input, "serviceControlPolicies", json!(levels));
    let of_resources = read.of_resources.into_iter();
    let of_resources = of_resources.map(|(arn, policy)| (arn, json!(policy.document.to_string())));
    set(input, "resourcePolicies", Value::Object(of_resources.collect()));
    Ok(())
}

fn read(file: &str) -> Result<String> {
    std::fs::read_to_string(file).with_context(|| file.to_owned())
}

fn set(object: &mut Value, name: &str, value: Value) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
}

fn told(diagnostics: &[Diagnostic]) -> String {
    let one = |diagnostic: &Diagnostic| {
        let place = diagnostic.location.as_deref().unwrap_or("/");
        format!("{} at {place}: {}", diagnostic.code, diagnostic.message)
    };
    diagnostics.iter().map(one).collect::<Vec<_>>().join("\n")
}
