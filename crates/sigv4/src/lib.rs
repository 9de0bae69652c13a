//! AWS Signature Version 4: canonical requests, signing and verification.
