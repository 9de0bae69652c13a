//! The rights that an API call needs, derived from the service authorization reference.
//!
//! Services whose resources the reference alone does not find have a file each. What cannot be found is authorized on
//! `*`, and said to be.

mod reference;

use stepward_access::{Needs, Session};
use stepward_types::Timestamp;

use crate::calls::{ApiCall, Calls};

/// The rights of a call.
pub(crate) async fn rights(call: &ApiCall, _calls: &Calls, _session: &Session, _now: Timestamp) -> Needs {
    reference::needs(call)
}
