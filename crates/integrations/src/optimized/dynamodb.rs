//! `dynamodb`: the four operations on one item.

use super::{Action, Optimized, plain};
use crate::failure::ErrorStyle;

pub(super) struct DynamoDb;

impl Optimized for DynamoDb {
    fn name(&self) -> &'static str {
        "dynamodb"
    }

    fn service(&self) -> &'static str {
        "dynamodb"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 {
            prefix: "DynamoDB",
            service: "AmazonDynamoDBv2",
            exception: "AmazonDynamoDBException",
        }
    }

    fn actions(&self) -> &'static [Action] {
        const {
            &[
                plain("getItem", "GetItem"),
                plain("putItem", "PutItem"),
                plain("updateItem", "UpdateItem"),
                plain("deleteItem", "DeleteItem"),
            ]
        }
    }
}
