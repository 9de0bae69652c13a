//! Whole histories: definition and scripted outcomes in, every event out.

mod golden;
mod properties;
mod script;
