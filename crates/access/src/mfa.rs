//! One-time codes of virtual MFA devices (RFC 6238: 30 seconds, six digits, HMAC-SHA1).

use ring::hmac;
use stepward_types::Timestamp;

use crate::access::Access;
use crate::entity::MfaDevice;
use crate::random::base32;

const SEED_CHARACTERS: usize = 64;
const STEP_MILLIS: i64 = 30_000;
/// How many steps a device's clock may be off, either way.
const STEPS_OFF: u64 = 2;

/// A new seed, base32.
pub fn mfa_seed() -> String {
    base32(SEED_CHARACTERS)
}

impl Access {
    /// The step in which a device shows a code around now; none when it is wrong or was used already.
    pub fn mfa_step(&self, device: &MfaDevice, code: &str, now: Timestamp) -> Option<u64> {
        let seed = self.unseal(&device.serial_number, &device.seed_sealed)?;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &decode(&seed)?);
        let current = u64::try_from(now.millis() / STEP_MILLIS).ok()?;
        let mut steps = current.saturating_sub(STEPS_OFF)..=current + STEPS_OFF;
        steps.find(|step| *step > device.last_step && code_at(&key, *step).as_deref() == Some(code))
    }
}

fn code_at(key: &hmac::Key, step: u64) -> Option<String> {
    let tag = hmac::sign(key, &step.to_be_bytes());
    let offset = usize::from(tag.as_ref().last()? & 15);
    let bytes: [u8; 4] = tag.as_ref().get(offset..offset + 4)?.try_into().ok()?;
    Some(format!("{:06}", (u32::from_be_bytes(bytes) & 0x7FFF_FFFF) % 1_000_000))
}

fn decode(seed: &[u8]) -> Option<Vec<u8>> {
    let (mut bits, mut count, mut bytes) = (0_u32, 0_u32, Vec::new());
    for character in seed {
        let digit = match character {
            b'A'..=b'Z' => character - b'A',
            b'2'..=b'7' => character - b'2' + 26,
            _ => return None,
        };
        bits = (bits << 5) | u32::from(digit);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xFF).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_rfc() {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"12345678901234567890");
        assert_eq!(code_at(&key, 1).as_deref(), Some("287082"));
        assert_eq!(code_at(&key, 1_111_111_109 / 30).as_deref(), Some("081804"));
        assert_eq!(decode(b"GEZDGNBVGY3TQOJQ").as_deref(), Some(b"1234567890".as_slice()));
    }
}
