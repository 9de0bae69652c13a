//! Rules about who is let in: everyone, everyone but some, and services that act for anybody.

use stepward_policy::PolicyKind;

use super::actions::grants;
use super::finding::{Finding, Rule};
use super::source::Text;
use super::statement::{Condition, Statement};

/// Keys that say for whom a service acts.
const SOURCE_KEYS: [&str; 4] =
    ["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];

/// Services that assume the roles of their own resources, instances and functions, and give no source then.
const WITHOUT_SOURCE: [&str; 2] = ["ec2.amazonaws.com", "lambda.amazonaws.com"];

pub(super) fn check(statement: &Statement, findings: &mut Vec<Finding>) {
    if let Some(span) = &statement.not_principal {
        let finding = if statement.allows {
            Finding::error(Rule::NegatedElement, span, "NotPrincipal with Allow is not supported")
        } else {
            Finding::warning(
                Rule::NegatedElement,
                span,
                "NotPrincipal also denies principals with a permissions boundary, and sessions that are not named",
            )
        };
        findings.push(finding.help("use \"Principal\": \"*\" with a condition on aws:PrincipalArn"));
    }
    if grants(statement) {
        findings.extend(everyone(statement));
        findings.extend(confused_deputy(statement));
    }
    findings.extend(mismatched(statement));
}

fn everyone(statement: &Statement) -> Option<Finding> {
    let is_own = matches!(statement.kind, PolicyKind::Trust | PolicyKind::Resource);
    let everyone = statement.principals.iter().find(|(kind, text)| text.text == "*" && kind != "Service");
    let (_, text) = everyone.filter(|_| is_own && statement.conditions.is_empty())?;
    Some(
        Finding::warning(
            Rule::WildcardPrincipal,
            &text.span,
            "everyone is let in, also other accounts and the anonymous",
        )
        .help("name the principals, or limit it by a condition such as aws:PrincipalOrgID"),
    )
}

fn confused_deputy(statement: &Statement) -> Option<Finding> {
    let gives_source = |service: &str| {
        statement.kind != PolicyKind::Trust
            || !WITHOUT_SOURCE.iter().any(|known| service.eq_ignore_ascii_case(known))
    };
    let service =
        statement.principals.iter().find(|(kind, text)| kind == "Service" && gives_source(&text.text));
    let (_, service) = service?;
    let is_limited = SOURCE_KEYS.iter().any(|key| statement.conditions_on(key).any(Condition::requires));
    if is_limited {
        return None;
    }
    let message = format!("{} is let in on behalf of any account (confused deputy)", service.text);
    Some(Finding::warning(Rule::ConfusedDeputy, &service.span, message).help(
        "add a condition: \"ArnLike\": {\"aws:SourceArn\": …}, best with the full ARN, and \"StringEquals\": {\"aws:SourceAccount\": …}",
    ))
}

/// AWS: when both keys are used, the account in the ARN and the account must be the same.
fn mismatched(statement: &Statement) -> Option<Finding> {
    let accounts: Vec<&Text> = required(statement, "aws:SourceAccount");
    let arns = required(statement, "aws:SourceArn");
    if accounts.is_empty() {
        return None;
    }
    let differs = |arn: &&&Text| {
        let account = arn.text.split(':').nth(4).unwrap_or_default();
        is_account(account) && !accounts.iter().any(|known| crate::glob::meets(&known.text, account))
    };
    let arn = arns.iter().find(differs)?;
    let account = arn.text.split(':').nth(4).unwrap_or_default();
    let named: Vec<&str> = accounts.iter().map(|account| account.text.as_str()).collect();
    let message = format!(
        "aws:SourceArn is of account {account}, aws:SourceAccount is {}: both never hold",
        named.join(" or ")
    );
    Some(Finding::error(Rule::SourceAccountMismatch, &arn.span, message).help("use the same account in both"))
}

fn required<'a>(statement: &'a Statement, key: &'a str) -> Vec<&'a Text> {
    let conditions = statement.conditions_on(key).filter(|condition| condition.requires());
    conditions.flat_map(|condition| &condition.values).collect()
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}
