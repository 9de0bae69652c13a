//! Athena (AWS: IAM policies for calling Amazon Athena, which write Athena's actions in camel case).

use crate::grant::{Grant, Purpose};
use crate::task::Task;

const S3: [&str; 8] = [
    "s3:GetBucketLocation",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:ListBucketMultipartUploads",
    "s3:ListMultipartUploadParts",
    "s3:AbortMultipartUpload",
    "s3:CreateBucket",
    "s3:PutObject",
];
const GLUE: [&str; 19] = [
    "glue:CreateDatabase",
    "glue:GetDatabase",
    "glue:GetDatabases",
    "glue:UpdateDatabase",
    "glue:DeleteDatabase",
    "glue:CreateTable",
    "glue:UpdateTable",
    "glue:GetTable",
    "glue:GetTables",
    "glue:DeleteTable",
    "glue:BatchDeleteTable",
    "glue:BatchCreatePartition",
    "glue:CreatePartition",
    "glue:UpdatePartition",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:BatchGetPartition",
    "glue:DeletePartition",
    "glue:BatchDeletePartition",
];
const SYNC: [&str; 8] = [
    "athena:startQueryExecution",
    "athena:stopQueryExecution",
    "athena:getQueryExecution",
    "athena:getDataCatalog",
    "athena:GetWorkGroup",
    "athena:BatchGetQueryExecution",
    "athena:GetQueryResults",
    "athena:ListQueryExecutions",
];

pub(super) fn grants(task: &Task<'_>, action: &str) -> Option<Vec<Grant>> {
    let any_group = task.place.arn("athena", "workgroup/*");
    Some(match action {
        "startQueryExecution" => start(task),
        "stopQueryExecution" => vec![Grant::call(&["athena:stopQueryExecution"], vec![any_group])],
        "getQueryExecution" => vec![Grant::call(&["athena:getQueryExecution"], vec![any_group])],
        "getQueryResults" => vec![
            Grant::call(&["athena:getQueryResults"], vec![any_group]),
            Grant::new(Purpose::OnBehalf, &["s3:GetObject"], vec![task.place.arn_in("s3", "", "", "*")]),
        ],
        _ => return None,
    })
}

fn start(task: &Task<'_>) -> Vec<Grant> {
    let any_group = task.place.arn("athena", "workgroup/*");
    let groups = match task.argument(&["WorkGroup"]) {
        // AWS: without a name it is the group `primary`.
        None if !task.is_console() => vec![task.named("athena", "workgroup/", "primary")],
        _ => task.arns(&["WorkGroup"], |name| task.named("athena", "workgroup/", name), &any_group),
    };
    let catalogs = task.place.arn("athena", "datacatalog/*");
    let mut grants = if task.is_console() {
        let actions: &[&str] =
            if task.is_sync() { &SYNC } else { &["athena:startQueryExecution", "athena:getDataCatalog"] };
        vec![Grant::call(actions, groups.iter().cloned().chain([catalogs]).collect())]
    } else {
        let mut grants = vec![
            Grant::call(&["athena:StartQueryExecution"], groups.clone()),
            Grant::new(Purpose::OnBehalf, &["athena:GetDataCatalog"], vec![catalogs]),
        ];
        if task.is_sync() {
            grants.push(Grant::new(Purpose::Poll, &["athena:GetQueryExecution"], groups.clone()));
            grants.push(Grant::new(Purpose::Stop, &["athena:StopQueryExecution"], groups));
        }
        grants
    };
    let glue = ["catalog", "database/*", "table/*", "userDefinedFunction/*"];
    let glue = glue.iter().map(|resource| task.place.arn("glue", resource)).collect();
    grants.push(Grant::new(Purpose::OnBehalf, &S3, vec![task.place.arn_in("s3", "", "", "*")]));
    grants.push(Grant::new(Purpose::OnBehalf, &GLUE, glue));
    grants.push(Grant::new(Purpose::OnBehalf, &["lakeformation:GetDataAccess"], vec!["*".to_owned()]));
    grants
}
