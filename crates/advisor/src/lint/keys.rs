//! Rules about condition keys: are they known, do the actions have them, and do their operators fit.

use std::collections::BTreeSet;

use stepward_models::authorization;

use super::finding::{Finding, Rule};
use super::statement::{Condition, Known, Statement};
use crate::glob::matches;
use crate::spelling::nearest;

/// AWS's global condition keys (IAM: global condition context keys); those with several values are marked.
const GLOBAL: [(&str, bool); 74] = [
    ("aws:AssumedRoot", false),
    ("aws:CalledVia", true),
    ("aws:CalledViaAWSMCP", false),
    ("aws:CalledViaFirst", false),
    ("aws:CalledViaLast", false),
    ("aws:ChatbotSourceArn", false),
    ("aws:CurrentTime", false),
    ("aws:Ec2InstanceSourcePrivateIPv4", false),
    ("aws:Ec2InstanceSourceVpc", false),
    ("aws:EpochTime", false),
    ("aws:FederatedProvider", false),
    ("aws:IsMcpServiceAction", false),
    ("aws:MultiFactorAuthAge", false),
    ("aws:MultiFactorAuthPresent", false),
    ("aws:PrincipalAccount", false),
    ("aws:PrincipalArn", false),
    ("aws:PrincipalIsAWSService", false),
    ("aws:PrincipalOrgID", false),
    ("aws:PrincipalOrgPaths", true),
    ("aws:PrincipalServiceName", false),
    ("aws:PrincipalServiceNamesList", true),
    ("aws:PrincipalTag/*", false),
    ("aws:PrincipalType", false),
    ("aws:RequestTag/*", false),
    ("aws:RequestedRegion", false),
    ("aws:ResourceAccount", false),
    ("aws:ResourceOrgID", false),
    ("aws:ResourceOrgPaths", true),
    ("aws:ResourceTag/*", false),
    ("aws:SecureTransport", false),
    ("aws:SignInSessionArn", false),
    ("aws:SourceAccount", false),
    ("aws:SourceArn", false),
    ("aws:SourceIdentity", false),
    ("aws:SourceIp", false),
    ("aws:SourceOrgID", false),
    ("aws:SourceOrgPaths", true),
    ("aws:SourceVpc", false),
    ("aws:SourceVpcArn", false),
    ("aws:SourceVpce", false),
    ("aws:TagKeys", true),
    ("aws:TokenIssueTime", false),
    ("aws:UserAgent", false),
    ("aws:ViaAWSMCPService", false),
    ("aws:ViaAWSService", false),
    ("aws:ViaCustomerDomain", false),
    ("aws:VpcSourceIp", false),
    ("aws:VpceAccount", false),
    ("aws:VpceOrgID", false),
    ("aws:VpceOrgPaths", true),
    ("aws:referer", false),
    ("aws:userid", false),
    ("aws:username", false),
    ("codebuild:BuildArn", false),
    ("codebuild:ProjectArn", false),
    ("ec2:RoleDelivery", false),
    ("ec2:SourceInstanceArn", false),
    ("glue:CredentialIssuingService", false),
    ("glue:RoleAssumedBy", false),
    ("identitystore:UserId", false),
    ("lambda:SourceFunctionArn", false),
    ("ssm:SourceInstanceArn", false),
    ("sts:AWSServiceName", false),
    ("sts:DurationSeconds", false),
    ("sts:ExternalId", false),
    ("sts:RequestContext/*", false),
    ("sts:RequestContextProviders", true),
    ("sts:RoleAuthorizedByIdp", false),
    ("sts:RoleSessionName", false),
    ("sts:SourceIdentity", false),
    ("sts:TaskPolicyArn", false),
    ("sts:TransitiveTagKeys", true),
    ("saml:*", false),
    ("iam:PassedToService", false),
];

/// What is known of a key: whether the actions have it, and whether it has several values.
struct Key {
    is_of_actions: bool,
    has_several: bool,
}

pub(super) fn check(statement: &Statement, known: &[Known], findings: &mut Vec<Finding>) {
    for condition in &statement.conditions {
        let key = &condition.key;
        // The keys of OpenID Connect providers begin with the provider's name, e.g. token.actions.example.com:sub.
        let prefix = key.text.split_once(':').map_or("", |(prefix, _)| prefix);
        if prefix.contains('.') {
            continue;
        }
        match find(&key.text, prefix, known) {
            None => findings.push(unknown(condition, prefix)),
            Some(found) => {
                if !found.is_of_actions && !known.is_empty() && !has_unknown(statement) {
                    findings.push(without_effect(condition, known));
                }
                findings.extend(set_operator(statement, condition, found.has_several));
            }
        }
    }
}

/// Whether an action's keys cannot be looked up: `*`, NotAction, or one that is not known.
fn has_unknown(statement: &Statement) -> bool {
    statement.actions.is_not || statement.actions.texts.iter().any(|text| text.text.contains('*'))
}

fn find(key: &str, prefix: &str, known: &[Known]) -> Option<Key> {
    let lower = key.to_ascii_lowercase();
    let is = |name: &str| matches(&template(name), &lower);
    if let Some((_, has_several)) = GLOBAL.iter().find(|(name, _)| is(name)) {
        return Some(Key { is_of_actions: true, has_several: *has_several });
    }
    let service = authorization(prefix)?;
    let (_, kind) = service.keys.iter().find(|(name, _)| is(name))?;
    let has_several = kind.as_deref().is_some_and(|kind| kind.starts_with("ArrayOf"));
    let is_of_actions = known.iter().any(|known| {
        let of_resources =
            known.action.resources.iter().filter_map(|of| known.service.resources.get(&of.name));
        known.action.keys.iter().chain(of_resources.flat_map(|of| &of.keys)).any(|name| is(name))
    });
    Some(Key { is_of_actions, has_several })
}

/// `aws:RequestTag/${TagKey}` as a pattern, in lower case.
fn template(name: &str) -> String {
    let start = name.split_once("${").map_or_else(|| name.to_owned(), |(start, _)| format!("{start}*"));
    start.to_ascii_lowercase()
}

fn unknown(condition: &Condition, prefix: &str) -> Finding {
    let key = &condition.key;
    let finding = Finding::error(
        Rule::UnknownConditionKey,
        &key.span,
        format!("no condition key '{}' is known", key.text),
    );
    let of_service: BTreeSet<&str> = authorization(prefix)
        .into_iter()
        .flat_map(|service| service.keys.keys().map(String::as_str))
        .chain(GLOBAL.map(|(name, _)| name))
        .collect();
    match nearest(&key.text, of_service.into_iter()) {
        Some(near) => finding.help(format!("did you mean {near}?")),
        None => finding
            .help("a key that is never in a request makes the condition fail, or always hold if negated"),
    }
}

fn without_effect(condition: &Condition, known: &[Known]) -> Finding {
    let first = known.first().map_or("the action", |known| known.name.as_str());
    let message = format!("requests of {first} never have the key '{}'", condition.key.text);
    let keys: BTreeSet<&str> =
        known.iter().flat_map(|known| known.action.keys.iter().map(String::as_str)).collect();
    let finding = Finding::warning(Rule::ConditionKeyWithoutEffect, &condition.key.span, message);
    if keys.is_empty() {
        return finding.help("it has no keys of its own; AWS's global keys can be used");
    }
    finding.help(format!("it has: {}", keys.into_iter().collect::<Vec<_>>().join(", ")))
}

fn set_operator(statement: &Statement, condition: &Condition, has_several: bool) -> Option<Finding> {
    let operator = condition.operator.text.to_ascii_lowercase();
    let is_set = operator.starts_with("forallvalues:") || operator.starts_with("foranyvalue:");
    let (key, span) = (&condition.key.text, &condition.operator.span);
    if has_several && !is_set && operator != "null" {
        let message =
            format!("'{key}' can have several values, which {} cannot compare", condition.operator.text);
        let help = format!("use ForAnyValue:{0} or ForAllValues:{0}", condition.operator.text);
        return Some(Finding::warning(Rule::MissingSetOperator, span, message).help(help));
    }
    let is_loose = !has_several && operator.starts_with("forallvalues:") && statement.allows;
    is_loose.then(|| {
        let message =
            format!("'{key}' has one value, and ForAllValues also holds where the key is missing altogether");
        let plain = condition.operator.text.split_once(':').map_or("", |(_, plain)| plain);
        Finding::warning(Rule::SetOperatorOnSingleValue, span, message).help(format!("use {plain}"))
    })
}
