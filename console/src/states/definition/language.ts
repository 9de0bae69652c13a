// Words of the Amazon States Language that the editor offers.

export const STATE_TYPES = ["Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"];

export const FIELDS = [
  "Arguments", "Assign", "BackoffRate", "Branches", "Catch", "Cause", "Choices", "Comment", "Condition", "Credentials", "Default", "End", "Error",
  "ErrorEquals", "HeartbeatSeconds", "InputPath", "IntervalSeconds", "ItemBatcher", "ItemProcessor", "ItemReader", "ItemSelector", "Items",
  "ItemsPath", "JitterStrategy", "Label", "MaxAttempts", "MaxConcurrency", "MaxDelaySeconds", "Next", "Output", "OutputPath", "Parameters",
  "ProcessorConfig", "QueryLanguage", "Resource", "Result", "ResultPath", "ResultSelector", "ResultWriter", "Retry", "Seconds", "SecondsPath",
  "StartAt", "States", "TimeoutSeconds", "Timestamp", "TimestampPath", "ToleratedFailureCount", "ToleratedFailurePercentage", "Type", "Variable",
];

export const RESOURCES = [
  "arn:aws:states:::lambda:invoke", "arn:aws:states:::lambda:invoke.waitForTaskToken", "arn:aws:states:::states:startExecution",
  "arn:aws:states:::states:startExecution.sync:2", "arn:aws:states:::states:startExecution.waitForTaskToken", "arn:aws:states:::sqs:sendMessage",
  "arn:aws:states:::sqs:sendMessage.waitForTaskToken", "arn:aws:states:::sns:publish", "arn:aws:states:::dynamodb:getItem",
  "arn:aws:states:::dynamodb:putItem", "arn:aws:states:::dynamodb:updateItem", "arn:aws:states:::dynamodb:deleteItem",
  "arn:aws:states:::events:putEvents", "arn:aws:states:::http:invoke", "arn:aws:states:::batch:submitJob.sync", "arn:aws:states:::ecs:runTask.sync",
  "arn:aws:states:::glue:startJobRun.sync", "arn:aws:states:::athena:startQueryExecution.sync",
];

export const NEW_DEFINITION = JSON.stringify(
  { Comment: "A description of my state machine", StartAt: "Hello", States: { Hello: { Type: "Pass", End: true } } },
  undefined,
  2,
);
