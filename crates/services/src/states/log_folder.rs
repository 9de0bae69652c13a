//! Execution logs as files: `logs/ACCOUNT/REGION/GROUP/STATE MACHINE/DAY.jsonl`, one event a line.
//!
//! Where they go when no backend hosts CloudWatch Logs.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::delivery::{Delivering, LogBatch, LogSink, Undelivered};
use crate::time::now;

/// Names that are longer are no file names.
const NAME_BYTES_MAX: usize = 200;
const DAY_MS: i64 = 86_400_000;

/// A folder of logs.
#[derive(Debug)]
pub struct LogFolder {
    folder: PathBuf,
    kept_days: u32,
    /// The day on which old files were removed last.
    swept: Arc<Mutex<String>>,
}

impl LogFolder {
    /// Logs under the folder, each kept for so many days.
    pub fn new(folder: PathBuf, kept_days: u32) -> Self {
        Self { folder, kept_days, swept: Arc::default() }
    }

    fn file(&self, batch: &LogBatch, day: &str) -> PathBuf {
        let mut path = self.folder.join(file_name(&batch.account)).join(file_name(&batch.region));
        path.extend(batch.group.split('/').filter(|part| !part.is_empty()).map(file_name));
        path.join(file_name(&batch.machine)).join(format!("{day}.jsonl"))
    }

    /// Whether old files are still to be removed today.
    fn is_to_sweep(&self, day: &str) -> bool {
        let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = *swept != day;
        day.clone_into(&mut swept);
        is_new
    }
}

impl LogSink for LogFolder {
    fn put_log_events<'a>(&'a self, batch: &'a LogBatch) -> Delivering<'a> {
        Box::pin(async move {
            let at = now();
            let day = at.to_day();
            let (file, lines) = (self.file(batch, &day), lines(batch));
            let oldest = at.plus_millis(-i64::from(self.kept_days) * DAY_MS).to_day();
            let swept = self.is_to_sweep(&day).then(|| self.folder.clone());
            let written = tokio::task::spawn_blocking(move || {
                append(&file, &lines)?;
                swept.map_or(Ok(()), |folder| remove_before(&folder, &oldest))
            });
            written.await.map_err(Undelivered::new)?.map_err(Undelivered::new)
        })
    }
}

fn lines(batch: &LogBatch) -> String {
    batch.events.iter().fold(String::new(), |mut lines, event| {
        lines.push_str(&event.message);
        lines.push('\n');
        lines
    })
}

fn append(file: &Path, lines: &str) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true).mode(0o600).open(file)?.write_all(lines.as_bytes())
}

/// Removes the files of days before `oldest`. Their names are days, which sort as such.
fn remove_before(folder: &Path, oldest: &str) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
        let day = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if kind.is_dir() {
            remove_before(&path, oldest)?;
        } else if kind.is_file() && day < oldest && path.extension().is_some_and(|end| end == "jsonl") {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// A name that is one step of a path and nothing else, whatever it is made of.
fn file_name(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'#');
    let is_hidden = name.starts_with('.');
    let mut written = String::with_capacity(name.len());
    for (index, byte) in name.bytes().enumerate() {
        if is_plain(byte) && !(is_hidden && index == 0) {
            written.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(written, "%{byte:02X}");
        }
    }
    if written.len() <= NAME_BYTES_MAX {
        return written;
    }
    let digest = ring::digest::digest(&ring::digest::SHA256, name.as_bytes());
    digest.as_ref().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::super::delivery::LogEvent;
    use super::*;

    fn batch(group: &str) -> LogBatch {
        LogBatch {
            account: "123456789012".to_owned(),
            region: "us-east-1".to_owned(),
            group: group.to_owned(),
            machine: "Orders".to_owned(),
            stream: String::new(),
            role_arn: String::new(),
            machine_arn: String::new(),
            events: vec![LogEvent { timestamp_ms: 0, message: "{\"id\":\"1\"}".to_owned() }],
        }
    }

    #[tokio::test]
    async fn events_are_lines_of_the_day_s_file() {
        let folder = tempfile::tempdir().unwrap();
        let logs = LogFolder::new(folder.path().to_owned(), 1);
        for _ in 0..2 {
            logs.put_log_events(&batch("/aws/vendedlogs/orders")).await.unwrap();
        }
        let file = logs.file(&batch("/aws/vendedlogs/orders"), &now().to_day());
        assert!(file.starts_with(folder.path().join("123456789012/us-east-1/aws/vendedlogs/orders/Orders")));
        assert_eq!(std::fs::read_to_string(file).unwrap(), "{\"id\":\"1\"}\n{\"id\":\"1\"}\n");
    }

    #[test]
    fn no_name_leads_out_of_the_folder() {
        let logs = LogFolder::new(PathBuf::from("/logs"), 1);
        let file = logs.file(&batch("../../etc/./passwd"), "2026-01-01");
        let expected = "/logs/123456789012/us-east-1/%2E./%2E./etc/%2E/passwd/Orders/2026-01-01.jsonl";
        assert_eq!(file, PathBuf::from(expected));
        assert_eq!(file_name(&"é".repeat(80)).len(), 64);
    }

    #[test]
    fn files_of_days_gone_by_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        for day in ["2026-01-01", "2026-01-03"] {
            append(&folder.path().join(format!("a/{day}.jsonl")), "{}\n").unwrap();
        }
        remove_before(folder.path(), "2026-01-02").unwrap();
        let left: Vec<_> = std::fs::read_dir(folder.path().join("a")).unwrap().collect();
        assert_eq!(left.len(), 1);
    }
}
