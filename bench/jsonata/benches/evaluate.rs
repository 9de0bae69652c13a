//! Expressions evaluated by this project's crate, by `jsonata-core` and by npm's `jsonata`, one after the other on the
//! same machine in the same run; what counts is the time that each computes. `cargo bench --manifest-path bench/jsonata/Cargo.toml`

use std::collections::HashMap;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use stepward_jsonata::{Budget, Expression, Host, Value};

const EXPRESSIONS: [(&str, &str); 8] = [
    ("plain path", "customer.address.city"),
    ("path through a list", "orders.items.sku"),
    ("filter and map", "orders[total > 50].{ \"id\": id, \"gross\": total * 1.2 }"),
    ("filter and map, by functions", "$map($filter(orders, function($o) { $o.total > 50 }), function($o) { $o.id & \":\" & $o.total })"),
    ("sum of products", "$sum(orders.items.(price * quantity))"),
    ("order by", "orders^(>total, id).id"),
    ("group", "orders{ status: $sum(total) }"),
    ("fib(15)", "($fib := function($n) { $n < 2 ? $n : $fib($n - 1) + $fib($n - 2) }; $fib(15))"),
];
/// How long one engine works on one expression.
const SPAN: Duration = Duration::from_millis(1_500);

const NODE: &str = r#"
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
const jsonata = createRequire(process.cwd() + '/')('jsonata');
const { document, expressions, span } = JSON.parse(readFileSync(0, 'utf8'));
const computed = () => { const used = process.cpuUsage(); return used.user + used.system; };
const answers = [];
for (const text of expressions) {
    const expression = jsonata(text);
    const run = async (times) => { for (let i = 0; i < times; i++) await expression.evaluate(document); };
    let times = 1;
    for (;;) {
        const start = performance.now();
        await run(times);
        const took = performance.now() - start;
        if (took > span / 20) { times = Math.max(1, Math.floor(times * span / took)); break; }
        times *= 2;
    }
    const start = computed();
    await run(times);
    answers.push({ micros: (computed() - start) / times, result: JSON.stringify(await expression.evaluate(document)) });
}
process.stdout.write(JSON.stringify(answers));
"#;

struct Still;

impl Host for Still {
    fn now_ms(&self) -> i64 {
        0
    }

    fn random(&self) -> f64 {
        0.5
    }
}

/// An order book of 7.6 KB.
fn document() -> Json {
    let order = |number: u32| {
        let status = ["open", "paid", "sent"][number as usize % 3];
        json!({
            "id": format!("o-{number:04}"),
            "status": status,
            "total": f64::from(number * 37 % 101) + 0.5,
            "items": [
                {"sku": format!("sku-{}", number * 7 % 50), "quantity": number % 4 + 1, "price": f64::from(number) * 1.25},
                {"sku": format!("sku-{}", number * 11 % 50), "quantity": number % 3 + 1, "price": f64::from(number) * 0.75},
            ],
        })
    };
    json!({
        "customer": {"name": "A. Customer", "address": {"city": "Lisbon", "street": "Rua Augusta 1"}},
        "orders": (0..53).map(order).collect::<Vec<_>>(),
    })
}

/// How long this thread has computed, in microseconds: other processes do not count.
fn computed() -> f64 {
    let statistics = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    statistics.split(' ').next().unwrap().parse::<f64>().unwrap() / 1_000.0
}

/// Microseconds of computing for one call, over as many calls as fill the span.
fn measure(mut run: impl FnMut()) -> f64 {
    let mut times = 1_u32;
    loop {
        let start = Instant::now();
        (0..times).for_each(|_| run());
        let took = start.elapsed();
        if took > SPAN / 20 {
            times = (f64::from(times) * SPAN.as_secs_f64() / took.as_secs_f64()).max(1.0) as u32;
            break;
        }
        times *= 2;
    }
    let start = computed();
    (0..times).for_each(|_| run());
    (computed() - start) / f64::from(times)
}

fn ours(text: &str, document: &Json) -> (f64, Json) {
    let expression = Expression::compile(text).unwrap();
    let (data, none, budget) = (Value::from(document), HashMap::new(), Budget::default());
    let evaluate = || expression.evaluate(&data, &none, &Still, &budget).unwrap();
    let result = evaluate().and_then(|value| value.to_json()).unwrap();
    (measure(|| drop(std::hint::black_box(evaluate()))), result)
}

fn core(text: &str, document: &Json) -> (f64, Json) {
    let expression = jsonata_core::Expression::compile(text).unwrap();
    let data = jsonata_core::value::JValue::from_json_str(&document.to_string()).unwrap();
    let result = expression.evaluate(&data).unwrap().to_json_string().unwrap();
    (measure(|| drop(std::hint::black_box(expression.evaluate(&data)))), serde_json::from_str(&result).unwrap())
}

/// What node says, in the order of the expressions; nothing where there is no node.
fn node(document: &Json) -> Option<Vec<(f64, Json)>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/reference");
    std::fs::create_dir_all(&folder).ok()?;
    std::fs::write(folder.join("run.mjs"), NODE).ok()?;
    if !folder.join("node_modules/jsonata").exists() {
        let install = ["install", "--silent", "--no-audit", "--no-fund", "--prefix", ".", "jsonata@2.0.6"];
        Command::new("npm").args(install).current_dir(&folder).status().ok().filter(|status| status.success())?;
    }
    let expressions: Vec<&str> = EXPRESSIONS.iter().map(|(_, text)| *text).collect();
    let span = u64::try_from(SPAN.as_millis()).ok()?;
    let question = json!({"document": document, "expressions": expressions, "span": span});
    std::fs::write(folder.join("question.json"), question.to_string()).ok()?;
    let input = std::fs::File::open(folder.join("question.json")).ok()?;
    let output = Command::new("node").arg("run.mjs").current_dir(&folder).stdin(input).output().ok()?;
    let answers: Vec<Json> = serde_json::from_slice(&output.stdout).ok()?;
    let answer = |answer: &Json| Some((answer["micros"].as_f64()?, serde_json::from_str(answer["result"].as_str()?).ok()?));
    answers.iter().map(answer).collect()
}

/// Equal by value: 1 and 1.0 are one number.
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

fn main() {
    let document = document();
    println!("a document of {} bytes; microseconds of computing per evaluation\n", document.to_string().len());
    let theirs = node(&document);
    println!("| expression | this crate | jsonata-core 2.2.13 | node's jsonata 2.0.6 |\n|---|---|---|---|");
    for (at, (name, text)) in EXPRESSIONS.iter().enumerate() {
        let (ours, result) = ours(text, &document);
        let (core, core_result) = core(text, &document);
        let note = if is_same(&result, &core_result) { "" } else { " (another result)" };
        let node = match theirs.as_ref().and_then(|theirs| theirs.get(at)) {
            Some((micros, node_result)) => {
                assert!(is_same(&result, node_result), "{text}: {result} is not the reference's {node_result}");
                format!("{micros:.2}")
            }
            None => "–".to_owned(),
        };
        println!("| {name} | {ours:.2} | {core:.2}{note} | {node} |");
    }
}
