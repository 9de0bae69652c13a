use super::*;

const RESOURCE: Syntax = Syntax { wildcards: true, variables: true, segments: true };
const LIKE: Syntax = Syntax { wildcards: true, variables: true, segments: false };

fn check(pattern: &str, syntax: Syntax, text: &str) -> bool {
    let context = Context::new().with("aws:username", "ada").with("s3:prefix", "a*b");
    Pattern::new(pattern, syntax).matches(text, &context, false)
}

#[test]
fn a_wildcard_before_the_resource_stays_inside_its_segment() {
    assert!(check("arn:aws:lambda:us-*-1:1:function:f", RESOURCE, "arn:aws:lambda:us-east-1:1:function:f"));
    assert!(!check("arn:aws:lambda:us*1:1:function:f", RESOURCE, "arn:aws:lambda:us:1:1:function:f"));
    assert!(!check("arn:aws:lambda:u?1:1:function:f", RESOURCE, "arn:aws:lambda:u:1:1:function:f"));
}

#[test]
fn a_star_at_the_end_of_a_segment_crosses_colons() {
    assert!(check(
        "arn:aws:lambda:us-east-1:1:function:f*",
        RESOURCE,
        "arn:aws:lambda:us-east-1:1:function:f:live"
    ));
    assert!(check("arn:aws:lambda:*:f", RESOURCE, "arn:aws:lambda:us-east-1:1:function:f"));
    assert!(check(
        "arn:aws:states:*:111122223333:*",
        RESOURCE,
        "arn:aws:states:us-east-1:111122223333:stateMachine:a"
    ));
}

#[test]
fn a_wildcard_in_the_resource_matches_any_character() {
    assert!(check("arn:aws:s3:::b/*/x", RESOURCE, "arn:aws:s3:::b/2026:01/x"));
    assert!(check("arn:aws:lambda:r:1:function:?*:live", RESOURCE, "arn:aws:lambda:r:1:function:f:live"));
    assert!(check("arn:aws:s3:::b/a?c", RESOURCE, "arn:aws:s3:::b/a:c"));
}

#[test]
fn variables_before_the_resource_are_plain_text() {
    assert!(!check("arn:aws:s3::${aws:username}:b", RESOURCE, "arn:aws:s3::ada:b"));
    assert!(check("arn:aws:s3:::b/${aws:username}/*", RESOURCE, "arn:aws:s3:::b/ada/x"));
}

#[test]
fn wildcards_match_as_in_a_shell() {
    for (pattern, text, expected) in [
        ("*", "", true),
        ("a*", "a", true),
        ("a*c", "abc", true),
        ("a*c", "abcd", false),
        ("*b*b", "abb", true),
        ("*b*b", "ab", false),
        ("a?c", "abc", true),
        ("a?c", "ac", false),
        ("?", "ä", true),
        ("a**b", "ab", true),
        ("a?*c", "ac", false),
        ("", "", true),
        ("", "a", false),
        ("a.c", "abc", false),
    ] {
        assert_eq!(check(pattern, LIKE, text), expected, "{pattern} {text}");
    }
}

#[test]
fn variables_are_literal_text_and_may_have_defaults() {
    assert!(check("home/${aws:username}/*", LIKE, "home/ada/x"));
    assert!(check("home/${AWS:UserName}", LIKE, "home/ada"));
    assert!(!check("home/${aws:nobody}", LIKE, "home/"));
    assert!(check("home/${aws:nobody, 'guest'}", LIKE, "home/guest"));
    assert!(check("home/${aws:username, 'guest'}", LIKE, "home/ada"));
    assert!(check("${s3:prefix}", LIKE, "a*b"));
    assert!(!check("${s3:prefix}", LIKE, "axb"));
    assert!(check("${*}${?}${$}", LIKE, "*?$"));
    assert!(check("${unclosed", LIKE, "${unclosed"));
}

#[test]
fn a_long_text_is_matched_as_a_short_one() {
    let long = format!("arn:aws:lambda:us-east-1:1:function:{}", "f".repeat(4_000));
    assert!(check("arn:aws:lambda:us-*-1:1:function:f*", RESOURCE, &long));
    assert!(!check("arn:aws:lambda:us-*-2:1:function:f*", RESOURCE, &long));
}
