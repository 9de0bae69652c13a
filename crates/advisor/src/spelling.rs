//! The nearest spelling of a name, for messages.

/// Longer names are not compared.
const CHARACTERS_MAX: usize = 200;

/// The candidate that differs least, when it differs little.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.to_lowercase().chars().collect();
    if wanted.len() > CHARACTERS_MAX {
        return None;
    }
    let limit = (wanted.len() / 3).max(1);
    let measured = candidates.map(|candidate| (distance(&wanted, candidate), candidate));
    measured.filter(|(distance, _)| *distance <= limit).min().map(|(_, candidate)| candidate)
}

/// How many letters must be added, removed or changed; the case does not count.
fn distance(wanted: &[char], candidate: &str) -> usize {
    let candidate = candidate.to_lowercase();
    let mut row: Vec<usize> = (0..=wanted.len()).collect();
    for (index, letter) in candidate.chars().enumerate() {
        let mut diagonal = row.first().copied().unwrap_or_default();
        let mut left = index + 1;
        let mut next = vec![left];
        for (own, above) in wanted.iter().zip(row.iter().skip(1)) {
            let changed = diagonal + usize::from(*own != letter);
            diagonal = *above;
            left = changed.min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_slip_finds_its_neighbour() {
        let names = ["dynamodb:GetItem", "dynamodb:PutItem", "lambda:InvokeFunction"];
        assert_eq!(nearest("dynamodb:getItme", names.into_iter()), Some("dynamodb:GetItem"));
        assert_eq!(nearest("lambda:invoke", names.into_iter()), None);
        assert_eq!(nearest("", names.into_iter()), None);
    }
}
