//! `codebuild`: builds and batches of builds.

use serde_json::{Value, json};

use super::job::{Job, Verdict, by_status};
use super::{Action, Optimized, plain, with_sync};
use crate::failure::ErrorStyle;

pub(super) struct CodeBuild;

static BUILD: Job = Job {
    describe: ("BatchGetBuilds", |build| json!({"ids": [build.answered("/Build/Id")]})),
    at: "/Builds/0",
    verdict: |build| verdict(build, "/BuildStatus"),
    member: Some("Build"),
    stop: Some(("StopBuild", |build| json!({"id": build.answered("/Build/Id")}))),
    ends_gone: false,
};

static BATCH: Job = Job {
    describe: ("BatchGetBuildBatches", |batch| json!({"ids": [batch.answered("/BuildBatch/Id")]})),
    at: "/BuildBatches/0",
    verdict: |batch| verdict(batch, "/BuildBatchStatus"),
    member: Some("BuildBatch"),
    stop: Some(("StopBuildBatch", |batch| json!({"id": batch.answered("/BuildBatch/Id")}))),
    ends_gone: false,
};

fn verdict(build: &Value, pointer: &str) -> Verdict {
    by_status(build, pointer, &["SUCCEEDED"], &["FAILED", "FAULT", "TIMED_OUT", "STOPPED"])
}

impl Optimized for CodeBuild {
    fn name(&self) -> &'static str {
        "codebuild"
    }

    fn service(&self) -> &'static str {
        "codebuild"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 { prefix: "CodeBuild", service: "AWSCodeBuild", exception: "AWSCodeBuildException" }
    }

    fn actions(&self) -> &'static [Action] {
        const {
            &[
                with_sync("startBuild", "StartBuild"),
                with_sync("startBuildBatch", "StartBuildBatch"),
                with_sync("retryBuildBatch", "RetryBuildBatch"),
                plain("stopBuild", "StopBuild"),
                plain("stopBuildBatch", "StopBuildBatch"),
                plain("deleteBuildBatch", "DeleteBuildBatch"),
                plain("batchDeleteBuilds", "BatchDeleteBuilds"),
                plain("batchGetReports", "BatchGetReports"),
            ]
        }
    }

    fn job(&self, action: &Action) -> Option<&'static Job> {
        Some(if action.name == "startBuild" { &BUILD } else { &BATCH })
    }
}
