//! What IAM checks itself, in its own sentences, instead of leaving it to the pattern of the model.

use super::pattern;

/// A rule of IAM's for the characters of names and paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Name,
    Path,
    PathPrefix,
}

/// The rule that stands for a pattern of the model.
pub(super) fn rule_of(pattern: &str) -> Option<Rule> {
    match pattern {
        r"[\w+=,.@-]+" => Some(Rule::Name),
        r"(\u002F)|(\u002F[\u0021-\u007E]+\u002F)" | r"((/[A-Za-z0-9\.,\+@=_-]+)*)/" => Some(Rule::Path),
        r"\u002F[\u0021-\u007F]*" => Some(Rule::PathPrefix),
        _ => None,
    }
}

impl Rule {
    pub(super) fn is_kept(self, pattern: &str, text: &str) -> bool {
        // AWS: no part of a path is empty.
        pattern::matches(pattern, text) && !(self == Self::Path && text.contains("//"))
    }

    pub(super) fn sentence(self, member: &str) -> String {
        // The prefixes of paths of policies have the pattern of paths.
        let rule = if member == "pathPrefix" { Self::PathPrefix } else { self };
        let rest = match rule {
            Self::Name => "contain only alphanumeric characters and/or the following: +=,.@_-",
            Self::Path => {
                "begin and end with / and contain only alphanumeric characters and/or / characters."
            }
            Self::PathPrefix => {
                "begin with the / character and contain only alphanumeric characters and/or / characters."
            }
        };
        format!("The specified value for {member} is invalid. It must {rest}")
    }
}
