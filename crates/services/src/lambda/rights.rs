//! The rights that calls to Lambda need.

use serde_json::Value;
use stepward_access::{Authenticated, Needs};
use stepward_integrations::FunctionArn;

use super::error::LambdaError;
use crate::Services;

/// The principal that runs functions.
pub(crate) const PRINCIPAL: &str = "lambda.amazonaws.com";

/// The function that a name, partial ARN or ARN means to a caller.
pub(crate) fn named(text: &str, caller: &Authenticated, at: &Services) -> Result<FunctionArn, LambdaError> {
    FunctionArn::parse(text, at.region.as_str(), caller.account()).ok_or_else(|| {
        LambdaError::InvalidParameter(format!("1 validation error detected: Value '{text}' at 'functionName' failed to satisfy constraint: it must be a name, a partial ARN or an ARN of a function"))
    })
}

/// A right on a function, whose resource policy counts, too.
pub(crate) async fn on_function(
    action: &str,
    arn: &FunctionArn,
    at: &Services,
) -> Result<Needs, LambdaError> {
    let record = at.functions.find(&arn.account, &arn.name).await?;
    // A function of another Region is another one: rights on it say nothing of this one.
    if record.as_ref().is_some_and(|record| record.arn != arn.unqualified()) {
        return Err(LambdaError::NotFound(arn.text()));
    }
    let policy = record.as_ref().and_then(|record| record.policy(arn.qualifier.as_deref())?.compiled());
    let tags = record.map(|record| record.tags.clone()).unwrap_or_default();
    Ok(Needs::one(action, arn.text())
        .resource_account(&arn.account)
        .resource_tags(&tags)
        .resource_policy("function policy", policy))
}

/// The policy of a function, version or alias, if it has one.
pub(crate) async fn resource_policy(arn: &FunctionArn, at: &Services) -> Result<Option<Value>, LambdaError> {
    let record = at.functions.find(&arn.account, &arn.name).await?;
    Ok(record.and_then(|record| record.policy(arn.qualifier.as_deref()).map(|policy| policy.document())))
}

/// Adds the right to hand a role over to Lambda.
pub(crate) fn pass_role(needs: Needs, role: &str, function: &FunctionArn) -> Needs {
    needs
        .and("iam:PassRole", role)
        .key("iam:PassedToService", PRINCIPAL)
        .key("iam:AssociatedResourceArn", function.unqualified())
}

/// The record, or AWS's words for a function that is not there.
pub(crate) fn existing<Record>(record: Option<Record>, arn: &FunctionArn) -> Result<Record, LambdaError> {
    record.ok_or_else(|| LambdaError::NotFound(arn.text()))
}
