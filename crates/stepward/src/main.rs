//! Stepward: AWS Step Functions, self-hosted, with IAM that is really enforced.
fn main() {}
