//! From what was parsed to what is evaluated: paths are flattened, steps get their stages, lambdas their thunks.

use crate::ast::{Kind, Name, Node, NodeId, Raw, Slot, Stage, Tree};
use crate::error::Error;
use crate::parent;

pub(crate) fn process(tree: &mut Tree, root: NodeId) -> Result<NodeId, Error> {
    let mut processor = Processor { tree, labels: 0 };
    let root = processor.node(root)?;
    let node = processor.tree.node(root);
    if matches!(node.kind, Kind::Parent(_)) || !node.seeking.is_empty() {
        return Err(Error::new("S0217").at(node.position).token_is(node.kind_name()));
    }
    Ok(root)
}

pub(crate) struct Processor<'a> {
    pub(crate) tree: &'a mut Tree,
    labels: u32,
}

impl Processor<'_> {
    fn node(&mut self, id: NodeId) -> Result<NodeId, Error> {
        let keeps_array = self.tree.node(id).keeps_array;
        let result = stacker::maybe_grow(128 * 1_024, 1_024 * 1_024, || self.node_kind(id))?;
        if keeps_array && let Some(node) = self.tree.node_mut(result) {
            node.keeps_array = true;
        }
        Ok(result)
    }

    fn nodes(&mut self, ids: &[NodeId]) -> Result<Vec<NodeId>, Error> {
        ids.iter().map(|id| self.node(*id)).collect()
    }

    fn pairs(&mut self, pairs: &[(NodeId, NodeId)]) -> Result<Vec<(NodeId, NodeId)>, Error> {
        pairs.iter().map(|(key, value)| Ok((self.node(*key)?, self.node(*value)?))).collect()
    }

    fn node_kind(&mut self, id: NodeId) -> Result<NodeId, Error> {
        let node = self.tree.node(id).clone();
        let at = node.position;
        match node.kind {
            Kind::Raw(raw) => self.raw(raw, at, node.keeps_array),
            Kind::End => Err(Error::new("S0207").at_exactly(at).token_is("(end)")),
            Kind::Name(name) => {
                let step = self.tree.add(Kind::Name(name), at);
                if let Some(step) = self.tree.node_mut(step) {
                    step.keeps_array = node.keeps_array;
                }
                let path =
                    Kind::Path { steps: vec![step], keeps_singleton: node.keeps_array, is_tuple: false };
                Ok(self.tree.add(path, 0))
            }
            Kind::Parent(_) => {
                let slot = Slot { label: self.labels, level: 1 };
                self.labels += 1;
                Ok(self.tree.add(Kind::Parent(slot), 0))
            }
            Kind::Negate(operand) => self.negate(operand, at),
            Kind::Array(items) => {
                let items = self.nodes(&items)?;
                self.build(Kind::Array(items.clone()), at, &items)
            }
            Kind::Object(pairs) => {
                let pairs = self.pairs(&pairs)?;
                let parts: Vec<NodeId> = pairs.iter().flat_map(|(key, value)| [*key, *value]).collect();
                self.build(Kind::Object(pairs), at, &parts)
            }
            Kind::Binary(operator, left, right) => {
                let (left, right) = (self.node(left)?, self.node(right)?);
                self.build(Kind::Binary(operator, left, right), at, &[left, right])
            }
            Kind::Block(expressions) => self.block(&expressions, at),
            kind => self.control(kind, at),
        }
    }

    /// Nodes that decide which others are evaluated, and those that make functions.
    fn control(&mut self, kind: Kind, at: usize) -> Result<NodeId, Error> {
        match kind {
            Kind::Condition(test, then, otherwise) => {
                let (test, then) = (self.node(test)?, self.node(then)?);
                let otherwise = otherwise.map(|otherwise| self.node(otherwise)).transpose()?;
                let parts: Vec<NodeId> = [Some(test), Some(then), otherwise].into_iter().flatten().collect();
                self.build(Kind::Condition(test, then, otherwise), at, &parts)
            }
            Kind::Default(left, right) => {
                let (left, right) = (self.node(left)?, self.node(right)?);
                self.build(Kind::Default(left, right), at, &[left, right])
            }
            Kind::Coalesce(left, right) => {
                let (left, right) = (self.node(left)?, self.node(right)?);
                self.build(Kind::Coalesce(left, right), at, &[left, right])
            }
            Kind::Apply(left, right) => {
                let (left, right) = (self.node(left)?, self.node(right)?);
                let keeps = self.tree.node(left).keeps_array || self.tree.node(right).keeps_array;
                // As in the reference, no part of it looks for a parent outside of it.
                let id = self.tree.add(Kind::Apply(left, right), at);
                if let Some(node) = self.tree.node_mut(id) {
                    node.keeps_array = keeps;
                }
                Ok(id)
            }
            Kind::Call(function, arguments) => {
                let arguments = self.nodes(&arguments)?;
                let function = self.node(function)?;
                self.build(Kind::Call(function, arguments.clone()), at, &arguments)
            }
            Kind::Partial(function, arguments) => {
                let arguments: Vec<Option<NodeId>> = arguments
                    .iter()
                    .map(|argument| argument.map(|id| self.node(id)).transpose())
                    .collect::<Result<_, _>>()?;
                let function = self.node(function)?;
                let parts: Vec<NodeId> = arguments.iter().flatten().copied().collect();
                self.build(Kind::Partial(function, arguments), at, &parts)
            }
            Kind::Lambda { parameters, signature, body, .. } => {
                let body = self.node(body)?;
                let body = self.tail_call(body);
                Ok(self.tree.add(Kind::Lambda { parameters, signature, body, is_thunk: false }, at))
            }
            Kind::Transform { pattern, update, delete } => {
                let (pattern, update) = (self.node(pattern)?, self.node(update)?);
                let delete = delete.map(|delete| self.node(delete)).transpose()?;
                Ok(self.tree.add(Kind::Transform { pattern, update, delete }, at))
            }
            kind => Ok(self.tree.add(kind, at)),
        }
    }

    /// Adds a node whose parts may look for a parent further out.
    fn build(&mut self, kind: Kind, at: usize, parts: &[NodeId]) -> Result<NodeId, Error> {
        let id = self.tree.add(kind, at);
        parts.iter().for_each(|part| parent::push(self.tree, id, *part));
        Ok(id)
    }

    fn negate(&mut self, operand: NodeId, at: usize) -> Result<NodeId, Error> {
        let operand = self.node(operand)?;
        if let Kind::Number(number) = self.tree.node(operand).kind {
            if let Some(node) = self.tree.node_mut(operand) {
                node.kind = Kind::Number(-number);
            }
            return Ok(operand);
        }
        self.build(Kind::Negate(operand), at, &[operand])
    }

    fn block(&mut self, expressions: &[NodeId], at: usize) -> Result<NodeId, Error> {
        let expressions = self.nodes(expressions)?;
        let is_constructed = expressions.iter().any(|expression| {
            let node = self.tree.node(*expression);
            let starts_so =
                |steps: &[NodeId]| steps.first().is_some_and(|first| self.tree.node(*first).is_constructed);
            node.is_constructed || matches!(&node.kind, Kind::Path { steps, .. } if starts_so(steps))
        });
        let id = self.build(Kind::Block(expressions.clone()), at, &expressions)?;
        if let Some(node) = self.tree.node_mut(id) {
            node.is_constructed = is_constructed;
        }
        Ok(id)
    }

    fn raw(&mut self, raw: Raw, at: usize, keeps_array: bool) -> Result<NodeId, Error> {
        match raw {
            Raw::Dot(left, right) => self.dot(left, right),
            Raw::Filter(left, predicate) => self.filter(left, predicate, at),
            Raw::Group(left, pairs) => {
                let left = self.node(left)?;
                if self.tree.node(left).group.is_some() {
                    return Err(Error::new("S0210").at(at));
                }
                let pairs = self.pairs(&pairs)?;
                if let Some(node) = self.tree.node_mut(left) {
                    node.group = Some((pairs, at));
                }
                Ok(left)
            }
            Raw::Sort(left, terms) => self.sort(left, &terms, at),
            Raw::Bind(left, right) => {
                let Kind::Variable(name) = self.tree.node(left).kind.clone() else {
                    let left = self.tree.node(left);
                    return Err(Error::new("S0212").at(left.position).token_is(left.token()));
                };
                let right = self.node(right)?;
                self.build(Kind::Bind(name, right), at, &[right])
            }
            Raw::Focus(left, right) => {
                let path = self.focus(left, right, at)?;
                let step = self.last_step(path).unwrap_or(path);
                if keeps_array && let Some(node) = self.tree.node_mut(step) {
                    node.keeps_array = true;
                }
                Ok(path)
            }
            Raw::Index(left, right) => self.index(left, right, at),
        }
    }

    fn dot(&mut self, left: NodeId, right: NodeId) -> Result<NodeId, Error> {
        let left = self.node(left)?;
        let left_node = self.tree.node(left).clone();
        let (mut steps, mut keeps, mut is_tuple) = match left_node.kind.clone() {
            Kind::Path { steps, keeps_singleton, is_tuple } => (steps, keeps_singleton, is_tuple),
            _ => (vec![left], left_node.keeps_array, false),
        };
        // As in the reference, other first steps do not look further.
        let seeking = match left_node.kind {
            Kind::Path { .. } => left_node.seeking.clone(),
            Kind::Parent(slot) => vec![slot],
            _ => Vec::new(),
        };
        // A group in the middle is that of the whole path.
        let mut group = left_node.group.clone().filter(|_| matches!(left_node.kind, Kind::Path { .. }));
        let right = self.node(right)?;
        let right_node = self.tree.node(right).clone();
        match &right_node.kind {
            Kind::Path { steps: more, keeps_singleton, is_tuple: more_tuple } => {
                steps.extend(more);
                keeps |= keeps_singleton;
                is_tuple |= more_tuple;
                group = right_node.group.clone().or(group);
            }
            _ => {
                if !right_node.predicate.is_empty()
                    && let Some(node) = self.tree.node_mut(right)
                {
                    node.stages = std::mem::take(&mut node.predicate);
                }
                steps.push(right);
            }
        }
        self.check_steps(&mut steps)?;
        keeps |= steps.iter().any(|step| self.tree.node(*step).keeps_array);
        self.mark_constructors(&steps);
        let mut path = Node::new(Kind::Path { steps, keeps_singleton: keeps, is_tuple }, 0);
        path.seeking = seeking;
        path.group = group;
        let last = match &path.kind {
            Kind::Path { steps, .. } => steps.last().copied(),
            _ => None,
        };
        let path = self.tree.add_node(path);
        parent::resolve(self.tree, path, last.unwrap_or(right))?;
        Ok(path)
    }

    /// Literal strings in a path are names; other literals are none.
    fn check_steps(&mut self, steps: &mut [NodeId]) -> Result<(), Error> {
        for step in steps {
            let node = self.tree.node(*step).clone();
            match node.kind {
                Kind::Number(_) | Kind::Bool(_) | Kind::Null => {
                    return Err(Error::new("S0213").at(node.position).value(node.token()));
                }
                Kind::Text(name) => {
                    *step =
                        self.tree.add_node(Node { kind: Kind::Name(name), ..self.tree.node(*step).clone() });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn mark_constructors(&mut self, steps: &[NodeId]) {
        for step in [steps.first(), steps.last()].into_iter().flatten() {
            if let Some(node) = self.tree.node_mut(*step)
                && matches!(node.kind, Kind::Array(_))
            {
                node.is_constructed = true;
            }
        }
    }

    fn last_step(&self, id: NodeId) -> Option<NodeId> {
        match &self.tree.node(id).kind {
            Kind::Path { steps, .. } => steps.last().copied(),
            _ => None,
        }
    }

    fn filter(&mut self, left: NodeId, predicate: NodeId, at: usize) -> Result<NodeId, Error> {
        let left = self.node(left)?;
        let last = self.last_step(left);
        let step = last.unwrap_or(left);
        if self.tree.node(step).group.is_some() {
            return Err(Error::new("S0209").at(at));
        }
        let predicate = self.node(predicate)?;
        // As in the reference, a `%` alone is not looked for.
        let seeking = self.tree.node(predicate).seeking.clone();
        for slot in seeking {
            let slot = if slot.level == 1 {
                parent::seek(self.tree, step, slot)?
            } else {
                Slot { level: slot.level.saturating_sub(1), ..slot }
            };
            parent::add(self.tree, step, slot);
        }
        if let Some(node) = self.tree.node_mut(step) {
            let stages = if last.is_some() { &mut node.stages } else { &mut node.predicate };
            stages.push(Stage::Filter(predicate));
        }
        Ok(left)
    }

    fn sort(&mut self, left: NodeId, terms: &[(NodeId, bool)], at: usize) -> Result<NodeId, Error> {
        let left = self.node(left)?;
        let path = self.as_path(left, false);
        let mut processed = Vec::new();
        let mut expressions = Vec::new();
        for (term, is_descending) in terms {
            let term = self.node(*term)?;
            processed.push((term, *is_descending));
            expressions.push(term);
        }
        let step = self.tree.add(Kind::Sort(processed), at);
        expressions.iter().for_each(|expression| parent::push(self.tree, step, *expression));
        if let Some(Node { kind: Kind::Path { steps, .. }, .. }) = self.tree.node_mut(path) {
            steps.push(step);
        }
        parent::resolve(self.tree, path, step)?;
        Ok(path)
    }

    /// The node as a path, of which it is the only step if it is none. Its predicates become stages, but before an
    /// order-by.
    fn as_path(&mut self, id: NodeId, has_stages: bool) -> NodeId {
        let node = self.tree.node(id);
        if matches!(node.kind, Kind::Path { .. }) {
            return id;
        }
        let predicate = node.predicate.clone();
        if let Some(node) = self.tree.node_mut(id)
            && !predicate.is_empty()
            && has_stages
        {
            node.stages = predicate;
            node.predicate = Vec::new();
        }
        self.tree.add(Kind::Path { steps: vec![id], keeps_singleton: false, is_tuple: false }, 0)
    }

    fn variable(&self, id: NodeId, symbol: &str, at: usize) -> Result<Name, Error> {
        match &self.tree.node(id).kind {
            Kind::Variable(name) => Ok(name.clone()),
            _ => Err(Error::new("S0214").at(self.tree.node(id).position.max(at)).token_is(symbol)),
        }
    }

    fn focus(&mut self, left: NodeId, right: NodeId, at: usize) -> Result<NodeId, Error> {
        let name = self.variable(right, "@", at)?;
        let left = self.node(left)?;
        let step = self.last_step(left).unwrap_or(left);
        let node = self.tree.node(step);
        if !node.stages.is_empty() || !node.predicate.is_empty() {
            return Err(Error::new("S0215").at(at));
        }
        if matches!(node.kind, Kind::Sort(_)) {
            return Err(Error::new("S0216").at(at));
        }
        if let Some(node) = self.tree.node_mut(step) {
            node.focus = Some(name);
            node.is_tuple = true;
        }
        self.mark_tuple(left);
        Ok(left)
    }

    fn index(&mut self, left: NodeId, right: NodeId, at: usize) -> Result<NodeId, Error> {
        let name = self.variable(right, "#", at)?;
        let left = self.node(left)?;
        let path = self.as_path(left, true);
        let step = self.last_step(path).unwrap_or(path);
        if let Some(node) = self.tree.node_mut(step) {
            if node.stages.is_empty() {
                node.index = Some(name);
            } else {
                node.stages.push(Stage::Index(name));
            }
            node.is_tuple = true;
        }
        self.mark_tuple(path);
        Ok(path)
    }

    fn mark_tuple(&mut self, path: NodeId) {
        if let Some(Node { kind: Kind::Path { is_tuple, .. }, .. }) = self.tree.node_mut(path) {
            *is_tuple = true;
        }
    }

    /// A call in the tail of a lambda becomes a thunk: the caller goes on with it, and nothing nests.
    fn tail_call(&mut self, body: NodeId) -> NodeId {
        let node = self.tree.node(body).clone();
        match node.kind {
            Kind::Call(..) if node.predicate.is_empty() => {
                let thunk = Kind::Lambda { parameters: Vec::new(), signature: None, body, is_thunk: true };
                self.tree.add(thunk, node.position)
            }
            Kind::Condition(test, then, otherwise) => {
                let then = self.tail_call(then);
                let otherwise = otherwise.map(|otherwise| self.tail_call(otherwise));
                if let Some(node) = self.tree.node_mut(body) {
                    node.kind = Kind::Condition(test, then, otherwise);
                }
                body
            }
            Kind::Block(mut expressions) => {
                if let Some(last) = expressions.pop() {
                    expressions.push(self.tail_call(last));
                }
                if let Some(node) = self.tree.node_mut(body) {
                    node.kind = Kind::Block(expressions);
                }
                body
            }
            _ => body,
        }
    }
}
