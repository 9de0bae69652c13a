"""Every kind of job (`.sync`): how it succeeds, how it fails, that it is stopped with its execution, and that it is
waited for again after a crash."""

import json
import threading
import time

import pytest
import sagemaker_jobs
from main_job import WAIT_SECONDS, Caller, MainJob, allow, trust
from sagemaker_jobs import OUTPUT, ROLE
from scripted import Scripted
from server import Server

ACCOUNT = "111122223333"
TASK = f"arn:aws:ecs:us-east-1:{ACCOUNT}:task/main/1"


def ecs(status, code=None):
    container = {"name": "main", **({} if code is None else {"exitCode": code})}
    return {"tasks": [{"taskArn": TASK, "lastStatus": status, "containers": [container]}], "failures": []}


def sagemaker(kind, **more):
    """Jobs of SageMaker differ in their name only."""
    name, status = f"{kind}JobName", f"{kind}JobStatus"
    described = lambda word: {name: "j", status: word, f"{kind}JobArn": "arn:aws:sagemaker:us-east-1:1:job/j", "CreationTime": 1}
    return {
        "resource": f"sagemaker:create{kind}Job",
        "parameters": {name: "j", **more},
        "start": (f"sagemaker.Create{kind}Job", {f"{kind}JobArn": "arn:aws:sagemaker:us-east-1:1:job/j"}),
        "describe": f"sagemaker.Describe{kind}Job",
        "states": [described("InProgress"), described("Completed"), described("Failed")],
        "shows": lambda output, word: output[status] == word,
        "words": ("Completed", "Failed"),
        "stop": (f"sagemaker.Stop{kind}Job", {name: "j"}),
    }


def batch_of_builds(action, operation, parameters):
    described = lambda word: {"buildBatches": [{"id": "p:1", "buildBatchStatus": word}]}
    return {
        "resource": f"codebuild:{action}",
        "parameters": parameters,
        "start": (f"codebuild.{operation}", {"buildBatch": {"id": "p:1", "buildBatchStatus": "IN_PROGRESS"}}),
        "describe": "codebuild.BatchGetBuildBatches",
        "states": [described("IN_PROGRESS"), described("SUCCEEDED"), described("FAILED")],
        "shows": lambda output, word: output["BuildBatch"]["BuildBatchStatus"] == word,
        "words": ("SUCCEEDED", "FAILED"),
        "stop": ("codebuild.StopBuildBatch", {"id": "p:1"}),
    }



# What is called, what is answered while the job runs, when it has succeeded and when it has failed, and how it is stopped.
JOBS = {
    "ecs": {
        "resource": "ecs:runTask",
        "parameters": {"TaskDefinition": f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/t:1", "Cluster": "main"},
        "start": ("ecs.RunTask", ecs("PROVISIONING")),
        "describe": "ecs.DescribeTasks",
        "states": [ecs("RUNNING"), ecs("STOPPED", 0), ecs("STOPPED", 3)],
        "shows": lambda output, word: output["Containers"][0]["ExitCode"] == word and output["TaskArn"] == TASK,
        "words": (0, 3),
        "stop": ("ecs.StopTask", {"task": TASK, "cluster": "main"}),
        # The rights of a task depend on the roles of its definition.
        "more": {"ecs.DescribeTaskDefinition": {"taskDefinition": {"taskDefinitionArn": "t"}}},
    },
    "batch": {
        "resource": "batch:submitJob",
        "parameters": {"JobName": "n", "JobQueue": "q", "JobDefinition": "d"},
        "start": ("batch.SubmitJob", {"jobId": "1", "jobName": "n"}),
        "describe": "batch.DescribeJobs",
        "states": [
            {"jobs": [{"jobId": "1", "jobName": "n", "jobQueue": "q", "status": word, "startedAt": 1, "jobDefinition": "d"}]}
            for word in ("RUNNABLE", "SUCCEEDED", "FAILED")
        ],
        "shows": lambda output, word: output["Status"] == word and output["JobId"] == "1",
        "words": ("SUCCEEDED", "FAILED"),
        "stop": ("batch.TerminateJob", {"jobId": "1"}),
    },
    "glue": {
        "resource": "glue:startJobRun",
        "parameters": {"JobName": "n"},
        "start": ("glue.StartJobRun", {"JobRunId": "jr"}),
        "describe": "glue.GetJobRun",
        "states": [
            {"JobRun": {"Id": "jr", "JobName": "n", "JobRunState": word}} for word in ("RUNNING", "SUCCEEDED", "FAILED")
        ],
        "shows": lambda output, word: output["JobRunState"] == word,
        "words": ("SUCCEEDED", "FAILED"),
        "stop": ("glue.BatchStopJobRun", {"JobName": "n", "JobRunIds": ["jr"]}),
    },
    **{name: sagemaker(kind, **arguments) for name, (kind, arguments) in sagemaker_jobs.JOBS.items()},
    "mediaconvert": {
        "resource": "mediaconvert:createJob",
        "parameters": {"Role": ROLE, "Settings": {}},
        "start": ("mediaconvert.CreateJob", {"job": {"id": "1", "status": "SUBMITTED", "role": ROLE, "settings": {}}}),
        "describe": "mediaconvert.GetJob",
        "states": [
            {"job": {"id": "1", "status": word, "role": ROLE, "settings": {}}} for word in ("PROGRESSING", "COMPLETE", "ERROR")
        ],
        "shows": lambda output, word: output["Job"]["Status"] == word,
        "words": ("COMPLETE", "ERROR"),
        "stop": ("mediaconvert.CancelJob", {"id": "1"}),
    },
    "emr cluster": {
        "resource": "elasticmapreduce:createCluster",
        "parameters": {"Name": "c", "Instances": {"KeepJobFlowAliveWhenNoSteps": True}},
        "start": ("emr.RunJobFlow", {"JobFlowId": "j-1", "ClusterArn": "arn"}),
        "describe": "emr.DescribeCluster",
        "states": [
            {"Cluster": {"Id": "j-1", "Name": "c", "Status": {"State": word}}}
            for word in ("STARTING", "WAITING", "TERMINATED_WITH_ERRORS")
        ],
        "shows": lambda output, word: output["Cluster"]["Status"]["State"] == word,
        "words": ("WAITING", "TERMINATED_WITH_ERRORS"),
        "stop": ("emr.TerminateJobFlows", {"JobFlowIds": ["j-1"]}),
    },
    "emr step": {
        "resource": "elasticmapreduce:addStep",
        "parameters": {"ClusterId": "j-1", "Step": {"Name": "s", "HadoopJarStep": {"Jar": "command-runner.jar"}}},
        "start": ("emr.AddJobFlowSteps", {"StepIds": ["s-1"]}),
        "describe": "emr.DescribeStep",
        "states": [
            {"Step": {"Id": "s-1", "Status": {"State": word}}} for word in ("PENDING", "COMPLETED", "FAILED")
        ],
        "shows": lambda output, word: output["Step"]["Status"]["State"] == word,
        "words": ("COMPLETED", "FAILED"),
        "stop": ("emr.CancelSteps", {"ClusterId": "j-1", "StepIds": ["s-1"]}),
    },
    "emr containers": {
        "resource": "emr-containers:startJobRun",
        "parameters": {"VirtualClusterId": "v", "ExecutionRoleArn": ROLE, "ReleaseLabel": "emr-7.0.0-latest", "JobDriver": {}},
        "start": ("emr-containers.StartJobRun", {"id": "r", "virtualClusterId": "v", "name": "n"}),
        "describe": "emr-containers.DescribeJobRun",
        "states": [
            {"jobRun": {"id": "r", "virtualClusterId": "v", "state": word}} for word in ("RUNNING", "COMPLETED", "FAILED")
        ],
        "shows": lambda output, word: output["State"] == word,
        "words": ("COMPLETED", "FAILED"),
        "stop": ("emr-containers.CancelJobRun", {"jobRunId": "r", "virtualClusterId": "v"}),
    },
    "emr serverless": {
        "resource": "emr-serverless:startJobRun",
        "parameters": {"ApplicationId": "a", "ExecutionRoleArn": ROLE},
        "start": ("emr-serverless.StartJobRun", {"applicationId": "a", "jobRunId": "r", "arn": "arn"}),
        "describe": "emr-serverless.GetJobRun",
        "states": [
            {"jobRun": {"applicationId": "a", "jobRunId": "r", "state": word}} for word in ("RUNNING", "SUCCESS", "FAILED")
        ],
        "shows": lambda output, word: output["State"] == word,
        "words": ("SUCCESS", "FAILED"),
        "stop": ("emr-serverless.CancelJobRun", {"applicationId": "a", "jobRunId": "r"}),
    },
    "databrew": {
        "resource": "databrew:startJobRun",
        "parameters": {"Name": "n"},
        "start": ("databrew.StartJobRun", {"RunId": "r"}),
        "describe": "databrew.ListJobRuns",
        # Another run of the job is listed before it.
        "states": [
            {"JobRuns": [{"JobName": "n", "RunId": "q", "State": "FAILED"}, {"JobName": "n", "RunId": "r", "State": word}]}
            for word in ("RUNNING", "SUCCEEDED", "FAILED")
        ],
        "shows": lambda output, word: output["State"] == word,
        "words": ("SUCCEEDED", "FAILED"),
        "stop": ("databrew.StopJobRun", {"name": "n", "runId": "r"}),
    },
    "codebuild": {
        "resource": "codebuild:startBuild",
        "parameters": {"ProjectName": "p"},
        "start": ("codebuild.StartBuild", {"build": {"id": "p:1", "buildStatus": "IN_PROGRESS"}}),
        "describe": "codebuild.BatchGetBuilds",
        "states": [
            {"builds": [{"id": "p:1", "buildStatus": word}]} for word in ("IN_PROGRESS", "SUCCEEDED", "FAILED")
        ],
        "shows": lambda output, word: output["Build"]["BuildStatus"] == word,
        "words": ("SUCCEEDED", "FAILED"),
        "stop": ("codebuild.StopBuild", {"id": "p:1"}),
    },
    "codebuild batch": batch_of_builds("startBuildBatch", "StartBuildBatch", {"ProjectName": "p"}),
    "codebuild retry": batch_of_builds("retryBuildBatch", "RetryBuildBatch", {"Id": "p:1"}),
    "labeling": sagemaker(
        "Labeling",
        LabelAttributeName="a",
        InputConfig={"DataSource": {"S3DataSource": {"ManifestS3Uri": "s3://b/m"}}},
        OutputConfig=OUTPUT,
        RoleArn=ROLE,
        HumanTaskConfig={
            "WorkteamArn": "arn:aws:sagemaker:us-east-1:111122223333:workteam/private-crowd/t",
            "UiConfig": {"UiTemplateS3Uri": "s3://b/t"},
            "TaskTitle": "t",
            "TaskDescription": "d",
            "NumberOfHumanWorkersPerDataObject": 1,
            "TaskTimeLimitInSeconds": 60,
        },
    ),
    "athena": {
        "resource": "athena:startQueryExecution",
        "parameters": {"QueryString": "SELECT 1"},
        "start": ("athena.StartQueryExecution", {"QueryExecutionId": "q"}),
        "describe": "athena.GetQueryExecution",
        "states": [
            {"QueryExecution": {"QueryExecutionId": "q", "Status": {"State": word}}}
            for word in ("RUNNING", "SUCCEEDED", "FAILED")
        ],
        "shows": lambda output, word: output["QueryExecution"]["Status"]["State"] == word,
        "words": ("SUCCEEDED", "FAILED"),
        "stop": ("athena.StopQueryExecution", {"QueryExecutionId": "q"}),
    },
    "eks": {
        "resource": "eks:createCluster",
        "parameters": {"Name": "c", "RoleArn": ROLE, "ResourcesVpcConfig": {}},
        "start": ("eks.CreateCluster", {"cluster": {"name": "c", "status": "CREATING"}}),
        "describe": "eks.DescribeCluster",
        "states": [{"cluster": {"name": "c", "status": word}} for word in ("CREATING", "ACTIVE", "FAILED")],
        "shows": lambda output, word: output["Cluster"]["Status"] == word,
        "words": ("ACTIVE", "FAILED"),
        "stop": None,
    },
    "bedrock": {
        "resource": "bedrock:createModelCustomizationJob",
        "parameters": {
            "JobName": "n",
            "CustomModelName": "m",
            "RoleArn": ROLE,
            "BaseModelIdentifier": "base",
            "TrainingDataConfig": {"S3Uri": "s3://b/t"},
            "OutputDataConfig": {"S3Uri": "s3://b/o"},
        },
        "start": ("bedrock.CreateModelCustomizationJob", {"jobArn": "arn:aws:bedrock:us-east-1:1:model-customization-job/b/1"}),
        "describe": "bedrock.GetModelCustomizationJob",
        "states": [{"jobName": "n", "status": word} for word in ("InProgress", "Completed", "Failed")],
        "shows": lambda output, word: output["Status"] == word,
        "words": ("Completed", "Failed"),
        "stop": ("bedrock.StopModelCustomizationJob", {}),
    },
}


class Backend(Scripted):
    """Plays one job at a time: `end` is 0 while it runs, 1 when it has succeeded, 2 when it has failed."""

    def play(self, job):
        self.calls.clear()
        self.end = 0
        # Closed, it keeps the answer to a submission back.
        self.gate = threading.Event()
        self.gate.set()
        gate = self.gate
        submitted = lambda _: gate.wait(WAIT_SECONDS) and job["start"][1]
        self.answers = {job["start"][0]: submitted, job["describe"]: lambda _: job["states"][self.end]}
        self.answers.update(job.get("more", {}))
        if job["stop"]:
            self.answers[job["stop"][0]] = {}


@pytest.fixture(scope="module")
def backend():
    running = Backend()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def server(binary, backend):
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        yield running


def machine(kind):
    described = JOBS[kind]
    resource = f"arn:aws:states:::{described['resource']}.sync"
    task = {"Type": "Task", "Resource": resource, "Parameters": described["parameters"], "End": True}
    return {"StartAt": "Job", "States": {"Job": task}}


@pytest.fixture
def start(job, name, backend):
    def start(kind, is_held=False):
        backend.play(JOBS[kind])
        if is_held:
            backend.gate.clear()
        job.create_role(name, trust(), allow("*"))
        machine_arn = job.create_machine(name, name, machine(kind))
        return job.states.start_execution(stateMachineArn=machine_arn)["executionArn"]

    return start


def until(condition, why):
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, why
        time.sleep(0.02)


def begun(backend, kind):
    """The job was looked at, and runs."""
    until(lambda: backend.called(JOBS[kind]["describe"]), backend.calls)


@pytest.mark.parametrize("kind", JOBS)
def test_a_job_ends_its_task_with_what_tells_of_it(job, start, backend, kind):
    execution = start(kind)
    begun(backend, kind)
    assert job.states.describe_execution(executionArn=execution)["status"] == "RUNNING"
    backend.end = 1
    ended = job.ended(execution)
    assert ended["status"] == "SUCCEEDED", ended
    assert JOBS[kind]["shows"](json.loads(ended["output"]), JOBS[kind]["words"][0]), ended["output"]
    kinds = [event["type"] for event in job.history(execution)]
    assert kinds[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    assert len(backend.called(JOBS[kind]["start"][0])) == 1


@pytest.mark.parametrize("kind", JOBS)
def test_a_job_that_fails_fails_its_task_with_what_tells_of_it(job, start, backend, kind):
    execution = start(kind)
    begun(backend, kind)
    backend.end = 2
    ended = job.ended(execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed"), ended
    assert JOBS[kind]["shows"](json.loads(ended["cause"]), JOBS[kind]["words"][1]), ended["cause"]


@pytest.mark.parametrize("kind", [kind for kind in JOBS if JOBS[kind]["stop"]])
def test_a_job_is_stopped_with_its_execution(job, start, backend, kind):
    execution = start(kind)
    begun(backend, kind)
    job.states.stop_execution(executionArn=execution)
    operation, members = JOBS[kind]["stop"]
    until(lambda: backend.called(operation), backend.calls)
    assert members.items() <= backend.called(operation)[0].items()
    assert job.states.describe_execution(executionArn=execution)["status"] == "ABORTED"


@pytest.mark.parametrize("kind", [kind for kind in JOBS if JOBS[kind]["stop"]])
def test_a_job_whose_execution_was_stopped_before_its_id_was_known_is_stopped(job, start, backend, kind):
    execution = start(kind, is_held=True)
    until(lambda: backend.called(JOBS[kind]["start"][0]), backend.calls)
    job.states.stop_execution(executionArn=execution)
    assert [event["type"] for event in job.history(execution)][-1] == "ExecutionAborted"
    operation, members = JOBS[kind]["stop"]
    assert not backend.called(operation)
    backend.gate.set()
    until(lambda: backend.called(operation), backend.calls)
    assert members.items() <= backend.called(operation)[0].items()
    assert "TaskSubmitted" not in [event["type"] for event in job.history(execution)]


@pytest.fixture
def held(binary, backend):
    """A server of its own, whose job's submission is not answered yet."""
    backend.play(JOBS["glue"])
    backend.gate.clear()
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        job = MainJob(Caller(running.endpoint, ACCOUNT, "test"))
        job.create_role("r", trust(), allow("*"))
        machine_arn = job.create_machine("m", "r", machine("glue"))
        execution = job.states.start_execution(stateMachineArn=machine_arn)["executionArn"]
        until(lambda: backend.called("glue.StartJobRun"), backend.calls)
        yield running, job, execution
        backend.gate.set()


def test_a_server_that_stops_still_stops_a_job_that_was_given_up(held, backend):
    running, job, execution = held
    job.states.stop_execution(executionArn=execution)
    threading.Timer(0.5, backend.gate.set).start()
    running.stop()
    assert backend.called("glue.BatchStopJobRun") == [{"JobName": "n", "JobRunIds": ["jr"]}]


def test_a_server_that_stops_gives_up_no_job_that_its_execution_waits_for(held, backend):
    running, _, _ = held
    threading.Timer(0.5, backend.gate.set).start()
    running.stop()
    assert not backend.called("glue.BatchStopJobRun")


def test_a_job_that_is_submitted_again_after_a_crash_is_stopped_with_its_execution(held, backend):
    running, _, execution = held
    running.kill()
    running.restart()
    until(lambda: len(backend.called("glue.StartJobRun")) == 2, backend.calls)
    MainJob(Caller(running.endpoint, ACCOUNT, "test")).states.stop_execution(executionArn=execution)
    backend.gate.set()
    until(lambda: backend.called("glue.BatchStopJobRun"), backend.calls)


def test_a_job_of_which_an_event_would_tell_needs_no_right_to_be_looked_at(job, backend, name):
    """AWS: the right to make the managed rule is enough, as roles of CDK have it for Batch."""
    backend.play(JOBS["batch"])
    job.create_role(name, trust(), allow(["batch:SubmitJob", "events:PutTargets", "events:PutRule", "events:DescribeRule"]))
    machine_arn = job.create_machine(name, name, machine("batch"))
    execution = job.states.start_execution(stateMachineArn=machine_arn)["executionArn"]
    begun(backend, "batch")
    backend.end = 1
    ended = job.ended(execution)
    assert ended["status"] == "SUCCEEDED", ended


# Services that know no idempotency token: such a job is submitted again after a crash in the moment between.
UNKNOWN = {"glue", "batch", "databrew"}


@pytest.mark.parametrize("kind", ["ecs", "training", "emr containers", "athena", "glue"])
def test_a_job_is_waited_for_again_after_a_crash(binary, backend, kind):
    backend.play(JOBS[kind])
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        job = MainJob(Caller(running.endpoint, ACCOUNT, "test"))
        job.create_role("r", trust(), allow("*"))
        execution = job.states.start_execution(stateMachineArn=job.create_machine("m", "r", machine(kind)))["executionArn"]
        submitted = lambda: any(event["type"] == "TaskSubmitted" for event in job.history(execution))
        until(submitted, backend.calls)
        running.kill()
        running.restart()
        job = MainJob(Caller(running.endpoint, ACCOUNT, "test"))
        backend.end = 1
        ended = job.ended(execution)
    assert ended["status"] == "SUCCEEDED", ended
    starts = backend.called(JOBS[kind]["start"][0])
    tokens = {start.get("clientToken") or start.get("ClientRequestToken") for start in starts}
    # A job that is asked for again is asked for by the same token, so that its service makes one.
    assert len(starts) == 1 or (len(tokens) == 1 and None not in tokens) or kind in {"training", *UNKNOWN}, starts


@pytest.mark.parametrize("kind", ["ecs", "athena", "glue"])
def test_a_job_whose_service_has_not_answered_before_a_crash_is_asked_for_again(binary, backend, kind):
    """The moment in which a job may be submitted twice: by the same token, where its service knows one."""
    backend.play(JOBS[kind])
    operation, answer = JOBS[kind]["start"]
    is_killed = threading.Event()

    def start(members):
        if len(backend.called(operation)) == 1:
            is_killed.wait(WAIT_SECONDS)
        return answer

    backend.answers[operation] = start
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        job = MainJob(Caller(running.endpoint, ACCOUNT, "test"))
        job.create_role("r", trust(), allow("*"))
        execution = job.states.start_execution(stateMachineArn=job.create_machine("m", "r", machine(kind)))["executionArn"]
        until(lambda: backend.called(operation), backend.calls)
        running.kill()
        is_killed.set()
        running.restart()
        job = MainJob(Caller(running.endpoint, ACCOUNT, "test"))
        until(lambda: backend.called(JOBS[kind]["describe"]), backend.calls)
        backend.end = 1
        ended = job.ended(execution)
        kinds = [event["type"] for event in job.history(execution)]
    assert ended["status"] == "SUCCEEDED", ended
    assert kinds[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]
    starts = backend.called(operation)
    assert len(starts) == 2, starts
    tokens = {one.get("clientToken") or one.get("ClientRequestToken") for one in starts}
    assert len(tokens) == 1 and (kind in UNKNOWN or None not in tokens), starts
