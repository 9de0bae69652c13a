use annotate_snippets::Renderer;
use serde_json::json;

use super::*;

#[test]
fn findings_are_shown_with_carets_and_as_sarif() {
    let text = "{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"s3:GetObjekt\", \"Resource\": \"arn:aws:s3:::b/*\"}\n}";
    let file =
        Linted { path: "my policy.json".to_owned(), text: text.to_owned(), findings: lint(text, None) };
    let shown = report::text(&file, &Renderer::plain());
    assert!(shown.contains("error[unknown-action]: s3 has no action 'GetObjekt'"), "{shown}");
    assert!(shown.contains("my policy.json:3:46"), "{shown}");
    assert!(shown.contains("^^^^^^^^^^^^^^"), "{shown}");
    let sarif = sarif::log(&[file]);
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "unknown-action");
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], "my%20policy.json");
    assert_eq!(location["region"], json!({"startLine": 3, "startColumn": 46, "endLine": 3, "endColumn": 60}));
    let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
    assert_eq!(sarif["runs"][0]["tool"]["driver"]["rules"][index]["id"], "unknown-action");
}
