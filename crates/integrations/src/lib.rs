//! Performs one authorized task: Lambda, AWS APIs, HTTP, nested executions.
