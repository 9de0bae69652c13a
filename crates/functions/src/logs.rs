//! What functions print: kept in a file per function, the end of it in memory for who asks.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncReadExt as _};

/// AWS: the tail of a log that Invoke gives has 4 KiB.
const TAIL_BYTES: usize = 4 * 1_024;
/// A log file that grew so large is set aside once, and then replaced.
const FILE_BYTES_MAX: u64 = 64 * 1_024 * 1_024;
/// How long a file is written before it is looked up again: somebody may have moved it away.
const OPEN_MAX: Duration = Duration::from_secs(1);

/// How long lines of invocations that printed nothing may wait to be written together.
const GATHER: Duration = Duration::from_millis(100);
/// As many bytes of such lines are written at once.
const GATHERED_BYTES_MAX: usize = 32 * 1_024;

/// The log files of all functions.
#[derive(Default)]
pub(crate) struct Logs {
    files: Mutex<HashMap<PathBuf, Arc<Mutex<LogFile>>>>,
}

/// A file that the workers of a function share.
struct LogFile {
    path: PathBuf,
    open: Option<(File, Instant)>,
    bytes: u64,
    /// Not yet written: who starts with it writes it in a moment.
    gathered: Vec<u8>,
}

/// The log of one worker.
#[derive(Clone)]
pub(crate) struct Log {
    file: Arc<Mutex<LogFile>>,
    current: Arc<Mutex<Current>>,
}

/// The log of the present invocation.
#[derive(Default)]
struct Current {
    /// Written with what follows it.
    pending: Vec<u8>,
    /// Whether the function printed something: then who reads its log waits for it.
    has_printed: bool,
    /// None when nobody wants it.
    tail: Option<VecDeque<u8>>,
}

impl Logs {
    /// The log of a new worker.
    pub(crate) fn of(&self, folder: &Path, function: &str) -> Log {
        let path = folder.join("aws").join("lambda").join(format!("{function}.log"));
        let mut files = lock(&self.files);
        let file = files.entry(path.clone()).or_insert_with(|| {
            Arc::new(Mutex::new(LogFile { path, open: None, bytes: 0, gathered: Vec::new() }))
        });
        Log { file: Arc::clone(file), current: Arc::default() }
    }
}

impl Log {
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

    /// A new invocation begins: its tail is empty, and kept if it is wanted.
    pub(crate) fn begin(&self, line: &str, wants_tail: bool) {
        let mut current = lock(&self.current);
        current.tail = wants_tail.then(VecDeque::new);
        current.has_printed = false;
        current.note(line.as_bytes());
        current.pending.extend_from_slice(line.as_bytes());
    }

    /// The end of the log since the invocation began.
    pub(crate) fn tail(&self) -> String {
        let bytes: Vec<u8> = lock(&self.current).tail.iter().flatten().copied().collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    pub(crate) fn write(&self, bytes: &[u8]) {
        let mut current = lock(&self.current);
        current.has_printed = true;
        let text = current.with_pending(bytes);
        lock(&self.file).append(&text);
        current.pending = emptied(text);
    }

    /// Writes the last lines of an invocation; with others, a moment later, if it printed nothing.
    pub(crate) fn end(&self, lines: &str) {
        let mut current = lock(&self.current);
        let text = current.with_pending(lines.as_bytes());
        let mut file = lock(&self.file);
        if current.has_printed {
            file.append(&text);
        } else if file.gather(&text) {
            let file = Arc::clone(&self.file);
            tokio::spawn(async move {
                tokio::time::sleep(GATHER).await;
                lock(&file).append(b"");
            });
        }
        current.pending = emptied(text);
    }
}

fn emptied(mut text: Vec<u8>) -> Vec<u8> {
    text.clear();
    text
}

impl Current {
    /// What was not yet written and what is new.
    fn with_pending(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.note(bytes);
        let mut text = std::mem::take(&mut self.pending);
        text.extend_from_slice(bytes);
        text
    }

    fn note(&mut self, bytes: &[u8]) {
        let Some(tail) = &mut self.tail else { return };
        tail.extend(bytes);
        let surplus = tail.len().saturating_sub(TAIL_BYTES);
        tail.drain(..surplus);
    }
}

impl LogFile {
    /// Keeps lines to be written with others; tells whether they are the first, so that somebody has to see to it.
    fn gather(&mut self, bytes: &[u8]) -> bool {
        let is_first = self.gathered.is_empty();
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= GATHERED_BYTES_MAX {
            self.append(b"");
        }
        is_first
    }

    fn append(&mut self, bytes: &[u8]) {
        let mut text = std::mem::take(&mut self.gathered);
        let all = if text.is_empty() {
            bytes
        } else {
            text.extend_from_slice(bytes);
            &text
        };
        if all.is_empty() {
            return;
        }
        if let Err(error) = self.write(all) {
            tracing::warn!(%error, file = %self.path.display(), "a function's log could not be written");
        }
        self.gathered = emptied(text);
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        if self.bytes > FILE_BYTES_MAX {
            std::fs::rename(&self.path, self.path.with_extension("log.1"))?;
            self.open = None;
        }
        let kept = self.open.take().filter(|(_, opened)| opened.elapsed() < OPEN_MAX);
        let (mut file, opened) = match kept {
            Some(kept) => kept,
            None => self.reopen()?,
        };
        file.write_all(bytes)?;
        self.bytes += u64::try_from(bytes.len()).unwrap_or_default();
        self.open = Some((file, opened));
        Ok(())
    }

    fn reopen(&mut self) -> std::io::Result<(File, Instant)> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder)?;
        }
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&self.path)?;
        self.bytes = file.metadata()?.len();
        Ok((file, Instant::now()))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(folder: &Path) -> PathBuf {
        folder.join("aws/lambda/f.log")
    }

    #[test]
    fn workers_of_a_function_share_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let logs = Logs::default();
        let [one, two] = [logs.of(folder.path(), "f"), logs.of(folder.path(), "f")];
        one.begin("START 1\n", true);
        two.begin("START 2\n", false);
        two.write(b"said\n");
        two.end("END 2\n");
        one.write(b"said\n");
        assert_eq!((one.tail().as_str(), two.tail().as_str()), ("START 1\nsaid\n", ""));
        let written = std::fs::read_to_string(place(folder.path())).unwrap();
        assert_eq!(written, "START 2\nsaid\nEND 2\nSTART 1\nsaid\n");
    }

    #[tokio::test(start_paused = true)]
    async fn invocations_that_print_nothing_are_written_together() {
        let folder = tempfile::tempdir().unwrap();
        let logs = Logs::default();
        let [one, two] = [logs.of(folder.path(), "f"), logs.of(folder.path(), "f")];
        for log in [&one, &two, &one] {
            log.begin("START\n", false);
            log.end("END\n");
        }
        assert!(!place(folder.path()).exists());
        tokio::time::sleep(GATHER * 2).await;
        assert_eq!(std::fs::read_to_string(place(folder.path())).unwrap(), "START\nEND\n".repeat(3));
        one.begin("START\n", false);
        one.end("END\n");
        two.write(b"said\n");
        assert!(std::fs::read_to_string(place(folder.path())).unwrap().ends_with("START\nEND\nsaid\n"));
    }

    #[test]
    fn a_large_file_is_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let log = Logs::default().of(folder.path(), "f");
        log.write(b"old\n");
        lock(&log.file).bytes = FILE_BYTES_MAX + 1;
        log.write(b"new\n");
        let aside = place(folder.path()).with_extension("log.1");
        assert_eq!(std::fs::read_to_string(aside).unwrap(), "old\n");
        assert_eq!(std::fs::read_to_string(place(folder.path())).unwrap(), "new\n");
    }
}
