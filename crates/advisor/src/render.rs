//! Generated policies in the languages in which roles are deployed.

mod cdk;
mod cloudformation;
mod terraform;

use serde_json::{Value, json};

use crate::generate::Generated;
use crate::size::{Fitted, SizeError, fit};

/// A language in which a role is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The documents as JSON.
    Json,
    /// A CloudFormation template, as JSON.
    CloudFormation,
    /// Terraform's language.
    Terraform,
    /// TypeScript for the CDK.
    Cdk,
}

impl Format {
    /// The format of a name.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "json" => Some(Self::Json),
            "cloudformation" => Some(Self::CloudFormation),
            "terraform" => Some(Self::Terraform),
            "cdk" => Some(Self::Cdk),
            _ => None,
        }
    }
}

/// The role in a language; a policy that is too large for one inline policy is split over managed ones.
pub fn render(generated: &Generated, format: Format, role_name: &str) -> Result<String, SizeError> {
    let fitted = fit(&generated.policy)?;
    let trust = &generated.trust_policy;
    Ok(match format {
        Format::Json => json(&fitted, trust, &generated.notes),
        Format::CloudFormation => cloudformation::render(&fitted, trust, role_name),
        Format::Terraform => terraform::render(&fitted, trust, role_name),
        Format::Cdk => cdk::render(&fitted, trust, role_name),
    })
}

fn json(fitted: &Fitted, trust: &Value, notes: &[String]) -> String {
    let mut shown = match fitted {
        Fitted::Inline(policy) => json!({"policy": policy}),
        Fitted::Managed(policies) => json!({"managedPolicies": policies}),
    };
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("trustPolicy".to_owned(), trust.clone());
        fields.insert("notes".to_owned(), json!(notes));
    }
    pretty(&shown, 0)
}

/// JSON over several lines, whose first stands where it is put and whose others are indented.
fn pretty(value: &Value, indent: usize) -> String {
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.replace('\n', &format!("\n{}", " ".repeat(indent)))
}

/// Letters and digits of a name, for identifiers.
fn identifier(name: &str) -> String {
    let kept: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    if kept.starts_with(|first: char| first.is_ascii_alphabetic()) { kept } else { format!("Role{kept}") }
}

#[cfg(test)]
mod tests;
