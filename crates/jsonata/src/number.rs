//! Numbers as JavaScript reads and writes them.

/// `1e21` and beyond have an exponent, whole numbers no fraction.
pub(crate) fn write(number: f64) -> String {
    if number == 0.0 {
        return "0".to_owned();
    }
    ryu_js::Buffer::new().format(number).to_owned()
}

/// The number as `$string` writes it: with 15 digits at most.
pub(crate) fn write_rounded(number: f64) -> String {
    write(rounded(number))
}

/// With 15 digits at most.
pub(crate) fn rounded(number: f64) -> f64 {
    // Whole numbers keep all digits: later releases of the reference write them so.
    if number.fract() == 0.0 {
        return number;
    }
    format!("{number:.14e}").parse().unwrap_or(number)
}

/// A JSON number, or one in hexadecimal, octal or binary.
pub(crate) fn read(text: &str) -> Option<f64> {
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2), ("0X", 16), ("0O", 8), ("0B", 2)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are doubles")]
            return u64::from_str_radix(digits, radix).ok().map(|number| number as f64);
        }
    }
    let bytes = text.as_bytes();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let whole: &str = digits.split(['.', 'e', 'E']).next().unwrap_or_default();
    let is_json = bytes.last().is_some_and(u8::is_ascii_digit)
        && !whole.is_empty()
        && whole.bytes().all(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    text.parse::<f64>().ok().filter(|number| is_json && number.is_finite())
}
