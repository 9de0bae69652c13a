//! Tests over all hosted services at once.

mod authorization;
mod inputs;
