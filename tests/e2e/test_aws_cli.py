"""IAM and STS through the AWS CLI, as people use it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ACCOUNT
from main_job import allow, trust

AWS = Path(sys.executable).with_name("aws")


@pytest.fixture
def aws(server, tmp_path):
    """Runs a command of the CLI: its answer, or with `fails` what it said."""
    key = server.root_credentials()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    plain = {
        **kept,
        # The CLI keeps the credentials of roles there, also those of another server.
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": server.endpoint,
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
    }

    def run(*words, fails=False, environment=None):
        command = [sys.executable, str(AWS), *words, "--output", "json"]
        done = subprocess.run(command, env={**plain, **(environment or {})}, capture_output=True, text=True, cwd=tmp_path)
        if fails:
            assert done.returncode != 0, done.stdout
            return done.stderr.strip()
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    return run


def test_a_role_is_made_from_files_attached_assumed_and_cleaned_up(aws, name, tmp_path):
    (tmp_path / "trust.json").write_text(json.dumps(trust("lambda.amazonaws.com")))
    (tmp_path / "policy.json").write_text(json.dumps(allow("s3:GetObject")))
    role = aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", "file://trust.json",
               "--tags", "Key=team,Value=blue")["Role"]
    assert role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/{name}"
    policy = aws("iam", "create-policy", "--policy-name", name, "--policy-document", "file://policy.json")["Policy"]["Arn"]
    aws("iam", "attach-role-policy", "--role-name", name, "--policy-arn", policy)
    assert aws("iam", "list-attached-role-policies", "--role-name", name)["AttachedPolicies"][0]["PolicyArn"] == policy
    names = aws("iam", "list-roles", "--query", "Roles[].RoleName", "--page-size", "1")
    assert name in names
    refused = aws("iam", "delete-role", "--role-name", name, fails=True)
    assert refused.endswith(
        "An error occurred (DeleteConflict) when calling the DeleteRole operation: Cannot delete entity, must detach all "
        "policies first."
    )
    aws("iam", "detach-role-policy", "--role-name", name, "--policy-arn", policy)
    aws("iam", "delete-policy", "--policy-arn", policy)
    aws("iam", "delete-role", "--role-name", name)
    gone = aws("iam", "get-role", "--role-name", name, fails=True)
    assert gone.endswith(f"(NoSuchEntity) when calling the GetRole operation: The role with name {name} cannot be found.")


def test_waiters_of_the_cli_see_what_is_there(aws, name, tmp_path):
    (tmp_path / "trust.json").write_text(json.dumps(trust("ec2.amazonaws.com")))
    aws("iam", "create-user", "--user-name", name)
    aws("iam", "wait", "user-exists", "--user-name", name)
    aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", "file://trust.json")
    aws("iam", "wait", "role-exists", "--role-name", name)
    aws("iam", "create-instance-profile", "--instance-profile-name", name)
    aws("iam", "wait", "instance-profile-exists", "--instance-profile-name", name)


def test_a_profile_assumes_its_role_and_is_denied_what_the_role_may_not(aws, name, tmp_path):
    made = {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}
    (tmp_path / "trust.json").write_text(json.dumps({"Version": "2012-10-17", "Statement": [made]}))
    (tmp_path / "may.json").write_text(json.dumps(allow("sts:AssumeRole")))
    (tmp_path / "list.json").write_text(json.dumps(allow("iam:ListUsers")))
    arn = aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", "file://trust.json")["Role"]["Arn"]
    aws("iam", "put-role-policy", "--role-name", name, "--policy-name", "List", "--policy-document", "file://list.json")
    aws("iam", "create-user", "--user-name", name)
    aws("iam", "put-user-policy", "--user-name", name, "--policy-name", "May", "--policy-document", "file://may.json")
    key = aws("iam", "create-access-key", "--user-name", name)["AccessKey"]
    (tmp_path / "credentials").write_text(
        f"[base]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
    )
    (tmp_path / "config").write_text(
        f"[profile base]\nregion = us-east-1\n[profile worker]\nrole_arn = {arn}\nsource_profile = base\nrole_session_name = cli\n"
    )
    without_keys = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "worker"}
    who = aws("sts", "get-caller-identity", environment=without_keys)
    assert who["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/cli"
    assert aws("iam", "list-users", environment=without_keys)["Users"]
    denied = aws("iam", "list-roles", environment=without_keys, fails=True)
    assert "(AccessDenied)" in denied and f"assumed-role/{name}/cli is not authorized to perform: iam:ListRoles" in denied


def test_reports_and_summaries_are_shown(aws):
    assert aws("iam", "get-account-summary")["SummaryMap"]["AssumeRolePolicySizeQuota"]
    aws("iam", "create-account-alias", "--account-alias", "cli-alias")
    assert aws("iam", "list-account-aliases")["AccountAliases"] == ["cli-alias"]
    aws("iam", "delete-account-alias", "--account-alias", "cli-alias")
    aws("iam", "generate-credential-report")
    assert aws("iam", "get-credential-report")["ReportFormat"] == "text/csv"
    scope = aws("iam", "list-policies", "--scope", "AWS", "--max-items", "3")
    assert len(scope["Policies"]) == 3 and scope["NextToken"]
