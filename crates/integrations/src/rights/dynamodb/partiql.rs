//! PartiQL statements: what is done, and to which tables. Read word by word, so that a text, a name in quotes or a table
//! without a space before it is what it is to the database.

use super::arn;
use crate::calls::ApiCall;
use crate::rights::Right;

/// Words behind which a table is named.
const BEFORE_TABLE: [&str; 4] = ["from", "into", "join", "update"];
/// Words that end a list of tables.
const BEHIND_TABLES: [&str; 6] = ["where", "order", "set", "remove", "value", "returning"];

#[derive(Debug, PartialEq)]
enum Token<'a> {
    Word(&'a str),
    /// In quotes or apostrophes.
    Quoted(String),
    Sign(char),
}

/// The rights of a statement, one for each table. Which keys it touches is not read: a condition that asks for keys is
/// not met.
pub(in crate::rights) fn rights(call: &ApiCall, statement: &str) -> Vec<Right> {
    let Some(tokens) = tokens(statement) else { return vec![unknown("PartiQLSelect")] };
    let is = |token: &Token<'_>, word: &str| matches!(token, Token::Word(given) if given.eq_ignore_ascii_case(word));
    let first = |word: &str| tokens.first().is_some_and(|token| is(token, word));
    let kinds = [("insert", "PartiQLInsert"), ("update", "PartiQLUpdate"), ("delete", "PartiQLDelete")];
    let kind = kinds.into_iter().find(|(word, _)| first(word)).map_or("PartiQLSelect", |(_, action)| action);
    let scans = (!tokens.iter().any(|token| is(token, "where"))).to_string();
    let resources = resources(call, &tokens);
    if resources.is_empty() {
        return vec![unknown(kind)];
    }
    let right = |resource: String| {
        let right = Right::new(format!("dynamodb:{kind}"), resource).key("dynamodb:LeadingKeys", "");
        if kind == "PartiQLSelect" { right.key("dynamodb:FullTableScan", &scans) } else { right }
    };
    resources.into_iter().map(right).collect()
}

fn unknown(kind: &str) -> Right {
    Right::new(format!("dynamodb:{kind}"), "*").key("dynamodb:LeadingKeys", "")
}

/// The tables and indexes that are named.
fn resources(call: &ApiCall, tokens: &[Token<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    let (mut is_in_list, mut is_next) = (false, false);
    let mut rest = tokens.iter().peekable();
    while let Some(token) = rest.next() {
        let name = match token {
            Token::Word(word) if BEFORE_TABLE.iter().any(|known| known.eq_ignore_ascii_case(word)) => {
                (is_in_list, is_next) = (true, true);
                continue;
            }
            Token::Word(word) if BEHIND_TABLES.iter().any(|known| known.eq_ignore_ascii_case(word)) => {
                (is_in_list, is_next) = (false, false);
                continue;
            }
            Token::Sign(',') => {
                is_next = is_in_list;
                continue;
            }
            Token::Sign('(') if is_next => continue,
            Token::Word(_) | Token::Quoted(_) if is_next => token,
            _ => continue,
        };
        is_next = false;
        let mut index = None;
        if rest.next_if(|token| **token == Token::Sign('.')).is_some() {
            index = rest.next().and_then(plain);
        }
        found.extend(plain(name).map(|table| resource(call, &table, index)));
    }
    found.sort();
    found.dedup();
    found
}

fn plain(token: &Token<'_>) -> Option<String> {
    match token {
        Token::Word(word) => Some((*word).to_owned()),
        Token::Quoted(text) => Some(text.clone()),
        Token::Sign(_) => None,
    }
}

fn resource(call: &ApiCall, table: &str, index: Option<String>) -> String {
    match index {
        Some(index) => format!("{}/index/{index}", arn(call, table)),
        None => arn(call, table),
    }
}

/// Nothing for what cannot be read for sure: a text without an end, or a comment, which the database may not know.
fn tokens(statement: &str) -> Option<Vec<Token<'_>>> {
    let mut tokens = Vec::new();
    let mut rest = statement.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = rest.get(first.len_utf8()..)?;
        if rest.starts_with("--") || rest.starts_with("/*") {
            return None;
        }
        rest = match first {
            '\'' | '"' => {
                let (text, after) = quoted(first, after)?;
                tokens.push(Token::Quoted(text));
                after
            }
            _ if is_of_word(first) => {
                let end = rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len());
                let (word, after) = rest.split_at_checked(end)?;
                tokens.push(Token::Word(word));
                after
            }
            sign => {
                tokens.push(Token::Sign(sign));
                after
            }
        }
        .trim_start();
    }
    Some(tokens)
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '$' | ':')
}

/// What stands in quotes, in which two of them are one, and what follows.
fn quoted(quote: char, text: &str) -> Option<(String, &str)> {
    let (mut found, mut rest) = (String::new(), text);
    loop {
        let (before, after) = rest.split_once(quote)?;
        found.push_str(before);
        match after.strip_prefix(quote) {
            Some(after) => {
                found.push(quote);
                rest = after;
            }
            None => return Some((found, after)),
        }
    }
}
