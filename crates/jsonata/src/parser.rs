//! The grammar: operators by their binding power.

use std::sync::Arc;

use crate::ast::{Kind, Names, NodeId, Operator, Raw, Tree};
use crate::error::Error;
use crate::lexer::{Lexer, Token, pattern};
use crate::signature::Signature;

/// Expressions nest no deeper: each level is a frame of the parser's own stack.
const DEPTH_MAX: usize = 1_000;
const CHARACTERS_MAX: usize = 1_048_576;

/// Parses an expression whose variables are numbered on from those that are known.
pub(crate) fn parse(text: &str, names: Names) -> Result<(Tree, NodeId), Error> {
    let (mut tree, root) = written(text, names)?;
    let root = crate::process::process(&mut tree, root)?;
    tree.finish();
    Ok((tree, root))
}

/// The expression as it is written: nothing is a path yet.
pub(crate) fn parse_as_written(text: &str) -> Result<(Tree, NodeId), Error> {
    written(text, Names::default())
}

fn written(text: &str, names: Names) -> Result<(Tree, NodeId), Error> {
    if text.len() > CHARACTERS_MAX {
        return Err(Error::custom("S0201", "The expression is too long"));
    }
    let tree = Tree::new(names);
    let mut parser = Parser { lexer: Lexer::new(text), tree, token: Token::End, at: 0, depth: 0 };
    parser.advance(true)?;
    let root = parser.expression(0)?;
    if parser.token != Token::End {
        let error = Error::new("S0201").at(parser.at).token_is(parser.token.value());
        return Err(error);
    }
    Ok((parser.tree, root))
}

struct Parser {
    lexer: Lexer,
    tree: Tree,
    token: Token,
    at: usize,
    depth: usize,
}

fn binding_power(symbol: &str) -> u32 {
    match symbol {
        "(" | "[" | "@" | "#" => 80,
        "." => 75,
        "{" => 70,
        "*" | "/" | "%" => 60,
        "+" | "-" | "&" => 50,
        "=" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "~>" | "^" | "?:" | "??" => 40,
        "and" => 30,
        "or" => 25,
        "?" => 20,
        ":=" => 10,
        _ => 0,
    }
}

impl Parser {
    /// The next token; after an operand a `/` divides, elsewhere it begins a regular expression.
    fn advance(&mut self, is_prefix: bool) -> Result<(), Error> {
        (self.token, self.at) = self.lexer.next(is_prefix)?;
        match self.token {
            Token::Operator(symbol @ ("!" | "~")) => Err(Error::new("S0204").at(self.at).token_is(symbol)),
            _ => Ok(()),
        }
    }

    fn is(&self, symbol: &str) -> bool {
        matches!(&self.token, Token::Operator(found) if *found == symbol)
    }

    /// Takes an operator that has to come now; `is_prefix` says what a `/` after it is.
    fn expect(&mut self, symbol: &str, is_prefix: bool) -> Result<(), Error> {
        if self.is(symbol) {
            return self.advance(is_prefix);
        }
        if self.token == Token::End {
            return Err(Error::new("S0203").at(self.at).token_is("(end)").value(symbol));
        }
        Err(Error::new("S0202").at(self.at).token_is(self.token.value()).value(symbol))
    }

    fn expression(&mut self, power: u32) -> Result<NodeId, Error> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(Error::custom("U1001", "The expression is nested too deeply").at(self.at));
        }
        let node = stacker::maybe_grow(128 * 1_024, 1_024 * 1_024, || self.operators(power));
        self.depth -= 1;
        node
    }

    fn operators(&mut self, power: u32) -> Result<NodeId, Error> {
        let mut left = self.prefix()?;
        while let Token::Operator(symbol) = self.token {
            if binding_power(symbol) <= power {
                break;
            }
            left = self.infix(symbol, left)?;
        }
        Ok(left)
    }

    fn leaf(&mut self, kind: Kind, at: usize) -> Result<NodeId, Error> {
        self.advance(false)?;
        Ok(self.tree.add(kind, at))
    }

    fn prefix(&mut self) -> Result<NodeId, Error> {
        let at = self.at;
        match self.token.clone() {
            Token::Text(text) => self.leaf(Kind::Text(text.into()), at),
            Token::Number(number) => self.leaf(Kind::Number(number), at),
            Token::Value(Some(value)) => self.leaf(Kind::Bool(value), at),
            Token::Value(None) => self.leaf(Kind::Null, at),
            Token::Variable(name) => {
                let name = self.tree.name(&name);
                self.leaf(Kind::Variable(name), at)
            }
            Token::Name(name, _) => self.leaf(Kind::Name(name.into()), at),
            Token::Regex(source, flags) => {
                let regex = pattern(&source, &flags, at)?;
                self.leaf(Kind::Regex(regex), at)
            }
            Token::Operator(symbol) => self.prefix_operator(symbol, at),
            // Whoever needs something here says so first.
            Token::End => Ok(self.tree.add(Kind::End, at)),
        }
    }

    fn prefix_operator(&mut self, symbol: &'static str, at: usize) -> Result<NodeId, Error> {
        match symbol {
            "and" | "or" | "in" => self.leaf(Kind::Name(symbol.into()), at),
            "*" => self.leaf(Kind::Wildcard, at),
            "**" => self.leaf(Kind::Descendant, at),
            "%" => self.leaf(Kind::Parent(crate::ast::Slot { label: 0, level: 1 }), at),
            "-" => {
                self.advance(false)?;
                let operand = self.expression(70)?;
                Ok(self.tree.add(Kind::Negate(operand), at))
            }
            "(" => {
                self.advance(false)?;
                let mut expressions = Vec::new();
                while !self.is(")") {
                    expressions.push(self.expression(0)?);
                    if !self.is(";") {
                        break;
                    }
                    self.advance(true)?;
                }
                self.expect(")", false)?;
                Ok(self.tree.add(Kind::Block(expressions), at))
            }
            "[" => self.array(at),
            "{" => {
                self.advance(false)?;
                let pairs = self.pairs()?;
                Ok(self.tree.add(Kind::Object(pairs), at))
            }
            "|" => {
                self.advance(false)?;
                let pattern = self.expression(0)?;
                self.expect("|", true)?;
                let update = self.expression(0)?;
                let delete = if self.is(",") {
                    self.advance(true)?;
                    Some(self.expression(0)?)
                } else {
                    None
                };
                self.expect("|", true)?;
                Ok(self.tree.add(Kind::Transform { pattern, update, delete }, at))
            }
            symbol => Err(Error::new("S0211").at(at).token_is(symbol)),
        }
    }

    fn array(&mut self, at: usize) -> Result<NodeId, Error> {
        self.advance(false)?;
        let mut items = Vec::new();
        // Behind a comma there has to be another one.
        let mut goes_on = !self.is("]");
        while goes_on {
            let mut item = self.expression(0)?;
            if self.is("..") {
                let start = self.at;
                self.advance(true)?;
                let end = self.expression(0)?;
                item = self.tree.add(Kind::Binary(Operator::Range, item, end), start);
            }
            items.push(item);
            goes_on = self.is(",");
            if goes_on {
                self.advance(true)?;
            }
        }
        self.expect("]", false)?;
        Ok(self.tree.add(Kind::Array(items), at))
    }

    fn pairs(&mut self) -> Result<Vec<(NodeId, NodeId)>, Error> {
        let mut pairs = Vec::new();
        let mut goes_on = !self.is("}");
        while goes_on {
            let key = self.expression(0)?;
            self.expect(":", true)?;
            pairs.push((key, self.expression(0)?));
            goes_on = self.is(",");
            if goes_on {
                self.advance(true)?;
            }
        }
        self.expect("}", false)?;
        Ok(pairs)
    }

    fn infix(&mut self, symbol: &'static str, left: NodeId) -> Result<NodeId, Error> {
        let at = self.at;
        let power = binding_power(symbol);
        if symbol == "{" {
            self.advance(true)?;
            let pairs = self.pairs()?;
            return Ok(self.tree.add(Kind::Raw(Raw::Group(left, pairs)), at));
        }
        self.advance(true)?;
        let kind = match symbol {
            "(" => return self.call(left, at),
            "[" => {
                if self.is("]") {
                    // As in the reference, a `/` behind it begins a regular expression.
                    self.advance(true)?;
                    self.keep_array(left);
                    return Ok(left);
                }
                let predicate = self.expression(0)?;
                self.expect("]", false)?;
                Kind::Raw(Raw::Filter(left, predicate))
            }
            "^" => Kind::Raw(Raw::Sort(left, self.sort_terms()?)),
            "?" => {
                let then = self.expression(0)?;
                let otherwise = if self.is(":") {
                    self.advance(true)?;
                    Some(self.expression(0)?)
                } else {
                    None
                };
                Kind::Condition(left, then, otherwise)
            }
            ":=" => {
                if !matches!(self.tree.node(left).kind, Kind::Variable(_)) {
                    let left = self.tree.node(left);
                    return Err(Error::new("S0212").at(left.position).token_is(left.token()));
                }
                // Right-associative.
                let right = self.expression(power - 1)?;
                Kind::Raw(Raw::Bind(left, right))
            }
            symbol => {
                let right = self.expression(power)?;
                if matches!(symbol, "@" | "#") && !matches!(self.tree.node(right).kind, Kind::Variable(_)) {
                    let position = self.tree.node(right).position;
                    return Err(Error::new("S0214").at(position).token_is(symbol));
                }
                match symbol {
                    "." => Kind::Raw(Raw::Dot(left, right)),
                    "@" => Kind::Raw(Raw::Focus(left, right)),
                    "#" => Kind::Raw(Raw::Index(left, right)),
                    "~>" => Kind::Apply(left, right),
                    "?:" => Kind::Default(left, right),
                    "??" => Kind::Coalesce(left, right),
                    symbol => {
                        let operator = Operator::of(symbol)
                            .ok_or_else(|| Error::new("S0204").at(at).token_is(symbol))?;
                        Kind::Binary(operator, left, right)
                    }
                }
            }
        };
        Ok(self.tree.add(kind, at))
    }

    /// `left[]`: what stands before all predicates keeps a single result in a list.
    fn keep_array(&mut self, left: NodeId) {
        let mut at = left;
        while let Kind::Raw(Raw::Filter(before, _)) = self.tree.node(at).kind {
            at = before;
        }
        if let Some(node) = self.tree.node_mut(at) {
            node.keeps_array = true;
        }
    }

    fn sort_terms(&mut self) -> Result<Vec<(NodeId, bool)>, Error> {
        self.expect("(", true)?;
        let mut terms = Vec::new();
        loop {
            let is_descending = self.is(">");
            if is_descending || self.is("<") {
                self.advance(true)?;
            }
            terms.push((self.expression(0)?, is_descending));
            if !self.is(",") {
                break;
            }
            self.advance(true)?;
        }
        self.expect(")", true)?;
        Ok(terms)
    }

    /// A call, a partial application, or the definition of a lambda.
    fn call(&mut self, function: NodeId, at: usize) -> Result<NodeId, Error> {
        let mut arguments = Vec::new();
        let mut is_partial = false;
        let mut goes_on = !self.is(")");
        while goes_on {
            if self.is("?") {
                is_partial = true;
                arguments.push(None);
                self.advance(true)?;
            } else {
                arguments.push(Some(self.expression(0)?));
            }
            goes_on = self.is(",");
            if goes_on {
                self.advance(true)?;
            }
        }
        self.expect(")", false)?;
        let is_lambda =
            matches!(&self.tree.node(function).kind, Kind::Name(name) if matches!(&**name, "function" | "λ"));
        if is_lambda {
            return self.lambda(arguments, at);
        }
        let kind = if is_partial {
            Kind::Partial(function, arguments)
        } else {
            Kind::Call(function, arguments.into_iter().flatten().collect())
        };
        Ok(self.tree.add(kind, at))
    }

    fn lambda(&mut self, arguments: Vec<Option<NodeId>>, at: usize) -> Result<NodeId, Error> {
        let mut parameters = Vec::new();
        for (number, argument) in arguments.into_iter().enumerate() {
            let node = argument.map(|argument| self.tree.node(argument));
            match node.map(|node| &node.kind) {
                Some(Kind::Variable(name)) => parameters.push(name.clone()),
                _ => {
                    let error = Error::new("S0208").value(number + 1);
                    return Err(match node {
                        Some(node) => error.at(node.position).token_is(node.token()),
                        None => error.at(at).token_is("?"),
                    });
                }
            }
        }
        let signature = if self.is("<") { Some(self.signature()?) } else { None };
        self.expect("{", true)?;
        let body = self.expression(0)?;
        self.expect("}", true)?;
        Ok(self.tree.add(Kind::Lambda { parameters, signature, body, is_thunk: false }, at))
    }

    fn signature(&mut self) -> Result<Arc<Signature>, Error> {
        let at = self.at;
        let mut text = String::from("<");
        let mut depth = 1;
        while depth > 0 && !self.is("{") && self.token != Token::End {
            self.advance(true)?;
            if self.is(">") {
                depth -= 1;
            } else if self.is("<") {
                depth += 1;
            }
            text.push_str(&self.token.shown());
        }
        self.expect(">", false)?;
        Signature::parse(&text).map(Arc::new).map_err(|(error, offset)| error.at(at + offset))
    }
}
