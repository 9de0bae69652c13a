//! Expressions from a grammar: most are meaningful, some have a wrong type, a few are broken.

use super::functions::{DATE_PICTURES, FUNCTIONS, INTEGER_PICTURES, NUMBER_PICTURES, REGEXES, TEXTS, ZONES};
use super::random::Random;
use super::regex;

const FIELDS: [&str; 14] =
    ["a", "b", "c", "d", "e", "n", "t", "f", "list", "text", "id", "name", "price", "tags"];
const VARIABLES: [&str; 4] = ["$x", "$y", "$", "$$"];
const OPERATORS: [&str; 17] =
    ["+", "-", "*", "/", "%", "=", "!=", "<", "<=", ">", ">=", "&", "and", "or", "in", "=", "&"];
const FRAGMENTS: [&str; 34] = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ".",
    ",",
    ";",
    ":",
    "?",
    "~>",
    ":=",
    "..",
    "|",
    "^",
    "@",
    "#",
    "%",
    "**",
    "\"",
    "'",
    "`",
    "/",
    "$",
    "!",
    "=",
    "function",
    "\\",
    "/*",
    "é",
    "1.5.2",
    "0x",
    "\"\\u12\"",
];

pub(super) fn expression(random: &mut Random) -> String {
    if random.one_in(10) {
        return regex::search(random);
    }
    let depth = 1 + random.below(4);
    let mut text = Writer { random }.any(depth);
    if random.one_in(12) {
        damage(random, &mut text);
    }
    text
}

/// Takes a character out, or puts a piece of syntax in.
fn damage(random: &mut Random, text: &mut String) {
    let at = random.below(text.chars().count() + 1);
    let (mut before, after): (String, String) =
        (text.chars().take(at).collect(), text.chars().skip(at).collect());
    if random.one_in(2) {
        before.extend(after.chars().skip(1));
    } else {
        before.push_str(random.pick(&FRAGMENTS));
        before.push_str(&after);
    }
    *text = before;
}

struct Writer<'a> {
    random: &'a mut Random,
}

impl Writer<'_> {
    fn any(&mut self, depth: usize) -> String {
        if depth == 0 {
            return self.atom();
        }
        let deeper = depth - 1;
        match self.random.below(22) {
            0..=4 => self.path(deeper),
            5..=8 => self.call(deeper),
            9 | 10 => format!("{} {} {}", self.any(deeper), self.random.pick(&OPERATORS), self.any(deeper)),
            11 => format!("({})", self.any(deeper)),
            12 => self.list(deeper),
            13 => self.object(deeper),
            14 => format!("{} ? {} : {}", self.any(deeper), self.any(deeper), self.any(deeper)),
            15 => self.block(deeper),
            16 => self.chain(deeper),
            17 => format!("-{}", self.any(deeper)),
            18 => format!(
                "{} ~> |{}|{}{}|",
                self.path(deeper),
                self.path(0),
                self.object(deeper),
                self.deletion()
            ),
            19 => format!("({})({})", self.function(2, deeper), self.any(deeper)),
            _ => self.atom(),
        }
    }

    fn atom(&mut self) -> String {
        match self.random.below(10) {
            0..=3 => self.random.pick(&FIELDS).to_owned(),
            4 => self.number(),
            5 => self.text(),
            6 => self.random.pick(&["true", "false", "null"]).to_owned(),
            7 => self.random.pick(&VARIABLES).to_owned(),
            8 => format!("[{}..{}]", self.random.below(3), self.random.below(6)),
            _ => self.random.pick(&["*", "**", "%", "[]", "{}", "()", "`a`", "$sum", "/x/"]).to_owned(),
        }
    }

    fn number(&mut self) -> String {
        self.random
            .pick(&[
                "0",
                "1",
                "2",
                "3",
                "10",
                "2.5",
                "-1",
                "1e3",
                "0.1",
                "1234567.891",
                "1e21",
                "123456789012",
                "-0",
                "5e-7",
                "255",
            ])
            .to_owned()
    }

    fn text(&mut self) -> String {
        format!("\"{}\"", self.random.pick(&TEXTS))
    }

    fn path(&mut self, depth: usize) -> String {
        let mut path = match self.random.below(8) {
            0 => self.random.pick(&VARIABLES).to_owned(),
            1 if depth > 0 => format!("({})", self.any(depth - 1)),
            2 if depth > 0 => self.list(depth - 1),
            _ => self.random.pick(&FIELDS).to_owned(),
        };
        for _ in 0..self.random.below(4) {
            let step = self.step(depth);
            path.push_str(&step);
        }
        if self.random.one_in(8) {
            path.push_str(&self.object(depth.saturating_sub(1)));
        }
        path
    }

    fn step(&mut self, depth: usize) -> String {
        let deeper = depth.saturating_sub(1);
        match self.random.below(24) {
            0..=7 => format!(".{}", self.random.pick(&FIELDS)),
            8 => self.random.pick(&[".*", ".**", ".%", ".%.%", ".$", ".`a`", ".\"a\""]).to_owned(),
            9 | 10 => {
                format!("[{}]", self.random.pick(&["0", "1", "-1", "0.5", "[0,1]", "[0..1]", "-9", "$x"]))
            }
            11 | 12 => format!("[{}]", self.condition(deeper)),
            13 => "[]".to_owned(),
            14 => format!("^({}{})", self.random.pick(&["", "<", ">"]), self.any(deeper)),
            15 => format!("^(>{}, <{})", self.random.pick(&FIELDS), self.random.pick(&FIELDS)),
            16 => format!("@{}", self.random.pick(&["$x", "$y", "$z"])),
            17 => format!("#{}", self.random.pick(&["$i", "$y"])),
            18 => format!(".({})", self.any(deeper)),
            19 => format!(".{}", self.object(deeper)),
            20 => format!(".{}", self.list(deeper)),
            21 => format!(".{}", self.call(deeper)),
            22 => format!("[{}]", self.any(deeper)),
            _ => format!(".{}.{}", self.random.pick(&FIELDS), self.random.pick(&FIELDS)),
        }
    }

    fn condition(&mut self, depth: usize) -> String {
        let field = self.random.pick(&["a", "id", "name", "price", "$", "$x", "%.a", "tags", "$i"]);
        let operator = self.random.pick(&["=", "!=", "<", ">", ">=", "in"]);
        format!(
            "{field} {operator} {}",
            if depth > 0 && self.random.one_in(3) { self.any(depth - 1) } else { self.atom() }
        )
    }

    fn list(&mut self, depth: usize) -> String {
        let items: Vec<String> = (0..self.random.below(4)).map(|_| self.any(depth.min(1))).collect();
        format!("[{}]", items.join(", "))
    }

    fn object(&mut self, depth: usize) -> String {
        let pairs: Vec<String> = (0..self.random.below(3))
            .map(|number| {
                let key = match self.random.below(4) {
                    0 => self.random.pick(&FIELDS).to_owned(),
                    1 => "$string(a)".to_owned(),
                    _ => format!("\"k{number}\""),
                };
                format!("{key}: {}", self.any(depth.min(1)))
            })
            .collect();
        format!("{{{}}}", pairs.join(", "))
    }

    fn block(&mut self, depth: usize) -> String {
        let name = self.random.pick(&["$x", "$y", "$f"]);
        let bound = if name == "$f" { self.function(1, depth) } else { self.any(depth) };
        let used = if name == "$f" { format!("$f({})", self.any(depth)) } else { self.any(depth) };
        format!("({name} := {bound}; {used})")
    }

    fn chain(&mut self, depth: usize) -> String {
        let right = match self.random.below(5) {
            0 => self.function(1, depth),
            1 => format!("{} ~> $string", self.random.pick(&["$sum", "$uppercase", "$count"])),
            2 => self
                .random
                .pick(&["$uppercase", "$sum", "$count", "$keys", "$string", "$substring(?, 1)", "$nope", "5"])
                .to_owned(),
            _ => self.call(depth),
        };
        format!("{} ~> {right}", self.any(depth))
    }

    fn deletion(&mut self) -> String {
        self.random.pick(&["", "", ", \"a\"", ", [\"a\", \"id\"]", ", 1"]).to_owned()
    }

    fn function(&mut self, parameters: usize, depth: usize) -> String {
        match self.random.below(9) {
            0 => self
                .random
                .pick(&["$sum", "$string", "$uppercase", "$length", "$boolean", "$keys", "$type"])
                .to_owned(),
            1 => self
                .random
                .pick(&["$substring(?, 0, 1)", "$append(?, 1)", "$append(?, 2)", "$replace(?, \"a\", \"b\")"])
                .to_owned(),
            _ => {
                let names =
                    ["$x", "$y", "$z"].iter().take(parameters).copied().collect::<Vec<_>>().join(", ");
                let signature =
                    self.random.pick(&["", "", "", "", "", "<n:n>", "<x-:x>", "<s:s>", "<nn:b>", "<a<n>:n>"]);
                let body = match self.random.below(4) {
                    0 => self.any(depth.min(1)),
                    1 => format!("$x {} {}", self.random.pick(&OPERATORS), self.atom()),
                    2 => "$x > $y".to_owned(),
                    _ => "$x & \"-\" & $y".to_owned(),
                };
                format!("function({names}){signature} {{ {body} }}")
            }
        }
    }

    fn call(&mut self, depth: usize) -> String {
        let (name, shape) =
            FUNCTIONS.get(self.random.below(FUNCTIONS.len())).copied().unwrap_or(("sum", "a"));
        let (needed, optional) = shape.split_once('?').unwrap_or((shape, ""));
        let mut letters: Vec<char> = needed.chars().collect();
        letters.extend(optional.chars().take(self.random.below(optional.len() + 1)));
        // One too few or one too many.
        if self.random.one_in(25) {
            letters.pop();
        } else if self.random.one_in(40) {
            letters.push('x');
        }
        let arguments: Vec<String> = letters.iter().map(|letter| self.argument(*letter, depth)).collect();
        format!("${name}({})", arguments.join(", "))
    }

    fn argument(&mut self, letter: char, depth: usize) -> String {
        if self.random.one_in(14) {
            return self.any(depth.min(1));
        }
        let quoted = |text: &str| format!("\"{text}\"");
        match letter {
            's' if self.random.one_in(3) => self.random.pick(&["text", "b", "list.name", "$"]).to_owned(),
            's' => self.text(),
            'n' if self.random.one_in(4) => {
                self.random.pick(&["a", "list[0].price", "list.id", "$"]).to_owned()
            }
            'n' => self.number(),
            'i' => self.random.pick(&["0", "1", "2", "3", "-1", "-2", "5", "2.5", "16", "-7"]).to_owned(),
            'b' => self.random.pick(&["true", "false", "a", "a = 1"]).to_owned(),
            'a' => match self.random.below(6) {
                0 => self.random.pick(&["list", "c", "list.tags", "list.price", "empty", "a"]).to_owned(),
                1 => self
                    .random
                    .pick(&[
                        "[1, 2, 3]",
                        "[\"b\", \"a\"]",
                        "[3, 1, 2, 1]",
                        "[{\"a\": 1}, {\"b\": 2}]",
                        "[[1], 2]",
                    ])
                    .to_owned(),
                2 => self.path(depth.min(1)),
                3 => "[1..5]".to_owned(),
                _ => self.list(depth.min(1)),
            },
            'o' => self
                .random
                .pick(&["$", "d", "list[0]", "list", "{\"a\": 1, \"b\": [2]}", "$$", "nothing"])
                .to_owned(),
            '1' => self.function(1, depth),
            '2' => {
                let parameters = 1 + self.random.below(3);
                self.function(parameters, depth)
            }
            'r' if self.random.one_in(3) => self.text(),
            'r' => self.random.pick(&REGEXES).to_owned(),
            'N' => quoted(self.random.pick(&NUMBER_PICTURES)),
            'I' => quoted(self.random.pick(&INTEGER_PICTURES)),
            'D' => quoted(self.random.pick(&DATE_PICTURES)),
            'z' => quoted(self.random.pick(&ZONES)),
            'm' => self
                .random
                .pick(&["0", "1510067557121", "-1", "1525860000000", "253402300799999", "1709210096789"])
                .to_owned(),
            _ => self.any(depth.min(1)),
        }
    }
}
