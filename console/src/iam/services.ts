// Services as people call them, with the principal that assumes roles for them.

export interface ServiceUseCase {
  principal: string;
  name: string;
  description: string;
}

/** In the order people look for them here: Step Functions first. */
export const SERVICE_USE_CASES: ServiceUseCase[] = [
  { principal: "states.amazonaws.com", name: "Step Functions", description: "Allows Step Functions to access AWS resources on your behalf." },
  { principal: "lambda.amazonaws.com", name: "Lambda", description: "Allows Lambda functions to call AWS services on your behalf." },
  { principal: "apigateway.amazonaws.com", name: "API Gateway", description: "Allows API Gateway to push logs and call AWS services on your behalf." },
  { principal: "events.amazonaws.com", name: "EventBridge", description: "Allows EventBridge rules to start executions and call targets on your behalf." },
  { principal: "scheduler.amazonaws.com", name: "EventBridge Scheduler", description: "Allows EventBridge Scheduler to call targets on your behalf." },
  { principal: "pipes.amazonaws.com", name: "EventBridge Pipes", description: "Allows EventBridge Pipes to read sources and call targets on your behalf." },
  { principal: "ec2.amazonaws.com", name: "EC2", description: "Allows EC2 instances to call AWS services on your behalf." },
  { principal: "ecs-tasks.amazonaws.com", name: "Elastic Container Service Task", description: "Allows ECS tasks to call AWS services on your behalf." },
  { principal: "batch.amazonaws.com", name: "Batch", description: "Allows Batch to manage resources on your behalf." },
  { principal: "glue.amazonaws.com", name: "Glue", description: "Allows Glue to call AWS services on your behalf." },
  { principal: "sagemaker.amazonaws.com", name: "SageMaker AI", description: "Allows SageMaker AI to call AWS services on your behalf." },
  { principal: "codebuild.amazonaws.com", name: "CodeBuild", description: "Allows CodeBuild to call AWS services on your behalf." },
  { principal: "cloudformation.amazonaws.com", name: "CloudFormation", description: "Allows CloudFormation to create and manage resources on your behalf." },
  { principal: "s3.amazonaws.com", name: "S3", description: "Allows S3 to call AWS services on your behalf." },
  { principal: "sns.amazonaws.com", name: "SNS", description: "Allows SNS to call AWS services on your behalf." },
  { principal: "sqs.amazonaws.com", name: "SQS", description: "Allows SQS to call AWS services on your behalf." },
];

const PREFIX_NAMES: Record<string, string> = {
  athena: "Athena", batch: "Batch", bedrock: "Bedrock", cloudwatch: "CloudWatch", codebuild: "CodeBuild", dynamodb: "DynamoDB",
  ec2: "EC2", ecr: "Elastic Container Registry", ecs: "Elastic Container Service", eks: "Elastic Kubernetes Service",
  elasticmapreduce: "Elastic MapReduce", events: "EventBridge", execute_api: "API Gateway invocation", glue: "Glue", iam: "IAM",
  kinesis: "Kinesis Data Streams", kms: "KMS", lambda: "Lambda", logs: "CloudWatch Logs", pipes: "EventBridge Pipes", rds: "RDS", s3: "S3",
  sagemaker: "SageMaker AI", scheduler: "EventBridge Scheduler", secretsmanager: "Secrets Manager", sns: "SNS", sqs: "SQS",
  ssm: "Systems Manager", states: "Step Functions", stepward: "Stepward", sts: "STS", xray: "X-Ray",
};

export function prefixName(prefix: string): string {
  return PREFIX_NAMES[prefix] ?? prefix;
}

export function principalName(principal: string): string {
  return SERVICE_USE_CASES.find((known) => known.principal === principal)?.name ?? principal;
}
