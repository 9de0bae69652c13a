//! Scopes: which variables are bound where.
//!
//! A scope that was closed keeps its room for the next one, so that calls do not allocate.

use crate::ast::Symbol;
use crate::value::Value;

/// Variables with their values.
#[derive(Default)]
struct Scope {
    parent: Option<usize>,
    bindings: Vec<(Symbol, Value)>,
    /// A lambda holds on to it.
    is_captured: bool,
}

/// All scopes of an evaluation, inner ones behind outer ones; the first is the outermost.
#[derive(Default)]
pub(crate) struct Scopes {
    all: Vec<Scope>,
    open: usize,
}

impl Scopes {
    pub(super) fn open(&mut self, parent: Option<usize>) -> usize {
        let place = self.open;
        match self.all.get_mut(place) {
            Some(scope) => {
                scope.parent = parent;
                scope.is_captured = false;
            }
            None => self.all.push(Scope { parent, ..Scope::default() }),
        }
        self.open += 1;
        place
    }

    /// Drops a scope that nobody holds on to, and what was opened in it. Gives how many there were.
    pub(super) fn close(&mut self, place: usize) -> usize {
        let before = self.open;
        while self.open > place {
            let Some(scope) = self.all.get_mut(self.open - 1).filter(|scope| !scope.is_captured) else {
                break;
            };
            scope.bindings.clear();
            self.open -= 1;
        }
        before - self.open
    }

    /// Takes the variables out of a scope.
    pub(super) fn take(&mut self, place: usize) -> Vec<(Symbol, Value)> {
        self.all.get_mut(place).map(|scope| std::mem::take(&mut scope.bindings)).unwrap_or_default()
    }

    /// Gives a scope the variables of another; gives back the room that it had.
    pub(super) fn put(&mut self, place: usize, bindings: Vec<(Symbol, Value)>) -> Vec<(Symbol, Value)> {
        match self.all.get_mut(place) {
            Some(scope) => std::mem::replace(&mut scope.bindings, bindings),
            None => Vec::new(),
        }
    }

    /// Leaves room for the variables of a later scope.
    pub(super) fn keep_room(&mut self, place: usize, room: Vec<(Symbol, Value)>) {
        if place >= self.open && room.is_empty() {
            self.put(place, room);
        }
    }

    /// Sees to it that a scope is not dropped, nor any around it.
    pub(super) fn capture(&mut self, place: usize) {
        let mut at = Some(place);
        while let Some(scope) = at.and_then(|at| self.all.get_mut(at)) {
            if scope.is_captured {
                return;
            }
            scope.is_captured = true;
            at = scope.parent;
        }
    }

    pub(super) fn bind(&mut self, place: usize, symbol: Symbol, value: Value) {
        let Some(scope) = self.all.get_mut(place) else { return };
        match scope.bindings.iter_mut().find(|(known, _)| *known == symbol) {
            Some((_, bound)) => *bound = value,
            None => scope.bindings.push((symbol, value)),
        }
    }

    #[inline]
    pub(super) fn look_up(&self, place: usize, symbol: Symbol) -> Option<&Value> {
        let mut scope = self.all.get(place)?;
        loop {
            if let Some((_, value)) = scope.bindings.iter().find(|(known, _)| *known == symbol) {
                return Some(value);
            }
            scope = self.all.get(scope.parent?)?;
        }
    }
}
