//! Any text as a policy of any kind.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stepward_policy::{Policy, PolicyKind};

fuzz_target!(|text: &str| {
    for kind in [PolicyKind::Identity, PolicyKind::Trust, PolicyKind::Resource, PolicyKind::ServiceControl] {
        if let Err(error) = Policy::parse(text, kind) {
            let _ = error.to_string();
        }
    }
    let _ = Policy::parse_lenient(text);
});
