//! Any bytes as a request: its head is routed and its signature read.
#![no_main]

use libfuzzer_sys::fuzz_target;
use stepward_sigv4::RequestParts;
use stepward_wire::{HttpRequest, route};

fuzz_target!(|bytes: &[u8]| {
    let (head, body) = match bytes.windows(2).position(|pair| pair == b"\n\n") {
        Some(at) => (&bytes[..at], &bytes[at + 2..]),
        None => (bytes, &[][..]),
    };
    let head = String::from_utf8_lossy(head);
    let mut lines = head.lines();
    let mut first = lines.next().unwrap_or_default().splitn(3, ' ');
    let method = first.next().unwrap_or_default().to_owned();
    let target = first.next().unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let _ = stepward_sigv4::parse(&RequestParts { method: &method, path, query, headers: &headers });
    let request =
        HttpRequest { method, path: path.to_owned(), query: query.to_owned(), headers, body: body.to_vec() };
    let _ = route(&request);
});
