//! Pages of lists: sizes, tokens and what follows.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::StatesError;

/// AWS: 100 where nothing is said; 0 means the default, too.
const SIZE_DEFAULT: usize = 100;

/// A page that is asked for.
pub(crate) struct Page {
    pub(crate) size: usize,
    /// The key after which it begins.
    pub(crate) after: Option<String>,
}

/// The token of the page that follows, if one does.
pub(crate) struct Next(Option<String>);

impl Page {
    /// AWS: a token that is not ours is an `InvalidToken`.
    pub(crate) fn new(size: Option<usize>, token: Option<&str>) -> Result<Self, StatesError> {
        let size = size.filter(|size| *size > 0).unwrap_or(SIZE_DEFAULT);
        let after = token.map(decode).transpose()?;
        Ok(Self { size, after })
    }

    /// The key as a number.
    pub(crate) fn number<T: std::str::FromStr>(&self) -> Result<Option<T>, StatesError> {
        let number = self.after.as_deref().map(str::parse).transpose();
        number.map_err(|_| StatesError::InvalidToken("Invalid token".to_owned()))
    }

    /// The token of a page that begins with a key.
    pub(crate) fn next(key: Option<impl ToString>) -> Next {
        Next(key.map(|key| encode(&key.to_string())))
    }

    /// Keeps `size` of the items, of which there may be one more, and makes the token from the last one's key.
    pub(crate) fn cut<T>(&self, mut items: Vec<T>, key: impl Fn(&T) -> String) -> (Vec<T>, Next) {
        let has_more = items.len() > self.size;
        items.truncate(self.size);
        let next = items.last().filter(|_| has_more).map(|last| encode(&key(last)));
        (items, Next(next))
    }
}

impl Next {
    /// `{name: items, nextToken?}`.
    pub(crate) fn into_answer(self, name: &str, items: Vec<Value>) -> Value {
        match self.0 {
            Some(token) => json!({name: items, "nextToken": token}),
            None => json!({name: items}),
        }
    }
}

fn encode(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

fn decode(token: &str) -> Result<String, StatesError> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    // AWS: the recorded text for a token that it cannot read.
    text.ok_or_else(|| StatesError::InvalidToken("Invalid token".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other() {
        let page = Page::new(Some(2), None).unwrap();
        let (items, next) = page.cut(vec!["a", "b", "c"], |item| (*item).to_owned());
        assert_eq!(items, ["a", "b"]);
        let page = Page::new(Some(2), next.0.as_deref()).unwrap();
        assert_eq!(page.after.as_deref(), Some("b"));
        let (_, next) = page.cut(vec!["c"], |item| (*item).to_owned());
        assert!(next.0.is_none());
    }

    #[test]
    fn a_token_that_is_not_ours_is_refused() {
        let Err(error) = Page::new(None, Some("not a token!")) else { panic!("accepted") };
        assert_eq!(error.to_string(), "Invalid Token: 'Invalid token'");
    }
}
