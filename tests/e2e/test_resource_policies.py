"""Policies of the resources themselves, of each service that has them: for tasks and for calls through the gateway,
within an account and across two, put there through the gateway as any user would."""

import json

import pytest
from botocore.exceptions import ClientError
from main_job import Caller, MainJob, allow, trust
from uploads import send

ACCOUNT, OTHER = "111122223333", "444455556666"
HERE = f"us-east-1:{ACCOUNT}"
AWS = "arn:aws:states:::"


@pytest.fixture(scope="module")
def server(owning_server):
    return owning_server


class Guarded:
    """A resource with a policy of its own, and one thing that is done with it."""

    def __init__(self, root):
        self.root = root

    def client(self, caller):
        return caller.client(self.service)


class Bucket(Guarded):
    service, action, resource = "s3", "s3:GetObject", "arn:aws:s3:::policed/k"
    task, parameters = "aws-sdk:s3:getObject", {"Bucket": "policed", "Key": "k"}

    def make(self):
        s3 = self.client(self.root)
        s3.create_bucket(Bucket="policed")
        s3.put_object(Bucket="policed", Key="k", Body=b"x")

    def put(self, policy):
        self.client(self.root).put_bucket_policy(Bucket="policed", Policy=json.dumps(policy))

    def call(self, caller):
        self.client(caller).get_object(**self.parameters)


class Queue(Guarded):
    service, action, resource = "sqs", "sqs:SendMessage", f"arn:aws:sqs:{HERE}:policed"
    task = "sqs:sendMessage"

    def make(self):
        url = self.client(self.root).create_queue(QueueName="policed")["QueueUrl"]
        self.parameters = {"QueueUrl": url, "MessageBody": "m"}

    def put(self, policy):
        url, text = self.parameters["QueueUrl"], json.dumps(policy)
        self.client(self.root).set_queue_attributes(QueueUrl=url, Attributes={"Policy": text})

    def call(self, caller):
        self.client(caller).send_message(**self.parameters)


class Topic(Guarded):
    service, action, resource = "sns", "sns:Publish", f"arn:aws:sns:{HERE}:policed"
    task, parameters = "sns:publish", {"TopicArn": f"arn:aws:sns:{HERE}:policed", "Message": "m"}

    def make(self):
        self.client(self.root).create_topic(Name="policed")

    def put(self, policy):
        self.client(self.root).set_topic_attributes(
            TopicArn=self.resource, AttributeName="Policy", AttributeValue=json.dumps(policy)
        )

    def call(self, caller):
        self.client(caller).publish(**self.parameters)


class Key(Guarded):
    service, action = "kms", "kms:Encrypt"
    task = "aws-sdk:kms:encrypt"

    def make(self):
        key = self.client(self.root).create_key()["KeyMetadata"]
        self.id, self.resource = key["KeyId"], key["Arn"]
        self.parameters = {"KeyId": key["Arn"], "Plaintext": "eA=="}

    def put(self, policy):
        # AWS: the account's own statement is what lets identity policies count.
        owner = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
        both = {**policy, "Statement": [owner, *policy["Statement"]]}
        self.client(self.root).put_key_policy(KeyId=self.id, PolicyName="default", Policy=json.dumps(both))

    def call(self, caller):
        self.client(caller).encrypt(KeyId=self.resource, Plaintext=b"x")


class Secret(Guarded):
    service, action = "secretsmanager", "secretsmanager:GetSecretValue"
    task = "aws-sdk:secretsmanager:getSecretValue"

    def make(self):
        self.resource = self.client(self.root).create_secret(Name="policed", SecretString="s")["ARN"]
        self.parameters = {"SecretId": self.resource}

    def put(self, policy):
        self.client(self.root).put_resource_policy(SecretId=self.resource, ResourcePolicy=json.dumps(policy))

    def call(self, caller):
        self.client(caller).get_secret_value(**self.parameters)


class Bus(Guarded):
    service, action, resource = "events", "events:PutEvents", f"arn:aws:events:{HERE}:event-bus/policed"
    task = "events:putEvents"
    parameters = {"Entries": [{"Source": "s", "DetailType": "d", "Detail": {"a": 1}, "EventBusName": resource}]}

    def make(self):
        self.client(self.root).create_event_bus(Name="policed")

    def put(self, policy):
        self.client(self.root).put_permission(EventBusName="policed", Policy=json.dumps(policy))

    def call(self, caller):
        entry = {"Source": "s", "DetailType": "d", "Detail": "{}", "EventBusName": self.resource}
        self.client(caller).put_events(Entries=[entry])


class Table(Guarded):
    service, action, resource = "dynamodb", "dynamodb:GetItem", f"arn:aws:dynamodb:{HERE}:table/policed"
    task, parameters = "dynamodb:getItem", {"TableName": resource, "Key": {"id": {"S": "a"}}}

    def make(self):
        self.client(self.root).create_table(
            TableName="policed",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def put(self, policy):
        self.client(self.root).put_resource_policy(ResourceArn=self.resource, Policy=json.dumps(policy))

    def call(self, caller):
        self.client(caller).get_item(**self.parameters)


class Function(Guarded):
    """AWS: the policy of a function only allows, and is made of permissions."""

    service, action, resource = "lambda", "lambda:InvokeFunction", f"arn:aws:lambda:{HERE}:function:policed"
    task, parameters = "lambda:invoke", {"FunctionName": resource, "Payload": {"name": "x"}}

    def make(self):
        MainJob(self.root).create_function("policed")

    def put(self, policy):
        client = self.client(self.root)
        try:
            client.remove_permission(FunctionName="policed", StatementId="one")
        except client.exceptions.ResourceNotFoundException:
            pass
        [statement] = policy["Statement"]
        if statement["Effect"] == "Allow":
            principal = statement["Principal"]["AWS"]
            client.add_permission(FunctionName="policed", StatementId="one", Action=self.action, Principal=principal)

    def call(self, caller):
        self.client(caller).invoke(FunctionName=self.resource, Payload=b'{"name": "x"}')


KINDS = {kind.service: kind for kind in (Bucket, Queue, Topic, Key, Secret, Bus, Table, Function)}
DENIABLE = [service for service in KINDS if service != "lambda"]


@pytest.fixture(scope="module")
def guarded(root):
    made = {}

    def get(service):
        if service not in made:
            made[service] = KINDS[service](root)
            made[service].make()
        return made[service]

    return get


def statement(effect, principal, resource, action, **more):
    one = {"Sid": "one", "Effect": effect, "Principal": principal, "Action": action, "Resource": resource, **more}
    return {"Version": "2012-10-17", "Statement": [one]}


def run(job, name, kind, policy=None):
    role = job.create_role(name, trust(), policy)
    task = {"Type": "Task", "Resource": AWS + kind.task, "Parameters": kind.parameters, "End": True}
    machine = job.create_machine(name, name, {"StartAt": "Call", "States": {"Call": task}})
    return role, machine


def denied(call, *arguments):
    with pytest.raises(ClientError) as error:
        call(*arguments)
    return error.value.response


@pytest.mark.parametrize("service", DENIABLE)
def test_a_denial_of_the_resource_stops_who_may(job, guarded, user, name, service):
    kind = guarded(service)
    kind.put(statement("Allow", {"AWS": f"arn:aws:iam::{OTHER}:root"}, kind.resource, kind.action))
    caller = user(allow(kind.action, "*")).caller
    _, machine = run(job, name, kind, allow(kind.action, "*"))
    kind.call(caller)
    ended = job.run(machine)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")

    kind.put(statement("Deny", "*", kind.resource, kind.action))
    response = denied(kind.call, caller)
    text = "with an explicit deny in a resource-based policy"
    assert text in response["Error"]["Message"]
    assert response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException", "AuthorizationError")
    ended = job.run(machine)
    assert ended["status"] == "FAILED" and text in ended["cause"]


@pytest.mark.parametrize("service", KINDS)
def test_within_the_account_the_resource_alone_may_allow(job, guarded, name, service):
    kind = guarded(service)
    role, machine = run(job, name, kind)
    kind.put(statement("Deny", {"AWS": f"arn:aws:iam::{OTHER}:root"}, kind.resource, kind.action))
    assert job.run(machine)["status"] == "FAILED"
    kind.put(statement("Allow", {"AWS": role}, kind.resource, kind.action))
    ended = job.run(machine)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")


@pytest.mark.parametrize("service", KINDS)
def test_across_accounts_both_sides_must_allow(other, guarded, name, service):
    kind = guarded(service)
    role, machine = run(other, name, kind)
    foreign = {"AWS": f"arn:aws:iam::{OTHER}:root"}
    for resource_allows, role_allows in [(False, False), (True, False), (False, True), (True, True)]:
        principal = foreign if resource_allows else {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
        kind.put(statement("Allow", principal, kind.resource, kind.action))
        other.put_policy(name, allow(kind.action if role_allows else "sts:GetCallerIdentity", "*"))
        ended = other.run(machine)
        expected = "SUCCEEDED" if resource_allows and role_allows else "FAILED"
        assert ended["status"] == expected, (resource_allows, role_allows, ended.get("cause"))


# (a condition of the resource's policy, whether it holds for the role `{name}` of the account)
CONDITIONS = {
    "the role": ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/{name}"}}, True),
    "another role": ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/other-*"}}, False),
    "the account": ({"StringEquals": {"aws:PrincipalAccount": ACCOUNT}}, True),
    "another account": ({"StringEquals": {"aws:PrincipalAccount": OTHER}}, False),
    "a secure connection": ({"Bool": {"aws:SecureTransport": "true"}}, True),
    "no organization": ({"Null": {"aws:PrincipalOrgID": "true"}}, True),
    "an organization": ({"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}, False),
    "a tag of the role": ({"StringEquals": {"aws:PrincipalTag/team": "blue"}}, True),
    "another tag of the role": ({"StringEquals": {"aws:PrincipalTag/team": "red"}}, False),
    "no service": ({"Bool": {"aws:PrincipalIsAWSService": "false"}}, True),
    # AWS: source keys tell of services that call on their own; a task is called by its role.
    "a source": ({"ArnLike": {"aws:SourceArn": "arn:aws:states:*:*:stateMachine:*"}}, False),
    "a source account": ({"StringEquals": {"aws:SourceAccount": ACCOUNT}}, False),
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_a_condition_of_the_resource_is_asked_of_the_task(job, guarded, name, case):
    condition, holds = CONDITIONS[case]
    condition = json.loads(json.dumps(condition).replace("{name}", name))
    kind = guarded("sqs")
    role, machine = run(job, name, kind)
    job.iam.tag_role(RoleName=name, Tags=[{"Key": "team", "Value": "blue"}])
    kind.put(statement("Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{name}"}, kind.resource, kind.action, Condition=condition))
    ended = job.run(machine)
    assert ended["status"] == ("SUCCEEDED" if holds else "FAILED"), ended.get("cause")


def test_another_accounts_role_is_assumed_by_the_task_with_its_external_id(job, other, guarded, name):
    kind = guarded("s3")
    kind.put(statement("Allow", {"AWS": f"arn:aws:iam::{OTHER}:root"}, kind.resource, kind.action))
    target = other.role_arn(name)
    task = {
        "Type": "Task",
        "Resource": AWS + kind.task,
        "Parameters": kind.parameters,
        "Credentials": {"RoleArn": target},
        "End": True,
    }
    job.create_role(name, trust(), allow("sts:AssumeRole", target))
    machine = job.create_machine(name, name, {"StartAt": "Call", "States": {"Call": task}})

    def trusting(principal, external_id):
        one = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
        one["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
        return {"Version": "2012-10-17", "Statement": [one]}

    here = f"arn:aws:iam::{ACCOUNT}:root"
    other.create_role(name, trusting(here, machine), allow(kind.action, kind.resource))
    ended = job.run(machine)
    assert ended["status"] == "SUCCEEDED", ended.get("cause")
    for document in (trusting(here, machine + "Other"), trusting(f"arn:aws:iam::{OTHER}:root", machine)):
        other.iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))
        ended = job.run(machine)
        assert ended["status"] == "FAILED" and "is not authorized to assume the task state's role" in ended["cause"], ended


def test_what_backends_hold_belongs_to_their_account(server, root, guarded):
    """Root of another account is nobody here: its own account's root may not, the owner's may."""
    kind = guarded("s3")
    kind.put(statement("Allow", {"AWS": f"arn:aws:iam::{OTHER}:user/nobody"}, kind.resource, kind.action))
    kind.call(root)
    stranger = Caller(server.endpoint, OTHER, "test")
    response = denied(kind.call, stranger)
    assert (response["Error"]["Code"], response["Error"]["Message"]) == ("AccessDenied", "Access Denied")
    kind = guarded("dynamodb")
    kind.put(statement("Allow", {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, kind.resource, kind.action))
    response = denied(kind.call, stranger)
    assert "because no resource-based policy allows the dynamodb:GetItem action" in response["Error"]["Message"]


def test_a_public_bucket_is_public_and_no_other_is(server, root, guarded):
    kind = guarded("s3")
    kind.put(statement("Allow", {"AWS": f"arn:aws:iam::{OTHER}:user/nobody"}, kind.resource, kind.action))
    refused = send(server.endpoint, "GET", "/policed/k")
    assert (refused.status, refused.code) == (403, "AccessDenied")
    kind.put(statement("Allow", "*", "arn:aws:s3:::policed/*", ["s3:GetObject", "s3:PutObject"]))
    assert send(server.endpoint, "GET", "/policed/k").body == b"x"
    assert send(server.endpoint, "GET", "/k", {"Host": "policed.s3.localhost"}).body == b"x"
    assert send(server.endpoint, "PUT", "/policed/new", body=b"from nobody").status == 200
    assert send(server.endpoint, "GET", "/policed/new").body == b"from nobody"
    for method, path in [("GET", "/policed"), ("DELETE", "/policed/k"), ("GET", "/"), ("PUT", "/other")]:
        answer = send(server.endpoint, method, path)
        assert (answer.status, answer.code) == (403, "AccessDenied"), path
