//! Lambda (AWS: IAM policies for calling AWS Lambda).

use crate::grant::Grant;
use crate::task::Task;

const INVOKE: [&str; 1] = ["lambda:InvokeFunction"];

/// A function's ARN as the task's Resource.
pub(super) fn function(arn: &str) -> Vec<Grant> {
    vec![Grant::call(&INVOKE, vec![arn.to_owned()])]
}

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    if action != "invoke" {
        return None;
    }
    let any = task.place.arn("lambda", "function:*");
    let functions = task.arns(&["FunctionName"], |name| arn(task, name), &any);
    let Some(qualifier) = task.argument(&["Qualifier"]) else {
        return Some(vec![Grant::call(&INVOKE, functions)]);
    };
    // AWS: the right must name the qualifier with which the function is called.
    let qualifiers = task.usable(&qualifier).unwrap_or_else(|| vec!["*".to_owned()]);
    let qualified = |function: &String| -> Vec<String> {
        if function.matches(':').count() > 6 || function.ends_with(":*") {
            return vec![function.clone()];
        }
        qualifiers.iter().map(|qualifier| format!("{function}:{qualifier}")).collect()
    };
    Some(vec![Grant::call(&INVOKE, functions.iter().flat_map(qualified).collect())])
}

/// The ARN of a name, `name:qualifier`, `account:function:name` or an ARN.
fn arn(task: &Task<'_>, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    if let Some((account, function)) = name.split_once(":function:") {
        return task.place.arn_in("lambda", &task.place.region, account, &format!("function:{function}"));
    }
    let name = name.strip_prefix("function:").unwrap_or(name);
    task.place.arn("lambda", &format!("function:{name}"))
}
