//! S3: what arguments add to an operation's actions.

use crate::grant::Grant;
use crate::task::Task;

/// The rights of an operation whose actions depend on its arguments; nothing for the others.
pub(super) fn grants(task: &Task<'_>, operation: &str) -> Option<Vec<Grant>> {
    let has = |name: &str| task.argument(&[name]).is_some();
    let (buckets, keys) = (texts(task, "Bucket"), texts(task, "Key"));
    let named = |buckets: &[String], keys: &[String]| -> Vec<String> {
        let arn = |bucket: &String, key: &String| task.place.arn_in("s3", "", "", &format!("{bucket}/{key}"));
        buckets.iter().flat_map(|bucket| keys.iter().map(move |key| arn(bucket, key))).collect()
    };
    let objects = named(&buckets, &keys);
    Some(match operation {
        // AWS: with a version it is another action.
        "GetObject" | "HeadObject" if has("VersionId") => {
            vec![Grant::call(&["s3:GetObjectVersion"], objects)]
        }
        "DeleteObject" if has("VersionId") => vec![Grant::call(&["s3:DeleteObjectVersion"], objects)],
        "DeleteObjects" => vec![Grant::call(&["s3:DeleteObject"], named(&buckets, &["*".to_owned()]))],
        "PutObject" | "CopyObject" | "CreateMultipartUpload" | "UploadPartCopy" => {
            let mut grants = vec![Grant::call(&["s3:PutObject"], objects.clone())];
            if operation.contains("Copy") {
                grants.push(Grant::call(&["s3:GetObject"], sources(task)));
            }
            let acls = ["ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP"];
            let more = [
                ("s3:PutObjectAcl", acls.as_slice()),
                ("s3:PutObjectTagging", &["Tagging"]),
                ("s3:PutObjectRetention", &["ObjectLockMode", "ObjectLockRetainUntilDate"]),
                ("s3:PutObjectLegalHold", &["ObjectLockLegalHoldStatus"]),
            ];
            // Arguments of which nothing is known could hold any of them: only what is there is granted.
            let is_given =
                |names: &[&str]| task.arguments.names().iter().any(|name| names.contains(&name.as_str()));
            for (action, arguments) in more {
                if is_given(arguments) {
                    grants.push(Grant::call(&[action], objects.clone()));
                }
            }
            grants
        }
        _ => return None,
    })
}

fn texts(task: &Task<'_>, name: &str) -> Vec<String> {
    task.texts(&[name]).unwrap_or_else(|| vec!["*".to_owned()])
}

/// The objects that a copy reads: `bucket/key`, with a version behind a question mark.
fn sources(task: &Task<'_>) -> Vec<String> {
    let source = |text: &String| {
        let object = text.trim_start_matches('/').split('?').next().unwrap_or_default();
        if object.contains('/') { object.to_owned() } else { format!("{object}/*") }
    };
    match task.texts(&["CopySource"]) {
        Some(sources) => sources.iter().map(|text| task.place.arn_in("s3", "", "", &source(text))).collect(),
        None => vec![task.place.arn_in("s3", "", "", "*/*")],
    }
}
