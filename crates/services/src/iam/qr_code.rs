//! The QR code of a virtual MFA device, as the PNG that apps on phones read.

use std::io::Write as _;

use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use qrcodegen::{QrCode, QrCodeEcc};

/// Pixels of one module's side.
const SCALE: i32 = 4;
/// Modules around the code (ISO/IEC 18004: four).
const QUIET: i32 = 4;
const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What the code says (AWS: the name of the device, the account, the seed in base32).
pub(crate) fn uri(name: &str, account: &str, seed: &str) -> String {
    format!("otpauth://totp/{name}@{account}?secret={seed}")
}

/// A text as a PNG of black and white; none for one that is too long.
pub(crate) fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
    let side = (code.size() + 2 * QUIET) * SCALE;
    let mut pixels = ZlibEncoder::new(Vec::new(), Compression::default());
    for y in 0..side {
        pixels.write_all(&row(&code, y, side)).ok()?;
    }
    let size = u32::try_from(side).ok()?.to_be_bytes();
    // One bit for each pixel, grey; nothing interlaced.
    let header: Vec<u8> = [&size[..], &size, &[1, 0, 0, 0, 0]].concat();
    let mut image = SIGNATURE.to_vec();
    for (kind, data) in [(b"IHDR", header), (b"IDAT", pixels.finish().ok()?), (b"IEND", Vec::new())] {
        chunk(kind, &data, &mut image)?;
    }
    Some(image)
}

/// A row of pixels: no filter, then eight pixels a byte, of which ones are white.
fn row(code: &QrCode, y: i32, side: i32) -> Vec<u8> {
    let is_white = |x: i32| !code.get_module(x.div_euclid(SCALE) - QUIET, y.div_euclid(SCALE) - QUIET);
    let byte = |start: i32| (0..8).fold(0_u8, |byte, bit| byte << 1 | u8::from(is_white(start + bit)));
    std::iter::once(0).chain((0..side).step_by(8).map(byte)).collect()
}

fn chunk(kind: &[u8; 4], data: &[u8], image: &mut Vec<u8>) -> Option<()> {
    let mut crc = Crc::new();
    crc.update(kind);
    crc.update(data);
    image.extend(u32::try_from(data.len()).ok()?.to_be_bytes());
    image.extend(kind);
    image.extend(data);
    image.extend(crc.sum().to_be_bytes());
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_of_codes_finds_the_text_in_the_picture() {
        let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
        let long = "n".repeat(128);
        for name in ["phone", long.as_str()] {
            let said = uri(name, "111122223333", seed);
            let image = png(&said).unwrap();
            let mut reader = png::Decoder::new(std::io::Cursor::new(image)).read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut pixels).unwrap();
            let (width, height) = (info.width as usize, info.height as usize);
            let grey = |x: usize, y: usize| {
                let byte = pixels[y * info.line_size + x / 8];
                if byte >> (7 - x % 8) & 1 == 1 { 255 } else { 0 }
            };
            let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
            let grids = prepared.detect_grids();
            assert_eq!(grids[0].decode().unwrap().1, said);
        }
        assert_eq!(png(&"n".repeat(5_000)), None);
    }
}
