//! Which statements of a policy can apply to a request at all: found by the texts that their actions and resources
//! start with, so that a policy of hundreds of statements costs little more than one of ten.
//!
//! An index only leaves out statements that cannot apply; whether one applies is the statement's own to say.

use crate::statement::Statement;

/// Statements that an index knows; AWS's size limits allow fewer.
const STATEMENTS_MAX: usize = 1_024;
const WORDS: usize = STATEMENTS_MAX / 64;
/// Up to here, looking at every statement is as fast.
const STATEMENTS_MIN: usize = 4;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Index {
    actions: Trie,
    resources: Trie,
    allows: Set,
    denies: Set,
}

impl Index {
    /// None for policies of so few or so many statements that all of them are looked at.
    pub(crate) fn new(statements: &[Statement]) -> Option<Self> {
        if !(STATEMENTS_MIN..=STATEMENTS_MAX).contains(&statements.len()) {
            return None;
        }
        let mut index = Self {
            actions: Trie::new(true),
            resources: Trie::new(false),
            allows: Set::None,
            denies: Set::None,
        };
        for (id, statement) in statements.iter().enumerate() {
            let effect = if statement.allows { &mut index.allows } else { &mut index.denies };
            effect.insert(id);
            for (start, is_whole) in statement.action_starts() {
                index.actions.insert(start, is_whole, id);
            }
            for (start, is_whole) in statement.resource_starts() {
                index.resources.insert(start, is_whole, id);
            }
        }
        Some(index)
    }

    /// The statements of an effect that can apply.
    pub(crate) fn candidates(&self, action: &str, resource: &str, allows: bool) -> Candidates {
        let mut found = Candidates::default();
        self.actions.collect(action, &mut found);
        let mut of_resource = Candidates::default();
        self.resources.collect(resource, &mut of_resource);
        let mut of_effect = Candidates::default();
        of_effect.add(if allows { &self.allows } else { &self.denies });
        for ((word, resource), effect) in found.words.iter_mut().zip(of_resource.words).zip(of_effect.words) {
            *word &= resource & effect;
        }
        found
    }
}

/// Positions of statements, in ascending order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Candidates {
    words: [u64; WORDS],
    word: usize,
}

impl Candidates {
    fn add(&mut self, set: &Set) {
        match set {
            Set::None => {}
            Set::One(id) => {
                if let Some(word) = self.words.get_mut(id / 64) {
                    *word |= 1 << (id % 64);
                }
            }
            Set::Many(words) => {
                self.words.iter_mut().zip(words).for_each(|(word, more)| *word |= more);
            }
        }
    }
}

impl Iterator for Candidates {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        loop {
            let word = self.words.get_mut(self.word)?;
            if *word != 0 {
                let bit = word.trailing_zeros() as usize;
                *word &= *word - 1;
                return Some(self.word * 64 + bit);
            }
            self.word += 1;
        }
    }
}

/// Statements by position.
#[derive(Clone, Debug, Default, PartialEq)]
enum Set {
    #[default]
    None,
    One(usize),
    Many(Vec<u64>),
}

impl Set {
    fn insert(&mut self, id: usize) {
        match self {
            Self::None => *self = Self::One(id),
            Self::One(only) if *only == id => {}
            Self::One(only) => {
                let mut words = Vec::new();
                set_bit(&mut words, *only);
                set_bit(&mut words, id);
                *self = Self::Many(words);
            }
            Self::Many(words) => set_bit(words, id),
        }
    }
}

fn set_bit(words: &mut Vec<u64>, id: usize) {
    if words.len() <= id / 64 {
        words.resize(id / 64 + 1, 0);
    }
    if let Some(word) = words.get_mut(id / 64) {
        *word |= 1 << (id % 64);
    }
}

/// Texts by what they start with.
#[derive(Clone, Debug, PartialEq)]
struct Trie {
    nodes: Vec<Node>,
    folds_case: bool,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Node {
    label: Vec<u8>,
    /// First bytes of the children's labels, sorted, beside the children.
    heads: Vec<u8>,
    children: Vec<usize>,
    /// Statements that want just this text.
    whole: Set,
    /// Statements that want this text and anything after it.
    start: Set,
}

impl Trie {
    fn new(folds_case: bool) -> Self {
        Self { nodes: vec![Node::default()], folds_case }
    }

    fn insert(&mut self, text: &str, is_whole: bool, id: usize) {
        let mut rest = text.as_bytes().to_vec();
        if self.folds_case {
            rest.make_ascii_lowercase();
        }
        let mut at = 0;
        while let Some(head) = rest.first().copied() {
            let (child, shared) = self.child(at, head, &rest);
            at = child;
            rest.drain(..shared);
        }
        if let Some(node) = self.nodes.get_mut(at) {
            let set = if is_whole { &mut node.whole } else { &mut node.start };
            set.insert(id);
        }
    }

    /// The child that shares a start with the text, made or split where needed, and how many bytes they share.
    fn child(&mut self, parent: usize, head: u8, text: &[u8]) -> (usize, usize) {
        let added = self.nodes.len();
        let Some(node) = self.nodes.get_mut(parent) else { return (parent, text.len()) };
        let position = match node.heads.binary_search(&head) {
            Ok(position) => position,
            Err(position) => {
                node.heads.insert(position, head);
                node.children.insert(position, added);
                self.nodes.push(Node { label: text.to_vec(), ..Node::default() });
                return (added, text.len());
            }
        };
        let child = node.children.get(position).copied().unwrap_or_default();
        let Some(node) = self.nodes.get_mut(child) else { return (parent, text.len()) };
        let shared = node.label.iter().zip(text).take_while(|(left, right)| left == right).count();
        if shared < node.label.len() {
            // The node keeps its place with the shared start; what it was becomes its only child.
            let label = node.label.drain(..shared).collect();
            let heads = node.label.first().copied().into_iter().collect();
            let upper = Node { label, heads, children: vec![added], ..Node::default() };
            let lower = std::mem::replace(node, upper);
            self.nodes.push(lower);
        }
        (child, shared)
    }

    fn collect(&self, text: &str, found: &mut Candidates) {
        let mut rest = text.as_bytes();
        let mut node = self.nodes.first();
        while let Some(current) = node {
            found.add(&current.start);
            let Some(head) = rest.first() else {
                found.add(&current.whole);
                return;
            };
            let head = if self.folds_case { head.to_ascii_lowercase() } else { *head };
            let Ok(position) = current.heads.binary_search(&head) else { return };
            let child = current.children.get(position).and_then(|child| self.nodes.get(*child));
            let Some(child) = child else { return };
            let Some((start, after)) = rest.split_at_checked(child.label.len()) else { return };
            let is_same =
                if self.folds_case { child.label.eq_ignore_ascii_case(start) } else { child.label == start };
            if !is_same {
                return;
            }
            rest = after;
            node = Some(child);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(trie: &Trie, text: &str) -> Vec<usize> {
        let mut found = Candidates::default();
        trie.collect(text, &mut found);
        found.collect()
    }

    #[test]
    fn texts_are_found_whole_and_by_their_start() {
        let mut trie = Trie::new(true);
        for (id, (text, is_whole)) in [
            ("s3:GetObject", true),
            ("s3:Get", false),
            ("s3:GetObjectAcl", true),
            ("", false),
            ("s3:PutObject", true),
            ("s3:GetObject", true),
            ("S3:gE", true),
        ]
        .into_iter()
        .enumerate()
        {
            trie.insert(text, is_whole, id);
        }
        assert_eq!(found(&trie, "S3:GETOBJECT"), [0, 1, 3, 5]);
        assert_eq!(found(&trie, "s3:GetObjectAcl"), [1, 2, 3]);
        assert_eq!(found(&trie, "s3:GetObjectX"), [1, 3]);
        assert_eq!(found(&trie, "s3:Get"), [1, 3]);
        assert_eq!(found(&trie, "s3:ge"), [3, 6]);
        assert_eq!(found(&trie, "s3:G"), [3]);
        assert_eq!(found(&trie, ""), [3]);
    }

    #[test]
    fn positions_beyond_one_word_are_found() {
        let mut trie = Trie::new(false);
        for id in 0..STATEMENTS_MAX {
            trie.insert(&format!("arn:{id}"), true, id);
            trie.insert("arn:all", true, id);
        }
        assert_eq!(found(&trie, "arn:1023"), [1_023]);
        assert_eq!(found(&trie, "arn:all").len(), STATEMENTS_MAX);
        assert_eq!(found(&trie, "ARN:1"), [] as [usize; 0]);
    }
}
