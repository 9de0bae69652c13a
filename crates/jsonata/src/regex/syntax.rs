//! The grammar of regular expressions, with what JavaScript keeps for the sake of old pages.

use std::ops::Range;

use super::class::{Class, named};

/// Groups nest no deeper.
const DEPTH_MAX: usize = 250;

#[derive(Clone, Debug)]
pub(super) enum Node {
    Unit(u16),
    Any,
    Class(Class),
    Start,
    End,
    /// `\b`, or `\B` when it is false.
    WordEdge(bool),
    Group(Box<Node>),
    Capture(usize, Box<Node>),
    BackReference(usize),
    Look {
        is_behind: bool,
        is_negative: bool,
        inner: Box<Node>,
    },
    Sequence(Vec<Node>),
    Choice(Vec<Node>),
    Repeat {
        inner: Box<Node>,
        least: u32,
        most: Option<u32>,
        is_greedy: bool,
        captures: Range<usize>,
    },
}

/// An expression, and how many groups capture.
pub(super) struct Parsed {
    pub(super) node: Node,
    pub(super) captures: usize,
}

pub(super) fn parse(source: &str) -> Option<Parsed> {
    let units: Vec<u16> = source.encode_utf16().collect();
    let (captures, names) = captures(&units)?;
    let mut parser = Parser { units, at: 0, captures, names, captured: 0, depth: 0 };
    let node = parser.choice()?;
    (parser.at == parser.units.len()).then_some(Parsed { node, captures })
}

/// How many groups capture, and the names of those that have one, with their numbers.
fn captures(units: &[u16]) -> Option<(usize, Vec<(String, usize)>)> {
    let (mut count, mut names, mut at, mut is_in_class) = (0, Vec::<(String, usize)>::new(), 0, false);
    let is =
        |at: usize, letter: char| units.get(at).is_some_and(|unit| u32::from(*unit) == u32::from(letter));
    while at < units.len() {
        match units.get(at).and_then(|unit| char::from_u32((*unit).into())) {
            Some('\\') => at += 1,
            Some('[') => is_in_class = true,
            Some(']') => is_in_class = false,
            Some('(') if !is_in_class => {
                let has_name = is(at + 1, '?') && is(at + 2, '<') && !is(at + 3, '=') && !is(at + 3, '!');
                if has_name || !is(at + 1, '?') {
                    count += 1;
                }
                if has_name {
                    let rest = units.get(at + 3..).unwrap_or_default();
                    let name = name(rest)?;
                    if names.iter().any(|(known, _)| *known == name) {
                        return None;
                    }
                    names.push((name, count));
                }
            }
            _ => {}
        }
        at += 1;
    }
    Some((count, names))
}

/// The name before a `>`.
fn name(units: &[u16]) -> Option<String> {
    let length = units.iter().position(|unit| *unit == u16::from(b'>'))?;
    let name = String::from_utf16(units.get(..length)?).ok()?;
    let is_part = |letter: char| letter.is_alphanumeric() || matches!(letter, '$' | '_');
    let begins = name.chars().next().is_some_and(|first| is_part(first) && !first.is_numeric());
    (begins && name.chars().all(is_part)).then_some(name)
}

struct Parser {
    units: Vec<u16>,
    at: usize,
    captures: usize,
    names: Vec<(String, usize)>,
    /// How many capturing groups began so far.
    captured: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self, ahead: usize) -> Option<char> {
        // Half a surrogate pair is no letter of the syntax.
        self.units.get(self.at + ahead).map(|unit| char::from_u32((*unit).into()).unwrap_or('\u{fffd}'))
    }

    fn take(&mut self, text: &str) -> bool {
        let is_here = text.chars().enumerate().all(|(ahead, letter)| self.peek(ahead) == Some(letter));
        if is_here {
            self.at += text.len();
        }
        is_here
    }

    fn unit(&mut self) -> Option<u16> {
        let unit = self.units.get(self.at).copied()?;
        self.at += 1;
        Some(unit)
    }

    fn choice(&mut self) -> Option<Node> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return None;
        }
        let mut choices = vec![self.sequence()?];
        while self.take("|") {
            choices.push(self.sequence()?);
        }
        self.depth -= 1;
        match choices.len() {
            1 => choices.pop(),
            _ => Some(Node::Choice(choices)),
        }
    }

    fn sequence(&mut self) -> Option<Node> {
        let mut nodes = Vec::new();
        while let Some(letter) = self.peek(0)
            && !matches!(letter, '|' | ')')
        {
            let captured = self.captured;
            let (node, is_repeatable) = self.term()?;
            nodes.push(self.repeated(node, is_repeatable, captured)?);
        }
        Some(Node::Sequence(nodes))
    }

    /// A term, and whether it may be repeated.
    fn term(&mut self) -> Option<(Node, bool)> {
        let node = match self.peek(0)? {
            '^' => (Node::Start, false),
            '$' => (Node::End, false),
            '(' => return self.group(),
            '.' => (Node::Any, true),
            '[' => {
                self.at += 1;
                return Some((Node::Class(self.class()?), true));
            }
            '\\' => {
                self.at += 1;
                return self.escape();
            }
            '*' | '+' | '?' => return None,
            '{' if self.quantifier_ahead() => return None,
            _ => return Some((Node::Unit(self.unit()?), true)),
        };
        self.at += 1;
        Some(node)
    }

    fn quantifier_ahead(&mut self) -> bool {
        let at = self.at;
        let is_one = self.braces().is_some();
        self.at = at;
        is_one
    }

    fn group(&mut self) -> Option<(Node, bool)> {
        self.at += 1;
        let looks = [("?=", false, false), ("?!", false, true), ("?<=", true, false), ("?<!", true, true)];
        for (text, is_behind, is_negative) in looks {
            if self.take(text) {
                let inner = Box::new(self.inner()?);
                return Some((Node::Look { is_behind, is_negative, inner }, !is_behind));
            }
        }
        if self.take("?:") {
            return Some((Node::Group(Box::new(self.inner()?)), true));
        }
        if self.take("?<") {
            let name = name(self.units.get(self.at..)?)?;
            self.at += name.encode_utf16().count() + 1;
        } else if self.peek(0) == Some('?') {
            return None;
        }
        self.captured += 1;
        let number = self.captured;
        Some((Node::Capture(number, Box::new(self.inner()?)), true))
    }

    fn inner(&mut self) -> Option<Node> {
        let node = self.choice()?;
        self.take(")").then_some(node)
    }

    fn repeated(&mut self, node: Node, is_repeatable: bool, captured: usize) -> Option<Node> {
        let (least, most) = match self.peek(0) {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.braces() {
                Some(counts) => {
                    self.at -= 1;
                    counts
                }
                None => return Some(node),
            },
            _ => return Some(node),
        };
        self.at += 1;
        if !is_repeatable || most.is_some_and(|most| most < least) {
            return None;
        }
        let is_greedy = !self.take("?");
        // Groups inside begin anew with each turn.
        let captures = captured + 1..self.captured + 1;
        Some(Node::Repeat { inner: Box::new(node), least, most, is_greedy, captures })
    }

    /// `{2}`, `{2,}`, `{2,3}`; nothing, and nothing taken, for anything else: then the brace stands for itself.
    fn braces(&mut self) -> Option<(u32, Option<u32>)> {
        let start = self.at;
        self.at += 1;
        let counts = self.number().and_then(|least| {
            let most = if self.take(",") { self.number() } else { Some(least) };
            self.take("}").then_some((least, most))
        });
        if counts.is_none() {
            self.at = start;
        }
        counts
    }

    fn number(&mut self) -> Option<u32> {
        let mut number = None;
        while let Some(digit) = self.peek(0).and_then(|letter| letter.to_digit(10)) {
            number = Some(number.unwrap_or(0_u32).saturating_mul(10).saturating_add(digit));
            self.at += 1;
        }
        number
    }

    fn escape(&mut self) -> Option<(Node, bool)> {
        let letter = self.peek(0)?;
        if let 'b' | 'B' = letter {
            self.at += 1;
            return Some((Node::WordEdge(letter == 'b'), false));
        }
        if letter == 'k' && !self.names.is_empty() {
            self.at += 1;
            let is_named = self.take("<");
            let name = name(self.units.get(self.at..)?).filter(|_| is_named)?;
            self.at += name.encode_utf16().count() + 1;
            let (_, number) = self.names.iter().find(|(known, _)| *known == name)?;
            return Some((Node::BackReference(*number), true));
        }
        if let '1'..='9' = letter {
            let start = self.at;
            let number = usize::try_from(self.number()?).ok()?;
            if number <= self.captures {
                return Some((Node::BackReference(number), true));
            }
            self.at = start;
        }
        if let Some(ranges) = self.units.get(self.at).and_then(|unit| named(*unit)) {
            self.at += 1;
            return Some((Node::Class(Class { ranges, is_negated: false }), true));
        }
        Some((Node::Unit(self.character(false)?), true))
    }

    /// The character that an escape stands for, behind the backslash.
    fn character(&mut self, is_in_class: bool) -> Option<u16> {
        let letter = self.peek(0)?;
        let control = match letter {
            't' => Some(0x09),
            'n' => Some(0x0a),
            'v' => Some(0x0b),
            'f' => Some(0x0c),
            'r' => Some(0x0d),
            _ => None,
        };
        if control.is_some() {
            self.at += 1;
            return control;
        }
        match letter {
            'c' => {
                let ahead = self.peek(1);
                let controls = ahead.is_some_and(|ahead| {
                    ahead.is_ascii_alphabetic() || is_in_class && (ahead.is_ascii_digit() || ahead == '_')
                });
                // The backslash stands for itself before anything else.
                let Some(ahead) = ahead.filter(|_| controls) else { return Some(u16::from(b'\\')) };
                self.at += 2;
                u16::try_from(u32::from(ahead) % 32).ok()
            }
            'x' => self.hexadecimal(2),
            'u' => self.hexadecimal(4),
            '0'..='7' => Some(self.octal()),
            _ => self.unit(),
        }
    }

    /// So many digits behind the letter, or the letter itself where they are not there.
    fn hexadecimal(&mut self, digits: usize) -> Option<u16> {
        let letter = self.unit()?;
        let mut number = 0_u32;
        for ahead in 0..digits {
            match self.peek(ahead).and_then(|letter| letter.to_digit(16)) {
                Some(digit) => number = number * 16 + digit,
                None => return Some(letter),
            }
        }
        self.at += digits;
        u16::try_from(number).ok()
    }

    fn octal(&mut self) -> u16 {
        let mut number = 0_u16;
        for _ in 0..3 {
            let digit = self
                .peek(0)
                .and_then(|letter| letter.to_digit(8))
                .and_then(|digit| u16::try_from(digit).ok());
            match digit.map(|digit| number * 8 + digit).filter(|number| *number <= 0o377) {
                Some(next) => number = next,
                None => break,
            }
            self.at += 1;
        }
        number
    }

    fn class(&mut self) -> Option<Class> {
        let mut class = Class { ranges: Vec::new(), is_negated: self.take("^") };
        loop {
            if self.take("]") {
                class.sort();
                return Some(class);
            }
            let first = self.member()?;
            if self.peek(0) != Some('-') || self.peek(1).is_none_or(|next| next == ']') {
                class.ranges.extend(first.ranges());
                continue;
            }
            self.at += 1;
            match (first, self.member()?) {
                (Member::Unit(first), Member::Unit(last)) if first > last => return None,
                (Member::Unit(first), Member::Unit(last)) => class.ranges.push((first, last)),
                // A set bounds no range: the hyphen stands for itself.
                (first, last) => {
                    class.ranges.extend(first.ranges());
                    class.ranges.extend(last.ranges());
                    class.ranges.push((u16::from(b'-'), u16::from(b'-')));
                }
            }
        }
    }

    fn member(&mut self) -> Option<Member> {
        if !self.take("\\") {
            return self.unit().map(Member::Unit);
        }
        if self.take("b") {
            return Some(Member::Unit(0x08));
        }
        if let Some(ranges) = self.units.get(self.at).and_then(|unit| named(*unit)) {
            self.at += 1;
            return Some(Member::Set(ranges));
        }
        self.character(true).map(Member::Unit)
    }
}

/// What stands in a class.
enum Member {
    Unit(u16),
    Set(Vec<(u16, u16)>),
}

impl Member {
    fn ranges(self) -> Vec<(u16, u16)> {
        match self {
            Self::Unit(unit) => vec![(unit, unit)],
            Self::Set(ranges) => ranges,
        }
    }
}
