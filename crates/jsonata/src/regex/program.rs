//! Regular expressions as programs of simple moves.

use std::ops::Range;

use super::class::{Class, fold};
use super::syntax::{Node, Parsed};

/// A place in a program.
pub(super) type Place = usize;

#[derive(Clone, Debug)]
pub(super) enum Move {
    Unit(u16),
    Any,
    Class(Class),
    Start,
    End,
    WordEdge(bool),
    BackReference(usize),
    /// Remembers the position in a register.
    Mark(usize),
    /// Forgets what groups captured.
    Clear(Range<usize>),
    /// Ends the way if the position is still that of a register: nothing would ever change.
    Progress(usize),
    /// Goes on at the first place; comes back to the second.
    Split(Place, Place),
    Jump(Place),
    Zero(usize),
    /// The end of a counted turn.
    Count {
        counter: usize,
        least: u32,
        most: Option<u32>,
        is_greedy: bool,
        again: Place,
    },
    /// Like `Progress`, once so many turns were counted.
    CountedProgress {
        counter: usize,
        least: u32,
        mark: usize,
    },
    /// What follows up to a `Matched` is looked for on its own, ahead or backwards; then it goes on behind.
    Look {
        is_behind: bool,
        is_negative: bool,
        behind: Place,
    },
    Matched,
}

#[derive(Debug)]
pub(super) struct Program {
    pub(super) moves: Vec<Move>,
    /// How many groups there are, the whole match among them: each has two registers.
    pub(super) groups: usize,
    pub(super) registers: usize,
    pub(super) ignores_case: bool,
    pub(super) is_multiline: bool,
    /// The unit that every match begins with.
    pub(super) first: Option<u16>,
}

pub(super) fn compile(parsed: &Parsed, ignores_case: bool, is_multiline: bool) -> Program {
    let groups = parsed.captures + 1;
    let mut compiler =
        Compiler { moves: Vec::new(), registers: groups * 2, ignores_case, is_backward: false };
    compiler.node(&parsed.node);
    compiler.moves.push(Move::Matched);
    let first = match compiler.moves.first() {
        Some(Move::Unit(unit)) if !ignores_case => Some(*unit),
        _ => None,
    };
    let Compiler { moves, registers, .. } = compiler;
    Program { moves, groups, registers, ignores_case, is_multiline, first }
}

struct Compiler {
    moves: Vec<Move>,
    registers: usize,
    ignores_case: bool,
    is_backward: bool,
}

impl Compiler {
    fn register(&mut self) -> usize {
        self.registers += 1;
        self.registers - 1
    }

    fn add(&mut self, step: Move) -> Place {
        self.moves.push(step);
        self.moves.len() - 1
    }

    fn here(&self) -> Place {
        self.moves.len()
    }

    fn set(&mut self, place: Place, step: Move) {
        if let Some(known) = self.moves.get_mut(place) {
            *known = step;
        }
    }

    fn node(&mut self, node: &Node) {
        match node {
            Node::Unit(unit) => {
                let unit = if self.ignores_case { fold(*unit) } else { *unit };
                self.add(Move::Unit(unit));
            }
            Node::Any => drop(self.add(Move::Any)),
            Node::Class(class) => drop(self.add(Move::Class(class.clone()))),
            Node::Start => drop(self.add(Move::Start)),
            Node::End => drop(self.add(Move::End)),
            Node::WordEdge(is_edge) => drop(self.add(Move::WordEdge(*is_edge))),
            Node::BackReference(group) => drop(self.add(Move::BackReference(*group))),
            Node::Group(inner) => self.node(inner),
            Node::Capture(number, inner) => {
                // Going backwards, the end comes first.
                let (before, behind) = (number * 2, number * 2 + 1);
                let (first, second) = if self.is_backward { (behind, before) } else { (before, behind) };
                self.add(Move::Mark(first));
                self.node(inner);
                self.add(Move::Mark(second));
            }
            Node::Sequence(nodes) if self.is_backward => nodes.iter().rev().for_each(|node| self.node(node)),
            Node::Sequence(nodes) => nodes.iter().for_each(|node| self.node(node)),
            Node::Choice(choices) => self.choice(choices),
            Node::Look { is_behind, is_negative, inner } => self.look(*is_behind, *is_negative, inner),
            Node::Repeat { inner, least, most, is_greedy, captures } => {
                self.repeat(inner, (*least, *most), *is_greedy, captures);
            }
        }
    }

    fn choice(&mut self, choices: &[Node]) {
        let mut ends = Vec::new();
        for (number, choice) in choices.iter().enumerate() {
            if number + 1 == choices.len() {
                self.node(choice);
                continue;
            }
            let split = self.add(Move::Matched);
            self.node(choice);
            ends.push(self.add(Move::Matched));
            let next = self.here();
            self.set(split, Move::Split(split + 1, next));
        }
        let end = self.here();
        ends.into_iter().for_each(|place| self.set(place, Move::Jump(end)));
    }

    fn look(&mut self, is_behind: bool, is_negative: bool, inner: &Node) {
        let look = self.add(Move::Matched);
        let outer = std::mem::replace(&mut self.is_backward, is_behind);
        self.node(inner);
        self.add(Move::Matched);
        self.is_backward = outer;
        let behind = self.here();
        self.set(look, Move::Look { is_behind, is_negative, behind });
    }

    fn repeat(
        &mut self,
        inner: &Node,
        (least, most): (u32, Option<u32>),
        is_greedy: bool,
        captures: &Range<usize>,
    ) {
        match (least, most) {
            (_, Some(0)) => {}
            (1, Some(1)) => self.node(inner),
            (0, Some(1)) => {
                let split = self.add(Move::Matched);
                self.turn(inner, captures, None);
                self.split(split, is_greedy);
            }
            (0, None) => {
                let split = self.add(Move::Matched);
                self.turn(inner, captures, None);
                self.add(Move::Jump(split));
                self.split(split, is_greedy);
            }
            _ => self.counted(inner, (least, most), is_greedy, captures),
        }
    }

    /// Goes in behind the split, or past all that was added since.
    fn split(&mut self, split: Place, is_greedy: bool) {
        let (within, past) = (split + 1, self.here());
        self.set(split, if is_greedy { Move::Split(within, past) } else { Move::Split(past, within) });
    }

    /// One turn of a repetition.
    fn turn(&mut self, inner: &Node, captures: &Range<usize>, counted: Option<(usize, u32)>) {
        if !captures.is_empty() {
            self.add(Move::Clear(captures.clone()));
        }
        if !can_be_empty(inner) {
            return self.node(inner);
        }
        let mark = self.register();
        self.add(Move::Mark(mark));
        self.node(inner);
        self.add(match counted {
            Some((counter, least)) => Move::CountedProgress { counter, least, mark },
            None => Move::Progress(mark),
        });
    }

    fn counted(
        &mut self,
        inner: &Node,
        (least, most): (u32, Option<u32>),
        is_greedy: bool,
        captures: &Range<usize>,
    ) {
        let counter = self.register();
        self.add(Move::Zero(counter));
        let skip = (least == 0).then(|| self.add(Move::Matched));
        let again = self.here();
        self.turn(inner, captures, Some((counter, least)));
        self.add(Move::Count { counter, least, most, is_greedy, again });
        if let Some(skip) = skip {
            self.split(skip, is_greedy);
        }
    }
}

fn can_be_empty(node: &Node) -> bool {
    match node {
        Node::Unit(_) | Node::Any | Node::Class(_) => false,
        Node::Start | Node::End | Node::WordEdge(_) | Node::BackReference(_) | Node::Look { .. } => true,
        Node::Group(inner) | Node::Capture(_, inner) => can_be_empty(inner),
        Node::Sequence(nodes) => nodes.iter().all(can_be_empty),
        Node::Choice(choices) => choices.iter().any(can_be_empty),
        Node::Repeat { inner, least, .. } => *least == 0 || can_be_empty(inner),
    }
}
