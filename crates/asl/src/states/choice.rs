//! Choice: goes where the first matching rule says.

use serde_json::Value;

use super::exit::{self, Exit};
use crate::compare::holds;
use crate::evaluate::Data;
use crate::failure::Failure;
use crate::machine::{Choice, ChoiceRule, Comparison, Condition, Operand, Operator, State, Test};
use crate::run::FrameId;
use crate::step::Step;

pub(crate) fn execute(
    step: &mut Step<'_>,
    id: FrameId,
    state: &State,
    choice: &Choice,
) -> Result<(), Failure> {
    let mut data = Data::of(step, id)?;
    data.effective_input(step, state)?;
    for rule in &choice.rules {
        if is_met(step, state, &rule.condition, &data)? {
            return take(step, state, data, rule);
        }
    }
    match choice.default {
        Some(default) => exit::without_result(step, state, data, Some(default)),
        None => {
            let cause = "Failed to transition out of the state. The state does not point to a next state.";
            let mut failure = data.runtime(step, state, cause);
            failure.error = Some("States.NoChoiceMatched".to_owned());
            failure.is_final = false;
            Err(failure)
        }
    }
}

/// AWS: a rule that matches evaluates its own `Assign` and `Output`, not the state's `Assign`.
fn take(step: &mut Step<'_>, state: &State, data: Data, rule: &ChoiceRule) -> Result<(), Failure> {
    let effective = data.effective();
    let output = if Data::is_json_path(state) {
        data.output_path(step, state, effective)?
    } else {
        data.output(step, state, rule.output.as_ref().or(state.io.output.as_ref()), effective)?
    };
    exit::exit(step, state, &data, Exit { output, assign: rule.assign.as_ref(), next: Some(rule.next) })
}

/// What is still to be looked at, for a condition nested to any depth.
enum Pending<'a> {
    Test(&'a Condition),
    Negate,
    /// The value so far decides `And` if false, `Or` if true; else the other conditions follow.
    And(std::slice::Iter<'a, Condition>),
    Or(std::slice::Iter<'a, Condition>),
}

fn is_met(step: &Step<'_>, state: &State, condition: &Condition, data: &Data) -> Result<bool, Failure> {
    let mut value = false;
    let mut pending = vec![Pending::Test(condition)];
    while let Some(next) = pending.pop() {
        match next {
            Pending::Test(Condition::And(all)) => {
                value = true;
                pending.push(Pending::And(all.iter()));
            }
            Pending::Test(Condition::Or(any)) => {
                value = false;
                pending.push(Pending::Or(any.iter()));
            }
            Pending::Test(Condition::Not(inner)) => {
                pending.push(Pending::Negate);
                pending.push(Pending::Test(inner));
            }
            Pending::Test(Condition::Compare(comparison)) => value = compare(step, state, comparison, data)?,
            Pending::Test(Condition::Jsonata(selector)) => {
                let found = data.select(step, state, selector, None)?;
                value = found
                    .value()
                    .as_bool()
                    .ok_or_else(|| data.unexpected_type(step, state, selector, "boolean", found.value()))?;
            }
            Pending::Negate => value = !value,
            Pending::And(rest) => go_on(&mut pending, value, rest, Pending::And),
            Pending::Or(rest) => go_on(&mut pending, !value, rest, Pending::Or),
        }
    }
    Ok(value)
}

fn go_on<'a>(
    pending: &mut Vec<Pending<'a>>,
    is_open: bool,
    mut rest: std::slice::Iter<'a, Condition>,
    combine: fn(std::slice::Iter<'a, Condition>) -> Pending<'a>,
) {
    if let (true, Some(next)) = (is_open, rest.next()) {
        pending.push(combine(rest));
        pending.push(Pending::Test(next));
    }
}

fn compare(step: &Step<'_>, state: &State, comparison: &Comparison, data: &Data) -> Result<bool, Failure> {
    let variable = &comparison.variable;
    let effective = data.effective();
    let scope = data.scope(step, effective.value(), variable.reads_context);
    if comparison.operator == Operator::Is(Test::Present) {
        let is_expected = !matches!(&comparison.operand, Operand::Literal(Value::Bool(false)));
        return Ok(variable.expression.is_present(&scope) == is_expected);
    }
    let operand_found;
    let operand = match &comparison.operand {
        Operand::Literal(literal) => literal,
        Operand::Path(path) => {
            operand_found = data.find(step, path).ok_or_else(|| invalid(step, state, data, path))?;
            &operand_found
        }
    };
    if let Some(value) = variable.expression.borrow(&scope) {
        return Ok(holds(comparison.operator, value, operand));
    }
    let value: Value = data.find(step, variable).ok_or_else(|| invalid(step, state, data, variable))?;
    Ok(holds(comparison.operator, &value, operand))
}

fn invalid(step: &Step<'_>, state: &State, data: &Data, path: &crate::machine::Path) -> Failure {
    let path = path.text();
    let cause =
        format!("Invalid path '{path}': The choice state's condition path references an invalid value.");
    data.runtime(step, state, &cause)
}
