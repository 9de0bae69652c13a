"""The main job through AWS's own protocols: a role, a function and a state machine that runs under the role.

Used by the demo, which tells it, and by the tests, which assert it.
"""

import io
import json
import time
import zipfile
from dataclasses import dataclass

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

REGION = "us-east-1"
CONFIG = Config(retries={"total_max_attempts": 1}, inject_host_prefix=False, read_timeout=65)
WAIT_SECONDS = 60

HANDLER = '''
def handler(event, context):
    return {"greeting": "Hello, " + event["name"]}
'''


def trust(service="states.amazonaws.com", source_arn=None, source_account=None):
    """A trust policy for a service, with confused-deputy conditions where they are given."""
    statement = {"Effect": "Allow", "Principal": {"Service": [service]}, "Action": "sts:AssumeRole"}
    condition = {}
    if source_arn:
        condition["ArnLike"] = {"aws:SourceArn": source_arn}
    if source_account:
        condition["StringEquals"] = {"aws:SourceAccount": source_account}
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}


def allow(action, resource="*", effect="Allow", **more):
    """A policy of one statement."""
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def python_package(source=HANDLER, name="index.py"):
    """A Lambda deployment package of one file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr(name, source)
    return packed.getvalue()


@dataclass
class Caller:
    """A set of credentials and the clients that use them."""

    endpoint: str
    key_id: str
    secret: str
    token: str | None = None
    region: str = REGION

    def client(self, service):
        return boto3.session.Session(
            aws_access_key_id=self.key_id,
            aws_secret_access_key=self.secret,
            aws_session_token=self.token,
            region_name=self.region,
        ).client(service, endpoint_url=self.endpoint, config=CONFIG)

    def stepward(self, operation, **parameters):
        """A call to Stepward's own API, which AWS's clients do not know: signed like any other."""
        request = AWSRequest(
            "POST",
            self.endpoint + "/",
            headers={"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"Stepward.{operation}"},
            data=json.dumps(parameters),
        )
        SigV4Auth(Credentials(self.key_id, self.secret, self.token), "stepward", self.region).add_auth(request)
        response = URLLib3Session().send(request.prepare())
        answer = json.loads(response.content)
        if response.status_code != 200:
            code = answer.get("__type", "").rpartition("#")[2]
            raise ClientError({"Error": {"Code": code, "Message": answer.get("message")}}, operation)
        return answer

    def account(self):
        return self.client("sts").get_caller_identity()["Account"]


class MainJob:
    """Builds what the seed of the project describes, piece by piece, as one caller."""

    def __init__(self, caller):
        self.caller = caller
        self.account = caller.account()
        self.iam = caller.client("iam")
        self.states = caller.client("stepfunctions")
        self.functions = caller.client("lambda")

    def role_arn(self, name):
        return f"arn:aws:iam::{self.account}:role/{name}"

    def machine_arn(self, name):
        return f"arn:aws:states:{REGION}:{self.account}:stateMachine:{name}"

    def function_arn(self, name):
        return f"arn:aws:lambda:{REGION}:{self.account}:function:{name}"

    def create_role(self, name, trust_policy, policy=None, **more):
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust_policy), **more)
        if policy:
            self.put_policy(name, policy)
        return role["Role"]["Arn"]

    def put_policy(self, role, policy, name="Inline"):
        self.iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))

    def create_function(self, name, source=HANDLER, role=None, **more):
        role = role or f"{name}Role"
        try:
            self.create_role(role, trust("lambda.amazonaws.com"))
        except self.iam.exceptions.EntityAlreadyExistsException:
            pass
        return self.functions.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=self.role_arn(role),
            Handler="index.handler",
            Code={"ZipFile": python_package(source)},
            **more,
        )["FunctionArn"]

    def create_machine(self, name, role, definition, **more):
        return self.states.create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=self.role_arn(role), **more
        )["stateMachineArn"]

    def run(self, machine, input=None):
        """Starts an execution, waits for its end and describes it."""
        started = self.states.start_execution(stateMachineArn=machine, input=json.dumps(input or {}))
        return self.ended(started["executionArn"])

    def ended(self, execution):
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            described = self.states.describe_execution(executionArn=execution)
            if described["status"] != "RUNNING":
                return described
            if time.monotonic() > deadline:
                raise TimeoutError(f"{execution} still runs after {WAIT_SECONDS} s")
            time.sleep(0.02)

    def history(self, execution):
        events, token = [], {}
        while True:
            page = self.states.get_execution_history(executionArn=execution, maxResults=1000, **token)
            events += page["events"]
            if "nextToken" not in page:
                return events
            token = {"nextToken": page["nextToken"]}

    def why_denied(self, action):
        """Our explanation of the latest denial of an action."""
        decisions = self.caller.stepward("ListDecisions", action=action, decision="Denied", maxResults=1)
        return decisions["decisions"][0]["explanation"] if decisions["decisions"] else None


def greet(function_arn, **more):
    """A state machine of one task that invokes a function."""
    task = {"Type": "Task", "Resource": function_arn, "End": True, **more}
    return {"StartAt": "Greet", "States": {"Greet": task}}
