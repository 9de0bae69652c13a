//! Regular expressions from their grammar, and short texts for them.

use super::random::Random;

const LETTERS: [&str; 14] = ["a", "b", "c", "a", "b", "A", "B", "1", "2", "_", " ", "\\n", "é", "😀"];
const ATOMS: [&str; 26] = [
    "a", "b", "c", "ab", "A", "1", ".", "\\d", "\\w", "\\W", "\\s", "\\S", "[a-c]", "[^b]", "[\\w-]", "[^]",
    "\\u0061", "\\x62", "é", "\\1", "\\2", "\\0", "\\cA", "{", "]", "[A-b]",
];
const EDGES: [&str; 5] = ["^", "$", "\\b", "\\B", ""];
const QUANTIFIERS: [&str; 12] =
    ["*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}", "*?", "+?", "??", "{1,3}?", "{,2}"];
const GROUPS: [&str; 8] = ["(", "(", "(", "(?:", "(?=", "(?!", "(?<=", "(?<!"];

/// A function that looks for a regular expression in a text.
pub(super) fn search(random: &mut Random) -> String {
    let text: String = (0..random.below(12)).map(|_| random.pick(&LETTERS)).collect();
    let flags = random.pick(&["", "", "i", "m", "im"]);
    let mut regex = choices(random, 3);
    if regex.is_empty() {
        regex.push('a');
    }
    match random.below(5) {
        0 => format!("$contains(\"{text}\", /{regex}/{flags})"),
        1 => format!("$replace(\"{text}\", /{regex}/{flags}, \"<$1$0>\")"),
        2 => format!("$split(\"{text}\", /{regex}/{flags})"),
        _ => format!("$match(\"{text}\", /{regex}/{flags})"),
    }
}

fn choices(random: &mut Random, depth: usize) -> String {
    let count = if random.one_in(4) { 2 } else { 1 };
    (0..count).map(|_| sequence(random, depth)).collect::<Vec<_>>().join("|")
}

fn sequence(random: &mut Random, depth: usize) -> String {
    let count = 1 + random.below(3);
    (0..count).map(|_| term(random, depth)).collect()
}

fn term(random: &mut Random, depth: usize) -> String {
    let mut term = match random.below(8) {
        0 => return random.pick(&EDGES).to_owned(),
        1 | 2 if depth > 0 => format!("{}{})", random.pick(&GROUPS), choices(random, depth - 1)),
        _ => random.pick(&ATOMS).to_owned(),
    };
    if random.one_in(3) {
        term.push_str(random.pick(&QUANTIFIERS));
    }
    term
}
