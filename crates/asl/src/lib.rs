//! The Amazon States Language: definitions checked, executions decided.
