//! What holds of every evaluation, whatever the policies.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test: its documents are well-formed"
)]

mod naive;
mod worlds;

use std::sync::Arc;

use naive::{Verdict, World};
use proptest::prelude::*;
use serde_json::Value;
use stepward_policy::{
    Attached, Context, Effect, OrganizationLevel, Policies, Policy, PolicyKind, Principal, Request, evaluate,
};

fn attached(documents: &[Value]) -> Vec<Attached> {
    let attach = |document: &Value| Attached {
        policy: Arc::new(Policy::from_value(document).unwrap()),
        name: "p".to_owned(),
        arn: None,
    };
    documents.iter().map(attach).collect()
}

fn decide(world: &World) -> Verdict {
    let one = |document: &Option<Value>| document.as_ref().map(|one| attached(std::slice::from_ref(one)));
    let (identity, boundary, session) =
        (attached(&world.identity), one(&world.boundary), one(&world.session));
    let resource = one(&world.resource_policy);
    let level = |policy: Attached| OrganizationLevel { name: "l".to_owned(), policies: vec![policy] };
    let levels: Vec<_> = attached(&world.service_control).into_iter().map(level).collect();
    let mut context = Context::new();
    for (key, value) in [("app:a", world.key), ("aws:username", world.username)] {
        if let Some(value) = value {
            context.set(key, vec![value.to_owned()]);
        }
    }
    let principal = Principal::parse(world.principal).unwrap();
    let request = Request {
        principal: &principal,
        action: world.action,
        resource: world.resource,
        resource_account: Some(world.account),
        context: &context,
    };
    let policies = Policies {
        identity: &identity,
        boundary: boundary.as_deref(),
        session: session.as_deref(),
        resource: resource.as_ref().and_then(|policies| policies.first()),
        resource_must_allow: world.must_allow,
        service_control: &levels,
        ..Policies::default()
    };
    let decision = evaluate(&request, &policies);
    // What is explained must be what was decided.
    let explained = decision.explain(&request, &policies);
    let denies = explained.statements.iter().any(|one| !one.allows && one.reason.is_none());
    assert_eq!(denies, decision.effect == Effect::ExplicitlyDenied);
    match decision.effect {
        Effect::Allowed => Verdict::Allowed,
        Effect::ImplicitlyDenied => Verdict::Implicit,
        Effect::ExplicitlyDenied => Verdict::Explicit,
    }
}

/// The documents of a world, one after the other.
fn documents(world: &mut World) -> Vec<&mut Value> {
    let World { identity, boundary, session, resource_policy, service_control, .. } = world;
    let single = boundary.iter_mut().chain(session).chain(resource_policy);
    identity.iter_mut().chain(single).chain(service_control).collect()
}

fn statements(document: &mut Value) -> &mut Vec<Value> {
    document["Statement"].as_array_mut().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn compiled_evaluation_is_naive_evaluation(world in worlds::world()) {
        prop_assert_eq!(decide(&world), world.evaluate());
    }

    #[test]
    fn adding_a_deny_never_widens(world in worlds::world(), deny in worlds::statement(false), place in any::<prop::sample::Index>()) {
        let before = decide(&world);
        let mut after = world;
        let mut places = documents(&mut after);
        if !places.is_empty() {
            let place = place.index(places.len());
            let mut deny = deny;
            deny["Effect"] = "Deny".into();
            statements(places[place]).push(deny);
        }
        if before != Verdict::Allowed {
            prop_assert_ne!(decide(&after), Verdict::Allowed);
        }
    }

    #[test]
    fn removing_an_allow_never_widens(world in worlds::world(), place in any::<prop::sample::Index>(), which in any::<prop::sample::Index>()) {
        let before = decide(&world);
        let mut after = world;
        let mut places = documents(&mut after);
        if !places.is_empty() {
            let place = place.index(places.len());
            let statements = statements(places[place]);
            let which = which.index(statements.len());
            if statements[which]["Effect"] == "Allow" {
                statements.remove(which);
            }
        }
        if before != Verdict::Allowed {
            prop_assert_ne!(decide(&after), Verdict::Allowed);
        }
    }

    #[test]
    fn the_order_of_statements_never_matters(world in worlds::world(), turns in 0_usize..12) {
        let before = decide(&world);
        let mut after = world;
        for document in documents(&mut after) {
            let statements = statements(document);
            let count = statements.len();
            statements.rotate_left(turns % count);
            statements[count / 2..].reverse();
        }
        prop_assert_eq!(decide(&after), before);
    }

    #[test]
    fn no_text_makes_parsing_panic(text in "\\PC{0,80}", statement in worlds::statement(true)) {
        let document = format!(r#"{{"Statement":{statement},"Id":{text}}}"#);
        for kind in [PolicyKind::Identity, PolicyKind::Trust, PolicyKind::Resource] {
            let _ = (Policy::parse(&text, kind), Policy::parse(&document, kind), Policy::parse_lenient(&document));
        }
        let _ = Principal::parse(&text);
    }
}
