//! Development tasks: tests, demo, tidy, code generation, conformance.
fn main() {}
