//! The AWS protocols in both directions, driven by service models.
