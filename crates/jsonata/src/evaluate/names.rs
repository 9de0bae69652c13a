//! Names: what variables mean, and the trees in which they stand.

use std::sync::Arc;

use super::{Evaluator, Link};
use crate::ast::{Name, Node, Symbol, Tree};
use crate::error::Error;
use crate::functions;
use crate::value::{Function, Value};

impl<'a> Evaluator<'a> {
    pub(super) fn variable(&mut self, name: &Name, input: &Value, scope: usize) -> Value {
        if name.text.is_empty() {
            return match input {
                Value::Array(array) if array.is_wrapper => array.items.first().cloned().unwrap_or_default(),
                other => other.clone(),
            };
        }
        match self.scopes.look_up(scope, name.symbol) {
            Some(value) => value.clone(),
            None => self.global(name),
        }
    }

    /// The function of a name that nobody bound.
    pub(super) fn global(&mut self, name: &Name) -> Value {
        let place = usize::try_from(name.symbol.0).unwrap_or(usize::MAX);
        if let Some(Some(known)) = self.globals.get(place) {
            return known.clone();
        }
        let found = self.function(&name.text);
        if place >= self.globals.len() && place < self.tree.names.len() {
            self.globals.resize(self.tree.names.len(), None);
        }
        if let Some(known) = self.globals.get_mut(place) {
            *known = Some(found.clone());
        }
        found
    }

    pub(super) fn function(&self, name: &str) -> Value {
        if let Some(function) = self.host.function(name) {
            return Value::Function(Arc::new(Function::Host(function)));
        }
        if self.host.is_forbidden(name) {
            return Value::Undefined;
        }
        functions::named(name).unwrap_or_default()
    }

    /// What a name means, given as text.
    pub(super) fn named(&self, name: &str, scope: usize) -> Value {
        let symbol = self.tree.names.get_index_of(name).map(Symbol::at);
        match symbol.and_then(|symbol| self.scopes.look_up(scope, symbol)) {
            Some(value) => value.clone(),
            None => self.function(name),
        }
    }

    /// The place of the current tree among all.
    pub(super) fn tree_number(&self) -> usize {
        self.trees.iter().position(|tree| std::ptr::eq(*tree, self.tree)).unwrap_or(0)
    }

    /// Goes to another tree of this evaluation; gives the one to come back to.
    pub(super) fn go_to(&mut self, number: usize) -> &'a Tree {
        let tree = self.trees.get(number).copied().unwrap_or(self.tree);
        std::mem::replace(&mut self.tree, tree)
    }

    /// Evaluates a text as an expression with the variables of the place of the call. The outer error is that of
    /// parsing it.
    pub(crate) fn evaluate_text(&mut self, text: &str, input: &Value) -> Result<Result<Value, Error>, Error> {
        let (tree, root) = crate::parser::parse(text, self.names_of_texts.clone())?;
        self.names_of_texts = tree.names.clone();
        self.spend(tree.len().saturating_mul(std::mem::size_of::<Node>()))?;
        let link = self.next_tree.0.get_or_init(|| Box::new((tree, Link::default())));
        self.next_tree = &link.1;
        self.trees.push(&link.0);
        let outer = std::mem::replace(&mut self.tree, &link.0);
        let result = self.evaluate(root, input, self.scope_of_call);
        self.tree = outer;
        Ok(result)
    }
}
