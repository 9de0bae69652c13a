//! `sqs:sendMessage`. A body that is JSON is sent as its text.

use super::{Action, Optimized, with_token};
use crate::failure::ErrorStyle;

pub(super) struct Sqs;

impl Optimized for Sqs {
    fn name(&self) -> &'static str {
        "sqs"
    }

    fn service(&self) -> &'static str {
        "sqs"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 { prefix: "SQS", service: "AmazonSQS", exception: "AmazonSQSException" }
    }

    fn actions(&self) -> &'static [Action] {
        const { &[with_token("sendMessage", "SendMessage")] }
    }
}
