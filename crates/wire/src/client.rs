//! The client's side: values of the model to requests, responses to values.
//!
//! Everything a value holds is encoded for the place where it goes, so that no value can reach another part of the
//! request: labels and parameters are percent-encoded, headers with control characters are refused.

mod body;
mod error;
mod form;
mod labels;
mod names;
mod request;
mod response;
mod task;
mod xml;

pub use error::{ClientError, ServiceError, decode_error};
pub use names::{NameStyle, exception_name, member_name};
pub use request::{encode_request, fill_idempotency_tokens};
pub use response::decode_response;
pub use task::{ArgumentError, from_arguments, to_result};
pub(crate) use xml::xml_members;

#[cfg(test)]
mod tests;
