"""Tasks that wait for a job (`.sync`), at a backend, each with the rights that its integration needs."""

import json

import pytest
from backend import Backend
from main_job import Caller, MainJob, allow, trust
from server import Server

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/job"
RULES = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]


@pytest.fixture(scope="module")
def backend():
    running = Backend(ACCOUNT)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def job(binary, backend):
    direct = Caller(backend.url, "direct", "direct")
    direct.client("glue").create_job(Name="nightly", Role=ROLE, Command={"Name": "glueetl"})
    direct.client("codebuild").create_project(
        name="site",
        source={"type": "S3", "location": "sources/site.zip"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "image", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole=ROLE,
    )
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        yield MainJob(Caller(running.endpoint, ACCOUNT, "test"))


JOBS = {
    "glue": (
        "glue:startJobRun.sync",
        {"JobName": "nightly"},
        ["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"],
        lambda output: output["JobRunState"] == "SUCCEEDED" and output["JobName"] == "nightly",
    ),
    "athena": (
        "athena:startQueryExecution.sync",
        {"QueryString": "SELECT 1", "WorkGroup": "primary"},
        ["athena:*"],
        lambda output: output["QueryExecution"]["Status"]["State"] == "SUCCEEDED",
    ),
    "codebuild": (
        "codebuild:startBuild.sync",
        {"ProjectName": "site"},
        ["codebuild:StartBuild", "codebuild:StopBuild", "codebuild:BatchGetBuilds"],
        lambda output: output["Build"]["BuildStatus"] == "SUCCEEDED",
    ),
}


def definition(resource, parameters):
    task = {"Type": "Task", "Resource": "arn:aws:states:::" + resource, "Parameters": parameters, "End": True}
    return {"StartAt": "Job", "States": {"Job": task}}


def run(job, name, machine, actions):
    job.create_role(name, trust(), allow([*actions, *RULES]))
    return job.run(job.create_machine(name, name, machine))


@pytest.mark.parametrize("name", JOBS)
def test_a_task_ends_when_its_job_has_succeeded(job, name):
    resource, parameters, actions, is_right = JOBS[name]
    execution = run(job, f"{name}-runs", definition(resource, parameters), actions)
    assert execution["status"] == "SUCCEEDED", execution
    assert is_right(json.loads(execution["output"])), execution["output"]


def test_a_job_that_may_not_be_looked_at_fails_its_task(job):
    resource, parameters, _, _ = JOBS["glue"]
    execution = run(job, "blind", definition(resource, parameters), ["glue:StartJobRun"])
    assert execution["status"] == "FAILED", execution
    assert "is not authorized to perform: glue:GetJobRun" in execution["cause"]


def test_a_cluster_of_emr_has_the_shape_of_the_integration(job):
    parameters = {"Name": "c", "Instances": {"KeepJobFlowAliveWhenNoSteps": False, "InstanceCount": 1}}
    machine = definition("elasticmapreduce:createCluster", parameters)
    execution = run(job, "emr", machine, ["elasticmapreduce:RunJobFlow", "iam:PassRole"])
    assert execution["status"] == "FAILED", execution
    assert "KeepJobFlowAliveWhenNoSteps" in execution["cause"]
