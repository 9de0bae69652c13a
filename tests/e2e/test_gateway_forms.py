"""Uploads by a browser's form: what its signed policy says, and no more."""

import base64
import urllib.parse
import uuid

import boto3
import pytest
from botocore.config import Config
from main_job import allow
from server import Server
from uploads import send

ACCOUNT = "111122223333"


@pytest.fixture(scope="module")
def server(binary, backend):
    with Server(binary, ["--dev", "--account", ACCOUNT, "--backend", backend.url]) as running:
        yield running


@pytest.fixture(scope="module")
def s3(root):
    client = root.client("s3")
    client.create_bucket(Bucket="forms")
    return client


def form(caller, key, conditions=(), fields=None, seconds=300):
    client = boto3.client(
        "s3",
        aws_access_key_id=caller.key_id,
        aws_secret_access_key=caller.secret,
        region_name=caller.region,
        endpoint_url=caller.endpoint,
        config=Config(signature_version="s3v4"),
    )
    post = client.generate_presigned_post("forms", key, Fields=fields, Conditions=list(conditions), ExpiresIn=seconds)
    return post["fields"]


def post(caller, fields, data=b"from a form", name="note.txt", path="/forms"):
    boundary = uuid.uuid4().hex
    pairs = fields.items() if isinstance(fields, dict) else fields
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in pairs]
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/plain\r\n\r\n'
    body = "".join(parts).encode() + head.encode() + data + f"\r\n--{boundary}--\r\n".encode()
    return send(caller.endpoint, "POST", path, {"Content-Type": f"multipart/form-data; boundary={boundary}"}, body)


def test_a_form_writes_the_object_that_its_policy_names(root, s3, name):
    answer = post(root, form(root, f"{name}/${{filename}}", fields={"Content-Type": "text/plain"}, conditions=[{"Content-Type": "text/plain"}]))
    assert (answer.status, answer.body) == (204, b"")
    got = s3.get_object(Bucket="forms", Key=f"{name}/note.txt")
    assert (got["Body"].read(), got["ContentType"]) == (b"from a form", "text/plain")


def test_a_form_is_answered_as_it_asks(root, s3, name):
    fields = {"success_action_status": "201"}
    answer = post(root, form(root, name, [fields], fields))
    assert answer.status == 201 and f"<Key>{name}</Key>".encode() in answer.body
    fields = {"success_action_redirect": "https://example.com/done"}
    answer = post(root, form(root, name, [fields], fields))
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(answer.headers["Location"]).query))
    assert (answer.status, query["bucket"], query["key"]) == (303, "forms", name)


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        (lambda fields: fields.update({"x-amz-meta-more": "1"}), "AccessDenied", "Extra input fields: x-amz-meta-more"),
        (lambda fields: fields.update({"key": "another"}), "AccessDenied", "Policy Condition failed"),
        (lambda fields: fields.update({"x-amz-signature": "0" * 64}), "SignatureDoesNotMatch", ""),
        (lambda fields: fields.update({"policy": base64.b64encode(b"{}").decode()}), "SignatureDoesNotMatch", ""),
        (lambda fields: fields.pop("key"), "AccessDenied", "Policy Condition failed"),
        (lambda fields: fields.pop("x-amz-signature"), "InvalidRequest", "Please use AWS4-HMAC-SHA256."),
        (lambda fields: fields.update({"x-amz-credential": "x"}), "AuthorizationQueryParametersError", ""),
        (lambda fields: fields.update({"large": "x" * 30_000}), "MaxPostPreDataLengthExceededError", ""),
    ],
)
def test_a_form_that_was_changed_is_refused(root, s3, name, change, code, text):
    fields = form(root, name)
    change(fields)
    answer = post(root, fields)
    assert answer.code == code and text in answer.body.decode()
    assert "Contents" not in s3.list_objects_v2(Bucket="forms", Prefix=name)


def test_a_field_has_one_value_so_that_the_policy_is_about_the_one_that_is_used(root, s3, name):
    fields = form(root, name, [{"acl": "private"}], {"acl": "private"})
    answer = post(root, [*fields.items(), ("ACL", "public-read")])
    assert (answer.status, answer.code) == (400, "InvalidArgument")
    assert "Contents" not in s3.list_objects_v2(Bucket="forms", Prefix=name)


def test_a_form_has_an_end_and_its_file_a_size(root, s3, name):
    assert b"Policy expired" in post(root, form(root, name, seconds=-10)).body
    sized = form(root, name, [["content-length-range", 5, 10]])
    assert post(root, sized, b"1234").code == "EntityTooSmall"
    assert post(root, sized, b"12345678901").code == "EntityTooLarge"
    assert post(root, sized, b"12345").status == 204


def test_a_form_has_the_rights_of_who_signed_it(user, s3, name):
    caller = user(allow("s3:PutObject", "arn:aws:s3:::forms/mine/*")).caller
    assert post(caller, form(caller, f"mine/{name}")).status == 204
    refused = post(caller, form(caller, f"other/{name}"))
    assert (refused.status, refused.code) == (403, "AccessDenied")
    anonymous = post(caller, {"key": name})
    assert (anonymous.status, anonymous.code) == (403, "AccessDenied")


@pytest.mark.parametrize("body", [b"", b"--x", b"--b\r\n\r\n", b"--b--\r\n", b"--b\r\nno\r\n\r\nx\r\n--b--\r\n", b"\0" * 1000])
def test_a_form_that_is_none_is_refused(root, s3, body):
    for kind in ("multipart/form-data; boundary=b", "multipart/form-data"):
        answer = send(root.endpoint, "POST", "/forms", {"Content-Type": kind}, body)
        assert answer.status == 400 and answer.code in ("MalformedPOSTRequest", "InvalidArgument")


def test_a_path_that_leads_elsewhere_is_refused(root, s3, server):
    from uploads import Uploader

    for path in ("/forms/../other/k", "/forms/%2e%2e/other/k", "/forms/./k"):
        headers = Uploader(root).signed(path, {}, "UNSIGNED-PAYLOAD", "GET")
        answer = send(server.endpoint, "GET", path, headers)
        assert (answer.status, answer.code) == (400, "InvalidURI"), (path, answer.body)
