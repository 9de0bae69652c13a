//! What JavaScript's engine answers, and what no engine should do.

use super::*;

/// The match and its groups as text; `-` for a group that captured nothing.
fn found(source: &str, flags: &str, text: &str) -> String {
    let units: Vec<u16> = text.encode_utf16().collect();
    let Some(pattern) = Pattern::compile(source, flags) else { return "refused".to_owned() };
    let mut limits = Limits { tick: &mut |_| Ok(()), branches_max: 1_000_000 };
    let shown = |range: &Range<usize>| String::from_utf16_lossy(units.get(range.clone()).unwrap());
    match pattern.find(&units, 0, &mut limits).unwrap() {
        Some(found) => {
            let groups =
                found.groups.iter().map(|group| group.as_ref().map_or_else(|| "-".to_owned(), shown));
            [format!("{}:{}", found.range.start, shown(&found.range))]
                .into_iter()
                .chain(groups)
                .collect::<Vec<_>>()
                .join(" ")
        }
        None => "nothing".to_owned(),
    }
}

#[test]
fn groups_begin_anew_with_each_turn() {
    assert_eq!(found("(z)((a+)?(b+)?(c))*", "", "zaacbbbcac"), "0:zaacbbbcac z ac a - c");
    assert_eq!(found("(a*)*", "", "b"), "0: -");
    assert_eq!(found("(?:a|ab)(?:c|bcd)(d*)", "", "abcd"), "0:abcd ");
    assert_eq!(found("(a*)(?:b)?\\1", "", "aabaa"), "0:aabaa aa");
}

#[test]
fn repetitions_are_greedy_or_lazy_and_counted() {
    assert_eq!(found("a{2,3}", "", "aaaa"), "0:aaa");
    assert_eq!(found("a{2,3}?", "", "aaaa"), "0:aa");
    assert_eq!(found("(?:ab){2}", "", "ababab"), "0:abab");
    assert_eq!(found("a{,2}", "", "a{,2}"), "0:a{,2}");
    assert_eq!(found("(a?){3}b", "", "aab"), "0:aab ");
    assert_eq!(found("x{2}{3}", "", "x"), "refused");
}

#[test]
fn looking_ahead_and_behind_captures_but_takes_nothing() {
    assert_eq!(found("(?=(a+))a*b\\1", "", "baaabac"), "3:aba a");
    assert_eq!(found("(.*?)a(?!(a+)b\\2c)\\2(.*)", "", "baaabaac"), "0:baaabaac ba - abaac");
    assert_eq!(found("(?<=\\$)\\d+(\\.\\d*)?", "", "cost $10.50"), "6:10.50 .50");
    assert_eq!(found("(?<=(\\d+)(\\d+))$", "", "1053"), "4: 1 053");
    assert_eq!(found("(?<!a)b", "", "abcb"), "3:b");
}

#[test]
fn old_escapes_and_classes_mean_what_they_meant() {
    assert_eq!(found("\\101\\x42\\u0043", "", "ABC"), "0:ABC");
    assert_eq!(found("[\\w-.]+", "", "a-b.c"), "0:a-b.c");
    assert_eq!(found("[^]", "", "\n"), "0:\n");
    assert_eq!(found("[]", "", "a"), "nothing");
    assert_eq!(found("\\p{L}", "", "p{L}"), "0:p{L}");
    assert_eq!(found("(?<year>\\d{4})-\\k<year>", "", "2020-2020"), "0:2020-2020 2020");
    assert_eq!(found("]}", "", "]}"), "0:]}");
    assert_eq!(found("(a", "", "a"), "refused");
    assert_eq!(found("a**", "", "a"), "refused");
}

#[test]
fn case_and_lines_count_as_the_flags_say() {
    assert_eq!(found("straße", "i", "STRAßE"), "0:STRAßE");
    assert_eq!(found("[a-z]+", "i", "ABCk"), "0:ABCk");
    assert_eq!(found("\u{3c3}", "i", "\u{3c2}"), "0:\u{3c2}");
    assert_eq!(found("^b$", "m", "a\nb\nc"), "2:b");
    assert_eq!(found("^b$", "", "a\nb\nc"), "nothing");
    assert_eq!(found("\\bfoo\\B", "", "food"), "0:foo");
}

#[test]
fn a_search_that_tries_everything_ends_with_its_limits() {
    let units: Vec<u16> = "a".repeat(50).encode_utf16().chain([u16::from(b'!')]).collect();
    let pattern = Pattern::compile("(a+)+$", "").unwrap();
    let mut ticks = 0;
    let mut tick = |_| {
        ticks += 1;
        if ticks > 100 { Err(Error::new("U1003")) } else { Ok(()) }
    };
    let mut limits = Limits { tick: &mut tick, branches_max: 1_000_000 };
    assert_eq!(pattern.find(&units, 0, &mut limits).err().unwrap().code(), "U1003");

    let long: Vec<u16> = vec![u16::from(b'a'); 100_000];
    let pattern = Pattern::compile("(?:a|b)*c", "").unwrap();
    let mut limits = Limits { tick: &mut |_| Ok(()), branches_max: 10_000 };
    assert_eq!(pattern.find(&long, 0, &mut limits).err().unwrap().code(), "U1002");
}
