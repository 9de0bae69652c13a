"""Root of a member account, for a task, by the account that manages the organization."""

import json

import pytest
from botocore.exceptions import ClientError
from main_job import Caller, allow
from server import Server

MANAGEMENT, MEMBER, STRANGER = "111122223333", "444455556666", "777788889999"
DELEGATED, UNIT = "555566667777", "ou-ab12-11111111"
TASK = "arn:aws:iam::aws:policy/root-task/"


@pytest.fixture(scope="module")
def server(binary, tmp_path_factory):
    config = tmp_path_factory.mktemp("organization") / "stepward.toml"
    config.write_text(
        f'[organization]\nid = "o-exampleorg1"\nroot = "r-ab12"\nmanagement = "{MANAGEMENT}"\n'
        f'members = ["{MEMBER}", "{DELEGATED}"]\ndelegated_administrators = ["{DELEGATED}"]\n'
        f'[organization.units]\n{MEMBER} = "{UNIT}"\n'
    )
    with Server(binary, ["--dev", "--account", MANAGEMENT, "--config", str(config)]) as running:
        yield running


@pytest.fixture(scope="module")
def manager(server):
    """STS as an administrator of the management account."""
    iam = Caller(server.endpoint, MANAGEMENT, "test").client("iam")
    iam.create_user(UserName="admin")
    iam.put_user_policy(UserName="admin", PolicyName="All", PolicyDocument=json.dumps(allow("*")))
    key = iam.create_access_key(UserName="admin")["AccessKey"]
    return Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]).client("sts")


def code(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]["Code"]


def root_session(server, manager, task, **more):
    made = manager.assume_root(TargetPrincipal=MEMBER, TaskPolicyArn={"arn": TASK + task}, **more)["Credentials"]
    return Caller(server.endpoint, made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def test_the_management_account_switches_features_on_and_off(server):
    iam = Caller(server.endpoint, MANAGEMENT, "test").client("iam")
    answer = iam.enable_organizations_root_credentials_management()
    assert (answer["OrganizationId"], answer["EnabledFeatures"]) == ("o-exampleorg1", ["RootCredentialsManagement"])
    both = ["RootCredentialsManagement", "RootSessions"]
    assert iam.enable_organizations_root_sessions()["EnabledFeatures"] == both
    assert iam.list_organizations_features()["EnabledFeatures"] == both
    assert iam.disable_organizations_root_sessions()["EnabledFeatures"] == ["RootCredentialsManagement"]
    member = Caller(server.endpoint, MEMBER, "test").client("iam")
    refused = "AccountNotManagementOrDelegatedAdministratorException"
    assert code(member.list_organizations_features) == refused
    assert code(member.enable_organizations_root_sessions) == refused
    stranger = Caller(server.endpoint, STRANGER, "test").client("iam")
    assert code(stranger.list_organizations_features) == "OrganizationNotFoundException"


def test_a_root_session_does_its_task_in_the_member_account_and_nothing_else(server, manager):
    Caller(server.endpoint, MANAGEMENT, "test").client("iam").enable_organizations_root_credentials_management()
    member = Caller(server.endpoint, MEMBER, "test").client("iam")
    key = member.create_access_key()["AccessKey"]["AccessKeyId"]
    auditor = root_session(server, manager, "IAMAuditRootUserCredentials", DurationSeconds=900)
    assert auditor.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{MEMBER}:root"
    iam = auditor.client("iam")
    assert key in [found["AccessKeyId"] for found in iam.list_access_keys()["AccessKeyMetadata"]]
    assert iam.get_account_summary()["SummaryMap"]
    assert code(iam.delete_access_key, AccessKeyId=key) == "AccessDenied"
    assert code(iam.list_users) == "AccessDenied"
    deleter = root_session(server, manager, "IAMDeleteRootUserCredentials").client("iam")
    deleter.delete_access_key(AccessKeyId=key)
    assert key not in [found["AccessKeyId"] for found in member.list_access_keys()["AccessKeyMetadata"]]
    assert code(deleter.create_user, UserName="backdoor") == "AccessDenied"


def test_a_root_session_lets_the_root_user_set_a_password_again(server, manager):
    Caller(server.endpoint, MANAGEMENT, "test").client("iam").enable_organizations_root_credentials_management()
    member = Caller(server.endpoint, MEMBER, "test").client("iam")
    iam = root_session(server, manager, "IAMCreateRootUserPassword").client("iam")
    assert code(iam.get_login_profile) == "NoSuchEntity"
    assert code(iam.create_login_profile, Password="Correct-Horse-1") == "ValidationError"
    assert iam.create_login_profile()["LoginProfile"]["UserName"] == "root"
    assert code(iam.create_login_profile) == "EntityAlreadyExists"
    assert iam.get_login_profile()["LoginProfile"]["CreateDate"]
    assert member.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 1
    member.create_user(UserName="ada")
    # Only the root user's, and nothing but that.
    assert code(iam.create_login_profile, UserName="ada", Password="Correct-Horse-1") == "AccessDenied"
    assert code(iam.delete_login_profile) == "AccessDenied"
    # Long-lived credentials of root have to name a user.
    assert code(member.get_login_profile) == "ValidationError"
    deleter = root_session(server, manager, "IAMDeleteRootUserCredentials").client("iam")
    assert code(deleter.delete_login_profile, UserName="ada") == "AccessDenied"
    deleter.delete_login_profile()
    assert member.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 0


def test_a_delegated_administrator_manages_root_access_of_the_members(server):
    iam = Caller(server.endpoint, DELEGATED, "test").client("iam")
    enabled = iam.enable_organizations_root_credentials_management()["EnabledFeatures"]
    management = Caller(server.endpoint, MANAGEMENT, "test").client("iam")
    assert management.list_organizations_features()["EnabledFeatures"] == enabled
    iam.create_user(UserName="admin")
    iam.put_user_policy(UserName="admin", PolicyName="All", PolicyDocument=json.dumps(allow("*")))
    key = iam.create_access_key(UserName="admin")["AccessKey"]
    sts = Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]).client("sts")
    auditor = root_session(server, sts, "IAMAuditRootUserCredentials")
    assert auditor.client("sts").get_caller_identity()["Arn"] == f"arn:aws:iam::{MEMBER}:root"
    audit = {"TaskPolicyArn": {"arn": TASK + "IAMAuditRootUserCredentials"}}
    assert code(sts.assume_root, TargetPrincipal=MANAGEMENT, **audit) == "AccessDenied"
    # Reports are the management account's.
    refused = "AccountNotManagementOrDelegatedAdministratorException"
    assert code(iam.generate_organizations_access_report, EntityPath="o-exampleorg1/r-ab12") == refused


def test_a_report_tells_what_the_members_used(server):
    iam = Caller(server.endpoint, MANAGEMENT, "test").client("iam")
    states = Caller(server.endpoint, MEMBER, "test").client("stepfunctions")
    states.list_state_machines()

    def report(path, **more):
        job = iam.generate_organizations_access_report(EntityPath=path)["JobId"]
        return iam.get_organizations_access_report(JobId=job, **more)

    def used(path):
        latest = report(path, SortKey="LAST_AUTHENTICATED_TIME_DESCENDING", MaxItems=20)
        assert latest["JobStatus"] == "COMPLETED" and latest["IsTruncated"]
        return {row["ServiceNamespace"]: row for row in latest["AccessDetails"] if "LastAuthenticatedTime" in row}

    root = used("o-exampleorg1/r-ab12")
    assert root["states"]["EntityPath"] == f"o-exampleorg1/r-ab12/{UNIT}/{MEMBER}"
    assert root["states"]["TotalAuthenticatedEntities"] == 1
    assert "states" in used(f"o-exampleorg1/r-ab12/{UNIT}/") and "states" in used(f"o-exampleorg1/r-ab12/{UNIT}/{MEMBER}")
    assert "states" not in used(f"o-exampleorg1/r-ab12/{DELEGATED}")
    whole = report("o-exampleorg1/r-ab12")
    assert [row["ServiceNamespace"] for row in whole["AccessDetails"]] == sorted(row["ServiceNamespace"] for row in whole["AccessDetails"])
    assert 0 < whole["NumberOfServicesNotAccessed"] < whole["NumberOfServicesAccessible"]
    assert code(iam.generate_organizations_access_report, EntityPath="o-exampleorg2/r-ab12") == "InvalidInput"
    path = {"EntityPath": "o-exampleorg1/r-ab12"}
    assert code(iam.generate_organizations_access_report, OrganizationsPolicyId="p-unknown1", **path) == "NoSuchEntity"
    assert code(iam.get_organizations_access_report, JobId="0" * 36) == "NoSuchEntity"


def test_nobody_else_becomes_root_of_a_member(server, manager):
    sessions = {"TaskPolicyArn": {"arn": TASK + "S3UnlockBucketPolicy"}}
    assert code(manager.assume_root, TargetPrincipal=MEMBER, **sessions) == "AccessDenied"
    audit = {"TaskPolicyArn": {"arn": TASK + "IAMAuditRootUserCredentials"}}
    assert code(manager.assume_root, TargetPrincipal=STRANGER, **audit) == "AccessDenied"
    assert code(manager.assume_root, TargetPrincipal=MANAGEMENT, **audit) == "AccessDenied"
    admin = {"TaskPolicyArn": {"arn": "arn:aws:iam::aws:policy/AdministratorAccess"}}
    assert code(manager.assume_root, TargetPrincipal=MEMBER, **admin) == "ValidationError"
    assert code(manager.assume_root, TargetPrincipal=MEMBER, DurationSeconds=901, **audit) == "ValidationError"
    for account in (MANAGEMENT, MEMBER, STRANGER):
        root = Caller(server.endpoint, account, "test").client("sts")
        assert code(root.assume_root, TargetPrincipal=MEMBER, **audit) == "AccessDenied"


def test_an_organization_that_is_none_is_refused_when_the_server_starts(binary, tmp_path):
    config = tmp_path / "stepward.toml"
    config.write_text('[organization]\nid = "mine"\nmanagement = "111122223333"\n')
    with pytest.raises(RuntimeError, match="organization.id is 'mine'"):
        with Server(binary, ["--config", str(config)]):
            pass
