//! A decision as people read it: the verdict, AWS's sentence, every statement, and what would help.

use std::io::IsTerminal as _;

use stepward_policy::{Effect, Explained};

use super::case::Decided;

/// Colours of a terminal; none where there is no terminal or `NO_COLOR` asks for none.
struct Paint(bool);

impl Paint {
    fn with(&self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

const GREEN: &str = "1;32";
const RED: &str = "1;31";
const FAINT: &str = "2";

pub(super) fn print(decided: &Decided) {
    let is_quiet = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    print!("{}", text(decided, &Paint(std::io::stdout().is_terminal() && !is_quiet)));
}

fn text(decided: &Decided, paint: &Paint) -> String {
    let explanation = &decided.explanation;
    let (verdict, colour) = match explanation.effect {
        Effect::Allowed => ("Allowed", GREEN),
        Effect::ImplicitlyDenied => ("Implicitly denied", RED),
        Effect::ExplicitlyDenied => ("Explicitly denied", RED),
    };
    let mut lines = vec![
        format!("{}: {} on {}", paint.with(colour, verdict), explanation.action, explanation.resource),
        format!("as {}", explanation.principal),
    ];
    if !decided.denial_text.is_empty() {
        lines.push(String::new());
        lines.push(decided.denial_text.clone());
    }
    lines.push(String::new());
    if explanation.statements.is_empty() {
        lines.push("No policy has a statement.".to_owned());
    }
    lines.extend(explanation.statements.iter().map(|explained| statement(explained, paint)));
    if let Some(fix) = explanation.fix() {
        let missing = explanation.missing.map_or("policy", |kind| kind.name());
        lines.push(String::new());
        lines.push(format!("In the {missing}, this statement would allow it:"));
        lines.push(format!("{fix:#}"));
    }
    lines.join("\n") + "\n"
}

fn statement(explained: &Explained, paint: &Paint) -> String {
    let effect = if explained.allows { "Allow" } else { "Deny" };
    let kind = explained.kind.name();
    let place = format!("{kind} '{}', statement {}: {effect}", explained.policy, explained.statement);
    match &explained.reason {
        None => {
            let colour = if explained.allows { GREEN } else { RED };
            format!("  {} {place} applies", paint.with(colour, "*"))
        }
        Some(reason) => paint.with(FAINT, &format!("  - {place} does not apply: its {reason}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::case::Case;
    use super::*;

    #[test]
    fn a_denial_says_why_and_what_would_help() {
        let case = json!({
            "request": {
                "principal": "arn:aws:iam::123456789012:user/ada", "action": "s3:GetObject",
                "resource": "arn:aws:s3:::b/k", "account": "123456789012",
            },
            "identityPolicies": [{"name": "mine", "policy": {"Version": "2012-10-17", "Statement": {
                "Sid": "Other", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::c/*",
            }}}],
        });
        let shown = text(&Case::read(&case).unwrap().decide(), &Paint(false));
        assert!(shown.starts_with("Implicitly denied: s3:GetObject on arn:aws:s3:::b/k\n"), "{shown}");
        assert!(shown.contains("because no identity-based policy allows the s3:GetObject action"), "{shown}");
        assert!(
            shown.contains("'mine', statement Other: Allow does not apply: its Resource is arn:aws:s3:::c/*")
        );
        assert!(shown.contains("\"Effect\": \"Allow\""), "{shown}");
        assert!(
            text(&Case::read(&case).unwrap().decide(), &Paint(true)).starts_with("\u{1b}[1;31mImplicitly")
        );
    }
}
