//! One-time codes of virtual MFA devices (RFC 6238: 30 seconds, six digits, HMAC-SHA1).

use ring::hmac;
use stepward_types::Timestamp;

use crate::access::Access;
use crate::entity::MfaDevice;
use crate::random::base32;

const SEED_CHARACTERS: usize = 64;
const STEP_MILLIS: i64 = 30_000;
/// How many steps the clock of a device may be off, either way, beyond what is known of it (RFC 6238: one).
const STEPS_OFF: i64 = 1;
/// How far it may be off when it is enabled or resynchronized: two codes that follow each other prove the clock.
const STEPS_OFF_SYNCHRONIZED: i64 = 40;

/// A new seed, base32.
pub fn mfa_seed() -> String {
    base32(SEED_CHARACTERS)
}

impl Access {
    /// The step in which a device shows a code around now; none when it is wrong or was used already.
    pub fn mfa_step(&self, device: &MfaDevice, code: &str, now: Timestamp) -> Option<u64> {
        let key = self.mfa_key(device)?;
        let expected = current_step(now).checked_add_signed(device.steps_ahead)?;
        let mut steps = around(expected, STEPS_OFF);
        steps.find(|step| *step > device.last_step && code_at(&key, *step).as_deref() == Some(code))
    }

    /// Sets a device by two codes that follow each other; false when they do not, or were used already.
    pub fn synchronize_mfa(&self, device: &mut MfaDevice, codes: [&str; 2], now: Timestamp) -> bool {
        let Some(key) = self.mfa_key(device) else { return false };
        let current = current_step(now);
        let follow = |step: &u64| {
            let shown = [code_at(&key, *step), code_at(&key, step + 1)];
            *step > device.last_step
                && codes.iter().zip(shown).all(|(code, shown)| shown.as_deref() == Some(*code))
        };
        // The nearest first: what the clock of the device most likely says.
        let mut steps: Vec<u64> = around(current, STEPS_OFF_SYNCHRONIZED).collect();
        steps.sort_by_key(|step| step.abs_diff(current));
        let Some(first) = steps.into_iter().find(follow) else { return false };
        // The second code may be of the step that has just begun, or of the next one: within one step it is in time.
        let ahead = i64::try_from(first + 1).unwrap_or_default() - i64::try_from(current).unwrap_or_default();
        device.steps_ahead = if ahead.abs() <= STEPS_OFF { 0 } else { ahead };
        device.last_step = first + 1;
        true
    }

    fn mfa_key(&self, device: &MfaDevice) -> Option<hmac::Key> {
        let seed = self.unseal(&device.serial_number, &device.seed_sealed)?;
        Some(hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &decode(&seed)?))
    }
}

fn current_step(now: Timestamp) -> u64 {
    u64::try_from(now.millis() / STEP_MILLIS).unwrap_or_default()
}

/// The steps around one, in order.
fn around(step: u64, off: i64) -> impl Iterator<Item = u64> {
    (-off..=off).filter_map(move |steps| step.checked_add_signed(steps))
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

    /// A device with the seed of the RFC.
    async fn device() -> (tempfile::TempDir, Access, MfaDevice, hmac::Key) {
        let folder = tempfile::tempdir().unwrap();
        let access = crate::tests::open(folder.path(), true).await;
        let serial_number = "arn:aws:iam::111122223333:mfa/phone".to_owned();
        let device = MfaDevice {
            seed_sealed: access.seal(&serial_number, b"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap(),
            serial_number,
            created: crate::tests::NOW,
            user: None,
            enabled: None,
            last_step: 0,
            steps_ahead: 0,
            tags: Default::default(),
        };
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"12345678901234567890");
        (folder, access, device, key)
    }

    #[tokio::test]
    async fn a_code_is_good_one_step_around_now_and_once() {
        let (_folder, access, mut device, key) = device().await;
        let now = crate::tests::NOW;
        let step = current_step(now);
        let code = |step| code_at(&key, step).unwrap();
        for (off, is_good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let shown = step.checked_add_signed(off).unwrap();
            assert_eq!(access.mfa_step(&device, &code(shown), now).is_some(), is_good, "{off}");
        }
        device.last_step = access.mfa_step(&device, &code(step), now).unwrap();
        assert_eq!(access.mfa_step(&device, &code(step), now), None);
        assert_eq!(access.mfa_step(&device, &code(step - 1), now), None);
        assert_eq!(access.mfa_step(&device, &code(step + 1), now), Some(step + 1));
    }

    #[tokio::test]
    async fn a_device_whose_clock_is_wrong_works_once_it_is_synchronized() {
        let (_folder, access, mut device, key) = device().await;
        let now = crate::tests::NOW;
        let late = current_step(now) - 20;
        let code = |step| code_at(&key, step).unwrap();
        assert_eq!(access.mfa_step(&device, &code(late), now), None);
        let (first, second) = (code(late - 1), code(late));
        assert!(!access.synchronize_mfa(&mut device, [&second, &first], now));
        assert!(!access.synchronize_mfa(&mut device, [&first, &code(late + 1)], now));
        assert!(access.synchronize_mfa(&mut device, [&first, &second], now));
        assert!(!access.synchronize_mfa(&mut device, [&first, &second], now));
        assert_eq!((device.steps_ahead, device.last_step), (-20, late));
        let later = now.plus_millis(STEP_MILLIS);
        assert_eq!(access.mfa_step(&device, &code(late + 1), later), Some(late + 1));
        assert_eq!(access.mfa_step(&device, &code(current_step(later)), later), None);
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"12345678901234567890");
        assert_eq!(code_at(&key, 1).as_deref(), Some("287082"));
        assert_eq!(code_at(&key, 1_111_111_109 / 30).as_deref(), Some("081804"));
        assert_eq!(decode(b"GEZDGNBVGY3TQOJQ").as_deref(), Some(b"1234567890".as_slice()));
    }
}
