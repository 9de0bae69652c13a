"""Two accounts in one server: what one has, the other neither sees nor changes, by name or by ARN."""

import json
import re

import pytest
from botocore.exceptions import ClientError
from iam_table import IAM
from main_job import Caller, MainJob, allow
from server import Server
from test_iam_operations import client, resolved

OWNER, STRANGER = "111122223333", "444455556666"
# Unique ids, keys and the number of the owner's account.
TRACES = re.compile(r"\b(?:AIDA|AROA|AGPA|ANPA|AIPA|ASCA|APKA|ACCA|AKIA)[A-Z0-9]{12,}\b|" + OWNER)
# What an account that has nothing may do with the parameters of the owner's calls: it concerns the account itself.
OF_THE_ACCOUNT = {
    "delete_account_password_policy", "disable_outbound_web_identity_federation", "enable_outbound_web_identity_federation",
    "generate_credential_report", "get_account_authorization_details", "get_account_password_policy", "get_account_properties",
    "get_account_summary", "get_context_keys_for_custom_policy", "get_credential_report", "get_outbound_web_identity_federation_info",
    "list_account_aliases", "list_delegation_requests", "list_groups", "list_instance_profiles", "list_open_id_connect_providers",
    "list_policies", "list_roles", "list_saml_providers", "list_server_certificates", "list_users", "list_virtual_mfa_devices",
    "put_account_properties", "set_security_token_service_preferences", "simulate_custom_policy", "update_account_password_policy",
}
MAKES = re.compile(r"^(create|upload)_")


@pytest.fixture(scope="module")
def server(binary):
    with Server(binary, ["--dev", "--account", OWNER]) as running:
        yield running


def answered(client, operation, parameters):
    try:
        answer = getattr(client, operation)(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"], error.response["Error"]["Message"]
    answer.pop("ResponseMetadata")
    content = answer.pop("Content", b"")
    return "works", json.dumps(answer, default=str) + content.decode()


def test_every_operation_of_iam_leaves_the_other_account_alone(server):
    owner, stranger = (client(Caller(server.endpoint, account, "test")) for account in (OWNER, STRANGER))
    seen, failures = {}, []
    for row in IAM:
        good = {name: resolved(value, seen) for name, value in row.good.items()}
        # What the stranger makes by a name is its own, and would hide what it should not find.
        if not MAKES.match(row.operation) or OWNER in json.dumps(good):
            code, text = answered(stranger, row.operation, good)
            if (code == "works") != (row.operation in OF_THE_ACCOUNT):
                failures.append((row.operation, code, text))
            sent = set(TRACES.findall(json.dumps(good)))
            if told := set(TRACES.findall(text)) - sent - {"arn"}:
                failures.append((row.operation, "tells", told))
        # Whatever the stranger tried, the owner's is there still.
        try:
            seen[row.operation] = getattr(owner, row.operation)(**good)
        except ClientError as error:
            if row.code is None and row.operation != "change_password":
                failures.append((row.operation, "of the owner", str(error)))
    assert not failures, "\n".join(map(str, failures))


def test_the_same_names_belong_to_each_account(server):
    owner, stranger = (client(Caller(server.endpoint, account, "test")) for account in (OWNER, STRANGER))
    for iam in (owner, stranger):
        iam.create_user(UserName="both")
        iam.create_group(GroupName="both")
        iam.add_user_to_group(UserName="both", GroupName="both")
    stranger.remove_user_from_group(UserName="both", GroupName="both")
    stranger.delete_user(UserName="both")
    assert owner.get_group(GroupName="both")["Users"][0]["Arn"] == f"arn:aws:iam::{OWNER}:user/both"
    assert stranger.get_group(GroupName="both")["Users"] == []


def refusal(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]["Code"]


def test_arns_of_the_other_account_are_no_way_in(server):
    owner = MainJob(Caller(server.endpoint, OWNER, "test"))
    policy = owner.iam.create_policy(PolicyName="theirs", PolicyDocument=json.dumps(allow("*")))["Policy"]["Arn"]
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "sts:AssumeRole"}]}
    role = owner.iam.create_role(RoleName="theirs", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    key = owner.iam.create_access_key(UserName="both")["AccessKey"]["AccessKeyId"]

    caller = Caller(server.endpoint, STRANGER, "test")
    iam = caller.client("iam")
    iam.create_user(UserName="mine")
    iam.put_user_policy(UserName="mine", PolicyName="All", PolicyDocument=json.dumps(allow("*")))
    made = iam.create_access_key(UserName="mine")["AccessKey"]
    mine = Caller(server.endpoint, made["AccessKeyId"], made["SecretAccessKey"])
    trust["Statement"][0]["Principal"]["AWS"] = STRANGER
    own = iam.create_role(RoleName="own", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    session = {"RoleSessionName": "session"}
    for call, parameters, code in [
        (iam.attach_user_policy, {"UserName": "mine", "PolicyArn": policy}, "NoSuchEntity"),
        (iam.put_user_permissions_boundary, {"UserName": "mine", "PermissionsBoundary": policy}, "NoSuchEntity"),
        (iam.create_user, {"UserName": "bound", "PermissionsBoundary": policy}, "NoSuchEntity"),
        (iam.get_access_key_last_used, {"AccessKeyId": key}, "NoSuchEntity"),
        (iam.update_access_key, {"AccessKeyId": key, "UserName": "mine", "Status": "Inactive"}, "NoSuchEntity"),
        (mine.client("iam").get_policy, {"PolicyArn": policy}, "NoSuchEntity"),
        (mine.client("sts").assume_role, {"RoleArn": role, **session}, "AccessDenied"),
        (mine.client("sts").assume_role, {"RoleArn": own, **session, "PolicyArns": [{"arn": policy}]}, "MalformedPolicyDocument"),
    ]:
        assert refusal(call, **parameters) == code, (parameters, code)
    definition = json.dumps({"StartAt": "P", "States": {"P": {"Type": "Pass", "End": True}}})
    service = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [service]})
    runs = owner.iam.create_role(RoleName="runs", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    machine = owner.states.create_state_machine(name="theirs", definition=definition, roleArn=runs)["stateMachineArn"]
    execution = owner.states.start_execution(stateMachineArn=machine)["executionArn"]
    states = mine.client("stepfunctions")
    for call, parameters in [
        (states.describe_state_machine, {"stateMachineArn": machine}),
        (states.start_execution, {"stateMachineArn": machine}),
        (states.update_state_machine, {"stateMachineArn": machine, "definition": definition}),
        (states.delete_state_machine, {"stateMachineArn": machine}),
        (states.list_executions, {"stateMachineArn": machine}),
        (states.describe_execution, {"executionArn": execution}),
        (states.get_execution_history, {"executionArn": execution}),
        (states.stop_execution, {"executionArn": execution}),
        (states.list_tags_for_resource, {"resourceArn": machine}),
    ]:
        assert refusal(call, **parameters) == "AccessDeniedException", parameters
    assert refusal(states.create_state_machine, name="x", definition=definition, roleArn=runs) == "AccessDeniedException"
    assert states.list_state_machines()["stateMachines"] == []
    assert owner.states.describe_state_machine(stateMachineArn=machine)["status"] == "ACTIVE"
