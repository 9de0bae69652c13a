//! What functions print: kept in a file per function, the end of it in memory for who asks.

use std::collections::VecDeque;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// AWS: the tail of a log that Invoke gives has 4 KiB.
const TAIL_BYTES: usize = 4 * 1_024;
/// A log file that grew so large is set aside once, and then replaced.
const FILE_BYTES_MAX: u64 = 64 * 1_024 * 1_024;

/// The log of one worker.
#[derive(Clone)]
pub(crate) struct Log {
    shared: Arc<Mutex<Shared>>,
}

struct Shared {
    file: PathBuf,
    tail: VecDeque<u8>,
}

impl Log {
    pub(crate) fn new(folder: &Path, function: &str) -> Self {
        let file = folder.join("aws").join("lambda").join(format!("{function}.log"));
        Self { shared: Arc::new(Mutex::new(Shared { file, tail: VecDeque::new() })) }
    }

    /// Keeps what a stream says, until its end.
    pub(crate) fn follow(&self, mut stream: impl AsyncRead + Unpin + Send + 'static) {
        let log = self.clone();
        tokio::spawn(async move {
            let mut buffer = vec![0; 8 * 1_024];
            while let Ok(read) = stream.read(&mut buffer).await {
                if read == 0 {
                    return;
                }
                log.write(buffer.get(..read).unwrap_or_default());
            }
        });
    }

    pub(crate) fn line(&self, text: &str) {
        self.write(format!("{text}\n").as_bytes());
    }

    /// The end of the log since the invocation began.
    pub(crate) fn tail(&self) -> String {
        let shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = shared.tail.iter().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// A new invocation begins: its tail is empty.
    pub(crate) fn begin(&self) {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).tail.clear();
    }

    fn write(&self, bytes: &[u8]) {
        let mut shared = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        shared.tail.extend(bytes);
        let surplus = shared.tail.len().saturating_sub(TAIL_BYTES);
        shared.tail.drain(..surplus);
        if let Err(error) = append(&shared.file, bytes) {
            tracing::warn!(%error, file = %shared.file.display(), "a function's log could not be written");
        }
    }
}

fn append(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    if std::fs::metadata(file).is_ok_and(|metadata| metadata.len() > FILE_BYTES_MAX) {
        std::fs::rename(file, file.with_extension("log.1"))?;
    }
    std::fs::OpenOptions::new().create(true).append(true).open(file)?.write_all(bytes)
}
