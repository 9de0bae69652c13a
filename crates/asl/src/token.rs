//! Task tokens: opaque to their holders, and telling us which task of which execution they belong to.
//!
//! A token is unforgeable because the nonce within it comes from the seed of the decision that made it; whoever
//! receives a token back must compare it with the token that the run keeps for that task.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

use crate::effect::TaskId;
use crate::run::Seed;

/// Longest token that is read (AWS: TaskToken, 2,048 characters).
const TOKEN_CHARACTERS_MAX: usize = 2_048;

/// Makes the token of a task.
pub(crate) fn new_token(execution_arn: &str, task: TaskId, seed: Seed) -> Arc<str> {
    let mut digest = Sha256::new();
    digest.update(seed.for_tokens());
    digest.update(b"token");
    digest.update(task.0.to_le_bytes());
    let nonce = URL_SAFE_NO_PAD.encode(digest.finalize());
    let plain = format!("{nonce} {} {execution_arn}", task.0);
    URL_SAFE_NO_PAD.encode(plain).into()
}

/// The execution's ARN and the task a token was made for; `None` if the text is not a token of ours.
/// Proves nothing yet: compare it with the token of [`crate::Run::task`].
pub fn read_token(text: &str) -> Option<(String, TaskId)> {
    if text.len() > TOKEN_CHARACTERS_MAX {
        return None;
    }
    let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let mut parts = plain.splitn(3, ' ');
    let (_nonce, task, execution_arn) = (parts.next()?, parts.next()?, parts.next()?);
    Some((execution_arn.to_owned(), TaskId(task.parse().ok()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_tells_its_task_and_differs_with_the_seed() {
        let arn = "arn:aws:states:us-east-1:123456789012:execution:m:e";
        let token = new_token(arn, TaskId(3), Seed([7; 32]));
        assert_eq!(read_token(&token), Some((arn.to_owned(), TaskId(3))));
        assert_ne!(token, new_token(arn, TaskId(3), Seed([8; 32])));
        assert_eq!(read_token("Invalid token"), None);
    }
}
