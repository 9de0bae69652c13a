//! What an API operation is: the rights it needs, and what it does once they are granted.
//!
//! An operation never decides who may call it: it declares what a call needs, `access` decides, and only the
//! `Authorized` input that comes back can be handled.

use std::any::Any;
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use stepward_access::{Authenticated, Authorized, Denied, Needs};
use stepward_wire::ApiError;

use crate::Services;

/// One operation of an AWS API.
pub trait Operation: Send + Sync + 'static {
    /// The operation's name in the service model.
    const NAME: &'static str;
    /// Members as in the service model, whose constraints `wire` has checked.
    type Input: DeserializeOwned + Send + Sync + 'static;
    /// Members as in the service model; what is absent is not sent.
    type Output: Serialize + Send + 'static;
    /// The errors of the operation, each with its AWS code and text.
    type Error: Into<ApiError> + Send;
    /// Whether an output is written just as it goes to the caller: members under their names on the wire and in the
    /// order of the model, times as JSON 1.0 has them. Then it goes there without a copy of it as a value.
    const IS_AS_SENT: bool = false;

    /// The rights that this call needs. No declaration, no call.
    fn needs(
        input: &Self::Input,
        caller: &Authenticated,
        at: &Services,
    ) -> impl Future<Output = Result<Needs, Self::Error>> + Send;

    /// Does what was asked, on behalf of a caller who may.
    fn handle(
        call: Authorized<Self::Input>,
        at: &Services,
    ) -> impl Future<Output = Result<Self::Output, Self::Error>> + Send;
}

/// What an operation answers.
pub enum Output {
    Value(Value),
    /// JSON text as it goes to the caller.
    Sent(Vec<u8>),
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Output, ApiError>> + Send + 'a>>;

/// An operation of which only the name is known, as a request names it.
trait AnyOperation: Send + Sync {
    fn call<'a>(&'a self, input: Value, caller: &'a Authenticated, at: &'a Services) -> Answer<'a>;
}

struct Typed<O>(std::marker::PhantomData<fn() -> O>);

impl<O: Operation> AnyOperation for Typed<O> {
    fn call<'a>(&'a self, input: Value, caller: &'a Authenticated, at: &'a Services) -> Answer<'a> {
        Box::pin(call::<O>(input, caller, at))
    }
}

async fn call<O: Operation>(input: Value, caller: &Authenticated, at: &Services) -> Result<Output, ApiError> {
    let input: O::Input = serde_json::from_value(input)
        .map_err(|error| ApiError::new("SerializationException", error.to_string()))?;
    let needs = O::needs(&input, caller, at).await.map_err(Into::into)?;
    let authorized = at.access.authorize(caller, input, needs).map_err(|denied| denial(&denied))?;
    let output = O::handle(authorized, at).await.map_err(Into::into)?;
    let written = if O::IS_AS_SENT {
        serde_json::to_vec(&output).map(Output::Sent)
    } else {
        value_of(output).map(Output::Value)
    };
    written.map_err(|error| {
        tracing::error!(%error, operation = O::NAME, "an output could not be written");
        ApiError::internal()
    })
}

impl Output {
    /// The members of the output.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::Value(value) => value,
            // It was written here.
            Self::Sent(text) => serde_json::from_slice(&text).unwrap_or_default(),
        }
    }
}

/// An output as a value. One that is a value already stays as it is.
fn value_of<T: Serialize + 'static>(output: T) -> Result<Value, serde_json::Error> {
    let mut output = Some(output);
    let as_value: &mut dyn Any = &mut output;
    match as_value.downcast_mut::<Option<Value>>() {
        Some(value) => Ok(value.take().unwrap_or_default()),
        None => serde_json::to_value(output),
    }
}

/// A denial as an error. AWS: the Query services call it AccessDenied, all others AccessDeniedException; `wire`
/// knows which of them answers.
fn denial(denied: &Denied) -> ApiError {
    // AWS: Step Functions tells of a key with an error of its own.
    let is_key = denied.explanation().is_some_and(|explanation| explanation.action.starts_with("kms:"));
    let code = if is_key { "KmsAccessDeniedException" } else { "AccessDeniedException" };
    ApiError::new(code, denied.text())
}

/// The operations of one service, by name.
#[derive(Default)]
pub struct Operations {
    by_name: HashMap<&'static str, Box<dyn AnyOperation>>,
}

impl Operations {
    /// Adds an operation.
    #[must_use]
    pub fn with<O: Operation>(mut self) -> Self {
        self.by_name.insert(O::NAME, Box::new(Typed::<O>(std::marker::PhantomData)));
        self
    }

    /// The names of all operations, in order.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.by_name.keys().copied().collect();
        names.sort_unstable();
        names
    }

    /// Calls the operation, or answers nothing when there is none of that name.
    pub(crate) async fn call(
        &self,
        name: &str,
        input: Value,
        caller: &Authenticated,
        at: &Services,
    ) -> Option<Result<Output, ApiError>> {
        let operation = self.by_name.get(name)?;
        Some(operation.call(input, caller, at).await)
    }
}
