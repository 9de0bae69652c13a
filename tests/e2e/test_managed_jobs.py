"""EMR, EMR on EKS, EMR Serverless, SageMaker and EKS at a backend: what they make, wait for and stop."""

import json
import time

import pytest
import sagemaker_jobs
from main_job import WAIT_SECONDS, Caller, MainJob, allow, trust
from sagemaker_jobs import ROLE
from server import Server

ACCOUNT = "111122223333"
RULES = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]
PASS = ["iam:PassRole", "sts:TagSession"]


@pytest.fixture(scope="module")
def direct(backend):
    return Caller(backend.url, "direct", "direct")


@pytest.fixture(scope="module")
def job(binary, backend):
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        yield MainJob(Caller(running.endpoint, ACCOUNT, "test"))


def instances(**more):
    return {"MasterInstanceType": "m4.large", "InstanceCount": 1, "Ec2SubnetId": "subnet", **more}


class World:
    """What jobs need, made at the backend when it is asked for."""

    def __init__(self, direct, name):
        self.direct, self.name = direct, name

    def cluster(self):
        """A cluster of EMR."""
        given = instances(KeepJobFlowAliveWhenNoSteps=True)
        made = self.direct.client("emr").run_job_flow(Name=self.name, Instances=given, JobFlowRole="r", ServiceRole="s")
        return made["JobFlowId"]

    def kubernetes(self):
        self.direct.client("eks").create_cluster(name=self.name, roleArn=ROLE, resourcesVpcConfig={})
        return self.name

    def virtual(self):
        # A namespace has one virtual cluster.
        provider = {"id": self.kubernetes(), "type": "EKS", "info": {"eksInfo": {"namespace": self.name}}}
        return self.direct.client("emr-containers").create_virtual_cluster(name=self.name, containerProvider=provider)["id"]

    def application(self, stopped=False):
        """An application, which this backend starts at once."""
        serverless = self.direct.client("emr-serverless")
        made = serverless.create_application(releaseLabel="emr-6.6.0", type="SPARK", name=self.name)["applicationId"]
        if stopped:
            serverless.stop_application(applicationId=made)
        return made

    def run_of_application(self):
        application = self.application()
        run = self.direct.client("emr-serverless").start_job_run(applicationId=application, executionRoleArn=ROLE)
        return {"ApplicationId": application, "JobRunId": run["jobRunId"]}

    def nodegroup(self):
        eks, cluster = self.direct.client("eks"), self.kubernetes()
        eks.create_nodegroup(clusterName=cluster, nodegroupName="n", subnets=["s"], nodeRole=ROLE)
        return {"ClusterName": cluster, "NodegroupName": "n"}

    def profile(self):
        eks, cluster = self.direct.client("eks"), self.kubernetes()
        selectors = [{"namespace": "default"}]
        eks.create_fargate_profile(
            clusterName=cluster, fargateProfileName="f", podExecutionRoleArn=ROLE, selectors=selectors
        )
        return {"ClusterName": cluster, "FargateProfileName": "f"}

    def model(self):
        self.direct.client("sagemaker").create_model(
            ModelName=self.name, ExecutionRoleArn=ROLE, PrimaryContainer={"Image": "image"}
        )
        return self.name

    def endpoint_config(self):
        self.direct.client("sagemaker").create_endpoint_config(
            EndpointConfigName=self.name, ProductionVariants=[variant(self.model())]
        )
        return self.name


def variant(model):
    return {"VariantName": "v", "ModelName": model, "InitialInstanceCount": 1, "InstanceType": "ml.m5.large"}


def sagemaker(kind, **more):
    """A job of SageMaker: its name, and what its task ends with."""
    arguments = lambda world: {f"{kind}JobName": world.name, **more}
    rights = [f"sagemaker:Create{kind}Job", f"sagemaker:Describe{kind}Job", f"sagemaker:Stop{kind}Job"]
    return (f"sagemaker:create{kind}Job.sync", arguments, rights, lambda output: output[f"{kind}JobStatus"] == "Completed")


def state_is(*words):
    return lambda output: output["State"] in words


# What is called, with which arguments, by which rights (the first is the action's own), and what its task ends with.
WORKS = {
    "emr cluster": (
        "elasticmapreduce:createCluster",
        lambda world: {"Name": "c", "Instances": instances(KeepJobFlowAliveWhenNoSteps=True)},
        ["elasticmapreduce:RunJobFlow"],
        lambda output: output["ClusterId"].startswith("j-"),
    ),
    "emr cluster sync": (
        "elasticmapreduce:createCluster.sync",
        lambda world: {"Name": "c", "Instances": instances(KeepJobFlowAliveWhenNoSteps=True)},
        ["elasticmapreduce:RunJobFlow", "elasticmapreduce:DescribeCluster"],
        lambda output: output["ClusterId"].startswith("j-") and output["Cluster"]["Status"]["State"] == "WAITING",
    ),
    "emr step": (
        "elasticmapreduce:addStep",
        lambda world: {"ClusterId": world.cluster(), "Step": {"Name": "s", "HadoopJarStep": {"Jar": "j"}}},
        ["elasticmapreduce:AddJobFlowSteps"],
        lambda output: output["StepId"].startswith("s-"),
    ),
    "emr protection": (
        "elasticmapreduce:setClusterTerminationProtection",
        lambda world: {"ClusterId": world.cluster(), "TerminationProtected": True},
        ["elasticmapreduce:SetTerminationProtection"],
        lambda output: "SdkHttpMetadata" in output,
    ),
    "emr group": (
        "elasticmapreduce:modifyInstanceGroupByName",
        lambda world: {
            "ClusterId": world.cluster(), "InstanceGroupName": "master", "InstanceGroup": {"InstanceCount": 1}
        },
        ["elasticmapreduce:ModifyInstanceGroups", "elasticmapreduce:ListInstanceGroups"],
        lambda output: isinstance(output, dict),
    ),
    "emr termination": (
        "elasticmapreduce:terminateCluster",
        lambda world: {"ClusterId": world.cluster()},
        ["elasticmapreduce:TerminateJobFlows"],
        lambda output: "SdkHttpMetadata" in output,
    ),
    "emr termination sync": (
        "elasticmapreduce:terminateCluster.sync",
        lambda world: {"ClusterId": world.cluster()},
        ["elasticmapreduce:TerminateJobFlows", "elasticmapreduce:DescribeCluster"],
        lambda output: output["Cluster"]["Status"]["State"] == "TERMINATED",
    ),
    "emr containers cluster": (
        "emr-containers:createVirtualCluster",
        lambda world: {
            "Name": world.name,
            "ContainerProvider": {"Id": world.kubernetes(), "Type": "EKS", "Info": {"EksInfo": {"Namespace": world.name}}},
        },
        ["emr-containers:CreateVirtualCluster"],
        lambda output: output["Name"] and output["Id"],
    ),
    "emr containers run": (
        "emr-containers:startJobRun",
        lambda world: {
            "VirtualClusterId": world.virtual(),
            "ExecutionRoleArn": ROLE,
            "ReleaseLabel": "emr-6.3.0-latest",
            "JobDriver": {"SparkSubmitJobDriver": {"EntryPoint": "s3://bucket/x.py"}},
        },
        ["emr-containers:StartJobRun"],
        lambda output: output["Id"] and output["VirtualClusterId"],
    ),
    "emr containers deletion": (
        "emr-containers:deleteVirtualCluster.sync",
        lambda world: {"Id": world.virtual()},
        ["emr-containers:DeleteVirtualCluster", "emr-containers:DescribeVirtualCluster"],
        state_is("TERMINATED"),
    ),
    "serverless creation": (
        "emr-serverless:createApplication.sync",
        lambda world: {"Name": world.name, "ReleaseLabel": "emr-6.6.0", "Type": "SPARK"},
        ["emr-serverless:CreateApplication", "emr-serverless:GetApplication"],
        state_is("CREATED", "STARTED"),
    ),
    "serverless start": (
        "emr-serverless:startApplication.sync",
        lambda world: {"ApplicationId": world.application(stopped=True)},
        ["emr-serverless:StartApplication", "emr-serverless:GetApplication"],
        state_is("STARTED"),
    ),
    "serverless stop": (
        "emr-serverless:stopApplication.sync",
        lambda world: {"ApplicationId": world.application()},
        ["emr-serverless:StopApplication", "emr-serverless:GetApplication"],
        state_is("STOPPED"),
    ),
    "serverless deletion": (
        "emr-serverless:deleteApplication.sync",
        lambda world: {"ApplicationId": world.application(stopped=True)},
        ["emr-serverless:DeleteApplication", "emr-serverless:GetApplication"],
        lambda output: isinstance(output, dict),
    ),
    "serverless run": (
        "emr-serverless:startJobRun",
        lambda world: {"ApplicationId": world.application(), "ExecutionRoleArn": ROLE},
        ["emr-serverless:StartJobRun"],
        lambda output: output["JobRunId"] and output["ApplicationId"],
    ),
    "serverless run sync": (
        "emr-serverless:startJobRun.sync",
        lambda world: {"ApplicationId": world.application(), "ExecutionRoleArn": ROLE},
        ["emr-serverless:StartJobRun", "emr-serverless:GetJobRun"],
        state_is("SUCCESS"),
    ),
    "serverless cancellation": (
        "emr-serverless:cancelJobRun.sync",
        lambda world: world.run_of_application(),
        ["emr-serverless:CancelJobRun", "emr-serverless:GetJobRun"],
        state_is("CANCELLED"),
    ),
    **{name: sagemaker(kind, **arguments) for name, (kind, arguments) in sagemaker_jobs.JOBS.items()},
    "model": (
        "sagemaker:createModel",
        lambda world: {"ModelName": world.name, "ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": "image"}},
        ["sagemaker:CreateModel"],
        lambda output: ":model/" in output["ModelArn"],
    ),
    "endpoint config": (
        "sagemaker:createEndpointConfig",
        lambda world: {"EndpointConfigName": world.name, "ProductionVariants": [variant(world.model())]},
        ["sagemaker:CreateEndpointConfig"],
        lambda output: ":endpoint-config/" in output["EndpointConfigArn"],
    ),
    "endpoint": (
        "sagemaker:createEndpoint",
        lambda world: {"EndpointName": world.name, "EndpointConfigName": world.endpoint_config()},
        ["sagemaker:CreateEndpoint"],
        lambda output: ":endpoint/" in output["EndpointArn"],
    ),
    "eks cluster": (
        "eks:createCluster.sync",
        lambda world: {"Name": world.name, "RoleArn": ROLE, "ResourcesVpcConfig": {}},
        ["eks:CreateCluster", "eks:DescribeCluster"],
        lambda output: output["Cluster"]["Status"] == "ACTIVE",
    ),
    "eks cluster deletion": (
        "eks:deleteCluster.sync",
        lambda world: {"Name": world.kubernetes()},
        ["eks:DeleteCluster", "eks:DescribeCluster"],
        lambda output: isinstance(output, dict),
    ),
    "eks nodegroup": (
        "eks:createNodegroup.sync",
        lambda world: {"ClusterName": world.kubernetes(), "NodegroupName": "n", "Subnets": ["s"], "NodeRole": ROLE},
        ["eks:CreateNodegroup", "eks:DescribeNodegroup"],
        lambda output: output["Nodegroup"]["Status"] == "ACTIVE",
    ),
    "eks nodegroup deletion": (
        "eks:deleteNodegroup.sync",
        lambda world: world.nodegroup(),
        ["eks:DeleteNodegroup", "eks:DescribeNodegroup"],
        lambda output: isinstance(output, dict),
    ),
    "eks profile": (
        "eks:createFargateProfile.sync",
        lambda world: {
            "ClusterName": world.kubernetes(),
            "FargateProfileName": "f",
            "PodExecutionRoleArn": ROLE,
            "Selectors": [{"Namespace": "default"}],
        },
        ["eks:CreateFargateProfile", "eks:DescribeFargateProfile"],
        lambda output: output["FargateProfile"]["Status"] == "ACTIVE",
    ),
    "eks profile deletion": (
        "eks:deleteFargateProfile.sync",
        lambda world: world.profile(),
        ["eks:DeleteFargateProfile", "eks:DescribeFargateProfile"],
        lambda output: isinstance(output, dict),
    ),
}


def definition(resource, parameters):
    task = {"Type": "Task", "Resource": "arn:aws:states:::" + resource, "Parameters": parameters, "End": True}
    return {"StartAt": "Job", "States": {"Job": task}}


@pytest.mark.parametrize("kind", WORKS)
def test_a_task_works_with_its_rights(job, direct, name, kind):
    resource, arguments, rights, is_right = WORKS[kind]
    job.create_role(name, trust(), allow([*rights, *PASS, *RULES]))
    ended = job.run(job.create_machine(name, name, definition(resource, arguments(World(direct, name)))))
    assert ended["status"] == "SUCCEEDED", ended
    assert is_right(json.loads(ended["output"])), ended["output"]


@pytest.mark.parametrize("kind", WORKS)
def test_a_task_is_denied_without_the_right_of_its_action(job, direct, name, kind):
    resource, arguments, rights, _ = WORKS[kind]
    job.create_role(name, trust(), allow([*rights[1:], *PASS, *RULES]))
    ended = job.run(job.create_machine(name, name, definition(resource, arguments(World(direct, name)))))
    assert ended["status"] == "FAILED", ended
    assert f"is not authorized to perform: {rights[0]} " in ended["cause"]


def on(service, resource):
    return lambda given: f"arn:aws:{service}:us-east-1:{ACCOUNT}:" + resource.format(**given)


CLUSTER = on("elasticmapreduce", "cluster/{ClusterId}")
# The resource that each action is allowed on, where AWS knows one, by the arguments.
ON = {
    "emr step": CLUSTER,
    "emr protection": CLUSTER,
    "emr group": CLUSTER,
    "emr termination sync": CLUSTER,
    "emr containers run": on("emr-containers", "/virtualclusters/{VirtualClusterId}"),
    "emr containers deletion": on("emr-containers", "/virtualclusters/{Id}"),
    "serverless run sync": on("emr-serverless", "/applications/{ApplicationId}"),
    "serverless cancellation": on("emr-serverless", "/applications/{ApplicationId}/jobruns/{JobRunId}"),
    "training": on("sagemaker", "training-job/{TrainingJobName}"),
    "model": on("sagemaker", "model/{ModelName}"),
    "eks cluster deletion": on("eks", "cluster/{Name}"),
    "eks nodegroup": on("eks", "cluster/{ClusterName}"),
    "eks nodegroup deletion": on("eks", "nodegroup/{ClusterName}/{NodegroupName}/*"),
    "eks profile deletion": on("eks", "fargateprofile/{ClusterName}/{FargateProfileName}/*"),
}


@pytest.mark.parametrize("kind", ON)
def test_the_right_of_an_action_is_one_on_its_resource(job, direct, name, kind):
    resource, arguments, rights, _ = WORKS[kind]
    for change, expected in [("", "SUCCEEDED"), ("x", "FAILED")]:
        own = name + change
        given = arguments(World(direct, own))
        policy = allow([*rights[1:], *PASS, *RULES])
        allowed = ON[kind](given)
        right = {"Effect": "Allow", "Action": rights[0], "Resource": allowed[:-1] + "other" if change else allowed}
        policy["Statement"].append(right)
        job.create_role(own, trust(), policy)
        ended = job.run(job.create_machine(own, own, definition(resource, given)))
        assert ended["status"] == expected, ended
        if change:
            assert f"is not authorized to perform: {rights[0]} on resource: " in ended["cause"], ended


# Jobs that run until somebody ends them: how they are made, found at the backend, ended there with a failure, and what
# the backend says of them once they are stopped.
class Spark:
    resource = "emr-containers:startJobRun.sync"

    def __init__(self, direct, world):
        self.client, self.virtual = direct.client("emr-containers"), world.virtual()

    def arguments(self):
        return {
            "VirtualClusterId": self.virtual,
            "ExecutionRoleArn": ROLE,
            "ReleaseLabel": "emr-6.3.0-latest",
            "JobDriver": {"SparkSubmitJobDriver": {"EntryPoint": "s3://bucket/x.py"}},
        }

    def runs(self):
        return self.client.list_job_runs(virtualClusterId=self.virtual)["jobRuns"]

    def end(self):
        self.client.cancel_job_run(id=self.runs()[0]["id"], virtualClusterId=self.virtual)

    def is_stopped(self):
        return self.runs()[0]["state"] == "CANCELLED"


def until(condition, why):
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline, why
        time.sleep(0.02)


RUNNING = [Spark]


@pytest.fixture
def running(job, direct, name):
    """Starts a job that runs, and gives it with its execution."""

    def start(kind):
        played = kind(direct, World(direct, name))
        job.create_role(name, trust(), allow("*"))
        made = job.create_machine(name, name, definition(kind.resource, played.arguments()))
        execution = job.states.start_execution(stateMachineArn=made)["executionArn"]
        submitted = lambda: any(event["type"] == "TaskSubmitted" for event in job.history(execution))
        until(submitted, "the job was not submitted")
        return played, execution

    return start


@pytest.mark.parametrize("kind", RUNNING)
def test_a_job_that_is_ended_elsewhere_fails_its_task(job, running, kind):
    played, execution = running(kind)
    played.end()
    ended = job.ended(execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.TaskFailed"), ended
    told = json.loads(ended["cause"])
    assert told["State"] == "CANCELLED", told


@pytest.mark.parametrize("kind", RUNNING)
def test_a_job_is_stopped_at_its_service_with_its_execution(job, running, kind):
    played, execution = running(kind)
    job.states.stop_execution(executionArn=execution)
    until(played.is_stopped, "the job goes on")
    assert job.states.describe_execution(executionArn=execution)["status"] == "ABORTED"


def test_a_cluster_that_does_not_exist_fails_its_task_with_the_error_of_emr(job, name):
    job.create_role(name, trust(), allow("elasticmapreduce:*"))
    parameters = {"ClusterId": "j-none", "InstanceGroupName": "none", "InstanceGroup": {"InstanceCount": 1}}
    ended = job.run(job.create_machine(name, name, definition("elasticmapreduce:modifyInstanceGroupByName", parameters)))
    assert ended["status"] == "FAILED" and ended["error"].startswith(("ElasticMapReduce.", "States.Runtime")), ended
