//! Runs the program of a regular expression: tries one way, remembers where others begin, and goes back to them.

use super::class::{fold, is_line_end, is_word};
use super::program::{Move, Place, Program};
use super::{Found, Limits, MOVES_PER_TICK};
use crate::error::Error;

/// No position.
const NONE: usize = usize::MAX;

/// What going back does.
pub(crate) enum Undo {
    /// Goes on from here.
    Branch { place: Place, at: usize },
    /// Gives a register what it had.
    Register { register: usize, value: usize },
}

struct Machine<'a, 'b> {
    program: &'a Program,
    text: &'a [u16],
    limits: &'a mut Limits<'b>,
    registers: Vec<usize>,
    undo: Vec<Undo>,
    at: usize,
    is_backward: bool,
    moves: u32,
}

pub(super) fn find(
    program: &Program,
    text: &[u16],
    from: usize,
    limits: &mut Limits<'_>,
) -> Result<Option<Found>, Error> {
    let registers = vec![NONE; program.registers];
    let mut machine =
        Machine { program, text, limits, registers, undo: Vec::new(), at: 0, is_backward: false, moves: 0 };
    for start in from..=text.len() {
        if program.first.is_some() && text.get(start).copied() != program.first {
            machine.count()?;
            continue;
        }
        if machine.matches(start)? {
            let end = machine.at;
            let register = |place: usize| machine.registers.get(place).copied().filter(|at| *at != NONE);
            let group = |number: usize| Some(register(number * 2)?..register(number * 2 + 1)?);
            let found = Found { range: start..end, groups: (1..program.groups).map(group).collect() };
            machine.end()?;
            return Ok(Some(found));
        }
    }
    machine.end()?;
    Ok(None)
}

impl Machine<'_, '_> {
    /// Whether there is a match that begins here.
    fn matches(&mut self, start: usize) -> Result<bool, Error> {
        // As much work as some moves.
        self.moves = self.moves.saturating_add(u32::try_from(self.registers.len() / 16).unwrap_or(u32::MAX));
        self.registers.fill(NONE);
        self.undo.clear();
        self.at = start;
        self.run(0)
    }

    /// Whether the moves from a place on lead to their end. Remembers what to go back to above what there was; when
    /// they do not, all is as it was before.
    fn run(&mut self, place: Place) -> Result<bool, Error> {
        let base = self.undo.len();
        let mut place = place;
        loop {
            self.count()?;
            let next = match self.program.moves.get(place) {
                Some(Move::Matched) | None => return Ok(true),
                Some(step) => self.make(step, place)?,
            };
            place = match next.or_else(|| self.go_back(base)) {
                Some(next) => next,
                None => return Ok(false),
            };
        }
    }

    fn count(&mut self) -> Result<(), Error> {
        self.moves += 1;
        if self.moves < MOVES_PER_TICK { Ok(()) } else { self.end() }
    }

    /// Reports the moves that were made.
    fn end(&mut self) -> Result<(), Error> {
        let moves = std::mem::take(&mut self.moves);
        if self.undo.len() > self.limits.branches_max {
            return Err(Error::new("U1002"));
        }
        (self.limits.tick)(moves)
    }

    /// Undoes until there is another way; nothing when there is none above the base.
    fn go_back(&mut self, base: usize) -> Option<Place> {
        while self.undo.len() > base {
            match self.undo.pop()? {
                Undo::Branch { place, at } => {
                    self.at = at;
                    return Some(place);
                }
                Undo::Register { register, value } => self.put(register, value),
            }
        }
        None
    }

    fn register(&self, register: usize) -> usize {
        self.registers.get(register).copied().unwrap_or(NONE)
    }

    fn put(&mut self, register: usize, value: usize) {
        if let Some(known) = self.registers.get_mut(register) {
            *known = value;
        }
    }

    fn change(&mut self, register: usize, value: usize) {
        let before = self.register(register);
        if before != value {
            self.undo.push(Undo::Register { register, value: before });
            self.put(register, value);
        }
    }

    /// The unit that is passed next, which is the one before when going backwards.
    fn pass(&mut self) -> Option<u16> {
        if self.is_backward {
            let unit = self.text.get(self.at.checked_sub(1)?).copied();
            self.at -= 1;
            return unit;
        }
        let unit = self.text.get(self.at).copied()?;
        self.at += 1;
        Some(unit)
    }

    fn before(&self) -> Option<u16> {
        self.at.checked_sub(1).and_then(|at| self.text.get(at)).copied()
    }

    /// Makes a move; gives the place of the next one, or nothing when this one cannot be made.
    fn make(&mut self, step: &Move, place: Place) -> Result<Option<Place>, Error> {
        let program = self.program;
        let holds = match step {
            Move::Unit(wanted) if program.ignores_case => self.pass().map(fold) == Some(*wanted),
            Move::Unit(wanted) => self.pass() == Some(*wanted),
            Move::Any => self.pass().is_some_and(|unit| !is_line_end(unit)),
            Move::Class(class) => self.pass().is_some_and(|unit| class.contains(unit, program.ignores_case)),
            Move::Start => self.before().is_none_or(|unit| program.is_multiline && is_line_end(unit)),
            Move::End => self.text.get(self.at).is_none_or(|unit| program.is_multiline && is_line_end(*unit)),
            Move::WordEdge(wanted) => {
                let ahead = self.text.get(self.at).copied().is_some_and(is_word);
                (self.before().is_some_and(is_word) != ahead) == *wanted
            }
            Move::BackReference(group) => self.repeats(*group)?,
            Move::Mark(register) => {
                self.change(*register, self.at);
                true
            }
            Move::Clear(groups) => {
                for group in groups.clone() {
                    self.count()?;
                    self.change(group * 2, NONE);
                    self.change(group * 2 + 1, NONE);
                }
                true
            }
            Move::Progress(mark) => self.register(*mark) != self.at,
            Move::Zero(counter) => {
                self.change(*counter, 0);
                true
            }
            Move::CountedProgress { counter, least, mark } => {
                self.register(*mark) != self.at || self.turns(*counter) < *least
            }
            Move::Split(first, second) => {
                self.undo.push(Undo::Branch { place: *second, at: self.at });
                return Ok(Some(*first));
            }
            Move::Jump(next) => return Ok(Some(*next)),
            Move::Count { counter, least, most, is_greedy, again } => {
                let turns = self.turns(*counter).saturating_add(1);
                self.change(*counter, usize::try_from(turns).unwrap_or(NONE));
                return Ok(Some(self.after_turn(turns, (*least, *most), *is_greedy, (*again, place + 1))));
            }
            Move::Look { is_behind, is_negative, behind } => {
                return Ok(self.look(place + 1, *is_behind, *is_negative)?.then_some(*behind));
            }
            Move::Matched => true,
        };
        Ok(holds.then_some(place + 1))
    }

    fn turns(&self, counter: usize) -> u32 {
        u32::try_from(self.register(counter)).unwrap_or(0)
    }

    /// Where a counted repetition goes on after a turn.
    fn after_turn(
        &mut self,
        turns: u32,
        (least, most): (u32, Option<u32>),
        is_greedy: bool,
        (again, past): (Place, Place),
    ) -> Place {
        if turns < least {
            return again;
        }
        if most.is_some_and(|most| turns >= most) {
            return past;
        }
        let (first, second) = if is_greedy { (again, past) } else { (past, again) };
        self.undo.push(Undo::Branch { place: second, at: self.at });
        first
    }

    /// Whether what a group captured comes again; what captured nothing always does.
    fn repeats(&mut self, group: usize) -> Result<bool, Error> {
        let (start, end) = (self.register(group * 2), self.register(group * 2 + 1));
        if start == NONE || end == NONE {
            return Ok(true);
        }
        let length = end.saturating_sub(start);
        for offset in 0..length {
            self.count()?;
            let place = if self.is_backward { end - 1 - offset } else { start + offset };
            let (wanted, found) = (self.text.get(place).copied(), self.pass());
            let is_same =
                if self.program.ignores_case { wanted.map(fold) == found.map(fold) } else { wanted == found };
            if found.is_none() || !is_same {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether what stands at a place of the program is ahead, or behind; or is not.
    fn look(&mut self, place: Place, is_behind: bool, is_negative: bool) -> Result<bool, Error> {
        let (at, base) = (self.at, self.undo.len());
        let outer = std::mem::replace(&mut self.is_backward, is_behind);
        let is_there = self.run(place)?;
        (self.at, self.is_backward) = (at, outer);
        if !is_there {
            return Ok(is_negative);
        }
        if is_negative {
            while let Some(Undo::Register { register, value }) = self.pop_above(base) {
                self.put(register, value);
            }
            return Ok(false);
        }
        // It is not looked for again in another way, but what it captured can still be undone.
        let above = self.undo.split_off(base);
        self.undo.extend(above.into_iter().filter(|undo| matches!(undo, Undo::Register { .. })));
        Ok(true)
    }

    /// The next register to undo above a base.
    fn pop_above(&mut self, base: usize) -> Option<Undo> {
        while self.undo.len() > base {
            match self.undo.pop() {
                Some(Undo::Branch { .. }) => {}
                other => return other,
            }
        }
        None
    }
}
