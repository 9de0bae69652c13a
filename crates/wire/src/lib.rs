//! The AWS protocols, driven by service models: requests to values, values to responses.
//!
//! Owns what is on the wire: which service and operation a request names, how its input is read and checked,
//! how outputs and errors are written, which status they have. Refuses to know what an operation does.
//!
//! Values are JSON with the member names of the model; blobs are base64 text, timestamps are epoch seconds.
#![deny(clippy::disallowed_methods)]

mod cbor;
mod chunked;
pub mod client;
mod constraints;
mod decode;
mod encode;
mod error;
mod http;
mod json;
mod path;
mod query;
mod rest;
mod route;
mod timestamp;
mod xml;

pub use cbor::is_spoken as is_cbor;
pub use chunked::{ChunkedError, ChunkedReader, Piece};
pub use decode::{check, decode, read_for_rights};
pub use encode::{encode, encode_error, encode_error_in, encode_written};
pub use error::ApiError;
pub use http::{HttpRequest, HttpResponse, form_pairs, percent_decode, percent_encode};
pub use route::{Call, Unrouted, addressed, route, route_of};
pub use timestamp::http_date;
