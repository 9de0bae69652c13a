//! Activities: workers come to Step Functions, the role calls nothing.

use super::Needs;

pub(super) fn needs() -> Needs {
    Needs::of(Vec::new())
}
