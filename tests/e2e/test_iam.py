"""IAM and STS through boto3: what tools see, and that it survives a restart."""

import base64
import hashlib
import hmac
import json
import struct
import time

import pytest
from botocore.exceptions import ClientError
from main_job import Caller, allow, trust
from server import Server

ACCOUNT = "111122223333"


def refusal(call, **parameters):
    """Status, code and message of the error that the call must end with."""
    with pytest.raises(ClientError) as error:
        call(**parameters)
    answer = error.value.response
    return answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"], answer["Error"]["Message"]


def as_caller(endpoint, credentials):
    """The caller that temporary credentials make."""
    return Caller(endpoint, credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])


def trusts_account(*actions):
    statement = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": ["sts:AssumeRole", *actions]}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_terraforms_sequence_for_a_role_and_its_policy(job, name):
    iam = job.iam
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust()), Tags=[{"Key": "a", "Value": "b"}])
    assert made["Role"]["AssumeRolePolicyDocument"] == trust()
    policy = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(allow("s3:*")))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == [{"PolicyName": name, "PolicyArn": policy}]
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=json.dumps(allow("sqs:*")), SetAsDefault=True)
    version = iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=policy, VersionId=version)["PolicyVersion"]["Document"]
    assert (version, document) == ("v2", allow("sqs:*"))
    iam.update_role(RoleName=name, Description="changed", MaxSessionDuration=7200)
    assert iam.get_role(RoleName=name)["Role"]["MaxSessionDuration"] == 7200
    assert refusal(iam.delete_role, RoleName=name)[:2] == (409, "DeleteConflict")
    iam.detach_role_policy(RoleName=name, PolicyArn=policy)
    iam.delete_policy_version(PolicyArn=policy, VersionId="v1")
    iam.delete_policy(PolicyArn=policy)
    iam.delete_role(RoleName=name)
    gone = (404, "NoSuchEntity", f"The role with name {name} cannot be found.")
    assert refusal(iam.get_role, RoleName=name) == gone


def test_terraforms_sequence_for_a_group_and_an_instance_profile(job, name):
    iam = job.iam
    iam.create_user(UserName=name)
    iam.create_group(GroupName=name)
    iam.add_user_to_group(GroupName=name, UserName=name)
    assert [user["UserName"] for user in iam.get_group(GroupName=name)["Users"]] == [name]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust("ec2.amazonaws.com")))
    iam.create_instance_profile(InstanceProfileName=name)
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=name)
    profile = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    assert [role["RoleName"] for role in profile["Roles"]] == [name]
    iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=name)
    iam.delete_instance_profile(InstanceProfileName=name)
    iam.remove_user_from_group(GroupName=name, UserName=name)
    iam.delete_group(GroupName=name)
    iam.delete_user(UserName=name)


def test_wrong_input_has_the_errors_of_aws(job, name):
    iam = job.iam
    status, code, text = refusal(iam.get_role, RoleName="a/b")
    assert (status, code) == (400, "ValidationError")
    assert text == (
        "The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-"
    )
    long = refusal(iam.get_role, RoleName="r" * 65)[2]
    assert long == (
        "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64"
    )
    malformed = refusal(iam.create_role, RoleName=name, AssumeRolePolicyDocument="{")
    assert malformed[:2] == (400, "MalformedPolicyDocument")
    assert refusal(iam.list_organizations_features)[:2] == (400, "OrganizationNotFoundException")


def test_a_user_without_rights_is_denied_and_says_who_it_is(user, name):
    caller = user().caller
    assert caller.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/{name}"
    assert refusal(caller.client("iam").list_roles) == (
        403,
        "AccessDenied",
        f"User: arn:aws:iam::{ACCOUNT}:user/{name} is not authorized to perform: iam:ListRoles on resource: "
        f"arn:aws:iam::{ACCOUNT}:role/ because no identity-based policy allows the iam:ListRoles action",
    )


def test_who_am_i_is_answered_even_under_an_explicit_deny(user, name):
    caller = user(allow("*", effect="Deny")).caller
    assert caller.client("sts").get_caller_identity()["Arn"].endswith(name)


def test_a_role_is_assumed_within_a_session_policy(job, user, name):
    caller = user(allow("sts:AssumeRole")).caller
    role = job.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusts_account("sts:TagSession"))["Role"]["Arn"]
    job.iam.put_role_policy(RoleName=name, PolicyName="All", PolicyDocument=json.dumps(allow("*")))
    sts = caller.client("sts")
    assumed = sts.assume_role(RoleArn=role, RoleSessionName="session", Policy=json.dumps(allow("iam:ListUsers")))
    session = as_caller(caller.endpoint, assumed["Credentials"])
    assert session.client("sts").get_caller_identity()["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/session"
    session.client("iam").list_users()
    denied = refusal(session.client("iam").list_roles)[2]
    assert denied.endswith("because no session policy allows the iam:ListRoles action")
    job.iam.delete_role_policy(RoleName=name, PolicyName="All")
    job.iam.delete_role(RoleName=name)
    assert refusal(session.client("iam").list_users)[:2] == (403, "InvalidClientTokenId")


def test_a_changed_policy_decides_the_next_request(job, user, name):
    iam, caller = job.iam, user().caller
    mine = caller.client("iam")
    managed = iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(allow("iam:ListUsers")))["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=managed, PolicyDocument=json.dumps(allow("s3:*")))
    iam.create_group(GroupName=name)
    iam.put_group_policy(GroupName=name, PolicyName="P", PolicyDocument=json.dumps(allow("iam:ListUsers")))
    denied = json.dumps(allow("iam:ListUsers", effect="Deny"))
    held, member = {"UserName": name, "PolicyArn": managed}, {"UserName": name, "GroupName": name}
    inline = {"UserName": name, "PolicyName": "Now"}
    bound = {"UserName": name, "PermissionsBoundary": "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"}
    changes = [
        (lambda: iam.put_user_policy(**inline, PolicyDocument=json.dumps(allow("iam:*"))), True),
        (lambda: iam.put_user_policy(**inline, PolicyDocument=denied), False),
        (lambda: iam.delete_user_policy(**inline), False),
        (lambda: iam.attach_user_policy(**held), True),
        (lambda: iam.set_default_policy_version(PolicyArn=managed, VersionId="v2"), False),
        (lambda: iam.set_default_policy_version(PolicyArn=managed, VersionId="v1"), True),
        (lambda: iam.put_user_permissions_boundary(**bound), False),
        (lambda: iam.delete_user_permissions_boundary(UserName=name), True),
        (lambda: iam.detach_user_policy(**held), False),
        (lambda: iam.add_user_to_group(**member), True),
        (lambda: iam.delete_group_policy(GroupName=name, PolicyName="P"), False),
    ]
    for number, (change, is_allowed) in enumerate(changes):
        change()
        if is_allowed:
            mine.list_users()
        else:
            assert refusal(mine.list_users)[:2] == (403, "AccessDenied"), f"change {number}"
    iam.remove_user_from_group(**member)
    iam.delete_group(GroupName=name)
    iam.delete_policy_version(PolicyArn=managed, VersionId="v2")
    iam.delete_policy(PolicyArn=managed)


def test_every_list_is_paged_through_by_boto3(job, name):
    iam = job.iam
    for number in range(3):
        iam.create_role(RoleName=f"{name}-{number}", Path="/paged/", AssumeRolePolicyDocument=json.dumps(trust()))
    pages = list(iam.get_paginator("list_roles").paginate(PathPrefix="/paged/", PaginationConfig={"PageSize": 1}))
    assert [role["RoleName"] for page in pages for role in page["Roles"]] == [f"{name}-{number}" for number in range(3)]
    details = iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 1})
    listed = [role["RoleName"] for page in details for role in page["RoleDetailList"]]
    assert [role for role in listed if role.startswith(name)] == [f"{name}-{number}" for number in range(3)]
    assert refusal(iam.list_users, Marker=pages[0]["Marker"]) == (400, "ValidationError", "Invalid Marker.")
    for number in range(3):
        iam.delete_role(RoleName=f"{name}-{number}")


def test_a_second_factor_is_really_checked(job, user, name):
    condition = {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    caller = user(allow("iam:ListUsers", **condition)).caller
    device = job.iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    seed = base64.b32decode(device["Base32StringSeed"])
    serial = device["SerialNumber"]

    def code(step):
        digest = hmac.new(seed, struct.pack(">Q", step), hashlib.sha1).digest()
        offset = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"

    step = int(time.time()) // 30
    codes = {"AuthenticationCode1": code(step - 1), "AuthenticationCode2": code(step)}
    job.iam.enable_mfa_device(UserName=name, SerialNumber=serial, **codes)
    assert refusal(caller.client("iam").list_users)[1] == "AccessDenied"
    sts = caller.client("sts")
    assert refusal(sts.get_session_token, SerialNumber=serial, TokenCode=code(step))[1] == "AccessDenied"
    made = sts.get_session_token(SerialNumber=serial, TokenCode=code(step + 1))
    as_caller(caller.endpoint, made["Credentials"]).client("iam").list_users()


def test_accounts_are_apart(job, other, name):
    job.iam.create_user(UserName=name)
    assert refusal(other.iam.get_user, UserName=name)[1] == "NoSuchEntity"


def test_identities_and_sessions_survive_a_crash(binary):
    with Server(binary, ["--dev", "--account", ACCOUNT]) as server:
        root = Caller(server.endpoint, ACCOUNT, "test")
        root.client("iam").create_user(UserName="ada")
        key = root.client("iam").create_access_key(UserName="ada")["AccessKey"]
        ada = Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"])
        session = ada.client("sts").get_session_token()["Credentials"]
        server.kill()
        server.restart()
        again = Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"])
        assert again.client("sts").get_caller_identity()["Arn"].endswith("user/ada")
        assert as_caller(server.endpoint, session).client("sts").get_caller_identity()["Arn"].endswith("user/ada")
