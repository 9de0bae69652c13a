use serde_json::json;
use stepward_models::service;

use super::*;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<char> = hex.chars().filter(|digit| !digit.is_whitespace()).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(&pair.iter().collect::<String>(), 16).unwrap()).collect()
}

/// RFC 8949, appendix A, as far as the protocol uses it.
#[test]
fn the_examples_of_the_standard_are_read() {
    for (hex, expected) in [
        ("00", json!(0)),
        ("17", json!(23)),
        ("1818", json!(24)),
        ("1903e8", json!(1000)),
        ("1a000f4240", json!(1_000_000)),
        ("1b000000e8d4a51000", json!(1_000_000_000_000_u64)),
        ("1bffffffffffffffff", json!(18_446_744_073_709_551_615_u64)),
        ("20", json!(-1)),
        ("3903e7", json!(-1000)),
        ("f90000", json!(0.0)),
        ("f93c00", json!(1.0)),
        ("f93e00", json!(1.5)),
        ("f97bff", json!(65504.0)),
        ("f90001", json!(5.960_464_477_539_063e-8)),
        ("f90400", json!(0.000_061_035_156_25)),
        ("f9c400", json!(-4.0)),
        ("fa47c35000", json!(100_000.0)),
        ("fb3ff199999999999a", json!(1.1)),
        ("f97c00", json!("Infinity")),
        ("f97e00", json!("NaN")),
        ("faff800000", json!("-Infinity")),
        ("f4", json!(false)),
        ("f5", json!(true)),
        ("f6", json!(null)),
        ("f7", json!(null)),
        ("c11a514b67b0", json!(1_363_896_240.0)),
        ("c1fb41d452d9ec200000", json!(1_363_896_240.5)),
        ("4401020304", json!("AQIDBA==")),
        ("6449455446", json!("IETF")),
        ("62c3bc", json!("ü")),
        ("83010203", json!([1, 2, 3])),
        ("a26161016162820203", json!({"a": 1, "b": [2, 3]})),
        ("5f42010243030405ff", json!("AQIDBAU=")),
        ("7f657374726561646d696e67ff", json!("streaming")),
        ("9f018202039f0405ffff", json!([1, [2, 3], [4, 5]])),
        ("bf61610161629f0203ffff", json!({"a": 1, "b": [2, 3]})),
    ] {
        assert_eq!(read_plain(&bytes(hex)), Some(expected), "{hex}");
    }
}

#[test]
fn what_is_no_item_or_could_be_two_is_refused() {
    let deep = format!("{}{}", "81".repeat(200), "00");
    let many = "9f".to_owned() + &"00".repeat(1_000_001) + "ff";
    for (hex, why) in [
        ("", "ends early"),
        ("18", "ends early"),
        ("43aabb", "ends early"),
        ("9bffffffffffffffff00", "ends early"),
        ("5bffffffffffffffff00", "ends early"),
        ("bf6161", "ends early"),
        ("9f01", "ends early"),
        ("0000", "something follows"),
        ("1c", "no such item"),
        ("1f", "no such item"),
        ("ff", "no such item"),
        ("f0", "no such simple value"),
        ("61ff", "no UTF-8"),
        ("a10102", "a key is no text"),
        ("a2616101616102", "twice"),
        ("5f6161ff", "parts of another kind"),
        ("5f5f4101ffff", "parts of another kind"),
        ("c1f97e00", "a time is no number"),
        ("c16130", "a time is no number"),
        ("3bffffffffffffffff", "below the smallest long"),
        (&deep, "nested more than"),
        (&many, "more than 1000000 items"),
    ] {
        let error = Item::parse(&bytes(hex)).unwrap_err();
        assert!(error.contains(why), "{}: {error}", hex.get(..40).unwrap_or(hex));
    }
}

#[test]
fn members_are_of_the_kinds_of_the_model() {
    let cloudwatch = service("cloudwatch").unwrap();
    let input = cloudwatch.operations["PutMetricData"].input.unwrap();
    let datum = json!({"MetricName": "m", "Timestamp": 1_767_225_600.5, "Value": 1.5, "Counts": [1.0], "StorageResolution": 1});
    let value = json!({"Namespace": "n", "MetricData": [datum]});
    let written = write(cloudwatch, cloudwatch.shape(input), &value);
    assert_eq!(read(cloudwatch, input, &written), Ok(value));
    let wrong = |value: Value| read(cloudwatch, input, &write_plain(&value)).unwrap_err();
    assert_eq!(wrong(json!({"Namespace": 1})), "Expected a text string at 'Namespace'.");
    assert_eq!(
        wrong(json!({"MetricData": [{"Timestamp": 5}]})),
        "Expected a timestamp: seconds under tag 1 at 'MetricData.Timestamp'."
    );
    assert_eq!(wrong(json!([])), "Expected a map at ''.");
    assert_eq!(read(cloudwatch, input, &write_plain(&json!({"Other": 1, "Namespace": null}))), Ok(json!({})));
    assert_eq!(read(cloudwatch, input, b""), Ok(json!({})));
}

proptest::proptest! {
    #[test]
    fn no_bytes_are_too_much_for_the_reader(bytes: Vec<u8>) {
        let _ = Item::parse(&bytes);
    }

    #[test]
    fn integers_and_texts_are_read_as_they_were_written(number: i64, text: String, flag: bool) {
        let value = json!({"n": number, "t": text, "f": [flag, null]});
        proptest::prop_assert_eq!(read_plain(&write_plain(&value)), Some(value));
    }
}
