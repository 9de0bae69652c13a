"""Tasks that wait for a job (`.sync`), at a backend, each with the rights that its integration needs."""

import json
import urllib.request

import pytest
from main_job import Caller, MainJob, allow, trust
from server import Server

ACCOUNT = "111122223333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/job"
RULES = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]


@pytest.fixture(scope="module")
def job(binary, backend):
    make_services(Caller(backend.url, "direct", "direct"), backend)
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        yield MainJob(Caller(running.endpoint, ACCOUNT, "test"))


def make_services(direct, backend):
    """What jobs run on."""
    direct.client("glue").create_job(Name="nightly", Role=ROLE, Command={"Name": "glueetl"})
    direct.client("codebuild").create_project(
        name="site",
        source={"type": "S3", "location": "sources/site.zip"},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={"type": "LINUX_CONTAINER", "image": "image", "computeType": "BUILD_GENERAL1_SMALL"},
        serviceRole=ROLE,
    )
    make_cluster(direct)
    make_queue(direct, backend)


def make_cluster(direct):
    ecs = direct.client("ecs")
    ecs.create_cluster(clusterName="main")
    container = {"name": "main", "image": "image", "memory": 128}
    ecs.register_task_definition(family="t", containerDefinitions=[container])


def make_queue(direct, backend):
    """A queue whose jobs are played, not run in containers."""
    config = json.dumps({"batch": {"use_docker": False}}).encode()
    urllib.request.urlopen(urllib.request.Request(backend.url + "/moto-api/config", config), timeout=10).close()
    role = direct.client("iam").create_role(RoleName="batch", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    batch = direct.client("batch")
    environment = batch.create_compute_environment(
        computeEnvironmentName="environment", type="UNMANAGED", state="ENABLED", serviceRole=role
    )["computeEnvironmentArn"]
    order = [{"order": 1, "computeEnvironment": environment}]
    batch.create_job_queue(jobQueueName="queue", state="ENABLED", priority=1, computeEnvironmentOrder=order)
    container = {"image": "image", "vcpus": 1, "memory": 128, "command": ["true"]}
    batch.register_job_definition(jobDefinitionName="daily", type="container", containerProperties=container)


JOBS = {
    "ecs": (
        "ecs:runTask.sync",
        {"TaskDefinition": "t", "Cluster": "main", "LaunchType": "FARGATE"},
        ["ecs:RunTask", "ecs:DescribeTasks", "ecs:StopTask"],
        lambda output: output["LastStatus"] == "STOPPED" and ":task/main/" in output["TaskArn"],
    ),
    "batch": (
        "batch:submitJob.sync",
        {"JobName": "night", "JobQueue": "queue", "JobDefinition": "daily"},
        ["batch:SubmitJob", "batch:DescribeJobs", "batch:TerminateJob"],
        lambda output: output["Status"] == "SUCCEEDED" and output["JobName"] == "night",
    ),
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


# The action that starts each job, and what it starts.
STARTS = {
    "ecs": ("ecs:RunTask", f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/t"),
    "batch": ("batch:SubmitJob", f"arn:aws:batch:us-east-1:{ACCOUNT}:job-definition/daily"),
    "glue": ("glue:StartJobRun", f"arn:aws:glue:us-east-1:{ACCOUNT}:job/nightly"),
}


@pytest.mark.parametrize("kind", ["lacks the action", "has it for another resource"])
@pytest.mark.parametrize("name", STARTS)
def test_a_job_is_not_started_by_a_role_that(job, name, kind):
    resource, parameters, actions, _ = JOBS[name]
    action, arn = STARTS[name]
    rights = allow([*RULES, *(other for other in actions if other != action)])
    if kind != "lacks the action":
        rights["Statement"].append({"Effect": "Allow", "Action": action, "Resource": arn + "-other*"})
    role = f"{name}-{len(kind)}"
    job.create_role(role, trust(), rights)
    execution = job.run(job.create_machine(role, role, definition(resource, parameters)))
    assert execution["status"] == "FAILED", execution
    assert f"is not authorized to perform: {action} on resource: " in execution["cause"]


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
