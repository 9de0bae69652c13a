//! Which requests a page of somebody else made a browser send.
//!
//! With `--dev` everybody knows the credentials, and a browser on this machine reaches the server: any page that it shows
//! could sign requests (in their URLs, which needs no header and no permission). Requests of pages that came from this
//! machine pass, and so does everything that no browser sent.

use std::net::IpAddr;

use hyper::Uri;
use hyper::header::{HOST, HeaderMap, ORIGIN, REFERER, USER_AGENT};

const FETCH_SITE: &str = "sec-fetch-site";
/// Names that nobody can get: they do not lead here by an address that somebody else has given them.
const OWN_ENDINGS: [&str; 5] = [".localhost", ".internal", ".local", ".test", ".home.arpa"];

/// Whether a browser sent a request for a page that came from elsewhere.
pub(super) fn is_of_foreign_page(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text(FETCH_SITE);
    let is_browser = headers.contains_key(ORIGIN)
        || site.is_some()
        || text(USER_AGENT.as_str()).is_some_and(|agent| agent.starts_with("Mozilla/"));
    if !is_browser {
        return false;
    }
    // A name that was made to lead to this machine has its page's origin.
    if !text(HOST.as_str()).is_some_and(is_own_authority) {
        return true;
    }
    match text(ORIGIN.as_str()) {
        Some(origin) => !is_own(origin),
        None if headers.contains_key(ORIGIN) => true,
        None => site == Some("cross-site") && !text(REFERER.as_str()).is_some_and(is_own),
    }
}

/// An origin that is kept secret is written `null`, which could be the name of a host, too.
fn is_own(url: &str) -> bool {
    url.parse::<Uri>().is_ok_and(|url| url.scheme().is_some() && url.host().is_some_and(is_own_host))
}

fn is_own_authority(authority: &str) -> bool {
    authority.parse::<hyper::http::uri::Authority>().is_ok_and(|authority| is_own_host(authority.host()))
}

fn is_own_host(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let is_private = |address: IpAddr| match address.to_canonical() {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    };
    match host.parse::<IpAddr>() {
        Ok(address) => is_private(address),
        // A name without a dot is of this network.
        Err(_) => !host.contains('.') || OWN_ENDINGS.iter().any(|ending| host.ends_with(ending)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_foreign(given: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in given {
            headers.insert(*name, value.parse().unwrap());
        }
        is_of_foreign_page(&headers)
    }

    #[test]
    fn a_page_from_elsewhere_may_not_ask_and_everybody_else_may() {
        const HERE: (&str, &str) = ("host", "127.0.0.1:4566");
        const BROWSER: (&str, &str) = ("user-agent", "Mozilla/5.0");
        let pass: [&[(&str, &str)]; 9] = [
            &[HERE, ("user-agent", "Boto3/1.40")],
            &[("host", "bucket.s3.us-east-1.amazonaws.com"), ("user-agent", "aws-cli/2")],
            &[HERE, ("origin", "http://127.0.0.1:4566"), ("sec-fetch-site", "same-origin"), BROWSER],
            &[HERE, ("origin", "http://localhost:3000"), ("sec-fetch-site", "cross-site"), BROWSER],
            &[("host", "bucket.localhost:4566"), ("origin", "http://[::1]:3000"), BROWSER],
            &[HERE, ("sec-fetch-site", "none"), BROWSER],
            &[HERE, ("sec-fetch-site", "cross-site"), ("referer", "http://localhost:3000/list"), BROWSER],
            &[HERE, BROWSER],
            &[("host", "stepward:4566"), BROWSER],
        ];
        for headers in pass {
            assert!(!is_foreign(headers), "{headers:?}");
        }
        let refused: [&[(&str, &str)]; 7] = [
            &[HERE, ("origin", "https://attacker.example"), ("sec-fetch-site", "cross-site"), BROWSER],
            &[HERE, ("origin", "null"), BROWSER],
            &[HERE, ("origin", "http://localhost.attacker.example")],
            &[HERE, ("sec-fetch-site", "cross-site"), BROWSER],
            &[HERE, ("sec-fetch-site", "cross-site"), ("referer", "https://attacker.example/"), BROWSER],
            // A name that was rebound to this machine.
            &[("host", "attacker.example:4566"), ("sec-fetch-site", "same-origin"), BROWSER],
            &[("host", "attacker.example:4566"), BROWSER],
        ];
        for headers in refused {
            assert!(is_foreign(headers), "{headers:?}");
        }
    }
}
