//! A denial in the words of the service that was called: its code, its status, and how it writes the sentence.

use stepward_access::Denied;
use stepward_models::{Protocol, Service};

/// What a service answers who may not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    pub code: &'static str,
    pub status: u16,
    pub text: String,
}

impl Denial {
    pub fn new(service: &Service, denied: &Denied) -> Self {
        let (code, status) = code(service);
        Self { code, status, text: written(&service.name, denied.text()) }
    }
}

fn code(service: &Service) -> (&'static str, u16) {
    match (service.protocol, service.name.as_str()) {
        (_, "sns") => ("AuthorizationError", 403),
        (_, "ec2") => ("UnauthorizedOperation", 403),
        // AWS: SQS and CloudWatch keep the codes that they had before.
        _ if service.tells_query_codes => ("AccessDenied", 403),
        (Protocol::RestJson, _) => ("AccessDeniedException", 403),
        (Protocol::Query | Protocol::Ec2 | Protocol::RestXml, _) => ("AccessDenied", 403),
        (Protocol::Json { .. } | Protocol::Cbor, _) => ("AccessDeniedException", 400),
    }
}

/// AWS: S3 puts what is asked for in quotation marks; SQS writes actions in lower case, SNS its own name in capitals.
fn written(service: &str, text: &str) -> String {
    match service {
        "s3" => quoted(text).unwrap_or_else(|| text.to_owned()),
        "sqs" => with_actions(text, "sqs:", str::to_ascii_lowercase),
        "sns" => with_actions(text, "sns:", |action| action.replacen("sns:", "SNS:", 1)),
        _ => text.to_owned(),
    }
}

fn quoted(text: &str) -> Option<String> {
    let (before, rest) = text.split_once(" on resource: ")?;
    let end = [" because ", " with an explicit deny"].iter().find_map(|end| rest.find(end));
    let (resource, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
    Some(format!("{before} on resource: \"{resource}\"{after}"))
}

/// The sentence names the action twice: after `perform:`, and before `action`.
fn with_actions(text: &str, prefix: &str, write: impl Fn(&str) -> String) -> String {
    let words =
        text.split(' ').map(|word| if word.starts_with(prefix) { write(word) } else { word.to_owned() });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_writes_the_sentence_its_way() {
        let text = |action: &str, resource: &str| {
            format!(
                "User: u is not authorized to perform: {action} on resource: {resource} because no identity-based policy \
                 allows the {action} action"
            )
        };
        let check = |service: &str, given: (&str, &str), expected: (&str, &str)| {
            assert_eq!(written(service, &text(given.0, given.1)), text(expected.0, expected.1));
        };
        check("s3", ("s3:GetObject", "arn:aws:s3:::b/a k"), ("s3:GetObject", "\"arn:aws:s3:::b/a k\""));
        let queue = "arn:aws:sqs:us-east-1:1:Queue";
        check("sqs", ("sqs:SendMessage", queue), ("sqs:sendmessage", queue));
        let topic = "arn:aws:sns:us-east-1:1:T";
        check("sns", ("sns:Publish", topic), ("SNS:Publish", topic));
        check("dynamodb", ("dynamodb:GetItem", "a"), ("dynamodb:GetItem", "a"));
    }
}
