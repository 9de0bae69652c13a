//! The differential test of the JSONata crate: generated expressions, answered by it and by npm's `jsonata`.

mod documents;
mod functions;
mod generate;
mod random;
mod regex;

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::{Value as Json, json};
use stepward_jsonata::{Budget, Expression, Host, Value};

use crate::project::{succeed, target_dir};

const REFERENCE: &str = include_str!("jsonata/reference.mjs");
/// Expressions written by hand, one a line, each for every document.
const HANDMADE: &str = include_str!("jsonata/handmade.txt");
const PACKAGE: &str = "jsonata@2.0.6";
/// How long the reference may take over an answer.
const PATIENCE: Duration = Duration::from_secs(10);
const COUNT: usize = 40_000;
/// How much of the outcomes has to agree.
const AGREEMENT_MIN: f64 = 0.999;
const SHOWN_MAX: usize = 40;

struct Case {
    expression: String,
    document: usize,
}

/// `cargo xtask jsonata [COUNT] [SEED]`
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let number = |at: usize| arguments.get(at).map(|text| text.parse::<u64>()).transpose();
    let count = number(0)?.map_or(COUNT, |count| usize::try_from(count).unwrap_or(COUNT));
    let seed = number(1)?.unwrap_or(1);
    let documents = documents::all();
    let mut random = random::Random::new(seed);
    let handmade = HANDMADE
        .lines()
        .flat_map(|line| (0..documents.len()).map(|document| Case { expression: line.to_owned(), document }));
    let generated = (0..count).map(|_| {
        let document = random.below(documents.len());
        Case { expression: generate::expression(&mut random), document }
    });
    let cases: Vec<Case> = handmade.chain(generated).collect();
    let theirs = reference(&cases, &documents)?;
    report(&cases, &documents, &theirs)
}

fn reference(cases: &[Case], documents: &[Json]) -> Result<Vec<Json>> {
    let folder = target_dir().join("jsonata-reference");
    std::fs::create_dir_all(&folder)?;
    std::fs::write(folder.join("reference.mjs"), REFERENCE)?;
    if !folder.join("node_modules/jsonata").exists() {
        let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", ".", PACKAGE];
        succeed(Command::new("npm").args(install).current_dir(&folder)).context("npm is needed")?;
    }
    let mut answers = Vec::with_capacity(cases.len());
    while answers.len() < cases.len() {
        let rest = cases.get(answers.len()..).unwrap_or_default();
        answers.extend(answers_until_it_hangs(rest, documents, &folder)?);
        if let Some(case) = cases.get(answers.len()) {
            println!("the reference does not end: {}", case.expression);
            answers.push(json!({"mishap": "it does not end"}));
        }
    }
    Ok(answers)
}

/// Asks one process; its answers end before the expression on which it takes too long.
fn answers_until_it_hangs(cases: &[Case], documents: &[Json], folder: &Path) -> Result<Vec<Json>> {
    let mut node = Command::new("node")
        .arg("reference.mjs")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("node is needed")?;
    let mut input = node.stdin.take().context("node has no standard input")?;
    let output = node.stdout.take().context("node has no standard output")?;
    let question =
        |case: &Case| json!({"expr": case.expression, "data": documents.get(case.document)}).to_string();
    let lines: Vec<String> = cases.iter().map(question).collect();
    let writer = std::thread::spawn(move || lines.iter().try_for_each(|line| writeln!(input, "{line}")));
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        BufReader::new(output).lines().map_while(Result::ok).try_for_each(|line| sender.send(line))
    });
    let mut answers = Vec::new();
    while answers.len() < cases.len() {
        let Ok(line) = receiver.recv_timeout(PATIENCE) else { break };
        answers.push(serde_json::from_str(&line)?);
    }
    let _ = node.kill();
    node.wait()?;
    let _ = writer.join();
    Ok(answers)
}

struct Still;

impl Host for Still {
    fn now_ms(&self) -> i64 {
        1_790_000_000_000
    }

    fn random(&self) -> f64 {
        0.42
    }
}

fn ours(case: &Case, documents: &[Json]) -> Json {
    let data = documents.get(case.document).map_or(Value::Undefined, Value::from);
    let budget = Budget { steps: 2_000_000, ..Budget::default() };
    let outcome = Expression::compile(&case.expression)
        .and_then(|expression| expression.evaluate(&data, &HashMap::new(), &Still, &budget));
    match outcome.map(|value| value.and_then(|value| value.to_json())) {
        Ok(Some(result)) => json!({"result": result}),
        Ok(None) => json!({"undefined": true}),
        Err(error) => json!({"error": {
            "code": error.code(), "position": error.position(), "token": error.token(), "message": error.message(),
        }}),
    }
}

/// How two answers differ; nothing when they agree.
fn difference(ours: &Json, theirs: &Json) -> Option<&'static str> {
    let error = |answer: &Json, field: &str| answer.get("error").and_then(|error| error.get(field)).cloned();
    if theirs.get("error").is_none() || ours.get("error").is_none() {
        let answer = |answer: &Json| (answer.get("result").cloned(), answer.get("undefined").is_some());
        let (ours_answer, theirs_answer) = (answer(ours), answer(theirs));
        let same = ours_answer.1 == theirs_answer.1
            && ours.get("error").is_some() == theirs.get("error").is_some()
            && match (&ours_answer.0, &theirs_answer.0) {
                (Some(left), Some(right)) => is_same(left, right),
                (left, right) => left.is_none() && right.is_none(),
            };
        return (!same).then_some("outcome");
    }
    if error(ours, "code") != error(theirs, "code") {
        return Some("code");
    }
    let other = |field: &str| {
        error(ours, field).filter(|value| !value.is_null())
            != error(theirs, field).filter(|value| !value.is_null())
    };
    ["message", "token", "position"].into_iter().find(|field| other(field))
}

/// Equal by value: the order of keys says nothing, as JavaScript puts those that look like numbers first.
fn is_same(left: &Json, right: &Json) -> bool {
    match (left, right) {
        (Json::Number(left), Json::Number(right)) => left.as_f64() == right.as_f64(),
        (Json::Array(left), Json::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Json::Object(left), Json::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, left)| right.get(key).is_some_and(|right| is_same(left, right)))
        }
        (left, right) => left == right,
    }
}

fn report(cases: &[Case], documents: &[Json], theirs: &[Json]) -> Result<()> {
    let mut kinds: BTreeMap<&str, Vec<(&String, String)>> = BTreeMap::new();
    let mut tallies: BTreeMap<&str, usize> = BTreeMap::new();
    let mut compared = 0_usize;
    for (case, theirs) in cases.iter().zip(theirs) {
        if theirs.get("mishap").is_some() {
            *tallies.entry("mishaps of the reference").or_default() += 1;
            continue;
        }
        let ours = ours(case, documents);
        compared += 1;
        let kind = ["result", "undefined", "error"].into_iter().find(|kind| theirs.get(*kind).is_some());
        *tallies.entry(kind.unwrap_or("nothing")).or_default() += 1;
        if let Some(kind) = difference(&ours, theirs) {
            let mut theirs = theirs.clone();
            if let Some(fields) = theirs.as_object_mut() {
                fields.remove("id");
            }
            let shown = format!(
                "{}\n    document {}\n    ours   {ours}\n    theirs {theirs}",
                case.expression, case.document
            );
            kinds.entry(kind).or_default().push((&case.expression, shown));
        }
    }
    for (kind, shown) in &kinds {
        println!("== {} differ in their {kind}", shown.len());
        let mut lines: Vec<_> = shown.iter().collect();
        lines.dedup_by_key(|(expression, _)| expression);
        lines.iter().take(SHOWN_MAX).for_each(|(_, line)| println!("  {line}"));
    }
    let differing = |wanted: &[&str]| -> usize {
        kinds.iter().filter(|(kind, _)| wanted.contains(kind)).map(|(_, shown)| shown.len()).sum()
    };
    println!("{tallies:?}");
    let share = |differing: usize| 1.0 - differing as f64 / compared.max(1) as f64;
    let outcomes = share(differing(&["outcome", "code"]));
    let all = share(differing(&["outcome", "code", "message", "token", "position"]));
    println!(
        "{compared} compared; {:.3}% agree in result or code, {:.3}% in code, text, token and position too",
        outcomes * 100.0,
        all * 100.0
    );
    if outcomes < AGREEMENT_MIN {
        bail!("less than {}% agree", AGREEMENT_MIN * 100.0);
    }
    Ok(())
}
