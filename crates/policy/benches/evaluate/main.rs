//! `cargo bench -p stepward-policy`: what a decision costs.
#![allow(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench measures time and tells it")]
#![allow(clippy::unwrap_used, reason = "policies of the bench are well-formed")]

mod shapes;

use std::hint::black_box;
use std::sync::Arc;

use shapes::{Shape, measure};
use stepward_policy::{Attached, Context, Policies, Policy, Principal, Request, evaluate};

fn main() {
    println!("{:<52} {:>10}", "shape", "median ns");
    for shape in shapes::all() {
        println!("{:<52} {:>10.0}", shape.name, nanoseconds(&shape));
    }
}

fn nanoseconds(shape: &Shape) -> f64 {
    let policy = Policy::from_value(&shape.document()).unwrap();
    let identity = [Attached { policy: Arc::new(policy), name: "bench".to_owned(), arn: None }];
    let principal = Principal::parse(shapes::PRINCIPAL).unwrap();
    let context =
        shapes::CONTEXT.iter().fold(Context::new(), |context, (key, value)| context.with(key, *value));
    let resource = shape.resource();
    let action = shape.action();
    let request = Request {
        principal: &principal,
        action: &action,
        resource: &resource,
        resource_account: Some("111122223333"),
        context: &context,
    };
    let policies = Policies { identity: &identity, ..Policies::default() };
    assert!(evaluate(&request, &policies).is_allowed());
    measure(|| {
        black_box(evaluate(black_box(&request), black_box(&policies)).is_allowed());
    })
}
