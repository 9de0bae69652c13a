//! The role and its policies in TypeScript for the CDK.

use std::fmt::Write as _;

use serde_json::Value;

use super::{identifier, pretty};
use crate::size::Fitted;

pub(super) fn render(fitted: &Fitted, trust: &Value, role_name: &str) -> String {
    let id = identifier(role_name);
    let mut variable = id.clone();
    if let Some(first) = variable.get_mut(..1) {
        first.make_ascii_lowercase();
    }
    let mut text = format!(
        "import * as iam from 'aws-cdk-lib/aws-iam';\n\nconst {variable} = new iam.Role(this, '{id}', {{\n  assumedBy: new \
         iam.ServicePrincipal('states.amazonaws.com'),\n"
    );
    let documents = match fitted {
        Fitted::Inline(policy) => {
            let _ = write!(
                text,
                "  inlinePolicies: {{\n    {id}: iam.PolicyDocument.fromJson({}),\n  }},\n",
                pretty(policy, 4)
            );
            Vec::new()
        }
        Fitted::Managed(policies) => policies.iter().collect(),
    };
    text.push_str("});\n");
    for (index, policy) in documents.iter().enumerate() {
        let number = index + 1;
        let _ = write!(
            text,
            "\n{variable}.addManagedPolicy(new iam.ManagedPolicy(this, '{id}Policy{number}', {{\n  document: \
             iam.PolicyDocument.fromJson({}),\n}}));\n",
            pretty(policy, 2)
        );
    }
    // The construct knows no conditions on a service that assumes the role: the document takes its place.
    let _ = write!(
        text,
        "\n(({variable}.node.defaultChild) as iam.CfnRole).assumeRolePolicyDocument = {};\n",
        pretty(trust, 0)
    );
    text
}
