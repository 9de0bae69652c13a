//! Operation handlers of Step Functions, IAM, STS and Lambda.
