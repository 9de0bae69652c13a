//! Names as the SDKs for Java have them, which Step Functions shows: members and exceptions.

use stepward_models::Member;

/// Whose names: the optimized integrations were made with the SDK's version 1, `aws-sdk` with version 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameStyle {
    /// The model's name with a capital first letter: `MD5OfMessageBody`.
    V1,
    /// Leading capitals are one word: `Md5OfMessageBody`, `DbInstanceIdentifier`.
    V2,
}

/// A member's name in a state machine.
pub fn member_name(member: &Member, style: NameStyle) -> String {
    match style {
        NameStyle::V1 => capitalized(&member.name),
        // AWS: a field that is called equals would hide the method of that name.
        NameStyle::V2 if member.name == "equals" => "EqualsValue".to_owned(),
        NameStyle::V2 => capitalized(&uncapitalized(&member.name)),
    }
}

/// The name of an exception's class, of the name of the error's shape: always ends in `Exception`.
pub fn exception_name(shape: &str, style: NameStyle) -> String {
    let base = shape.strip_suffix("Exception").or_else(|| shape.strip_suffix("Fault")).unwrap_or(shape);
    match style {
        NameStyle::V1 => format!("{}Exception", capitalized(base)),
        NameStyle::V2 => format!("{}Exception", words(base)),
    }
}

fn capitalized(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// Lowers the leading run of capitals, but for the one that begins the next word: `SSEKMSKeyId` is `ssekmsKeyId`.
fn uncapitalized(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let is_upper = |at: usize| letters.get(at).is_some_and(char::is_ascii_uppercase);
    let is_lower = |at: usize| letters.get(at).is_some_and(char::is_ascii_lowercase);
    let mut end = 1;
    while is_upper(end) && !is_lower(end + 1) {
        end += 1;
    }
    let lowered = letters.iter().take(end).map(char::to_ascii_lowercase);
    lowered.chain(letters.iter().skip(end).copied()).collect()
}

/// Every run of capitals as one word: `KMSInvalidState` is `KmsInvalidState`.
fn words(name: &str) -> String {
    let letters: Vec<char> = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let mut written = String::with_capacity(name.len());
    for (at, letter) in letters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| letters.get(at));
        let begins = match before {
            None => true,
            Some(before) if before.is_ascii_uppercase() => {
                letters.get(at + 1).is_some_and(char::is_ascii_lowercase)
            }
            Some(_) => true,
        };
        if letter.is_ascii_uppercase() && !begins {
            written.push(letter.to_ascii_lowercase());
        } else if at == 0 {
            written.push(letter.to_ascii_uppercase());
        } else {
            written.push(*letter);
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leading_capitals_are_one_word_to_the_second_version() {
        for (name, expected) in [
            ("MD5OfMessageBody", "Md5OfMessageBody"),
            ("ETag", "ETag"),
            ("ACL", "Acl"),
            ("SSEKMSKeyId", "SsekmsKeyId"),
            ("SSECustomerKeyMD5", "SseCustomerKeyMD5"),
            ("DBInstanceIdentifier", "DbInstanceIdentifier"),
            ("taskArn", "TaskArn"),
            ("S3Bucket", "S3Bucket"),
            ("TableName", "TableName"),
        ] {
            assert_eq!(capitalized(&uncapitalized(name)), expected);
        }
    }

    #[test]
    fn every_exception_ends_in_exception() {
        for (name, expected) in [
            ("NoSuchKey", "NoSuchKeyException"),
            ("ResourceNotFoundException", "ResourceNotFoundException"),
            ("DBInstanceNotFoundFault", "DbInstanceNotFoundException"),
            ("KMSInvalidStateException", "KmsInvalidStateException"),
            ("QueueDoesNotExist", "QueueDoesNotExistException"),
        ] {
            assert_eq!(exception_name(name, NameStyle::V2), expected);
        }
    }
}
