"""Every operation of IAM: it works for who has exactly its rights, refuses wrong input with AWS's code, and is denied to
who has no right."""

import json
import os
from pathlib import Path

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from exactly import Exactly
from iam_table import IAM
from main_job import CONFIG, Caller, allow
from server import Server

ACCOUNT = "111122223333"
# What each operation of IAM answers over HTTP; STEPWARD_UPDATE_SNAPSHOTS=1 writes it anew.
MATRIX = Path(__file__).parent / "authorization-matrix.txt"
# Newer than the service model that the server was built with.
NEWER = {"update_open_id_connect_provider"}


@pytest.fixture(scope="module")
def callers(binary):
    """Somebody who gets exactly the rights that are needed, in an account that nothing else uses; an administrator
    of it, and a user without any right."""
    with Server(binary, ["--dev", "--account", ACCOUNT]) as server:
        root = client(Caller(server.endpoint, ACCOUNT, "test"))

        def user(name, policy=None):
            root.create_user(UserName=name)
            if policy:
                root.put_user_policy(UserName=name, PolicyName="Inline", PolicyDocument=json.dumps(policy))
            key = root.create_access_key(UserName=name)["AccessKey"]
            return Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"])

        anonymous = client(Caller(server.endpoint, "x", "x"), signature=UNSIGNED)
        exact = Exactly(root, "exact", client(user("exact")))
        root.create_login_profile(UserName="exact", Password="Old-Password-1")
        yield exact, client(user("admin", allow("*"))), client(user("powerless")), anonymous


def client(caller, service="iam", signature=None):
    """A client that sends what it is given: the server has to find what is wrong with it."""
    session = boto3.session.Session(caller.key_id, caller.secret, caller.token, caller.region)
    unchecked = CONFIG.merge(Config(parameter_validation=False, signature_version=signature))
    return session.client(service, endpoint_url=caller.endpoint, config=unchecked)


def resolved(value, seen):
    """The value with what earlier answers gave."""
    if callable(value):
        return value(seen)
    if isinstance(value, str) and value.startswith("$"):
        operation, *path = value[1:].split(".")
        found = seen[operation]
        for member in path:
            found = found[member]
        return found
    return value


def code_of(client, operation, parameters):
    """The error code of a call; none when it works."""
    try:
        getattr(client, operation)(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def test_every_operation_of_iam_works_refuses_and_is_denied(callers):
    exact, admin, powerless, anonymous = callers
    seen, failures, matrix = {}, [], []
    for row in IAM:
        good = {name: resolved(value, seen) for name, value in row.good.items()}
        wrong = {**good, **{name: resolved(value, seen) for name, value in (row.wrong or {}).items()}}
        nobody = code_of(anonymous, row.operation, good)
        denied = code_of(powerless, row.operation, good)
        if denied != "AccessDenied":
            failures.append((row.operation, "without a right", denied))
        if row.wrong is not None and (code := code_of(admin, row.operation, wrong)) != row.wrong_code:
            failures.append((row.operation, "wrong input", code))
        rights, seen[row.operation], refusal = exact.call(row.operation, good)
        if refusal != row.code:
            failures.append((row.operation, "with exactly its rights", refusal))
        matrix.append(
            f"{row.operation}: anonymous {nobody}, no permission {denied}, with {', '.join(rights)} {refusal or 'works'}"
        )
    assert not failures, "\n".join(map(str, failures))
    matrix = "\n".join(sorted(matrix)) + "\n"
    if os.environ.get("STEPWARD_UPDATE_SNAPSHOTS"):
        MATRIX.write_text(matrix)
    assert matrix == MATRIX.read_text()


def test_the_table_has_every_operation(callers):
    client = callers[1]
    operations = set(client.meta.method_to_api_mapping) - NEWER
    assert operations == {row.operation for row in IAM}
