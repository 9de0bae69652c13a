//! What an expression refers to, without evaluating it: for those who check expressions before they run.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::ast::{Kind, NodeId, Stage, Tree};
use crate::evaluate::Expression;
use crate::functions;

/// What an expression refers to outside of itself. Each list has a name once, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct References {
    /// Names, and `$`, that are looked up in the input and not in a value that the expression itself leads to.
    pub top_level: Vec<String>,
    /// Whether it mentions `$$`, the whole input.
    pub whole_input: bool,
    /// Variables that the expression does not bind itself, without `$`; functions of the language are left out.
    pub variables: Vec<String>,
    /// Fields that are asked of a variable: the variable's name, then the field's.
    pub fields: Vec<(String, String)>,
    /// The variables that are read in another way than by a field's name.
    pub whole: Vec<String>,
}

impl Expression {
    /// What the expression refers to.
    pub fn references(&self) -> References {
        let (tree, root) = self.tree();
        let mut walk = Walk { tree, bound: Vec::new(), found: References::default(), seen: BTreeSet::new() };
        walk.node(root, true);
        walk.found
    }
}

struct Walk<'a> {
    tree: &'a Tree,
    /// Names that the expression binds, innermost last.
    bound: Vec<Arc<str>>,
    found: References,
    seen: BTreeSet<(&'static str, String)>,
}

impl Walk<'_> {
    /// `is_top` says that the expression's input is what names are looked up in.
    fn node(&mut self, id: NodeId, is_top: bool) {
        stacker::maybe_grow(64 * 1_024, 1_024 * 1_024, || self.kind(id, is_top));
        self.stages(id);
    }

    fn stages(&mut self, id: NodeId) {
        let node = self.tree.node(id);
        for stage in node.predicate.iter().chain(&node.stages) {
            if let Stage::Filter(filter) = stage {
                self.node(*filter, false);
            }
        }
        let (group, _) = node.group.clone().unwrap_or_default();
        self.pairs(&group, false);
    }

    fn kind(&mut self, id: NodeId, is_top: bool) {
        let node = self.tree.node(id);
        self.bound.extend(node.focus.iter().chain(&node.index).map(|name| Arc::clone(&name.text)));
        let indices = node.stages.iter().filter_map(|stage| match stage {
            Stage::Index(name) => Some(Arc::clone(&name.text)),
            Stage::Filter(_) => None,
        });
        self.bound.extend(indices);
        match &node.kind {
            Kind::Name(name) if is_top => self.at_top(name),
            Kind::Variable(name) => self.variable(&name.text, is_top),
            Kind::Path { steps, .. } => self.path(steps, is_top),
            Kind::Negate(operand) => self.node(*operand, is_top),
            Kind::Array(items) => self.each(items, is_top),
            Kind::Object(pairs) => self.pairs(pairs, is_top),
            Kind::Binary(_, left, right)
            | Kind::Default(left, right)
            | Kind::Coalesce(left, right)
            | Kind::Apply(left, right) => self.each(&[*left, *right], is_top),
            Kind::Bind(name, value) => {
                // A function may call itself.
                self.bound.push(Arc::clone(&name.text));
                self.node(*value, is_top);
            }
            Kind::Block(items) => {
                let outer = self.bound.len();
                self.each(items, is_top);
                self.bound.truncate(outer);
            }
            Kind::Condition(condition, then, otherwise) => {
                self.each(&[*condition, *then], is_top);
                self.each(otherwise.as_slice(), is_top);
            }
            Kind::Call(function, arguments) => {
                self.node(*function, is_top);
                self.each(arguments, is_top);
            }
            Kind::Partial(function, arguments) => {
                self.node(*function, is_top);
                let given: Vec<NodeId> = arguments.iter().flatten().copied().collect();
                self.each(&given, is_top);
            }
            Kind::Lambda { parameters, body, .. } => {
                let outer = self.bound.len();
                self.bound.extend(parameters.iter().map(|name| Arc::clone(&name.text)));
                self.node(*body, false);
                self.bound.truncate(outer);
            }
            Kind::Sort(terms) => terms.iter().for_each(|(term, _)| self.node(*term, false)),
            Kind::Transform { pattern, update, delete } => {
                self.each(&[*pattern, *update], false);
                self.each(delete.as_slice(), false);
            }
            Kind::End
            | Kind::Name(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::Null
            | Kind::Bool(_)
            | Kind::Wildcard
            | Kind::Descendant
            | Kind::Parent(_)
            | Kind::Regex(_)
            | Kind::Raw(_) => {}
        }
    }

    fn each(&mut self, nodes: &[NodeId], is_top: bool) {
        nodes.iter().for_each(|node| self.node(*node, is_top));
    }

    fn pairs(&mut self, pairs: &[(NodeId, NodeId)], is_top: bool) {
        pairs.iter().for_each(|(key, value)| self.each(&[*key, *value], is_top));
    }

    /// Only the first step of a path is looked up in the input.
    fn path(&mut self, steps: &[NodeId], is_top: bool) {
        if let [first, second, rest @ ..] = steps
            && let (Kind::Variable(variable), Kind::Name(field)) =
                (&self.tree.node(*first).kind, &self.tree.node(*second).kind)
            && self.is_free(variable)
        {
            let (first, variable, field) = (*first, Arc::clone(&variable.text), Arc::clone(field));
            if self.is_new("field", &format!("{variable}.{field}")) {
                self.found.fields.push((variable.to_string(), field.to_string()));
            }
            self.mention(&variable);
            self.stages(first);
            self.node(*second, false);
            self.each(rest, false);
            return;
        }
        for (at, step) in steps.iter().enumerate() {
            self.node(*step, is_top && at == 0);
        }
    }

    fn variable(&mut self, name: &Arc<str>, is_top: bool) {
        match &**name {
            "" if is_top => self.at_top("$"),
            "" => {}
            "$" => self.found.whole_input = true,
            free if self.is_free(free) => {
                self.mention(free);
                if self.is_new("whole", free) {
                    self.found.whole.push(free.to_owned());
                }
            }
            _ => {}
        }
    }

    /// Whether the name is one that the expression does not bind, and no function of the language.
    fn is_free(&self, name: &str) -> bool {
        let is_bound = self.bound.iter().any(|bound| **bound == *name);
        !matches!(name, "" | "$") && !is_bound && functions::named(name).is_none()
    }

    fn mention(&mut self, name: &str) {
        if self.is_new("variable", name) {
            self.found.variables.push(name.to_owned());
        }
    }

    fn at_top(&mut self, name: &str) {
        if self.is_new("top", name) {
            self.found.top_level.push(name.to_owned());
        }
    }

    fn is_new(&mut self, kind: &'static str, name: &str) -> bool {
        self.seen.insert((kind, name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(text: &str) -> References {
        Expression::compile(text).unwrap().references()
    }

    #[test]
    fn names_count_at_the_top_level_and_not_inside_of_a_path() {
        let found = |text: &str| references(text).top_level;
        assert_eq!(found("phone"), ["phone"]);
        assert_eq!(found("phone & $states.input.phone.type"), ["phone"]);
        assert_eq!(found("$states.input[a = 1].b{c: d}^(e)"), Vec::<String>::new());
        assert_eq!(found("$map($v, function($x) { name })"), Vec::<String>::new());
        assert_eq!(found("{'a': b, 'c': $}"), ["b", "$"]);
        assert_eq!(found("$sum($states.input.($.price * quantity))"), Vec::<String>::new());
        assert!(references("$$.a").whole_input);
    }

    #[test]
    fn variables_are_those_that_the_expression_does_not_bind() {
        let found = |text: &str| references(text).variables;
        assert_eq!(
            found("($l := $v; $map($items, function($i) { $i + $l }) & $states.x)"),
            ["v", "items", "states"]
        );
        assert_eq!(found("$list#$i.($i + $j)"), ["list", "j"]);
        assert_eq!(found("$string($a) & $uuid()"), ["a", "uuid"]);
        assert_eq!(found("'$no' & `$neither`"), Vec::<String>::new());
    }

    #[test]
    fn fields_of_variables_are_told_by_their_first_name() {
        let found = references("$states.input.a & $states.result & $states.input.b & $v.c");
        let fields: Vec<String> =
            found.fields.iter().map(|(name, field)| format!("{name}.{field}")).collect();
        assert_eq!(fields, ["states.input", "states.result", "v.c"]);
    }
}
