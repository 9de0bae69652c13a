use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Frame;

use super::*;

const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A body that comes in these pieces.
fn body(pieces: &[&'static str]) -> OutgoingBody {
    struct Pieces(VecDeque<Bytes>);
    impl Body for Pieces {
        type Data = Bytes;
        type Error = BoxError;
        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
            Poll::Ready(self.0.pop_front().map(|bytes| Ok(Frame::data(bytes))))
        }
    }
    Pieces(pieces.iter().map(|piece| Bytes::from_static(piece.as_bytes())).collect()).boxed()
}

/// What a backend gets, and how that ends.
async fn sent(pieces: &[&'static str], bytes: u64, form: PayloadForm) -> (String, Option<PayloadError>) {
    let upload = match Upload::open(body(pieces), bytes, form).await {
        Ok(upload) => upload,
        Err(error) => return (String::new(), Some(error)),
    };
    let mut sending = upload.body();
    let mut got = String::new();
    while let Some(Ok(frame)) = sending.frame().await {
        got.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
    }
    if upload.failure().is_none() {
        assert_eq!(got.len() as u64, upload.content_length());
    }
    (got, upload.failure())
}

fn chunked(trailer: Option<&str>) -> PayloadForm {
    PayloadForm::Chunked { signatures: None, trailer: trailer.map(str::to_owned) }
}

#[tokio::test]
async fn the_end_is_withheld_until_the_hash_is_right() {
    let hashed = |hash: &str| PayloadForm::Hashed(hash.to_owned());
    assert_eq!(sent(&["hel", "lo"], 5, hashed(HELLO)).await, ("hello".to_owned(), None));
    assert_eq!(sent(&["hel", "lp"], 5, hashed(HELLO)).await, ("hel".to_owned(), Some(PayloadError::Hash)));
    assert_eq!(sent(&[], 0, hashed(EMPTY)).await, (String::new(), None));
    assert_eq!(sent(&[], 0, hashed(HELLO)).await, (String::new(), Some(PayloadError::Hash)));
}

#[tokio::test]
async fn a_payload_of_another_length_is_refused() {
    let short = PayloadError::Length { came: 5, told: 9 };
    assert_eq!(sent(&["hello"], 9, PayloadForm::Unsigned).await, (String::new(), Some(short)));
    let long = PayloadError::Length { came: 5, told: 4 };
    assert_eq!(sent(&["he", "llo"], 4, PayloadForm::Unsigned).await, (String::new(), Some(long)));
}

#[tokio::test]
async fn chunks_arrive_without_their_framing() {
    let pieces = ["3\r\nhel\r", "\n2\r\nlo\r\n0\r\n\r\n"];
    assert_eq!(sent(&pieces, 5, chunked(None)).await, ("hello".to_owned(), None));
    let unfinished = PayloadError::Length { came: 5, told: 5 };
    let (got, failure) = sent(&["3\r\nhel\r\n2\r\nlo\r\n"], 5, chunked(None)).await;
    assert_eq!((&*got, failure), ("hel", Some(unfinished)));
    assert!(matches!(sent(&["zz\r\n"], 5, chunked(None)).await.1, Some(PayloadError::Framing(_))));
}

#[tokio::test]
async fn a_checksum_is_handed_on_behind_the_chunks() {
    let name = "x-amz-checksum-crc32";
    let pieces = ["5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n"];
    let (got, failure) = sent(&pieces, 5, chunked(Some(name))).await;
    assert_eq!(failure, None);
    assert_eq!(got, "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n");
    let refused = [
        "5\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:short\r\n\r\n",
        "5\r\nhello\r\n0\r\nx-amz-checksum-sha1:NhCmhg==\r\n\r\n",
    ];
    for piece in refused {
        let failure = sent(&[piece], 5, chunked(Some(name))).await.1;
        assert!(matches!(failure, Some(PayloadError::Trailer(_))), "{piece} {failure:?}");
    }
    let unknown = sent(&[], 5, chunked(Some("x-amz-meta-a"))).await.1;
    assert_eq!(unknown, Some(PayloadError::UnknownTrailer));
}

#[tokio::test]
async fn large_payloads_are_framed_in_chunks_of_one_size() {
    for length in [1_048_575_usize, 1_048_576, 1_048_577, 3_000_000] {
        let text =
            format!("{length:x}\r\n{}\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n", "a".repeat(length));
        let piece: &'static str = text.leak();
        let (got, failure) = sent(&[piece], length as u64, chunked(Some("x-amz-checksum-crc32"))).await;
        // One more stands in the name of the trailer.
        assert_eq!((failure, got.matches('a').count()), (None, length + 1));
    }
}

#[tokio::test]
async fn a_chunk_with_another_signature_is_refused() {
    let key = stepward_sigv4::SigningKey::derive("secret", "20130524", "us-east-1", "s3");
    let seed = stepward_sigv4::Signature {
        access_key_id: "AKIA".to_owned(),
        scope_date: "20130524".to_owned(),
        region: "us-east-1".to_owned(),
        service: "s3".to_owned(),
        signed_headers: Vec::new(),
        signature: "00".to_owned(),
        signed_at: stepward_sigv4::parse_basic("20130524T000000Z").unwrap(),
        session_token: None,
        form: stepward_sigv4::Form::Header,
    };
    let signatures = Some(Box::new(ChunkSignatures::new(&seed, key)));
    let form = PayloadForm::Chunked { signatures, trailer: None };
    let pieces = ["5;chunk-signature=00\r\nhello\r\n0;chunk-signature=00\r\n\r\n"];
    assert_eq!(sent(&pieces, 5, form).await, (String::new(), Some(PayloadError::Signature)));
}
