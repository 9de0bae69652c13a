//! Bundles: an index and entries, each compressed alone.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

/// An embedded bundle, whose index is read on first use.
pub(crate) struct Bundle {
    bytes: &'static [u8],
    index: OnceLock<BTreeMap<String, Entry>>,
}

/// Where an entry lies, and what it can be found by.
pub(crate) struct Entry {
    offset: usize,
    length: usize,
    pub(crate) facts: Value,
}

impl Bundle {
    pub(crate) const fn new(bytes: &'static [u8]) -> Self {
        Self { bytes, index: OnceLock::new() }
    }

    pub(crate) fn index(&self) -> &BTreeMap<String, Entry> {
        self.index.get_or_init(|| self.read_index().unwrap_or_default())
    }

    fn read_index(&self) -> Option<BTreeMap<String, Entry>> {
        let body = self.bytes.get(4..self.entries_start()?)?;
        let index: BTreeMap<String, (usize, usize, Value)> =
            serde_json::from_slice(&decompress(body)?).ok()?;
        let entry = |(name, (offset, length, facts))| (name, Entry { offset, length, facts });
        Some(index.into_iter().map(entry).collect())
    }

    fn entries_start(&self) -> Option<usize> {
        let length: [u8; 4] = self.bytes.get(..4)?.try_into().ok()?;
        Some(4 + usize::try_from(u32::from_le_bytes(length)).ok()?)
    }

    /// An entry as JSON.
    pub(crate) fn read(&self, name: &str) -> Option<Value> {
        let entry = self.index().get(name)?;
        let start = self.entries_start()? + entry.offset;
        let body = self.bytes.get(start..start + entry.length)?;
        serde_json::from_slice(&decompress(body)?).ok()
    }
}

fn decompress(body: &[u8]) -> Option<Vec<u8>> {
    zstd::decode_all(body).ok()
}
