//! The resources of an action, from the service authorization reference and the arguments of a call.

mod variable;

use stepward_models::{AuthorizationResource, authorization};

use crate::place::Place;
use crate::shape::Shape;

/// More ARNs of one argument are told as one pattern.
const ARNS_MAX: usize = 32;

/// What an action acts on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Acted {
    /// The resources that the arguments name; `*` in them stands for what is not known.
    pub(crate) certain: Vec<String>,
    /// Resources that the action needs, too, of which the arguments tell nothing.
    pub(crate) possible: Vec<String>,
}

/// What `prefix:Action` acts on with these arguments. `*` alone when the action has no resources or is not known.
pub(crate) fn resources(action: &str, arguments: &Shape, place: &Place) -> Acted {
    let everything = Acted { certain: vec!["*".to_owned()], possible: Vec::new() };
    let Some((prefix, name)) = action.split_once(':') else { return everything };
    let Some(reference) = authorization(prefix) else { return everything };
    let Some((_, known)) = reference.action(name) else { return everything };
    let mut candidates = Vec::new();
    for named in &known.resources {
        let Some(resource) = reference.resources.get(&named.name) else { continue };
        candidates.push((named.required, fill(&named.name, resource, arguments, place)));
    }
    if candidates.is_empty() {
        return everything;
    }
    let most = candidates.iter().map(|(_, filled)| filled.rank()).max().unwrap_or_default();
    let mut acted = Acted::default();
    for (required, filled) in candidates {
        let is_named = filled.known > 0 && filled.rank() == most;
        let into = if is_named {
            &mut acted.certain
        } else if required && filled.known == 0 {
            &mut acted.possible
        } else {
            continue;
        };
        for arn in filled.arns {
            if !into.contains(&arn) {
                into.push(arn);
            }
        }
    }
    match (acted.certain.is_empty(), acted.possible.is_empty()) {
        // Nothing is named: what is required is what it acts on, as far as can be said.
        (true, false) => Acted { certain: acted.possible, possible: Vec::new() },
        (true, true) => everything,
        _ => acted,
    }
}

/// An ARN's template with what the arguments tell.
struct Filled {
    arns: Vec<String>,
    /// How many of the template's variables the arguments tell.
    known: usize,
    missing: usize,
}

impl Filled {
    /// Complete ones first, then those that say most.
    fn rank(&self) -> (bool, usize) {
        (self.missing == 0 && self.known > 0, self.known)
    }
}

fn fill(kind: &str, resource: &AuthorizationResource, arguments: &Shape, place: &Place) -> Filled {
    let template = resource.arn.as_str();
    let names = variable::names(template);
    if let Some(arns) = variable::whole(kind, &names, template, arguments) {
        let known = names.len().max(1);
        return Filled { arns, known, missing: 0 };
    }
    let mut filled = Filled { arns: vec![template.to_owned()], known: 0, missing: 0 };
    let mut used = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let is_last = index + 1 == names.len();
        let found = variable::value(kind, name, is_last, arguments, &mut used);
        let values = match found {
            Some(values) => {
                filled.known += 1;
                values
            }
            None => {
                filled.missing += 1;
                vec!["*".to_owned()]
            }
        };
        let values = if filled.arns.len() * values.len() > ARNS_MAX { vec!["*".to_owned()] } else { values };
        let place_of = format!("${{{name}}}");
        filled.arns = filled
            .arns
            .iter()
            .flat_map(|arn| values.iter().map(|value| arn.replace(&place_of, value)))
            .collect();
    }
    for arn in &mut filled.arns {
        *arn = located(arn, place);
    }
    filled
}

fn located(template: &str, place: &Place) -> String {
    template
        .replace("${Partition}", &place.partition)
        .replace("${Region}", &place.region)
        .replace("${Account}", &place.account)
}

#[cfg(test)]
mod tests;
