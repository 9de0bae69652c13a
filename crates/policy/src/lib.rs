//! The IAM policy language: parsed, validated, compiled, evaluated and explained.
