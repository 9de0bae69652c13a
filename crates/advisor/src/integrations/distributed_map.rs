//! Distributed Map (AWS: IAM policies for using Distributed Map states).

use serde_json::Value;

use crate::definition::{Definition, State};
use crate::grant::{Grant, Purpose};
use crate::shape::Shape;
use crate::task::Style;

/// What a Distributed Map needs; nothing for other states.
pub(crate) fn distributed_map(state: &State<'_>, definition: &Definition, style: Style) -> Vec<Grant> {
    if !state.is_distributed_map() {
        return Vec::new();
    }
    let map = Map { state, definition, style };
    let place = definition.place();
    let mut grants = vec![
        Grant::call(&["states:StartExecution"], vec![place.state_machine_arn()]),
        Grant::new(Purpose::Follow, &["states:DescribeExecution"], vec![place.executions()]),
    ];
    if let Some(reader) = state.get("ItemReader") {
        grants.extend(map.reader(reader));
    }
    if let Some(writer) = state.get("ResultWriter").filter(|writer| writer.get("Resource").is_some()) {
        grants.push(map.writer(writer));
    }
    grants
}

struct Map<'a> {
    state: &'a State<'a>,
    definition: &'a Definition,
    style: Style,
}

/// A bucket and what is known of a key or prefix in it.
struct Named {
    buckets: Option<Vec<String>>,
    keys: Option<Vec<String>>,
    has_key: bool,
}

impl Map<'_> {
    fn named(&self, field: &Value, key: &str) -> Named {
        let arguments = field.get("Arguments").or_else(|| field.get("Parameters"));
        let shape = arguments.map(|value| self.definition.fold().field(value, self.state.language));
        let shape = shape.unwrap_or(Shape::Unknown);
        let texts = |name: &str| {
            let shape = shape.field(name)?;
            if self.style == Style::Console && !shape.is_known() { None } else { shape.texts() }
        };
        Named { buckets: texts("Bucket"), keys: texts(key), has_key: shape.field(key).is_some() }
    }

    /// ARNs of `bucket/key` for every combination; `*` where the bucket is not known.
    fn objects(&self, named: &Named, object: impl Fn(&str) -> String) -> Vec<String> {
        let Some(buckets) = &named.buckets else { return vec![self.any()] };
        let keys = match (&named.keys, named.has_key) {
            (Some(keys), _) => keys.iter().map(|key| object(key)).collect(),
            (None, _) => vec!["*".to_owned()],
        };
        let arn = |bucket: &String, key: &String| self.s3(&format!("{bucket}/{key}"));
        buckets.iter().flat_map(|bucket| keys.iter().map(move |key| arn(bucket, key))).collect()
    }

    /// What stands for a bucket that is not known.
    fn any(&self) -> String {
        if self.style == Style::Console { "*".to_owned() } else { self.s3("*") }
    }

    fn s3(&self, resource: &str) -> String {
        self.definition.place().arn_in("s3", "", "", resource)
    }

    fn reader(&self, reader: &Value) -> Vec<Grant> {
        let resource = reader.get("Resource").and_then(Value::as_str).unwrap_or_default();
        if resource.ends_with(":s3:listObjectsV2") {
            return self.list(reader);
        }
        let named = self.named(reader, "Key");
        let mut objects = self.objects(&named, str::to_owned);
        let config = |name: &str| reader.pointer(&format!("/ReaderConfig/{name}")).and_then(Value::as_str);
        if config("InputType") == Some("MANIFEST") {
            let data =
                if config("ManifestType") == Some("ATHENA_DATA") { manifest_bucket } else { inventory_data };
            objects.extend(self.objects(&named, data));
        }
        vec![Grant::call(&["s3:GetObject"], objects)]
    }

    fn list(&self, reader: &Value) -> Vec<Grant> {
        let named = self.named(reader, "Prefix");
        let buckets = match &named.buckets {
            Some(buckets) => buckets.iter().map(|bucket| self.s3(bucket)).collect(),
            None => vec![self.any()],
        };
        let list = Grant::call(&["s3:ListBucket"], buckets);
        let list = match &named.keys {
            Some(prefixes) => list.when_any("StringLike", "s3:prefix", prefixes.clone()),
            None => list,
        };
        let below = |prefix: &str| {
            let prefix = prefix.trim_start_matches('/');
            // AWS: the page grants the folder that the prefix names.
            let is_folder = prefix.is_empty() || prefix.ends_with('/') || self.style != Style::Console;
            if is_folder { format!("{prefix}*") } else { format!("{prefix}/*") }
        };
        // Only what LOAD_AND_FLATTEN reads is read; the console grants it always.
        let reads = reader.pointer("/ReaderConfig/Transformation").and_then(Value::as_str)
            == Some("LOAD_AND_FLATTEN");
        let get = Grant::call(&["s3:GetObject"], self.objects(&named, below));
        if reads || self.style == Style::Console { vec![list, get] } else { vec![list] }
    }

    fn writer(&self, writer: &Value) -> Grant {
        let named = self.named(writer, "Prefix");
        let below =
            |prefix: &str| format!("{}/*", prefix.trim_matches('/')).trim_start_matches('/').to_owned();
        let actions =
            ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:AbortMultipartUpload"];
        Grant::call(&actions, self.objects(&named, below))
    }
}

/// The data files of an S3 inventory: `<prefix>/<bucket>/<configuration>/data/`, beside the dated manifests.
fn inventory_data(manifest: &str) -> String {
    let mut parts: Vec<&str> = manifest.split('/').collect();
    parts.truncate(parts.len().saturating_sub(2));
    if parts.is_empty() { "data/*".to_owned() } else { format!("{}/data/*", parts.join("/")) }
}

/// The data files of an Athena manifest may lie anywhere in the bucket.
fn manifest_bucket(_: &str) -> String {
    "*".to_owned()
}
