"""The Kubernetes API of EKS clusters, spoken to as the task's role; a small cluster stands in for a real one."""

import base64
import json
import urllib.request

import pytest
from apis import Answer, Api, Authority
from main_job import Caller, MainJob, trust
from server import Server

ACCOUNT = "111122223333"


class Cluster:
    """What a Kubernetes API does for Jobs. Its authenticator asks STS who presigned the token."""

    def __init__(self, authority):
        self.sts = None
        self.jobs = {}
        self.ends = {}
        self.callers = []
        self.deleted = []
        self.api = Api({}, authority)
        self.api.answer = self.answer

    def answer(self, request):
        if not self.authenticated(request):
            return Answer(401, {"kind": "Status", "message": "Unauthorized", "code": 401})
        jobs = "/apis/batch/v1/namespaces/default/jobs"
        name = request.path.rpartition("/")[2]
        if request.method == "POST" and request.path == jobs:
            job = request.json()
            name = job["metadata"]["name"]
            if name in self.jobs:
                return Answer(409, {"kind": "Status", "reason": "AlreadyExists", "code": 409})
            self.jobs[name] = {**job, "status": {"active": 1}}
            return Answer(201, self.jobs[name])
        if request.path == f"{jobs}/{name}" and request.method == "DELETE":
            self.deleted.append((name, request.query))
            return Answer(200, self.jobs.pop(name))
        if request.path == f"{jobs}/{name}" and name in self.jobs:
            if name in self.ends:
                self.jobs[name]["status"] = {"conditions": [{"type": self.ends[name], "status": "True"}]}
            return Answer(200, self.jobs[name])
        if request.path == "/api/v1/namespaces/default/pods":
            pod = {"metadata": {"name": "pod-1"}, "spec": {"containers": [{"name": "main"}, {"name": "side"}]}}
            return Answer(200, {"kind": "PodList", "items": [pod], "query": request.query})
        if request.path == "/api/v1/namespaces/default/pods/pod-1/log":
            if "container=side" in request.query:
                return Answer(400, {"message": "not started"})
            return Answer(200, '{"lines": 6}' if "tailLines=6" in request.query else "text")
        return Answer(404, {"kind": "Status", "message": "not found", "code": 404})

    def authenticated(self, request):
        """As AWS's authenticator: the token is a URL, and whoever STS says signed it is the caller."""
        token = request.headers.get("authorization", "").removeprefix("Bearer k8s-aws-v1.")
        url = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
        host, _, query = url.removeprefix("https://").partition("/?")
        asked = urllib.request.Request(
            f"{self.sts}/?{query}", headers={"Host": host, "X-K8s-Aws-Id": "dev", "Accept": "application/json"}
        )
        try:
            with urllib.request.urlopen(asked, timeout=10) as answer:
                self.callers.append(answer.read().decode())
            return True
        except urllib.error.HTTPError:
            return False


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def cluster(authority):
    running = Cluster(authority)
    yield running
    running.api.stop()


@pytest.fixture(scope="module")
def server(binary, cluster):
    with Server(binary, ["--dev", "--account", ACCOUNT, "--private-network", "127.0.0.1,::1"]) as running:
        cluster.sts = running.endpoint
        yield running


def machine(cluster, authority, action, **arguments):
    parameters = {
        "ClusterName": "dev",
        "CertificateAuthority": base64.b64encode(authority.pem).decode(),
        "Endpoint": cluster.api.url,
        **arguments,
    }
    task = {"Type": "Task", "Resource": f"arn:aws:states:::eks:{action}", "Parameters": parameters, "End": True}
    return {"StartAt": "Call", "States": {"Call": task}}


@pytest.fixture
def create(job, name, cluster, authority):
    def create(action, **arguments):
        job.create_role(name, trust())
        return job.create_machine(name, name, machine(cluster, authority, action, **arguments))

    return create


def definition(name, key="name"):
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {key: name}, "spec": {"backoffLimit": 0}}


def test_the_api_is_called_as_the_role(job, create, cluster, name):
    query = {"labelSelector": ["job-name=example-job"]}
    path = "/api/v1/namespaces/default/pods"
    ended = job.run(create("call", Method="GET", Path=path, QueryParameters=query))
    output = json.loads(ended["output"])
    assert (output["StatusCode"], output["StatusText"]) == (200, "OK")
    assert output["ResponseBody"]["query"] == "labelSelector=job-name%3Dexample-job"
    assert f"assumed-role/{name}/" in cluster.callers[-1]


def test_a_refusal_is_told_with_the_whole_answer(job, create):
    ended = job.run(create("call", Method="GET", Path="/nothing"))
    assert ended["error"] == "EKS.404"
    cause = json.loads(ended["cause"])
    assert cause["ResponseBody"]["message"] == "not found" and cause["StatusText"] == "Not Found"


def test_a_caller_whom_the_cluster_does_not_know_is_not_let_in(job, create, cluster):
    known, cluster.sts = cluster.sts, cluster.sts + "/nowhere"
    try:
        ended = job.run(create("call", Method="GET", Path="/api"))
    finally:
        cluster.sts = known
    assert ended["error"] == "EKS.401" and json.loads(ended["cause"])["StatusCode"] == 401


def test_a_cluster_with_another_authority_is_not_spoken_to(job, create, tmp_path):
    other = base64.b64encode(Authority(tmp_path).pem).decode()
    before = create("call", Method="GET", Path="/api", CertificateAuthority=other)
    ended = job.run(before)
    assert ended["error"] == "EKS.SdkClientException" and "certificate" in ended["cause"]


def test_a_job_is_made_and_not_waited_for(job, create, cluster, name):
    ended = job.run(create("runJob", Job=definition(name)))
    assert json.loads(ended["output"])["StatusCode"] == 201 and name in cluster.jobs
    # The name is taken now.
    assert job.run(job.machine_arn(name))["error"] == "EKS.409"


@pytest.mark.parametrize("raw, log", [(False, {"lines": 6}), (True, '{"lines": 6}')])
def test_a_job_is_waited_for_with_its_logs(job, create, cluster, name, raw, log):
    cluster.ends[name] = "Complete"
    options = {"RetrieveLogs": True, "RawLogs": raw, "LogParameters": {"tailLines": ["6"]}}
    ended = job.run(create("runJob.sync", Job=definition(name), LogOptions=options))
    output = json.loads(ended["output"])
    assert output["status"]["conditions"][0]["type"] == "Complete"
    containers = output["logs"]["pods"]["pod-1"]["containers"]
    assert containers["main"] == {"log": log} and containers["side"]["error"] == "EKS.400"


def test_a_job_that_fails_fails_its_task(job, create, cluster, name):
    cluster.ends[name] = "Failed"
    ended = job.run(create("runJob.sync", Job=json.dumps(definition(name))))
    assert ended["error"] == "States.TaskFailed"
    assert json.loads(ended["cause"])["metadata"]["name"] == name


def submitted(job, execution):
    """Waits until the job is one that the server knows of."""
    while not any(event["type"] == "TaskSubmitted" for event in job.history(execution)):
        assert job.states.describe_execution(executionArn=execution)["status"] == "RUNNING"


def test_a_job_is_deleted_when_nobody_waits_for_it(job, create, cluster, name):
    started = job.states.start_execution(stateMachineArn=create("runJob.sync", Job=definition(name)))
    submitted(job, started["executionArn"])
    job.states.stop_execution(executionArn=started["executionArn"])
    while not any(known == name for known, _ in cluster.deleted):
        assert job.states.describe_execution(executionArn=started["executionArn"])["status"] == "ABORTED"
    assert (name, "propagationPolicy=Background") in cluster.deleted


@pytest.mark.parametrize("key", ["name", "generateName"])
def test_a_job_is_waited_for_again_after_a_crash(binary, cluster, authority, key):
    name = f"crash-{key.lower()}"
    served = cluster.sts
    with Server(binary, ["--dev", "--account", ACCOUNT, "--private-network", "127.0.0.1,::1"]) as running:
        cluster.sts = running.endpoint
        job = MainJob(Caller(running.endpoint, ACCOUNT, "test"))
        job.create_role("r", trust())
        arn = job.create_machine("m", "r", machine(cluster, authority, "runJob.sync", Job=definition(name, key)))
        execution = job.states.start_execution(stateMachineArn=arn)["executionArn"]
        submitted(job, execution)
        running.kill()
        running.restart()
        cluster.sts = running.endpoint
        made = [known for known in cluster.jobs if known.startswith(name)]
        assert len(made) == 1
        cluster.ends[made[0]] = "Complete"
        ended = MainJob(Caller(running.endpoint, ACCOUNT, "test")).ended(execution)
    cluster.sts = served
    assert ended["status"] == "SUCCEEDED", ended
    assert [known for known in cluster.jobs if known.startswith(name)] == made
