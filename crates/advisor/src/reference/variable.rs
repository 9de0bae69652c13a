//! Which argument of a call tells a variable of an ARN's template: names are compared, as AWS has no table of it.

use crate::shape::Shape;

/// Variables that the place tells.
const PLACED: [&str; 3] = ["Partition", "Region", "Account"];
/// What stands behind the noun in the names of variables and of arguments.
const ENDINGS: [&str; 6] = ["Name", "Id", "Arn", "Identifier", "Url", ""];
/// Arguments that are called otherwise than the variable.
const OTHER_NAMES: [(&str, &str); 3] =
    [("ObjectName", "Key"), ("BucketName", "Bucket"), ("TableName", "RequestItems")];

/// The service's own variables of a template, in order.
pub(super) fn names(template: &str) -> Vec<&str> {
    let starts = template.split("${").skip(1);
    let names = starts.filter_map(|rest| rest.split_once('}').map(|(name, _)| name));
    names.filter(|name| !PLACED.contains(name)).collect()
}

/// The whole ARNs of the resource, when an argument gives them.
pub(super) fn whole(kind: &str, names: &[&str], template: &str, arguments: &Shape) -> Option<Vec<String>> {
    let last = names.last().copied().unwrap_or_default();
    let (_, texts) = argument(kind, last, true, arguments, &[])?;
    texts.iter().all(|text| fits(template, text)).then_some(texts)
}

/// What the arguments tell of one variable; an argument tells only one of a template, and is then `used`.
pub(super) fn value(
    kind: &str,
    name: &str,
    is_last: bool,
    arguments: &Shape,
    used: &mut Vec<String>,
) -> Option<Vec<String>> {
    let (found, texts) = argument(kind, name, is_last, arguments, used)?;
    used.push(found);
    let value = |text: &String| match name {
        // The ARN of a secret ends with six more characters than its name.
        "SecretId" if !text.starts_with("arn:") => format!("{text}*"),
        "QueueName" => text.rsplit('/').next().unwrap_or(text).to_owned(),
        "KeyId" if text.starts_with("alias/") => "*".to_owned(),
        "ParameterNameWithoutLeadingSlash" => text.trim_start_matches('/').to_owned(),
        // An ARN of something else names its own last part.
        _ if text.starts_with("arn:") => text.rsplit(['/', ':']).next().unwrap_or(text).to_owned(),
        _ => text.clone(),
    };
    Some(texts.iter().map(value).collect())
}

fn argument(
    kind: &str,
    name: &str,
    is_last: bool,
    arguments: &Shape,
    used: &[String],
) -> Option<(String, Vec<String>)> {
    let given: Vec<String> = arguments.names().into_iter().filter(|given| !used.contains(given)).collect();
    let other =
        OTHER_NAMES.iter().filter(|(variable, _)| *variable == name).map(|(_, other)| (*other).to_owned());
    let general = ["Name", "Id", "Arn"]
        .into_iter()
        .filter(|ending| is_last && name.contains(ending))
        .map(str::to_owned);
    for wanted in nouns(name).into_iter().chain(other).chain(nouns(kind)).chain(general) {
        let found = given.iter().find(|given| is_same(given, &wanted));
        let Some((found, shape)) = found.and_then(|found| Some((found, arguments.field(found)?))) else {
            continue;
        };
        // It is there and the input decides it: then it is any.
        return Some((found.clone(), texts(&shape).unwrap_or_else(|| vec!["*".to_owned()])));
    }
    None
}

/// The texts of an argument: one, a list's items, or the keys of a map by name.
fn texts(shape: &Shape) -> Option<Vec<String>> {
    if let Some(texts) = shape.texts() {
        return Some(texts);
    }
    if let Some(items) = shape.items() {
        let texts: Option<Vec<Vec<String>>> = items.iter().map(Shape::texts).collect();
        return texts.map(|texts| texts.concat()).filter(|texts| !texts.is_empty());
    }
    Some(shape.names()).filter(|names| !names.is_empty())
}

/// The names that an argument for the noun can have.
fn nouns(name: &str) -> Vec<String> {
    let name =
        name.trim_end_matches("WithPath").trim_end_matches("WithoutLeadingSlash").replace(['-', '_'], "");
    let stem = ENDINGS.iter().find_map(|ending| name.strip_suffix(ending).filter(|_| !ending.is_empty()));
    let stem = stem.filter(|stem| !stem.is_empty()).unwrap_or(&name).to_owned();
    let mut names = vec![name.clone()];
    names.extend(ENDINGS.iter().map(|ending| format!("{stem}{ending}")));
    names
}

fn is_same(given: &str, wanted: &str) -> bool {
    given.eq_ignore_ascii_case(wanted)
        || given.strip_suffix('s').is_some_and(|given| given.eq_ignore_ascii_case(wanted))
}

/// Whether an ARN has the form of a template.
fn fits(template: &str, text: &str) -> bool {
    if !text.starts_with("arn:") {
        return false;
    }
    let mut pattern = String::new();
    for (index, part) in template.split("${").enumerate() {
        let literal = if index == 0 { part } else { part.split_once('}').map_or("", |(_, rest)| rest) };
        if index > 0 {
            pattern.push('*');
        }
        pattern.push_str(literal);
    }
    crate::glob::covers(&pattern, text)
}
