//! A form as a browser sends it: fields, and a file at the end (RFC 7578).

use stepward_wire::{ApiError, HttpRequest};

use crate::gateway::s3_error::invalid;

/// AWS: what comes before the file has at most 20 KB.
const FIELDS_BYTES_MAX: usize = 20_000;

/// What a form holds. Names of fields are in lower case.
pub(super) struct Form<'a> {
    fields: Vec<(String, String)>,
    file: &'a [u8],
    file_name: String,
}

impl<'a> Form<'a> {
    pub(super) fn parse(request: &'a HttpRequest) -> Result<Self, ApiError> {
        let malformed = || {
            invalid(
                "MalformedPOSTRequest",
                "The body of your POST request is not well-formed multipart/form-data.",
            )
        };
        let kind = request.header("content-type").unwrap_or_default();
        let boundary = kind.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
        let boundary = boundary.map(|text| text.trim_matches('"')).filter(|text| !text.is_empty());
        let delimiter = format!("\r\n--{}", boundary.ok_or_else(malformed)?);
        let first = delimiter.get(2..).unwrap_or_default();
        let mut rest = request.body.strip_prefix(first.as_bytes()).ok_or_else(malformed)?;
        let (mut fields, mut bytes) = (Vec::new(), 0);
        while let Some(part) = rest.strip_prefix(b"\r\n") {
            let (head, content) = split(part, b"\r\n\r\n").ok_or_else(malformed)?;
            let (content, after) = split(content, delimiter.as_bytes()).ok_or_else(malformed)?;
            let head = std::str::from_utf8(head).map_err(|_| malformed())?;
            let name = parameter(head, "name").ok_or_else(malformed)?.to_ascii_lowercase();
            if name == "file" {
                // AWS: what comes after the file is not looked at.
                let file_name = parameter(head, "filename").unwrap_or_default();
                return Ok(Self { fields, file: content, file_name });
            }
            bytes += head.len() + content.len();
            if bytes > FIELDS_BYTES_MAX {
                return Err(invalid(
                    "MaxPostPreDataLengthExceededError",
                    "Your POST request fields preceding the upload file were too large.",
                ));
            }
            let value = std::str::from_utf8(content).map_err(|_| malformed())?;
            // The policy would be compared with one value and the object written with another.
            if fields.iter().any(|(known, _): &(String, String)| *known == name) {
                let text = format!("POST requires exactly one value of the field '{name}'.");
                return Err(invalid("InvalidArgument", &text));
            }
            fields.push((name, value.to_owned()));
            rest = after;
        }
        Err(invalid("InvalidArgument", "POST requires exactly one file upload per request."))
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields().find(|(given, _)| *given == name).map(|(_, value)| value)
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(super) fn file(&self) -> &'a [u8] {
        self.file
    }

    /// The object's key, in which `${filename}` is what the browser called the file.
    pub(super) fn key(&self) -> Result<String, ApiError> {
        let key = self.field("key").filter(|key| !key.is_empty()).ok_or_else(|| {
            invalid(
                "InvalidArgument",
                "Bucket POST must contain a field named 'key'.  If it is specified, please check the order of the fields.",
            )
        })?;
        let name = self.file_name.rsplit(['/', '\\']).next().unwrap_or_default();
        Ok(key.replace("${filename}", name))
    }
}

fn split<'a>(text: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let found = text.windows(at.len()).position(|window| window == at)?;
    Some((text.get(..found)?, text.get(found + at.len()..)?))
}

/// A parameter of a part's Content-Disposition.
fn parameter(head: &str, name: &str) -> Option<String> {
    let mut lines = head.split("\r\n");
    let line = lines.find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let value = line.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))?;
    Some(value.trim_matches('"').to_owned())
}
