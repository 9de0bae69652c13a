"""SageMaker's jobs as state machines name them: what differs from one kind to the next."""

ROLE = "arn:aws:iam::111122223333:role/job"
OUTPUT = {"S3OutputPath": "s3://bucket/out"}
RESOURCES = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
SOURCE = {"DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in"}}}

# The kind of each job in the names of its operations, and its arguments but for the job's name.
JOBS = {
    "training": (
        "Training",
        {
            "AlgorithmSpecification": {"TrainingImage": "image", "TrainingInputMode": "File"},
            "OutputDataConfig": OUTPUT,
            "ResourceConfig": RESOURCES,
            "RoleArn": ROLE,
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
        },
    ),
    "transform": (
        "Transform",
        {
            "ModelName": "m",
            "TransformInput": SOURCE,
            "TransformOutput": OUTPUT,
            "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        },
    ),
    "processing": (
        "Processing",
        {
            "ProcessingResources": {"ClusterConfig": RESOURCES},
            "AppSpecification": {"ImageUri": "image"},
            "RoleArn": ROLE,
        },
    ),
    "tuning": (
        "HyperParameterTuning",
        {
            "HyperParameterTuningJobConfig": {
                "Strategy": "Bayesian",
                "ResourceLimits": {"MaxParallelTrainingJobs": 1},
            }
        },
    ),
}
