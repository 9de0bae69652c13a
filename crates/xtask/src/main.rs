//! Development tasks. `cargo xtask help` lists them; nothing here is part of the product.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool speaks on its standard streams"
)]
#![allow(clippy::disallowed_methods, reason = "development tasks read files, the environment and the clock")]

mod conformance;
mod console;
mod crash;
mod demo;
mod jsonata;
mod models;
mod project;
mod python;
mod test;
mod tidy;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask TASK

  demo          run the main job and show each refusal, with the reason
  test          run every test; installs what the tests need
  console       build the browser console into console/dist, which the next build embeds (needs Node.js)
  screenshots   draw the console's pages into docs/screenshots (needs Chromium, too)
  crash         kill a loaded server again and again and check what it kept: [--rounds 200] [--seed 1]
  tidy          check the architecture: dependency arrows, purity, sizes
  conformance   replay the recorded cases against a fresh server (needs ../shared/conformance)
  jsonata       compare the JSONata crate with npm's jsonata on generated expressions: [COUNT] [SEED]
  models        fetch the service models and write the embedded bundles
  help          this text
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_else(|| "help".to_owned());
    let rest: Vec<String> = arguments.collect();
    let outcome = match task.as_str() {
        "demo" => demo::run(),
        "test" => test::run(&rest),
        "console" => console::build(),
        "screenshots" => console::screenshots(),
        "crash" => crash::run(&rest),
        "tidy" => tidy::run(),
        "jsonata" => jsonata::run(&rest),
        "models" => models::run(),
        "conformance" => conformance::run(&rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        unknown => Err(anyhow::anyhow!("no task is called '{unknown}'; `cargo xtask help` lists them")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {task}: {error:#}");
            ExitCode::FAILURE
        }
    }
}
