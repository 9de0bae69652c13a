//! Calls by the names of operations, with input that is checked against the model first, as on the wire.

use std::collections::BTreeSet;

use serde_json::Value;
use stepward_access::Authenticated;
use stepward_models::service;

use super::Fixture;

macro_rules! names {
    ($($module:ident: $($name:ident),*;)*) => {
        BTreeSet::from([$($(stringify!($name)),*),*])
    };
}

/// Every operation that is hosted.
pub(super) fn operations() -> BTreeSet<&'static str> {
    every_operation!(names)
}

impl Fixture {
    /// A call by root: the answer, or `Code: text`.
    pub(super) async fn root_calls_named(&self, name: &str, input: Value) -> Result<Value, String> {
        self.calls_named(&self.root(), name, input).await
    }

    pub(super) async fn calls_named(
        &self,
        caller: &Authenticated,
        name: &str,
        input: Value,
    ) -> Result<Value, String> {
        let model = service("iam").unwrap();
        stepward_wire::check(model, name, &input)
            .map_err(|error| format!("{}: {}", error.code, error.message))?;
        macro_rules! call {
            ($($module:ident: $($operation:ident),*;)*) => {
                match name {
                    $($(stringify!($operation) => {
                        Box::pin(self.calls::<crate::iam::$module::$operation>(caller, input)).await
                    })*)*
                    other => panic!("no operation {other}"),
                }
            };
        }
        every_operation!(call)
    }

    /// Calls that have to work.
    pub(super) async fn does(&self, calls: &[(&str, Value)]) {
        for (name, input) in calls {
            let answer = self.root_calls_named(name, input.clone()).await;
            assert!(answer.is_ok(), "{name} {input}: {answer:?}");
        }
    }
}
