use super::*;

fn fold(value: &Value, language: QueryLanguage) -> Shape {
    let place = Place::new("us-east-1", "123456789012", "Orders");
    let variables = BTreeMap::from([
        ("table".to_owned(), Shape::exactly(json!("t"))),
        ("config".to_owned(), Shape::exactly(json!({"bucket": "b"}))),
        ("stage".to_owned(), Shape::exactly(json!("dev")).or(Shape::exactly(json!("prod")))),
    ]);
    Fold { place: &place, variables: &variables }.field(value, language)
}

fn path(text: &str) -> Shape {
    fold(&json!({"x.$": text}), QueryLanguage::JsonPath).field("x").unwrap()
}

fn jsonata(source: &str) -> Shape {
    fold(&json!(format!("{{% {source} %}}")), QueryLanguage::Jsonata)
}

fn text(pattern: &str) -> Shape {
    Shape::Text(vec![pattern.to_owned()])
}

#[test]
fn intrinsic_functions_over_what_is_known_are_folded() {
    assert_eq!(path("States.Format('a-{}', 'b')"), Shape::exactly(json!("a-b")));
    assert_eq!(path("States.Format('a-{}-{}', $table, $config.bucket)"), Shape::exactly(json!("a-t-b")));
    assert_eq!(path("States.Format('a-{}', $.input)"), text("a-*"));
    assert_eq!(path("States.ArrayGetItem(States.StringSplit('a,b', ','), 1)"), Shape::exactly(json!("b")));
    assert_eq!(path("States.Format('x-{}', States.UUID())"), text("x-*"));
    assert_eq!(path("$.x"), Shape::Unknown);
    assert_eq!(path("$$.StateMachine.Name"), Shape::exactly(json!("Orders")));
    assert_eq!(path("$table"), Shape::exactly(json!("t")));
    assert_eq!(path("$table[0]"), Shape::Unknown);
}

#[test]
fn jsonata_over_what_is_known_is_folded() {
    assert_eq!(jsonata("'a' & '-' & $table"), Shape::exactly(json!("a-t")));
    assert_eq!(jsonata("$uppercase($config.bucket)"), Shape::exactly(json!("B")));
    assert_eq!(jsonata("'arn:' & $states.input.name & ':x'"), text("arn:*:x"));
    assert_eq!(jsonata("$states.input.a ? 'x' : 'y'"), Shape::Known(vec![json!("x"), json!("y")]));
    assert_eq!(jsonata("'t-' & $stage"), Shape::Known(vec![json!("t-dev"), json!("t-prod")]));
    assert_eq!(jsonata("$states.context.StateMachine.Name"), Shape::exactly(json!("Orders")));
    assert_eq!(jsonata("$uuid()"), Shape::Unknown);
    assert_eq!(jsonata("$unknown"), Shape::Unknown);
    assert_eq!(jsonata("$string($now())"), Shape::Unknown);
}

#[test]
fn what_is_dynamic_in_an_object_leaves_the_rest_known() {
    let folded = fold(&json!({"a": "b", "c.$": "$.d", "e": [{"f": "g"}]}), QueryLanguage::JsonPath);
    assert_eq!(folded.field("a"), Some(Shape::exactly(json!("b"))));
    assert_eq!(folded.field("c"), Some(Shape::Unknown));
    assert_eq!(folded.field("e").unwrap().items().unwrap()[0].field("f"), Some(Shape::exactly(json!("g"))));
    assert_eq!(folded.field("h"), None);
}
