//! Functions: create, update, get, delete.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};
use stepward_access::{Authenticated, Authorized, Needs};
use stepward_functions::Runtime;
use stepward_integrations::{FunctionArn, FunctionCode, FunctionRecord, FunctionVersion};

use super::condition_keys::Keyed;
use super::configuration::{Wanted, shown};
use super::error::LambdaError;
use super::rights::{existing, named, on_function, pass_role};
use super::versions::publish;
use crate::time::{new_id, now};
use crate::{Operation, Services};

/// AWS: a package that is sent along has at most 50 MiB.
const PACKAGE_BYTES_MAX: usize = 50 * 1_024 * 1_024;

pub(crate) struct CreateFunction;
pub(crate) struct UpdateFunctionCode;
pub(crate) struct UpdateFunctionConfiguration;
pub(crate) struct GetFunction;
pub(crate) struct GetFunctionConfiguration;
pub(crate) struct DeleteFunction;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Code {
    zip_file: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateInput {
    function_name: String,
    code: Code,
    #[serde(flatten)]
    wanted: Wanted,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(default)]
    publish: bool,
    package_type: Option<String>,
    #[serde(flatten)]
    keyed: Keyed,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CodeInput {
    function_name: String,
    zip_file: Option<String>,
    #[serde(default)]
    publish: bool,
    #[serde(default)]
    dry_run: bool,
    revision_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ConfigurationInput {
    function_name: String,
    #[serde(flatten)]
    wanted: Wanted,
    #[serde(flatten)]
    keyed: Keyed,
    revision_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct NamedInput {
    function_name: String,
    qualifier: Option<String>,
}

impl NamedInput {
    fn arn(&self, caller: &Authenticated, at: &Services) -> Result<FunctionArn, LambdaError> {
        Ok(named(&self.function_name, caller, at)?.or_qualifier(self.qualifier.as_deref()))
    }
}

impl Operation for CreateFunction {
    const NAME: &'static str = "CreateFunction";
    type Input = CreateInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &CreateInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        let arn = named(&input.function_name, caller, at)?;
        let needs = Needs::one("lambda:CreateFunction", arn.unqualified())
            .resource_account(&arn.account)
            .request_tags(&input.tags);
        let needs = input.keyed.add(needs);
        Ok(pass_role(needs, input.wanted.role.as_deref().unwrap_or_default(), &arn))
    }

    async fn handle(call: Authorized<CreateInput>, at: &Services) -> Result<Value, LambdaError> {
        let arn = named(&call.function_name, call.caller(), at)?;
        if arn.region != at.region.as_str() {
            let text =
                format!("The function's Region {} is not that of this server, {}.", arn.region, at.region);
            return Err(LambdaError::InvalidParameter(text));
        }
        if call.package_type.as_deref().is_some_and(|kind| kind != "Zip") {
            return Err(LambdaError::InvalidParameter("Only packages of the type Zip run here".to_owned()));
        }
        let record = new_record(&call, &arn, at).await?;
        at.functions.can_assume(&record.latest.role, &record.arn, &arn.account, now()).map_err(|_| {
            LambdaError::InvalidParameter(
                "The role defined for the function cannot be assumed by Lambda.".to_owned(),
            )
        })?;
        let publishes = call.publish;
        let create = |found: Option<FunctionRecord>| {
            if found.is_some() {
                return Err(LambdaError::Exists(arn.name.clone()));
            }
            let mut record = record;
            let answer = answer(&mut record, publishes);
            Ok((Some(record), answer))
        };
        at.functions.change(&arn.account, &arn.name, create).await
    }
}

async fn new_record(
    call: &CreateInput,
    arn: &FunctionArn,
    at: &Services,
) -> Result<FunctionRecord, LambdaError> {
    let missing = |what: &str| {
        LambdaError::InvalidParameter(format!("{what} must be given for a function of the package type Zip."))
    };
    let runtime = call.wanted.runtime.clone().ok_or_else(|| missing("Runtime"))?;
    let is_provided = matches!(Runtime::parse(&runtime), Ok(Runtime::Provided(_)));
    if call.wanted.handler.is_none() && !is_provided {
        return Err(missing("Handler"));
    }
    let package = call.code.zip_file.as_deref().ok_or_else(|| missing("Code.ZipFile"))?;
    let code = install(package, at).await?;
    let mut latest = FunctionVersion {
        runtime,
        role: String::new(),
        handler: String::new(),
        description: String::new(),
        timeout: 3,
        memory: 128,
        environment: BTreeMap::new(),
        code,
        modified: now(),
        revision: new_id(),
    };
    call.wanted.apply(&mut latest)?;
    Ok(FunctionRecord {
        name: arn.name.clone(),
        arn: arn.unqualified(),
        latest,
        versions: Vec::new(),
        aliases: BTreeMap::new(),
        next_version: 1,
        tags: call.tags.clone(),
        policies: BTreeMap::new(),
    })
}

/// Checks and unpacks a package, and keeps it: nothing stays of one that is refused.
async fn install(encoded: &str, at: &Services) -> Result<FunctionCode, LambdaError> {
    let package = STANDARD
        .decode(encoded)
        .map_err(|_| LambdaError::InvalidParameter("ZipFile is not base64".to_owned()))?;
    if package.len() > PACKAGE_BYTES_MAX {
        return Err(LambdaError::RequestTooLarge(format!("A package has at most {PACKAGE_BYTES_MAX} bytes")));
    }
    let digest = ring::digest::digest(&ring::digest::SHA256, &package);
    let name: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let installed = at.functions.functions().install(&name, package.clone()).await?;
    at.functions.keep_package(&name, package).await?;
    Ok(FunctionCode { sha256: STANDARD.encode(digest.as_ref()), name, size: installed.size })
}

/// The latest version as it is shown, or the version that is published of it.
fn answer(record: &mut FunctionRecord, publishes: bool) -> Value {
    if publishes {
        let (number, version) = publish(record, None);
        let arn = format!("{}:{number}", record.arn);
        return shown(record, &version, (&arn, &number.to_string()));
    }
    shown(record, &record.latest, (&record.arn, "$LATEST"))
}

fn check_revision(record: &FunctionRecord, wanted: Option<&str>) -> Result<(), LambdaError> {
    match wanted {
        Some(revision) if revision != record.latest.revision => Err(LambdaError::PreconditionFailed(
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to \
             retrieve the latest Revision Id"
                .to_owned(),
        )),
        _ => Ok(()),
    }
}

impl Operation for UpdateFunctionCode {
    const NAME: &'static str = "UpdateFunctionCode";
    type Input = CodeInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &CodeInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        on_function("lambda:UpdateFunctionCode", &named(&input.function_name, caller, at)?, at).await
    }

    async fn handle(call: Authorized<CodeInput>, at: &Services) -> Result<Value, LambdaError> {
        let arn = named(&call.function_name, call.caller(), at)?;
        existing(
            at.functions.find(&arn.account, &arn.name).await?.map(|record| record.as_ref().clone()),
            &arn,
        )?;
        let Some(package) = call.zip_file.as_deref() else {
            return Err(LambdaError::InvalidParameter(
                "Please provide a source for function code.".to_owned(),
            ));
        };
        let code = install(package, at).await?;
        let update = |found: Option<FunctionRecord>| {
            let mut record = existing(found, &arn)?;
            check_revision(&record, call.revision_id.as_deref())?;
            record.latest.code = code;
            record.latest.modified = now();
            record.latest.revision = new_id();
            let answer = answer(&mut record, call.publish);
            Ok(((!call.dry_run).then_some(record), answer))
        };
        at.functions.change(&arn.account, &arn.name, update).await
    }
}

impl Operation for UpdateFunctionConfiguration {
    const NAME: &'static str = "UpdateFunctionConfiguration";
    type Input = ConfigurationInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(
        input: &ConfigurationInput,
        caller: &Authenticated,
        at: &Services,
    ) -> Result<Needs, LambdaError> {
        let arn = named(&input.function_name, caller, at)?;
        let needs = on_function("lambda:UpdateFunctionConfiguration", &arn, at).await?;
        let needs = input.keyed.add(needs);
        Ok(match &input.wanted.role {
            Some(role) => pass_role(needs, role, &arn),
            None => needs,
        })
    }

    async fn handle(call: Authorized<ConfigurationInput>, at: &Services) -> Result<Value, LambdaError> {
        let arn = named(&call.function_name, call.caller(), at)?;
        if let Some(role) = &call.wanted.role {
            at.functions.can_assume(role, &arn.unqualified(), &arn.account, now()).map_err(|_| {
                LambdaError::InvalidParameter(
                    "The role defined for the function cannot be assumed by Lambda.".to_owned(),
                )
            })?;
        }
        let update = |found: Option<FunctionRecord>| {
            let mut record = existing(found, &arn)?;
            check_revision(&record, call.revision_id.as_deref())?;
            call.wanted.apply(&mut record.latest)?;
            record.latest.modified = now();
            record.latest.revision = new_id();
            let answer = answer(&mut record, false);
            Ok((Some(record), answer))
        };
        at.functions.change(&arn.account, &arn.name, update).await
    }
}

/// A version by its qualifier, as the API shows it.
async fn found(
    input: &NamedInput,
    caller: &Authenticated,
    at: &Services,
) -> Result<(FunctionArn, Value, Value), LambdaError> {
    let arn = input.arn(caller, at)?;
    let missing = || LambdaError::NotFound(arn.text());
    let record = at.functions.find(&arn.account, &arn.name).await?.ok_or_else(missing)?;
    let (version, name) = record.version(arn.qualifier.as_deref()).ok_or_else(missing)?;
    Ok((arn.clone(), shown(&record, version, (&arn.text(), &name)), json!(record.tags)))
}

impl Operation for GetFunction {
    const NAME: &'static str = "GetFunction";
    type Input = NamedInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &NamedInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        on_function("lambda:GetFunction", &input.arn(caller, at)?, at).await
    }

    async fn handle(call: Authorized<NamedInput>, at: &Services) -> Result<Value, LambdaError> {
        let (_, configuration, tags) = found(&call, call.caller(), at).await?;
        let has_tags = tags.as_object().is_some_and(|tags| !tags.is_empty());
        Ok(json!({
            "Configuration": configuration,
            "Code": {"RepositoryType": "Stepward"},
            "Tags": has_tags.then_some(tags),
        }))
    }
}

impl Operation for GetFunctionConfiguration {
    const NAME: &'static str = "GetFunctionConfiguration";
    type Input = NamedInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &NamedInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        on_function("lambda:GetFunctionConfiguration", &input.arn(caller, at)?, at).await
    }

    async fn handle(call: Authorized<NamedInput>, at: &Services) -> Result<Value, LambdaError> {
        Ok(found(&call, call.caller(), at).await?.1)
    }
}

impl Operation for DeleteFunction {
    const NAME: &'static str = "DeleteFunction";
    type Input = NamedInput;
    type Output = Value;
    type Error = LambdaError;

    async fn needs(input: &NamedInput, caller: &Authenticated, at: &Services) -> Result<Needs, LambdaError> {
        on_function("lambda:DeleteFunction", &input.arn(caller, at)?, at).await
    }

    /// The whole function, or one of its versions.
    async fn handle(call: Authorized<NamedInput>, at: &Services) -> Result<Value, LambdaError> {
        let arn = call.arn(call.caller(), at)?;
        let Some(qualifier) = arn.qualifier.clone() else {
            let was_there = at.functions.remove(&arn.account, &arn.name).await?;
            return if was_there { Ok(json!({})) } else { Err(LambdaError::NotFound(arn.text())) };
        };
        let delete = |found: Option<FunctionRecord>| {
            let mut record = existing(found, &arn)?;
            let number: Option<u64> = qualifier.parse().ok();
            let Some(number) = number else {
                return Err(LambdaError::InvalidParameter(
                    "$LATEST version cannot be deleted without deleting the function.".to_owned(),
                ));
            };
            if record.aliases.values().any(|version| *version == qualifier) {
                return Err(LambdaError::Conflict(format!("Version {qualifier} is used by an alias")));
            }
            record.versions.retain(|published| published.number != number);
            Ok((Some(record), json!({})))
        };
        at.functions.change(&arn.account, &arn.name, delete).await
    }
}
