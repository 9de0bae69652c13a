//! Sizes of files: one subject each. Function sizes are clippy's `too_many_lines`.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{Finding, shown};

/// No file is longer, its tests not counted.
const LINES_MAX: usize = 800;
/// How many files may be longer than `LINES_LONG`, in percent.
const LONG_PERCENT_MAX: usize = 10;
const LINES_LONG: usize = 450;

pub(super) fn check(root: &Path, sources: &[PathBuf]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut long = Vec::new();
    let product = sources.iter().filter(|path| !is_test(path));
    for path in product.clone() {
        let lines = lines_without_tests(&std::fs::read_to_string(path)?);
        if lines > LINES_MAX {
            findings.push(Finding(format!("{}: {lines} lines; at most {LINES_MAX}", shown(root, path))));
        } else if lines > LINES_LONG {
            long.push(shown(root, path));
        }
    }
    if long.len() * 100 > product.count() * LONG_PERCENT_MAX {
        findings.push(Finding(format!(
            "more than {LONG_PERCENT_MAX}% of the files exceed {LINES_LONG} lines: {}",
            long.join(", ")
        )));
    }
    Ok(findings)
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests" || part.as_os_str() == "benches")
        || path.file_name().is_some_and(|name| name == "tests.rs")
}

/// Everything above the module of tests that ends a file.
fn lines_without_tests(text: &str) -> usize {
    text.lines().take_while(|line| line.trim() != "#[cfg(test)]").count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_at_the_end_of_a_file_do_not_count() {
        assert_eq!(lines_without_tests("fn a() {}\n\n#[cfg(test)]\nmod tests {\n}\n"), 2);
    }
}
