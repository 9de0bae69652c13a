//! Authenticated encryption of secrets at rest and of session tokens, by one master key in the data folder.

use std::fs::OpenOptions;
use std::io::{Read as _, Write as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use crate::error::AccessError;
use crate::random::fill;

const KEY_FILE: &str = "master.key";
const KEY_BYTES: usize = 32;
const NONCE_BYTES: usize = 12;

/// Seals and opens texts.
pub(crate) struct Vault {
    key: LessSafeKey,
}

impl Vault {
    /// Reads the master key of a data folder, or makes one that only the owner can read, where nothing is sealed yet:
    /// what was sealed with a key that is gone opens with no other.
    pub(crate) fn open(folder: &Path, is_in_use: bool) -> Result<Self, AccessError> {
        let path = folder.join(KEY_FILE);
        let key = match std::fs::File::open(&path) {
            Ok(mut file) => {
                let mut key = Vec::new();
                file.read_to_end(&mut key).map_err(AccessError::MasterKey)?;
                key
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !is_in_use => create(&path)?,
            Err(error) => return Err(AccessError::MasterKey(error)),
        };
        Self::with_key(&key)
    }

    pub(crate) fn with_key(key: &[u8]) -> Result<Self, AccessError> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| AccessError::MasterKeyLength(key.len()))?;
        Ok(Self { key: LessSafeKey::new(key) })
    }

    /// Seals bytes for a purpose: they open for the same purpose only.
    pub(crate) fn seal(&self, purpose: &str, plain: &[u8]) -> Result<String, AccessError> {
        let mut nonce = [0_u8; NONCE_BYTES];
        fill(&mut nonce);
        let mut sealed = plain.to_vec();
        self.key
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(purpose.as_bytes()),
                &mut sealed,
            )
            .map_err(|_| AccessError::Seal)?;
        let mut bytes = nonce.to_vec();
        bytes.append(&mut sealed);
        Ok(BASE64.encode(bytes))
    }

    /// The bytes that were sealed for the purpose; none when the text was not made here.
    pub(crate) fn open_sealed(&self, purpose: &str, text: &str) -> Option<Vec<u8>> {
        let bytes = BASE64.decode(text).ok()?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE_BYTES)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let plain = self.key.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut sealed).ok()?;
        Some(plain.to_vec())
    }
}

fn create(path: &Path) -> Result<Vec<u8>, AccessError> {
    let mut key = vec![0_u8; KEY_BYTES];
    fill(&mut key);
    write(path, &key).map_err(AccessError::MasterKey)?;
    Ok(key)
}

// Whole or not at all: a key that was half written when the machine stopped would lock every secret away.
fn write(path: &Path, key: &[u8]) -> std::io::Result<()> {
    let new = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(key)?;
    file.sync_all()?;
    std::fs::rename(&new, path)?;
    // The name, too, must outlive a loss of power.
    path.parent().map_or(Ok(()), |folder| std::fs::File::open(folder)?.sync_all())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_purpose_only() {
        let vault = Vault::with_key(&[7; 32]).unwrap();
        let sealed = vault.seal("key", b"secret").unwrap();
        assert_eq!(vault.open_sealed("key", &sealed).as_deref(), Some(b"secret".as_slice()));
        assert_eq!(vault.open_sealed("other", &sealed), None);
        assert_eq!(Vault::with_key(&[8; 32]).unwrap().open_sealed("key", &sealed), None);
        for garbage in ["", "AAAA", "not base64!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"] {
            assert_eq!(vault.open_sealed("key", garbage), None, "{garbage}");
        }
    }
}
