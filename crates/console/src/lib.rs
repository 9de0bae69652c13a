//! The browser console as files: what `cargo xtask console` built into `console/dist`, embedded compressed.
//!
//! Owns which files there are and what they are. Refuses to know HTTP: who may have them, and with which headers,
//! is the edge's business. A path is looked up in a fixed list, so that none leads out of it.
#![deny(clippy::disallowed_methods)]

use std::io::Read as _;

/// Path, compressed bytes, tag.
type Listed = (&'static str, &'static [u8], &'static str);

const FILES: &[Listed] = include!(concat!(env!("OUT_DIR"), "/files.rs"));
const NOT_BUILT: &[u8] = include_bytes!("not_built.html");

/// One file of the console.
#[derive(Clone, Copy, Debug)]
pub struct File {
    pub content_type: &'static str,
    /// Changes with the content; quoted, as in an ETag.
    pub tag: &'static str,
    bytes: &'static [u8],
    is_compressed: bool,
}

/// The page that the console starts with; without a built console, one that says how to build it.
pub fn page() -> File {
    file("/index.html").unwrap_or(File {
        content_type: "text/html; charset=utf-8",
        tag: "\"not-built\"",
        bytes: NOT_BUILT,
        is_compressed: false,
    })
}

/// The file of a path such as `/console-assets/index-1a2b3c.js`.
pub fn file(path: &str) -> Option<File> {
    let at = FILES.binary_search_by(|(listed, _, _)| listed.cmp(&path)).ok()?;
    let (path, bytes, tag) = *FILES.get(at)?;
    Some(File { content_type: content_type(path), tag, bytes, is_compressed: true })
}

impl File {
    /// The bytes as gzip; nothing when they are not compressed.
    pub fn gzip(&self) -> Option<&'static [u8]> {
        self.is_compressed.then_some(self.bytes)
    }

    /// The bytes themselves, for the rare client that does not read gzip.
    pub fn plain(&self) -> Vec<u8> {
        let mut plain = Vec::new();
        if !self.is_compressed || flate2::read::GzDecoder::new(self.bytes).read_to_end(&mut plain).is_err() {
            return self.bytes.to_vec();
        }
        plain
    }
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_html_whether_the_console_was_built_or_not() {
        let page = String::from_utf8(page().plain()).unwrap();
        assert!(page.contains("<title>Stepward"), "{page}");
    }

    #[test]
    fn no_path_leads_out_of_the_list() {
        for path in ["/../Cargo.toml", "/console-assets/../../Cargo.toml", "/etc/passwd", "", "/"] {
            assert!(file(path).is_none(), "{path}");
        }
    }

    #[test]
    fn the_list_is_sorted_as_the_search_needs_it() {
        assert!(FILES.is_sorted_by_key(|(path, _, _)| *path));
        assert!(FILES.iter().all(|(path, _, _)| file(path).is_some()));
    }
}
