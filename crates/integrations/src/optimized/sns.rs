//! `sns:publish`. A message that is JSON is sent as its text.

use super::{Action, Optimized, with_token};
use crate::failure::ErrorStyle;

pub(super) struct Sns;

impl Optimized for Sns {
    fn name(&self) -> &'static str {
        "sns"
    }

    fn service(&self) -> &'static str {
        "sns"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 { prefix: "SNS", service: "AmazonSNS", exception: "AmazonSNSException" }
    }

    fn actions(&self) -> &'static [Action] {
        const { &[with_token("publish", "Publish")] }
    }
}
