//! The known name that a misspelt one was probably meant to be.

/// The name that differs least, if it differs in few letters; case does not count.
pub(super) fn nearest<'a>(given: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_ascii_lowercase();
    let distances = known.map(|name| (distance(&given, &name.to_ascii_lowercase()), name));
    let (distance, name) = distances.min()?;
    (distance <= 1 + given.len() / 5).then_some(name)
}

/// Letters to insert, delete or replace.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, letter) in left.chars().enumerate() {
        let mut next = vec![at + 1];
        for ((other, above), beside) in right.iter().zip(row.iter().skip(1)).zip(&row) {
            let replaced = beside + usize::from(letter != *other);
            let inserted = next.last().copied().unwrap_or_default() + 1;
            next.push(replaced.min(inserted).min(above + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_name_finds_the_one_it_was_meant_to_be() {
        let known = ["GetObject", "GetObjectAcl", "PutObject"];
        assert_eq!(nearest("GetObjekt", known.into_iter()), Some("GetObject"));
        assert_eq!(nearest("getobjectacls", known.into_iter()), Some("GetObjectAcl"));
        assert_eq!(nearest("Invoke", known.into_iter()), None);
    }
}
