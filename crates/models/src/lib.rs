//! Service models, authorization data and managed policies of AWS, as data.
