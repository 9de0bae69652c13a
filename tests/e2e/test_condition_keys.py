"""Condition keys of IAM and STS: a policy that asks for one allows on its value, and denies on another."""

import json
import uuid

import pytest
from botocore.exceptions import ClientError
from main_job import Caller, allow
from mfa import Phone
from server import Server

ACCOUNT, MEMBER, STRANGER = "111122223333", "444455556666", "777788889999"
UNIT = "ou-ab12-11111111"
PATH = f"o-exampleorg1/r-ab12/{UNIT}/"
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
TEAM = [{"Key": "team", "Value": "blue"}]
DEFINITION = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
SERVICE = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


class World:
    """Root's clients, and what the cases are tried on."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.root = Caller(endpoint, ACCOUNT, "test")
        self.iam = self.root.client("iam")
        self.trust = document({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:*"})
        self.iam.create_role(RoleName="tagged", AssumeRolePolicyDocument=self.trust, Tags=TEAM)
        self.iam.create_role(RoleName="bound", AssumeRolePolicyDocument=self.trust, PermissionsBoundary=BOUNDARY)
        self.passed = self.iam.create_role(RoleName="passed", AssumeRolePolicyDocument=document(SERVICE))["Role"]["Arn"]

    def user(self, policy=None, **more):
        name = "u" + uuid.uuid4().hex
        self.iam.create_user(UserName=name, **more)
        if policy:
            self.iam.put_user_policy(UserName=name, PolicyName="P", PolicyDocument=json.dumps(policy))
        key = self.iam.create_access_key(UserName=name)["AccessKey"]
        caller = Caller(self.endpoint, key["AccessKeyId"], key["SecretAccessKey"])
        caller.name = name
        return caller

    def role(self, *statements, **more):
        name = "r" + uuid.uuid4().hex
        return self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=document(*statements), **more)["Role"]["Arn"]

    def session(self, made):
        keys = made["Credentials"]
        return Caller(self.endpoint, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


@pytest.fixture(scope="module")
def world(binary, tmp_path_factory):
    config = tmp_path_factory.mktemp("organization") / "stepward.toml"
    config.write_text(
        f'[organization]\nid = "o-exampleorg1"\nroot = "r-ab12"\nmanagement = "{MEMBER}"\nmembers = ["{ACCOUNT}"]\n'
        f'[organization.units]\n{ACCOUNT} = "{UNIT}"\n'
    )
    with Server(binary, ["--dev", "--account", ACCOUNT, "--config", str(config)]) as server:
        yield World(server.endpoint)


def outcome(call, **parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "works"


def name():
    return "n" + uuid.uuid4().hex


# The service, the operation, what makes its parameters, then operator, key, a value that fits and one that does not.
CASES = {
    "iam:PolicyARN": ("iam", "attach_role_policy", lambda w: {"RoleName": "tagged", "PolicyArn": ADMIN},
                      "ArnEquals", ADMIN, BOUNDARY),
    "iam:PermissionsBoundary": ("iam", "create_role",
                                lambda w: {"RoleName": name(), "AssumeRolePolicyDocument": w.trust, "PermissionsBoundary": BOUNDARY},
                                "StringEquals", BOUNDARY, ADMIN),
    "iam:AWSServiceName": ("iam", "create_service_linked_role", lambda w: {"AWSServiceName": "ecs.amazonaws.com"},
                           "StringEquals", "ecs.amazonaws.com", "eks.amazonaws.com"),
    "iam:ResourceTag/team": ("iam", "get_role", lambda w: {"RoleName": "tagged"}, "StringEquals", "blue", "red"),
    "aws:ResourceTag/team": ("iam", "get_role", lambda w: {"RoleName": "tagged"}, "StringEquals", "blue", "red"),
    "aws:RequestTag/team": ("iam", "tag_role", lambda w: {"RoleName": "tagged", "Tags": TEAM}, "StringEquals", "blue", "red"),
    "aws:TagKeys": ("iam", "tag_role", lambda w: {"RoleName": "tagged", "Tags": TEAM}, "ForAllValues:StringEquals", "team", "cost"),
    "aws:PrincipalTag/team": ("iam", "list_users", lambda w: {}, "StringEquals", "blue", "red"),
    "aws:PrincipalAccount": ("iam", "list_users", lambda w: {}, "StringEquals", ACCOUNT, MEMBER),
    "aws:PrincipalOrgID": ("iam", "list_users", lambda w: {}, "StringEquals", "o-exampleorg1", "o-exampleorg2"),
    "aws:PrincipalOrgPaths": ("iam", "list_users", lambda w: {}, "ForAnyValue:StringLike", PATH + "*", "o-exampleorg1/r-ab12/ou-ab12-2*"),
    "aws:ResourceAccount": ("iam", "list_users", lambda w: {}, "StringEquals", ACCOUNT, MEMBER),
    "aws:ResourceOrgID": ("iam", "list_users", lambda w: {}, "StringEquals", "o-exampleorg1", "o-exampleorg2"),
    "aws:ResourceOrgPaths": ("iam", "list_users", lambda w: {}, "ForAnyValue:StringEquals", PATH, "o-exampleorg1/r-ab12/"),
    "aws:RequestedRegion": ("iam", "list_users", lambda w: {}, "StringEquals", "us-east-1", "eu-west-1"),
    "iam:PassedToService": ("stepfunctions", "create_state_machine",
                            lambda w: {"name": name(), "definition": DEFINITION, "roleArn": w.passed},
                            "StringEquals", "states.amazonaws.com", "lambda.amazonaws.com"),
    "iam:AssociatedResourceArn": ("stepfunctions", "create_state_machine",
                                  lambda w: {"name": "associated", "definition": DEFINITION, "roleArn": w.passed},
                                  "ArnEquals", f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:associated",
                                  f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:other"),
    "sts:ExternalId": ("sts", "assume_role", lambda w: {"ExternalId": "sesame"}, "StringEquals", "sesame", "other"),
    "sts:RoleSessionName": ("sts", "assume_role", lambda w: {}, "StringLike", "ses*", "other"),
    "sts:SourceIdentity": ("sts", "assume_role", lambda w: {"SourceIdentity": "ada"}, "StringEquals", "ada", "bob"),
    "sts:TransitiveTagKeys": ("sts", "assume_role", lambda w: {"Tags": TEAM, "TransitiveTagKeys": ["team"]},
                              "ForAnyValue:StringEquals", "team", "cost"),
    "sts:DurationSeconds": ("sts", "get_web_identity_token",
                            lambda w: {"Audience": ["a"], "SigningAlgorithm": "RS256", "DurationSeconds": 300},
                            "NumericLessThanEquals", "300", "299"),
    "sts:SigningAlgorithm": ("sts", "get_web_identity_token", lambda w: {"Audience": ["a"], "SigningAlgorithm": "RS256"},
                             "StringEquals", "RS256", "ES384"),
    "sts:IdentityTokenAudience": ("sts", "get_web_identity_token", lambda w: {"Audience": ["a", "b"], "SigningAlgorithm": "RS256"},
                                  "ForAllValues:StringEquals", ["a", "b"], ["a"]),
}
ACTIONS = {"stepfunctions": "states"}


def action_of(service, operation):
    return f"{ACTIONS.get(service, service)}:{''.join(word.capitalize() for word in operation.split('_'))}"


@pytest.mark.parametrize("key", CASES)
def test_a_policy_with_a_condition_allows_on_its_value_and_denies_on_another(world, key):
    service, operation, made, operator, right, wrong = CASES[key]
    if operation == "get_web_identity_token":
        outcome(world.iam.enable_outbound_web_identity_federation)
    outcomes = []
    for value in (wrong, right):
        condition = {"Condition": {operator: {key: value}}}
        parameters = made(world)
        if operation == "assume_role":
            caller = world.user()
            principal = {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{caller.name}"}
            grant = {"Effect": "Allow", "Principal": principal, "Action": ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]}
            parameters = {"RoleSessionName": "session", "RoleArn": world.role({**grant, **condition}), **parameters}
        else:
            passes = operation == "create_state_machine"
            limited = allow("iam:PassRole" if passes else action_of(service, operation), **condition)
            if passes:
                limited["Statement"].append({"Effect": "Allow", "Action": "states:CreateStateMachine", "Resource": "*"})
            caller = world.user(limited, Tags=TEAM)
        outcomes.append(outcome(getattr(caller.client(service), operation), **parameters))
    assert outcomes[0] in ("AccessDenied", "AccessDeniedException")
    assert outcomes[1] == "works"


@pytest.mark.parametrize("key", ["iam:PermissionsBoundary", "iam:PolicyARN"])
def test_the_boundary_of_what_is_changed_and_the_policy_that_is_taken_away_are_keys_too(world, key):
    for value, expected in ((ADMIN, "AccessDenied"), (BOUNDARY, "works")):
        condition = {"Condition": {"ArnEquals": {key: value}}}
        if key == "iam:PolicyARN":
            world.iam.attach_role_policy(RoleName="bound", PolicyArn=BOUNDARY)
            client = world.user(allow("iam:DetachRolePolicy", **condition)).client("iam")
            assert outcome(client.detach_role_policy, RoleName="bound", PolicyArn=BOUNDARY) == expected
        else:
            client = world.user(allow("iam:PutRolePolicy", **condition)).client("iam")
            inline = {"PolicyName": "p", "PolicyDocument": json.dumps(allow("s3:*"))}
            assert outcome(client.put_role_policy, RoleName="bound", **inline) == expected


def test_a_second_factor_shows_in_the_session_of_the_user_and_in_the_call_that_assumes_a_role(world):
    present = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    fresh = {"Condition": {"NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}}}
    stale = {"Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": "3600"}}}
    user = world.user()
    phone = Phone(world.iam, user.name)
    session = world.session(user.client("sts").get_session_token(**phone.code())).client("iam")
    for condition, expected in ((present, "works"), (fresh, "works"), (stale, "AccessDenied")):
        policy = json.dumps(allow("iam:ListUsers", **condition))
        world.iam.put_user_policy(UserName=user.name, PolicyName="P", PolicyDocument=policy)
        assert outcome(session.list_users) == expected
        assert outcome(user.client("iam").list_users) == "AccessDenied"
    grant = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{user.name}"}, "Action": "sts:AssumeRole"}
    role = world.role({**grant, **present})
    asked = {"RoleArn": role, "RoleSessionName": "session"}
    assert outcome(user.client("sts").assume_role, **asked) == "AccessDenied"
    made = user.client("sts").assume_role(**asked, **phone.code())
    assert outcome(user.client("sts").assume_role, **asked, SerialNumber=phone.serial, TokenCode="000000") == "AccessDenied"
    # The session of the role does not tell of the second factor.
    only = json.dumps(allow("iam:ListUsers", **present))
    world.iam.put_role_policy(RoleName=role.rsplit("/", 1)[1], PolicyName="P", PolicyDocument=only)
    assert outcome(world.session(made).client("iam").list_users) == "AccessDenied"


SOURCES = {
    "aws:SourceAccount": ("StringEquals", ACCOUNT, MEMBER),
    "aws:SourceArn": ("ArnLike", f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:*", f"arn:aws:states:us-east-1:{MEMBER}:stateMachine:*"),
    "aws:SourceOrgID": ("StringEquals", "o-exampleorg1", "o-exampleorg2"),
    "aws:SourceOrgPaths": ("ForAnyValue:StringEquals", PATH, "o-exampleorg1/r-ab12/"),
    "aws:PrincipalServiceName": ("StringEquals", "states.amazonaws.com", "lambda.amazonaws.com"),
    "aws:PrincipalIsAWSService": ("Bool", "true", "false"),
}


@pytest.mark.parametrize("key", SOURCES)
def test_a_service_that_assumes_a_role_tells_for_what(world, key):
    operator, right, wrong = SOURCES[key]
    states = world.root.client("stepfunctions")
    for value, expected in ((wrong, "AccessDeniedException"), (right, "works")):
        role = world.role({**SERVICE, "Condition": {operator: {key: value}}})
        made = outcome(states.create_state_machine, name=name(), definition=DEFINITION, roleArn=role)
        assert made == expected


def test_who_is_in_no_organization_has_none_of_its_keys(world):
    stranger = Caller(world.endpoint, STRANGER, "test").client("iam")
    stranger.create_user(UserName="u")
    key = stranger.create_access_key(UserName="u")["AccessKey"]
    user = Caller(world.endpoint, key["AccessKeyId"], key["SecretAccessKey"]).client("iam")
    for name in ("aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgID", "aws:ResourceOrgPaths"):
        for is_absent, expected in (("false", "AccessDenied"), ("true", "works")):
            policy = json.dumps(allow("iam:ListUsers", Condition={"Null": {name: is_absent}}))
            stranger.put_user_policy(UserName="u", PolicyName="P", PolicyDocument=policy)
            assert outcome(user.list_users) == expected, name


def test_credentials_of_get_session_token_and_get_federation_token_are_not_good_for_everything(world):
    admin = world.user(allow("*"))
    plain = world.session(admin.client("sts").get_session_token())
    assert outcome(plain.client("iam").list_users) == "InvalidClientTokenId"
    assert outcome(plain.client("sts").get_caller_identity) == "works"
    assert outcome(plain.client("sts").get_federation_token, Name="bob") == "AccessDenied"
    assert outcome(plain.client("sts").decode_authorization_message, EncodedMessage="x") == "AccessDenied"
    assert outcome(plain.client("stepfunctions").list_state_machines) == "works"
    strong = world.session(admin.client("sts").get_session_token(**Phone(world.iam, admin.name).code()))
    assert outcome(strong.client("iam").list_users) == "works"
    role = world.role({"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"})
    assert outcome(plain.client("sts").assume_role, RoleArn=role, RoleSessionName="session") == "works"
    federated = world.session(admin.client("sts").get_federation_token(Name="bob", Policy=json.dumps(allow("*"))))
    assert outcome(federated.client("iam").list_users) == "InvalidClientTokenId"
    assert outcome(federated.client("sts").assume_role, RoleArn=role, RoleSessionName="session") == "AccessDenied"
    assert outcome(federated.client("sts").get_caller_identity) == "works"
    assert outcome(federated.client("stepfunctions").list_state_machines) == "works"
