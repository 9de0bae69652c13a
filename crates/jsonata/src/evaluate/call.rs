//! Calls: of lambdas, of functions, of parts of them.

use std::sync::Arc;

use super::{Evaluator, shown};
use crate::ast::{Kind, NodeId};
use crate::error::Error;
use crate::functions;
use crate::value::{Function, Lambda, Partial, Value};

impl Evaluator<'_> {
    /// `function(arguments)`, with a first argument where `~>` brings one.
    pub(super) fn call(
        &mut self,
        function: NodeId,
        arguments: &[NodeId],
        first: Option<Value>,
        input: &Value,
        scope: usize,
    ) -> Result<Value, Error> {
        let called = self.evaluate(function, input, scope)?;
        if let Some(name) = self.misspelled(&called, function) {
            return Err(Error::new("T1005").token(name));
        }
        let mut values: Vec<Value> = first.into_iter().collect();
        for argument in arguments {
            let value = self.evaluate(*argument, input, scope)?;
            values.push(value);
        }
        let name = match &self.tree.node(function).kind {
            Kind::Variable(name) => Some(Arc::clone(name)),
            _ => None,
        };
        if !called.is_function() {
            let error = Error::new("T1006");
            return Err(match name {
                Some(name) => error.token(&*name),
                None => error,
            });
        }
        self.apply(&called, values, input)
    }

    /// The name of a function that was called without its `$`.
    fn misspelled(&self, called: &Value, function: NodeId) -> Option<String> {
        if !called.is_undefined() {
            return None;
        }
        let Kind::Path { steps, .. } = &self.tree.node(function).kind else { return None };
        match &self.tree.node(*steps.first()?).kind {
            Kind::Name(name) if functions::named(name).is_some() || self.look_up(0, name).is_some() => {
                Some(name.to_string())
            }
            _ => None,
        }
    }

    /// Applies a function; tail calls go on here instead of nesting.
    pub(crate) fn apply(
        &mut self,
        function: &Value,
        arguments: Vec<Value>,
        input: &Value,
    ) -> Result<Value, Error> {
        let mut result = self.apply_once(function, arguments, input)?;
        while let Some(thunk) = self.thunk(&result) {
            self.step()?;
            let Kind::Lambda { body, .. } = &self.tree.node(thunk.node).kind else { break };
            let Kind::Call(called, given) = &self.tree.node(*body).kind else { break };
            let next = self.evaluate(*called, &thunk.input, thunk.scope)?;
            let mut values = Vec::with_capacity(given.len());
            for argument in given {
                values.push(self.evaluate(*argument, &thunk.input, thunk.scope)?);
            }
            if !next.is_function() {
                return Err(Error::new("T1006").at(self.tree.node(*body).position));
            }
            result = self.apply_once(&next, values, &thunk.input)?;
        }
        Ok(result)
    }

    fn thunk(&self, value: &Value) -> Option<Lambda> {
        let Value::Function(function) = value else { return None };
        let Function::Lambda(lambda) = function.as_ref() else { return None };
        matches!(self.tree.node(lambda.node).kind, Kind::Lambda { is_thunk: true, .. })
            .then(|| lambda.clone())
    }

    fn apply_once(&mut self, function: &Value, arguments: Vec<Value>, input: &Value) -> Result<Value, Error> {
        let Value::Function(function) = function else { return Err(Error::new("T1006")) };
        match function.as_ref() {
            Function::Lambda(lambda) => self.apply_lambda(lambda, arguments, input),
            Function::Native(native) => native.call(self, arguments, input),
            Function::Host(run) => run(self.host, &arguments),
            Function::Regex(pattern) => Ok(functions::regex_match(pattern, arguments.first(), 0)),
            Function::NextMatch { pattern, text, from } => {
                Ok(functions::regex_match(pattern, Some(&Value::String(Arc::clone(text))), *from))
            }
            Function::Partial(partial) => {
                let mut given = arguments.into_iter();
                let filled = partial.arguments.iter().map(|argument| match argument {
                    Some(value) => value.clone(),
                    None => given.next().unwrap_or_default(),
                });
                let filled: Vec<Value> = filled.collect();
                self.apply(&partial.function, filled, input)
            }
            Function::Composition(first, second) => {
                let between = self.apply(first, arguments, input)?;
                self.apply(second, vec![between], input)
            }
            Function::Transform(transform) => {
                self.transform(transform, arguments.into_iter().next().unwrap_or_default())
            }
        }
    }

    fn apply_lambda(
        &mut self,
        lambda: &Lambda,
        arguments: Vec<Value>,
        input: &Value,
    ) -> Result<Value, Error> {
        let tree = self.tree;
        let Kind::Lambda { parameters, signature, body, .. } = &tree.node(lambda.node).kind else {
            return Ok(Value::Undefined);
        };
        let arguments = match signature {
            Some(signature) => signature.check("lambda", arguments, input)?,
            None => arguments,
        };
        let inner = self.open(lambda.scope)?;
        let mut given = arguments.into_iter();
        for parameter in parameters {
            self.bind(inner, Arc::clone(parameter), given.next().unwrap_or_default());
        }
        let result = self.evaluate(*body, &lambda.input, inner)?;
        self.close(inner);
        Ok(result)
    }

    pub(super) fn partial(
        &mut self,
        function: NodeId,
        arguments: &[Option<NodeId>],
        input: &Value,
        scope: usize,
    ) -> Result<Value, Error> {
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(match argument {
                Some(argument) => Some(self.evaluate(*argument, input, scope)?),
                None => None,
            });
        }
        let called = self.evaluate(function, input, scope)?;
        if let Some(name) = self.misspelled(&called, function) {
            return Err(Error::new("T1007").token(name));
        }
        if !called.is_function() {
            return Err(Error::new("T1008"));
        }
        Ok(Value::Function(Arc::new(Function::Partial(Partial { function: called, arguments: values }))))
    }

    /// `left ~> right`: a call with a first argument, a composition, or an application.
    pub(super) fn apply_chain(
        &mut self,
        left: NodeId,
        right: NodeId,
        input: &Value,
        scope: usize,
    ) -> Result<Value, Error> {
        let first = self.evaluate(left, input, scope)?;
        if let Kind::Call(function, arguments) = &self.tree.node(right).kind {
            return self.call(*function, arguments, Some(first), input, scope);
        }
        let function = self.evaluate(right, input, scope)?;
        if !function.is_function() {
            return Err(Error::new("T2006").token("~>").value(shown(&function)));
        }
        if first.is_function() {
            return Ok(Value::Function(Arc::new(Function::Composition(first, function))));
        }
        self.apply(&function, vec![first], input)
    }
}
