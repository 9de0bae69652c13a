//! The role and its policies in Terraform's language.

use std::fmt::Write as _;

use serde_json::Value;

use super::pretty;
use crate::size::Fitted;

pub(super) fn render(fitted: &Fitted, trust: &Value, role_name: &str) -> String {
    let name = role_name.replace(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_', "_");
    let name = if name.starts_with(|first: char| first.is_ascii_digit()) { format!("_{name}") } else { name };
    let mut text = format!(
        "resource \"aws_iam_role\" \"{name}\" {{\n  name               = \"{role_name}\"\n  assume_role_policy = {}\n}}\n",
        encoded(trust)
    );
    match fitted {
        Fitted::Inline(policy) => {
            let _ = write!(
                text,
                "\nresource \"aws_iam_role_policy\" \"{name}\" {{\n  name   = \"{role_name}\"\n  role   = aws_iam_role.{name}.id\n  \
                 policy = {}\n}}\n",
                encoded(policy)
            );
        }
        Fitted::Managed(policies) => {
            for (index, policy) in policies.iter().enumerate() {
                let number = index + 1;
                let _ = write!(
                    text,
                    "\nresource \"aws_iam_policy\" \"{name}_{number}\" {{\n  name   = \"{role_name}-{number}\"\n  policy = \
                     {}\n}}\n\nresource \"aws_iam_role_policy_attachment\" \"{name}_{number}\" {{\n  role       = \
                     aws_iam_role.{name}.name\n  policy_arn = aws_iam_policy.{name}_{number}.arn\n}}\n",
                    encoded(policy)
                );
            }
        }
    }
    text
}

/// JSON is an expression of the language, but for its templates.
fn encoded(document: &Value) -> String {
    format!("jsonencode({})", pretty(document, 2).replace("${", "$${").replace("%{", "%%{"))
}
