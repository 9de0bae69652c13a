//! The shapes of `cargo bench -p stepward-policy`, decided by cedar-policy.
//!
//! Cedar has no ARNs and no patterns for entities: an action is an entity, a resource is one with its name as an
//! attribute, and a prefix is `like`. Its policies are parsed, and its entities made, before the measurement.

#[path = "../../../crates/policy/benches/evaluate/shapes.rs"]
mod shapes;

use std::hint::black_box;
use std::str::FromStr;

use cedar_policy::{Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request};
use serde_json::json;
use shapes::{Kind, Shape, measure};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("{:<52} {:>10}", "shape, by cedar-policy", "median ns");
    for shape in shapes::all() {
        println!("{:<52} {:>10.0}", shape.name, nanoseconds(&shape)?);
    }
    Ok(())
}

fn nanoseconds(shape: &Shape) -> Result<f64, Box<dyn std::error::Error>> {
    let policies =
        PolicySet::from_str(&(0..shape.statements).map(|number| policy(shape, number)).collect::<String>())?;
    let keys: serde_json::Map<String, serde_json::Value> =
        shapes::CONTEXT.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
    let entities = json!([
        {"uid": {"type": "Role", "id": "Worker"}, "attrs": {"arn": shapes::PRINCIPAL}, "parents": []},
        {"uid": {"type": "Resource", "id": shape.resource()}, "attrs": {"arn": shape.resource()}, "parents": []},
    ]);
    let entities = Entities::from_json_value(entities, None)?;
    let request = Request::new(
        EntityUid::from_str("Role::\"Worker\"")?,
        EntityUid::from_str(&format!("Action::{:?}", shape.action()))?,
        EntityUid::from_str(&format!("Resource::{:?}", shape.resource()))?,
        Context::from_json_value(json!(keys), None)?,
        None,
    )?;
    let authorizer = Authorizer::new();
    assert_eq!(authorizer.is_authorized(&request, &policies, &entities).decision(), Decision::Allow);
    Ok(measure(|| {
        black_box(authorizer.is_authorized(black_box(&request), black_box(&policies), black_box(&entities)));
    }))
}

fn policy(shape: &Shape, number: usize) -> String {
    let (action, resource) = (shape.action_of(number), shape.resource_of(number));
    let (scope, mut when) = match shape.kind {
        Kind::Actions | Kind::Resources => (format!("resource == Resource::{resource:?}"), String::new()),
        Kind::Prefixes => ("resource".to_owned(), format!("resource.arn like {:?}", format!("{resource}/*"))),
    };
    if shape.has_condition {
        when += " && context[\"aws:PrincipalTag/team\"] == \"blue\"";
    }
    let when = if when.is_empty() { when } else { format!(" when {{ {when} }}") };
    format!("permit(principal, action == Action::{action:?}, {scope}){when};\n")
}
