//! Ids and secrets as AWS shapes them.

use std::cell::RefCell;

use ring::rand::{SecureRandom, SystemRandom};

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const LETTERS: &[u8; 52] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The prefixes of unique ids (AWS: IAM identifiers).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UniqueId {
    User,
    Role,
    Group,
    Policy,
    InstanceProfile,
    Certificate,
    PublicKey,
    ServiceCredential,
}

impl UniqueId {
    fn prefix(self) -> &'static str {
        match self {
            Self::User => "AIDA",
            Self::Role => "AROA",
            Self::Group => "AGPA",
            Self::Policy => "ANPA",
            Self::InstanceProfile => "AIPA",
            Self::Certificate => "ASCA",
            Self::PublicKey => "APKA",
            Self::ServiceCredential => "ACCA",
        }
    }
}

/// A new unique id: prefix and 17 letters and digits.
pub fn unique_id(kind: UniqueId) -> String {
    format!("{}{}", kind.prefix(), pick(BASE32, 17))
}

/// A new secret of 40 characters, as secret access keys are.
pub fn secret() -> String {
    pick(BASE64, 40)
}

/// A random version 4 UUID.
pub fn uuid() -> String {
    let mut bytes = [0_u8; 16];
    fill(&mut bytes);
    let number = u128::from_be_bytes(bytes) & !(0xf000_u128 << 64) & !(0xc000_u128 << 48)
        | (0x4000_u128 << 64)
        | (0x8000_u128 << 48);
    let mut text = String::with_capacity(36);
    for place in 0..32_u32 {
        if matches!(place, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        let digit = u32::try_from((number >> (124 - 4 * place)) & 15).unwrap_or_default();
        text.push(char::from_digit(digit, 16).unwrap_or('0'));
    }
    text
}

pub(crate) fn base32(count: usize) -> String {
    pick(BASE32, count)
}

/// Random letters: the session names of Step Functions are 32 of them.
pub fn letters(count: usize) -> String {
    pick(LETTERS, count)
}

/// A new access key id that carries its account: a leading one bit, 40 bits of account, 39 random bits.
pub(crate) fn access_key_id(prefix: &str, account: &str) -> String {
    let account: u128 = account.parse::<u128>().unwrap_or_default() & 0xFF_FFFF_FFFF;
    let mut random = [0_u8; 16];
    fill(&mut random);
    let bits = (1 << 79) | (account << 39) | (u128::from_be_bytes(random) & 0x7F_FFFF_FFFF);
    let character = |index: u32| {
        let digit = usize::try_from((bits >> (75 - 5 * index)) & 31).unwrap_or_default();
        char::from(BASE32.get(digit).copied().unwrap_or(b'A'))
    };
    prefix.chars().chain((0..16).map(character)).collect()
}

/// The account that an access key id carries; none when it is not of AWS's shape.
pub fn access_key_account(id: &str) -> Option<String> {
    let digits = id.strip_prefix("AKIA").or_else(|| id.strip_prefix("ASIA"))?;
    if digits.len() != 16 {
        return None;
    }
    let mut bits: u128 = 0;
    for byte in digits.bytes() {
        let digit = BASE32.iter().position(|known| *known == byte)?;
        bits = (bits << 5) | u128::try_from(digit).ok()?;
    }
    Some(format!("{:012}", (bits >> 39) & 0xFF_FFFF_FFFF))
}

fn pick(alphabet: &[u8], count: usize) -> String {
    let mut text = String::with_capacity(count);
    // The largest multiple of the alphabet's length: bytes above it would favour the first characters.
    let end = 256 - 256 % alphabet.len();
    let mut bytes = [0_u8; 64];
    while text.len() < count {
        fill(&mut bytes);
        let characters = bytes.iter().map(|byte| usize::from(*byte)).filter(|byte| *byte < end);
        for character in characters.filter_map(|byte| alphabet.get(byte % alphabet.len())) {
            if text.len() < count {
                text.push(char::from(*character));
            }
        }
    }
    text
}

/// Random bytes of the system that wait to be used, so that it is not asked for a few at a time.
struct Stock {
    bytes: [u8; STOCK_BYTES],
    used: usize,
}

const STOCK_BYTES: usize = 2_048;

thread_local! {
    static STOCK: RefCell<Stock> = const { RefCell::new(Stock { bytes: [0; STOCK_BYTES], used: STOCK_BYTES }) };
}

/// Random bytes that nobody can guess; none is given out twice.
pub fn fill(bytes: &mut [u8]) {
    if bytes.len() > STOCK_BYTES {
        return ask(bytes);
    }
    STOCK.with_borrow_mut(|stock| {
        if stock.used + bytes.len() > STOCK_BYTES {
            ask(&mut stock.bytes);
            stock.used = 0;
        }
        let unused = stock.bytes.get_mut(stock.used..).unwrap_or_default();
        for (byte, of_stock) in bytes.iter_mut().zip(unused) {
            *byte = std::mem::take(of_stock);
        }
        stock.used += bytes.len();
    });
}

/// The system's generator does not fail once it has started; a process without one cannot make keys.
fn ask(bytes: &mut [u8]) {
    while SystemRandom::new().fill(bytes).is_err() {
        tracing::error!("the system gives no random bytes");
        std::thread::yield_now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unique_ids_have_the_prefix_and_length_of_aws() {
        let id = unique_id(UniqueId::Role);
        assert!(id.starts_with("AROA") && id.len() == 21, "{id}");
        assert_ne!(id, unique_id(UniqueId::Role));
        assert_eq!(secret().len(), 40);
    }

    #[test]
    fn an_access_key_id_tells_its_account() {
        for account in ["000000000000", "123456789012", "999999999999"] {
            let id = access_key_id("AKIA", account);
            assert_eq!(id.len(), 20);
            assert_eq!(access_key_account(&id).as_deref(), Some(account));
        }
        assert_eq!(access_key_account("AKIA"), None);
        assert_eq!(access_key_account("AKIA0000000000000000"), None);
        assert_eq!(access_key_account("test"), None);
    }
}
