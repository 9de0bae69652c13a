use std::path::Path;

use serde_json::{Value, json};

use super::{decide, failed};

/// Answers every case of a file of `tests/golden/policy`, and tells those that differ from what AWS documents.
fn check(file: &str, cases_min: usize) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/policy").join(file);
    let cases: Vec<Value> = std::fs::read_to_string(path)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(cases.len() >= cases_min, "{} cases", cases.len());
    let differing: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let answer = decide(case).unwrap_or_else(|error| failed(case, &error));
            (answer["decision"] != case["expect"] || answer.get("error").is_some())
                .then(|| format!("{}: expected {}, got {answer}", case["id"], case["expect"]))
        })
        .collect();
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}

#[test]
fn every_operator_matches_as_documented() {
    check("operators.jsonl", 1_000);
}

#[test]
fn every_kind_of_principal_is_granted_what_the_table_says() {
    check("principals.jsonl", 400);
}

#[test]
fn every_kind_of_policy_counts_as_documented() {
    check("evaluation.jsonl", 200);
}

#[test]
fn each_form_against_the_confused_deputy_lets_in_whom_it_names() {
    check("confused-deputy.jsonl", 50);
}

#[test]
fn actions_resources_and_variables_match_as_documented() {
    check("language.jsonl", 120);
}

#[test]
fn what_cannot_be_understood_is_not_allowed_and_says_why() {
    let principal = "arn:aws:iam::123456789012:user/ada";
    let request = json!({"principal": principal, "action": "s3:GetObject", "resource": "*"});
    let statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let with = |key: &str, value: Value| {
        let mut case = json!({"id": 1, "request": request});
        case[key] = value;
        case
    };
    let identity = |statement: Value| with("identityPolicies", json!([{"Statement": [statement]}]));
    let without = |key: &str| {
        let mut case = with("identityPolicies", json!([]));
        case["request"][key] = Value::Null;
        case
    };
    let mut named = statement.clone();
    named["Principal"] = json!("*");
    for (case, because) in [
        (json!({"id": 1}), "'request' is missing"),
        (without("action"), "'request.action' is missing"),
        (without("principal"), "'request.principal' must be"),
        (identity(json!({"Effect": "allow", "Action": "*", "Resource": "*"})), "Syntax errors"),
        (identity(json!({"Effect": "Allow", "Resource": "*"})), "must contain actions"),
        (identity(json!({"Effect": "Allow", "Action": "*"})), "must contain resources"),
        (identity(json!({"Effect": "Allow", "Action": 5, "Resource": "*"})), "Syntax errors"),
        (identity(named), "should not specify a principal"),
        (with("identityPolicies", json!([5])), "Syntax errors"),
        (with("identityPolicies", json!(["{"])), "invalid Json"),
        (with("resourcePolicy", json!({"Statement": statement})), "required field Principal"),
        (with("scps", json!({})), "must be a list of levels"),
    ] {
        let answer = failed(&case, &decide(&case).unwrap_err());
        assert_eq!(answer["decision"], "ImplicitlyDenied");
        assert!(answer["error"].as_str().unwrap().contains(because), "{answer}");
    }
}
