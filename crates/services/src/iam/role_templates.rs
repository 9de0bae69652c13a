//! Role templates: AWS's services publish them, and roles are made from them. None is published here.

use serde::Deserialize;
use stepward_access::{Access, Authorized, Needs};

use super::Answer;
use super::error::IamError;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TemplateInput {
    template_arn: String,
}

operation!(GetRoleTemplateVersion(TemplateInput): |input, asked| asked.named(&input.template_arn, &super::users::no_tags()) => none);
// AWS: there is no action of its own; making the role is what must be allowed. Its name comes from the template.
operation!(AcquireRole(TemplateInput): |input, asked| {
    Ok(Needs::one("iam:CreateRole", asked.arn("role", "/", "*")).key("iam:RoleTemplateARN", &input.template_arn))
} => none);

async fn none(call: &Authorized<TemplateInput>, _: &Access) -> Answer {
    Err(IamError::NoSuchEntity(format!("Role template {} cannot be found.", call.template_arn)))
}
