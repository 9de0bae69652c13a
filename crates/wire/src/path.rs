//! Where a value stands in an input: told only when something is wrong with it.

/// A place, by the place above it. Nothing is put together before it is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path<'a> {
    Root,
    /// A text that stands for a place.
    Named(&'a str),
    /// A member, by its name in the model.
    Member(&'a Path<'a>, &'a str),
    /// An item of a list, from 0.
    Item(&'a Path<'a>, usize),
    /// A key of a map.
    Key(&'a Path<'a>, &'a str),
    /// The value of a key.
    Value(&'a Path<'a>, &'a str),
}

impl Path<'_> {
    /// Names as in the model, without items and keys, as parsers tell them.
    pub(crate) fn in_model(&self) -> String {
        match self {
            Path::Root => String::new(),
            Path::Named(text) => (*text).to_owned(),
            Path::Member(above, name) => join(above.in_model(), name),
            Path::Item(above, _) | Path::Key(above, _) | Path::Value(above, _) => above.in_model(),
        }
    }

    /// As AWS's validation messages have it, e.g. `tags.1.member.key`.
    pub(crate) fn in_message(&self) -> String {
        match self {
            Path::Root => String::new(),
            Path::Named(text) => (*text).to_owned(),
            Path::Member(above, name) => join(above.in_message(), &lower_first(name)),
            Path::Item(above, at) => format!("{}.{}.member", above.in_message(), at + 1),
            Path::Key(above, name) => join(above.in_message(), &format!("{name}.key")),
            Path::Value(above, name) => join(above.in_message(), &format!("{name}.member")),
        }
    }
}

fn join(above: String, name: &str) -> String {
    if above.is_empty() { name.to_owned() } else { format!("{above}.{name}") }
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().collect::<String>() + letters.as_str())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_told_in_the_words_of_the_model_or_of_aws() {
        let tags = Path::Member(&Path::Root, "Tags");
        let item = Path::Item(&tags, 0);
        let key = Path::Member(&item, "Key");
        assert_eq!((key.in_model().as_str(), key.in_message().as_str()), ("Tags.Key", "tags.1.member.key"));
        assert_eq!(Path::Key(&tags, "A").in_message(), "tags.A.key");
        assert_eq!(Path::Value(&tags, "A").in_message(), "tags.A.member");
    }
}
