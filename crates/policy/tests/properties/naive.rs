//! Evaluation as AWS's pages tell it, statement by statement over the plain documents: slow, and easy to check.

use serde_json::Value;

/// What is asked, by whom, against which documents.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) principal: &'static str,
    pub(crate) action: &'static str,
    pub(crate) resource: &'static str,
    pub(crate) account: &'static str,
    /// The values of the keys `app:a` and `aws:username`.
    pub(crate) key: Option<&'static str>,
    pub(crate) username: Option<&'static str>,
    pub(crate) identity: Vec<Value>,
    pub(crate) boundary: Option<Value>,
    pub(crate) session: Option<Value>,
    pub(crate) resource_policy: Option<Value>,
    pub(crate) service_control: Vec<Value>,
    pub(crate) must_allow: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    Implicit,
    Explicit,
}

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const USER: &str = "arn:aws:iam::111122223333:user/ada";
pub(crate) const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/Worker/shift";
pub(crate) const ROLE: &str = "arn:aws:iam::111122223333:role/Worker";
pub(crate) const ROOT: &str = "arn:aws:iam::111122223333:root";
pub(crate) const SERVICE: &str = "events.amazonaws.com";

impl World {
    pub(crate) fn evaluate(&self) -> Verdict {
        let is_service = self.principal == SERVICE;
        let mut all: Vec<&Value> = self.identity.iter().collect();
        all.extend(self.boundary.iter().chain(&self.session).chain(&self.resource_policy));
        if !is_service {
            all.extend(&self.service_control);
        }
        if all.iter().any(|document| !self.grants(document, "Deny").is_empty()) {
            return Verdict::Explicit;
        }
        if self.allows(is_service) { Verdict::Allowed } else { Verdict::Implicit }
    }

    fn allows(&self, is_service: bool) -> bool {
        let allows = |document: &Value| !self.grants(document, "Allow").is_empty();
        if !is_service && !self.service_control.iter().all(allows) {
            return false;
        }
        let grants =
            self.resource_policy.as_ref().map(|policy| self.grants(policy, "Allow")).unwrap_or_default();
        if is_service {
            return !grants.is_empty();
        }
        let is_same = self.account == ACCOUNT;
        let is_limited_root = self.principal == ROOT && self.session.is_some();
        if is_same && grants.contains(&"exact") && !is_limited_root {
            return true;
        }
        if grants.is_empty() && (!is_same || self.must_allow) {
            return false;
        }
        let identity = self.principal == ROOT || self.identity.iter().any(allows);
        let is_limited = !self.boundary.iter().chain(&self.session).all(allows);
        !is_limited && (identity || (is_same && grants.contains(&"role")))
    }

    /// How the applying statements of an effect name the principal.
    fn grants(&self, document: &Value, effect: &str) -> Vec<&'static str> {
        let statements = document["Statement"].as_array().unwrap();
        let of_effect = statements.iter().filter(|statement| statement["Effect"] == effect);
        of_effect.filter_map(|statement| self.applies(statement)).collect()
    }

    fn applies(&self, statement: &Value) -> Option<&'static str> {
        let action = |pattern: &str| glob(&pattern.to_lowercase(), &self.action.to_lowercase());
        let resource = |pattern: &str| {
            if !pattern.contains("${aws:username}") {
                return glob(pattern, self.resource);
            }
            self.username.is_some_and(|name| glob(&pattern.replace("${aws:username}", name), self.resource))
        };
        if !element(statement, "Action", action) || !element(statement, "Resource", resource) {
            return None;
        }
        self.conditions(statement).then(|| self.names(statement)).flatten()
    }

    fn names(&self, statement: &Value) -> Option<&'static str> {
        let named = match (&statement["Principal"], &statement["NotPrincipal"]) {
            (Value::Null, Value::Null) => return Some("exact"),
            (Value::Null, not) => {
                let mut kinds = texts(&not["AWS"]).into_iter().filter_map(|name| self.names_one(&name));
                let has_boundary = self.boundary.is_some() && ![ROOT, SERVICE].contains(&self.principal);
                let is_excepted = kinds.any(|kind| kind != "account") && !has_boundary;
                return (!is_excepted).then_some("exact");
            }
            (Value::String(_), _) => return Some("exact"),
            (named, _) => named,
        };
        let service = texts(&named["Service"]).contains(&self.principal.to_owned()).then_some("exact");
        let mut kinds: Vec<&str> =
            texts(&named["AWS"]).into_iter().filter_map(|name| self.names_one(&name)).collect();
        kinds.extend(service);
        ["exact", "role", "account"].into_iter().find(|kind| kinds.contains(kind))
    }

    fn names_one(&self, name: &str) -> Option<&'static str> {
        let is_here = self.principal != SERVICE;
        match name {
            _ if name == self.principal => Some("exact"),
            ROLE if self.principal == SESSION => Some("role"),
            ACCOUNT if self.principal == ROOT => Some("exact"),
            ROOT | ACCOUNT if is_here => Some("account"),
            _ => None,
        }
    }

    fn conditions(&self, statement: &Value) -> bool {
        let Some(operators) = statement["Condition"].as_object() else { return true };
        operators.iter().all(|(operator, keys)| {
            let wanted = keys["app:A"].as_str().unwrap();
            match (operator.as_str(), self.key) {
                ("StringEquals", given) => given == Some(wanted),
                ("StringNotEquals", given) => given != Some(wanted),
                ("StringLikeIfExists", given) => given.is_none_or(|given| glob(wanted, given)),
                ("Null", given) => given.is_none() == (wanted == "true"),
                (other, _) => panic!("{other}"),
            }
        })
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().map(|item| item.as_str().unwrap().to_owned()).collect(),
        _ => Vec::new(),
    }
}

fn element(statement: &Value, name: &str, matches: impl Fn(&str) -> bool) -> bool {
    let negated = &statement[format!("Not{name}")];
    let value = if negated.is_null() { &statement[name] } else { negated };
    texts(value).iter().any(|text| matches(text)) == negated.is_null()
}

fn glob(pattern: &str, text: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => text.is_empty(),
        Some('*') => {
            let tails = text.char_indices().map(|(at, _)| &text[at..]).chain([""]);
            tails.into_iter().any(|tail| glob(rest.as_str(), tail))
        }
        Some('?') => text.chars().next().is_some_and(|one| glob(rest.as_str(), &text[one.len_utf8()..])),
        Some(literal) => text.strip_prefix(literal).is_some_and(|tail| glob(rest.as_str(), tail)),
    }
}
