//! The syntax tree: nodes in one list, so that lambdas can name theirs.

use std::ops::Deref;
use std::sync::Arc;

use crate::regex::Pattern;
use crate::value::{Object, Value};

/// A node's place in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeId(pub(crate) u32);

/// What scopes know a variable by: the place of its name among the names of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Symbol(pub(crate) u32);

impl Symbol {
    /// The first symbol of the labels of `%`, which are no names.
    const LABELS: u32 = 1 << 31;

    pub(crate) fn at(place: usize) -> Self {
        Self(u32::try_from(place).unwrap_or(Self::LABELS - 1))
    }

    pub(crate) fn of_label(label: u32) -> Self {
        Self(label | Self::LABELS)
    }
}

/// The names of variables, each once.
pub(crate) type Names = indexmap::IndexSet<Arc<str>, foldhash::fast::RandomState>;

/// A variable's name.
#[derive(Clone, Debug)]
pub(crate) struct Name {
    pub(crate) symbol: Symbol,
    pub(crate) text: Arc<str>,
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text
    }
}

#[derive(Debug, Default)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
    pub(crate) names: Names,
}

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    /// Where its token ends, in units of UTF-16; 0 for what has no token of its own, as a path.
    pub(crate) position: usize,
    /// `[]` behind the expression: a single result stays a list.
    pub(crate) keeps_array: bool,
    /// Predicates of an expression that is no step.
    pub(crate) predicate: Vec<Stage>,
    /// `{…}` behind the expression, and its place.
    pub(crate) group: Option<(Vec<(NodeId, NodeId)>, usize)>,
    /// Stages of a step, in their order.
    pub(crate) stages: Vec<Stage>,
    /// `@$name`.
    pub(crate) focus: Option<Name>,
    /// `#$name`.
    pub(crate) index: Option<Name>,
    /// The label under which this step's input is remembered for a `%`.
    pub(crate) ancestor: Option<u32>,
    /// Whether the step makes tuples.
    pub(crate) is_tuple: bool,
    /// Whether this array constructor is the first or a literal step of a path.
    pub(crate) is_constructed: bool,
    /// Slots of `%` that are not found inside.
    pub(crate) seeking: Vec<Slot>,
    /// Nothing is done with what it gives: no predicate, no group, no `[]`.
    pub(crate) is_bare: bool,
    /// It is a path of names and nothing more.
    pub(crate) is_names: bool,
    /// How many turns the reference waits for its result.
    pub(crate) turns: u64,
}

/// A `%` that looks for its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) label: u32,
    pub(crate) level: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Stage {
    Filter(NodeId),
    Index(Name),
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    /// Where something should stand and the expression ends: an error, unless there was one before.
    End,
    Number(f64),
    Text(Arc<str>),
    Null,
    Bool(bool),
    Name(Arc<str>),
    Variable(Name),
    Wildcard,
    Descendant,
    Parent(Slot),
    Regex(Pattern),
    Path {
        steps: Vec<NodeId>,
        keeps_singleton: bool,
        is_tuple: bool,
    },
    Negate(NodeId),
    Array(Vec<NodeId>),
    Object(Vec<(NodeId, NodeId)>),
    Binary(Operator, NodeId, NodeId),
    Bind(Name, NodeId),
    Block(Vec<NodeId>),
    Condition(NodeId, NodeId, Option<NodeId>),
    /// `left ?: right`
    Default(NodeId, NodeId),
    /// `left ?? right`
    Coalesce(NodeId, NodeId),
    Call(NodeId, Vec<NodeId>),
    /// `None` stands for `?`.
    Partial(NodeId, Vec<Option<NodeId>>),
    Lambda {
        parameters: Vec<Name>,
        signature: Option<Arc<crate::signature::Signature>>,
        body: NodeId,
        is_thunk: bool,
    },
    Sort(Vec<(NodeId, bool)>),
    Transform {
        pattern: NodeId,
        update: NodeId,
        delete: Option<NodeId>,
    },
    Apply(NodeId, NodeId),
    /// A `.`, `[…]`, `{…}`, `@`, `#` or `^` as it was parsed, before it becomes part of a path.
    Raw(Raw),
}

#[derive(Clone, Debug)]
pub(crate) enum Raw {
    Dot(NodeId, NodeId),
    Filter(NodeId, NodeId),
    Group(NodeId, Vec<(NodeId, NodeId)>),
    Sort(NodeId, Vec<(NodeId, bool)>),
    Focus(NodeId, NodeId),
    Index(NodeId, NodeId),
    Bind(NodeId, NodeId),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Concatenate,
    And,
    Or,
    Range,
    In,
}

impl Operator {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Modulo => "%",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Concatenate => "&",
            Self::And => "and",
            Self::Or => "or",
            Self::Range => "..",
            Self::In => "in",
        }
    }

    pub(crate) fn of(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "+" => Self::Add,
            "-" => Self::Subtract,
            "*" => Self::Multiply,
            "/" => Self::Divide,
            "%" => Self::Modulo,
            "=" => Self::Equal,
            "!=" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "&" => Self::Concatenate,
            "and" => Self::And,
            "or" => Self::Or,
            ".." => Self::Range,
            "in" => Self::In,
            _ => return None,
        })
    }
}

static NOTHING: std::sync::OnceLock<Node> = std::sync::OnceLock::new();

impl Node {
    pub(crate) fn new(kind: Kind, position: usize) -> Self {
        Self {
            kind,
            position,
            keeps_array: false,
            predicate: Vec::new(),
            group: None,
            stages: Vec::new(),
            focus: None,
            index: None,
            ancestor: None,
            is_tuple: false,
            is_constructed: false,
            seeking: Vec::new(),
            is_bare: false,
            is_names: false,
            turns: 1,
        }
    }
}

impl Node {
    /// The name, if the step is one and nothing more.
    pub(crate) fn plain_name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Name(name)
                if self.stages.is_empty()
                    && self.predicate.is_empty()
                    && self.group.is_none()
                    && !self.is_tuple
                    && !self.keeps_array =>
            {
                Some(name)
            }
            _ => None,
        }
    }

    /// Whether the reference evaluates it without waiting for anything.
    fn is_leaf(&self) -> bool {
        matches!(
            self.kind,
            Kind::Number(_)
                | Kind::Text(_)
                | Kind::Null
                | Kind::Bool(_)
                | Kind::Name(_)
                | Kind::Variable(_)
                | Kind::Wildcard
                | Kind::Descendant
                | Kind::Parent(_)
                | Kind::Regex(_)
                | Kind::Lambda { .. }
                | Kind::Transform { .. }
        )
    }

    /// The token that it was made of, as errors name it.
    pub(crate) fn token(&self) -> Value {
        Value::text(match &self.kind {
            Kind::Number(number) => return Value::Number(*number),
            Kind::Null => return Value::Null,
            Kind::Bool(value) => return Value::Bool(*value),
            Kind::Text(text) | Kind::Name(text) => return Value::String(Arc::clone(text)),
            Kind::Variable(name) => return Value::String(Arc::clone(&name.text)),
            Kind::Regex(_) => return Value::object(Object::default()),
            Kind::Path { .. } => return Value::Undefined,
            Kind::End => "(end)",
            Kind::Wildcard => "*",
            Kind::Descendant => "**",
            Kind::Parent(_) => "%",
            Kind::Negate(_) => "-",
            Kind::Array(_) | Kind::Raw(Raw::Filter(..)) => "[",
            Kind::Object(_) | Kind::Raw(Raw::Group(..)) => "{",
            Kind::Binary(operator, ..) => operator.symbol(),
            Kind::Bind(..) | Kind::Raw(Raw::Bind(..)) => ":=",
            Kind::Block(_) | Kind::Call(..) | Kind::Partial(..) | Kind::Lambda { .. } => "(",
            Kind::Condition(..) => "?",
            Kind::Default(..) => "?:",
            Kind::Coalesce(..) => "??",
            Kind::Sort(_) | Kind::Raw(Raw::Sort(..)) => "^",
            Kind::Transform { .. } => "|",
            Kind::Apply(..) => "~>",
            Kind::Raw(Raw::Dot(..)) => ".",
            Kind::Raw(Raw::Focus(..)) => "@",
            Kind::Raw(Raw::Index(..)) => "#",
        })
    }

    /// The reference's word for its kind.
    pub(crate) fn kind_name(&self) -> &'static str {
        match &self.kind {
            Kind::Number(_) => "number",
            Kind::Null | Kind::Bool(_) => "value",
            Kind::Text(_) => "string",
            Kind::Name(_) => "name",
            Kind::Variable(_) => "variable",
            Kind::Regex(_) => "regex",
            Kind::Path { .. } => "path",
            Kind::End => "end",
            Kind::Wildcard => "wildcard",
            Kind::Descendant => "descendant",
            Kind::Parent(_) => "parent",
            Kind::Negate(_) | Kind::Array(_) | Kind::Object(_) => "unary",
            Kind::Bind(..) => "bind",
            Kind::Block(_) => "block",
            Kind::Call(..) => "function",
            Kind::Partial(..) => "partial",
            Kind::Lambda { .. } => "lambda",
            Kind::Condition(..) | Kind::Default(..) | Kind::Coalesce(..) => "condition",
            Kind::Sort(_) => "sort",
            Kind::Transform { .. } => "transform",
            Kind::Apply(..) => "apply",
            Kind::Binary(..) | Kind::Raw(_) => "binary",
        }
    }
}

impl Tree {
    /// A tree whose names are numbered on from those that are known.
    pub(crate) fn new(names: Names) -> Self {
        Self { nodes: Vec::new(), names }
    }

    pub(crate) fn add(&mut self, kind: Kind, position: usize) -> NodeId {
        self.add_node(Node::new(kind, position))
    }

    pub(crate) fn add_node(&mut self, node: Node) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }

    pub(crate) fn node(&self, id: NodeId) -> &Node {
        let nothing = || NOTHING.get_or_init(|| Node::new(Kind::Null, 0));
        usize::try_from(id.0).ok().and_then(|at| self.nodes.get(at)).unwrap_or_else(nothing)
    }

    pub(crate) fn node_mut(&mut self, id: NodeId) -> Option<&mut Node> {
        usize::try_from(id.0).ok().and_then(|at| self.nodes.get_mut(at))
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().filter_map(|node| match &node.kind {
            Kind::Variable(name) => Some(&**name),
            _ => None,
        })
    }

    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    pub(crate) fn name(&mut self, text: &str) -> Name {
        let at = match self.names.get_index_of(text) {
            Some(at) => at,
            None => self.names.insert_full(text.into()).0,
        };
        let text = self.names.get_index(at).cloned().unwrap_or_default();
        Name { symbol: Symbol::at(at), text }
    }

    /// Notes what the evaluator need not look at again.
    pub(crate) fn finish(&mut self) {
        for node in &mut self.nodes {
            node.turns = if node.is_leaf() { 1 } else { 2 };
            node.is_bare = node.predicate.is_empty() && node.group.is_none() && !node.keeps_array;
        }
        let is_names = |node: &Node| match &node.kind {
            Kind::Path { steps, keeps_singleton: false, .. } => {
                node.is_bare && steps.iter().all(|step| self.node(*step).plain_name().is_some())
            }
            _ => false,
        };
        let found: Vec<bool> = self.nodes.iter().map(is_names).collect();
        self.nodes.iter_mut().zip(found).for_each(|(node, is_names)| node.is_names = is_names);
    }
}
