//! Configurations of functions: their checks, and how the API shows them.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use stepward_functions::Runtime;
use stepward_integrations::{FunctionRecord, FunctionVersion};
use stepward_types::Timestamp;

use super::error::LambdaError;

/// AWS: a function may run for 15 minutes.
const TIMEOUT_SECONDS_MAX: u32 = 900;
const MEMORY_MIB: std::ops::RangeInclusive<u32> = 128..=10_240;
/// AWS: all environment variables of a function together.
const ENVIRONMENT_BYTES_MAX: usize = 4_096;

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Environment {
    #[serde(default)]
    pub(crate) variables: BTreeMap<String, String>,
}

/// What a caller says of a configuration; what is absent stays or has its default.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Wanted {
    pub(crate) runtime: Option<String>,
    pub(crate) role: Option<String>,
    pub(crate) handler: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) timeout: Option<u32>,
    pub(crate) memory_size: Option<u32>,
    pub(crate) environment: Option<Environment>,
}

impl Wanted {
    /// The configuration with what is wanted.
    pub(crate) fn apply(&self, version: &mut FunctionVersion) -> Result<(), LambdaError> {
        self.check()?;
        let set = |target: &mut String, wanted: &Option<String>| {
            if let Some(wanted) = wanted {
                target.clone_from(wanted);
            }
        };
        set(&mut version.runtime, &self.runtime);
        set(&mut version.role, &self.role);
        set(&mut version.handler, &self.handler);
        set(&mut version.description, &self.description);
        version.timeout = self.timeout.unwrap_or(version.timeout);
        version.memory = self.memory_size.unwrap_or(version.memory);
        if let Some(environment) = &self.environment {
            version.environment.clone_from(&environment.variables);
        }
        Ok(())
    }

    fn check(&self) -> Result<(), LambdaError> {
        if let Some(runtime) = &self.runtime {
            Runtime::parse(runtime).map_err(|error| LambdaError::InvalidParameter(error.to_string()))?;
        }
        if let Some(role) = &self.role
            && !(role.starts_with("arn:aws:iam::") && role.contains(":role/"))
        {
            return Err(LambdaError::InvalidParameter(format!("'{role}' is not the ARN of a role")));
        }
        if let Some(timeout) = self.timeout
            && !(1..=TIMEOUT_SECONDS_MAX).contains(&timeout)
        {
            return Err(LambdaError::InvalidParameter(format!(
                "The timeout must be 1 to {TIMEOUT_SECONDS_MAX} seconds"
            )));
        }
        if let Some(memory) = self.memory_size
            && !MEMORY_MIB.contains(&memory)
        {
            return Err(LambdaError::InvalidParameter(format!(
                "'MemorySize' value failed to satisfy constraint: Member must have value between {} and {}",
                MEMORY_MIB.start(),
                MEMORY_MIB.end()
            )));
        }
        self.environment.as_ref().map_or(Ok(()), check_environment)
    }
}

fn check_environment(environment: &Environment) -> Result<(), LambdaError> {
    let reserved = |name: &&String| {
        name.starts_with("AWS_LAMBDA_")
            || matches!(
                name.as_str(),
                "_HANDLER"
                    | "LAMBDA_TASK_ROOT"
                    | "LAMBDA_RUNTIME_DIR"
                    | "AWS_ACCESS_KEY_ID"
                    | "AWS_SECRET_ACCESS_KEY"
                    | "AWS_SESSION_TOKEN"
                    | "AWS_REGION"
                    | "AWS_DEFAULT_REGION"
                    | "AWS_EXECUTION_ENV"
            )
    };
    if let Some(name) = environment.variables.keys().find(reserved) {
        return Err(LambdaError::InvalidParameter(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: {name}"
        )));
    }
    if environment.variables.keys().any(|name| name.is_empty() || name.contains(['=', '\0'])) {
        return Err(LambdaError::InvalidParameter(
            "An environment variable needs a name without '='".to_owned(),
        ));
    }
    let bytes: usize = environment.variables.iter().map(|(name, value)| name.len() + value.len()).sum();
    if bytes > ENVIRONMENT_BYTES_MAX || environment.variables.values().any(|value| value.contains('\0')) {
        return Err(LambdaError::InvalidParameter(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the {ENVIRONMENT_BYTES_MAX} byte limit."
        )));
    }
    Ok(())
}

/// A version as the API shows it.
pub(crate) fn shown(record: &FunctionRecord, version: &FunctionVersion, (arn, name): (&str, &str)) -> Value {
    json!({
        "FunctionName": record.name,
        "FunctionArn": arn,
        "Runtime": version.runtime,
        "Role": version.role,
        "Handler": version.handler,
        "CodeSize": version.code.size,
        "Description": version.description,
        "Timeout": version.timeout,
        "MemorySize": version.memory,
        "LastModified": modified(version.modified),
        "CodeSha256": version.code.sha256,
        "Version": name,
        "Environment": (!version.environment.is_empty()).then(|| json!({"Variables": version.environment})),
        "TracingConfig": {"Mode": "PassThrough"},
        "RevisionId": version.revision,
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": format!("/aws/lambda/{}", record.name)},
    })
}

// AWS: with milliseconds and an offset without colon.
fn modified(at: Timestamp) -> String {
    at.to_rfc3339_millis().replace('Z', "+0000")
}
