//! `sagemaker`: jobs, models and endpoints. Every kind of job has operations of its own name.

use serde_json::{Value, json};

use super::job::{Job, Verdict, by_status};
use super::{Action, Optimized, plain, with_sync};
use crate::failure::ErrorStyle;

pub(super) struct SageMaker;

static TRAINING: Job = Job {
    describe: ("DescribeTrainingJob", |job| json!({"TrainingJobName": job.asked("TrainingJobName")})),
    at: "",
    verdict: |job| verdict(job, "/TrainingJobStatus"),
    member: None,
    stop: Some(("StopTrainingJob", |job| json!({"TrainingJobName": job.asked("TrainingJobName")}))),
    ends_gone: false,
};

static TRANSFORM: Job = Job {
    describe: ("DescribeTransformJob", |job| json!({"TransformJobName": job.asked("TransformJobName")})),
    at: "",
    verdict: |job| verdict(job, "/TransformJobStatus"),
    member: None,
    stop: Some(("StopTransformJob", |job| json!({"TransformJobName": job.asked("TransformJobName")}))),
    ends_gone: false,
};

static PROCESSING: Job = Job {
    describe: ("DescribeProcessingJob", |job| json!({"ProcessingJobName": job.asked("ProcessingJobName")})),
    at: "",
    verdict: |job| verdict(job, "/ProcessingJobStatus"),
    member: None,
    stop: Some(("StopProcessingJob", |job| json!({"ProcessingJobName": job.asked("ProcessingJobName")}))),
    ends_gone: false,
};

static LABELING: Job = Job {
    describe: ("DescribeLabelingJob", |job| json!({"LabelingJobName": job.asked("LabelingJobName")})),
    at: "",
    verdict: |job| verdict(job, "/LabelingJobStatus"),
    member: None,
    stop: Some(("StopLabelingJob", |job| json!({"LabelingJobName": job.asked("LabelingJobName")}))),
    ends_gone: false,
};

static TUNING: Job = Job {
    describe: (
        "DescribeHyperParameterTuningJob",
        |job| json!({"HyperParameterTuningJobName": job.asked("HyperParameterTuningJobName")}),
    ),
    at: "",
    verdict: |job| verdict(job, "/HyperParameterTuningJobStatus"),
    member: None,
    stop: Some((
        "StopHyperParameterTuningJob",
        |job| json!({"HyperParameterTuningJobName": job.asked("HyperParameterTuningJobName")}),
    )),
    ends_gone: false,
};

fn verdict(job: &Value, pointer: &str) -> Verdict {
    by_status(job, pointer, &["Completed"], &["Failed", "Stopped"])
}

impl Optimized for SageMaker {
    fn name(&self) -> &'static str {
        "sagemaker"
    }

    fn service(&self) -> &'static str {
        "sagemaker"
    }

    fn errors(&self) -> ErrorStyle {
        ErrorStyle::V1 {
            prefix: "SageMaker",
            service: "AmazonSageMaker",
            exception: "AmazonSageMakerException",
        }
    }

    fn actions(&self) -> &'static [Action] {
        const {
            &[
                plain("createEndpoint", "CreateEndpoint"),
                plain("createEndpointConfig", "CreateEndpointConfig"),
                plain("createModel", "CreateModel"),
                plain("updateEndpoint", "UpdateEndpoint"),
                with_sync("createHyperParameterTuningJob", "CreateHyperParameterTuningJob"),
                with_sync("createLabelingJob", "CreateLabelingJob"),
                with_sync("createProcessingJob", "CreateProcessingJob"),
                with_sync("createTrainingJob", "CreateTrainingJob"),
                with_sync("createTransformJob", "CreateTransformJob"),
            ]
        }
    }

    fn job(&self, action: &Action) -> Option<&'static Job> {
        match action.name {
            "createHyperParameterTuningJob" => Some(&TUNING),
            "createLabelingJob" => Some(&LABELING),
            "createProcessingJob" => Some(&PROCESSING),
            "createTrainingJob" => Some(&TRAINING),
            "createTransformJob" => Some(&TRANSFORM),
            _ => None,
        }
    }
}
