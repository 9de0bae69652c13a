//! Which method of an API a call ends at: the stage is the path's first part, or it is `$default`.
//!
//! A state may give the stage in `Stage` or at the beginning of `Path`: the same URL is called, so the same right is
//! asked for.

use serde_json::{Value, json};

use super::arguments::Arguments;
use crate::lookup::Lookup;

const DEFAULT: &str = "$default";

/// A stage and what follows it.
type Method = (String, String);

/// What is known of an API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Every call names its stage.
    Rest,
    /// An HTTP API that has a stage of the name that the path begins with.
    HttpWithStage,
    /// An HTTP API that has none: its default stage answers.
    HttpWithoutStage,
    /// Nobody can tell.
    Unknown,
}

impl Kind {
    /// `rest` is what GetRestApi answered.
    pub(super) async fn of(arguments: &Arguments, rest: Option<&Value>, lookup: &Lookup<'_>) -> Self {
        if rest.is_some() {
            return Self::Rest;
        }
        let (first, _) = parts(&arguments.called());
        if !first.is_empty() {
            let question = json!({"ApiId": arguments.api_id, "StageName": first});
            if lookup.ask("apigatewayv2", "GetStage", question).await.is_some() {
                return Self::HttpWithStage;
            }
        }
        let question = json!({"ApiId": arguments.api_id});
        match lookup.ask("apigatewayv2", "GetApi", question).await {
            Some(_) => Self::HttpWithoutStage,
            None => Self::Unknown,
        }
    }
}

/// The methods that a role must be allowed to call. More than one where it cannot be told which it will be.
pub(super) fn methods(arguments: &Arguments, kind: Kind) -> Vec<Method> {
    let called = arguments.called();
    let (named, default) = (parts(&called), (DEFAULT.to_owned(), called.clone()));
    match kind {
        Kind::Rest | Kind::HttpWithStage if !called.is_empty() => vec![named],
        Kind::Unknown if arguments.has_stage() => vec![named],
        Kind::Unknown if !called.is_empty() => vec![default, named],
        _ => vec![default],
    }
}

fn parts(called: &str) -> Method {
    let (stage, resource) = called.split_once('/').unwrap_or((called, ""));
    (stage.to_owned(), resource.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(stage: &str, path: &str, kind: Kind) -> Vec<String> {
        let value = json!({"ApiEndpoint": "abc123.execute-api.eu-west-1.amazonaws.com", "Method": "GET",
            "Stage": stage, "Path": path});
        let arguments = Arguments::read(&value).unwrap();
        methods(&arguments, kind).iter().map(|(stage, path)| format!("{stage}|{path}")).collect()
    }

    #[test]
    fn the_same_url_is_the_same_method_however_the_state_writes_it() {
        for (stage, path) in
            [("prod", "bills/1"), ("", "prod/bills/1"), ("", "/prod/bills/1"), ("/prod/", "/bills/1/")]
        {
            for kind in [Kind::Rest, Kind::HttpWithStage] {
                assert_eq!(called(stage, path, kind), ["prod|bills/1"], "{stage} {path}");
            }
            assert_eq!(called(stage, path, Kind::HttpWithoutStage), ["$default|prod/bills/1"]);
        }
    }

    #[test]
    fn what_cannot_be_told_must_be_allowed_either_way() {
        assert_eq!(called("", "prod/bills", Kind::Unknown), ["$default|prod/bills", "prod|bills"]);
        assert_eq!(called("prod", "bills", Kind::Unknown), ["prod|bills"]);
        for kind in [Kind::Rest, Kind::HttpWithStage, Kind::HttpWithoutStage, Kind::Unknown] {
            assert_eq!(called("", "", kind), ["$default|"], "{kind:?}");
        }
    }
}
