//! Bedrock AgentCore (AWS: IAM policies for calling Amazon Bedrock AgentCore).

use crate::grant::Grant;
use crate::task::Task;

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    if action != "invokeHarness" {
        return None;
    }
    let actions = ["bedrock-agentcore:InvokeHarness", "bedrock-agentcore:InvokeAgentRuntime"];
    let any = task.place.arn("bedrock-agentcore", "harness/*");
    let harness = |arn: &str| task.named("bedrock-agentcore", "harness/", arn);
    let is_static = task.texts(&["HarnessArn"]).is_some();
    let sid = if is_static { "InvokeSpecificHarness" } else { "InvokeAllHarnesses" };
    Some(vec![Grant::call(&actions, task.arns(&["HarnessArn"], harness, &any)).sid(sid)])
}
