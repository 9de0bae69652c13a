"""Roles assumed with the responses of a SAML identity provider."""

import base64
import hashlib
import json

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import ACCOUNT
from main_job import CONFIG, Caller, allow
from saml_provider import ATTRIBUTES, SIGN_IN, SamlProvider, encoded, moment

PROVIDER = f"arn:aws:iam::{ACCOUNT}:saml-provider/corp"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/saml"
DENIED = ("AccessDenied", "Not authorized to perform sts:AssumeRoleWithSAML")


@pytest.fixture(scope="module")
def provider():
    return SamlProvider()


@pytest.fixture(scope="module", autouse=True)
def role(root, provider):
    """A role that the provider's user ada may assume from AWS's sign-in endpoint, with tags and a source identity."""
    iam = root.client("iam")
    iam.create_saml_provider(Name="corp", SAMLMetadataDocument=provider.metadata)
    keys = {"saml:aud": SIGN_IN, "saml:iss": provider.issuer, "saml:sub": "ada", "saml:sub_type": "persistent",
            "saml:doc": f"{ACCOUNT}/corp"}
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": PROVIDER},
                "Action": ["sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity"],
                "Condition": {"StringEquals": keys, "ForAllValues:StringLike": {"saml:eduPersonAffiliation": "staff"}},
            }
        ],
    }
    iam.create_role(RoleName="saml", AssumeRolePolicyDocument=json.dumps(trust), MaxSessionDuration=7200)
    only = {"StringEquals": {"aws:PrincipalTag/team": "blue", "saml:sub": "ada"}, "Null": {"saml:aud": "true"}}
    iam.put_role_policy(RoleName="saml", PolicyName="Blue", PolicyDocument=json.dumps(allow("iam:ListUsers", Condition=only)))


@pytest.fixture(scope="module")
def assume(server):
    client = boto3.session.Session(region_name="us-east-1").client(
        "sts", endpoint_url=server.endpoint, config=CONFIG.merge(Config(signature_version=UNSIGNED))
    )

    def call(xml, **more):
        return client.assume_role_with_saml(**{"RoleArn": ROLE, "PrincipalArn": PROVIDER, "SAMLAssertion": encoded(xml), **more})

    return call


def attributes(**more):
    named = {"RoleSessionName": ["ada@corp"], "Role": [f"{ROLE},{PROVIDER}"], **more}
    return {ATTRIBUTES + name: values for name, values in named.items()}


def refusal(assume, xml, **more):
    with pytest.raises(ClientError) as error:
        assume(xml, **more)
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


def test_a_response_becomes_a_session_with_its_tags_and_identity(assume, provider, server):
    more = {"PrincipalTag:team": ["blue"], "TransitiveTagKeys": ["team"], "SourceIdentity": ["ada"]}
    made = assume(provider.response(attributes(**more)), DurationSeconds=7200)
    assert made["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/saml/ada@corp"
    told = (made["Audience"], made["Issuer"], made["Subject"], made["SubjectType"], made["SourceIdentity"])
    assert told == (SIGN_IN, provider.issuer, "ada", "persistent", "ada")
    qualifier = hashlib.sha1(f"{provider.issuer}{ACCOUNT}/corp".encode()).digest()
    assert made["NameQualifier"] == base64.b64encode(qualifier).decode()
    keys = made["Credentials"]
    session = Caller(server.endpoint, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    session.client("iam").list_users()
    with pytest.raises(ClientError, match="AccessDenied"):
        session.client("iam").list_roles()


def test_a_session_without_the_tag_may_less(assume, provider, server):
    keys = assume(provider.response(attributes()))["Credentials"]
    session = Caller(server.endpoint, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    with pytest.raises(ClientError, match="AccessDenied"):
        session.client("iam").list_users()


def test_the_session_ends_with_the_users_session_at_the_provider(assume, provider):
    made = assume(provider.response(attributes(SessionDuration=["7200"]), session_ends=moment(1000)))
    left = (made["Credentials"]["Expiration"] - made["ResponseMetadata"].get("date", __import__("datetime").datetime.now(__import__("datetime").UTC))).total_seconds()
    assert 900 < left <= 1000
    long = provider.response(attributes(SessionDuration=["43200"]))
    assert refusal(assume, long)[0] == "ValidationError"
    over = provider.response(attributes(), session_ends=moment(-1))
    assert refusal(assume, over)[0] == "ExpiredTokenException"


def test_a_response_that_is_not_to_be_believed_is_refused(assume, provider):
    good = provider.response(attributes())
    invalid = "InvalidIdentityToken"
    assert refusal(assume, good.replace(">ada<", ">eve<"))[1].startswith("Response signature invalid")
    assert refusal(assume, SamlProvider().response(attributes()))[1].startswith("Response signature invalid")
    other = SamlProvider("https://other.example.test")
    other.key, other.certificate = provider.key, provider.certificate
    assert refusal(assume, other.response(attributes())) == (invalid, "Issuer not present in specified provider")
    assert refusal(assume, provider.response(attributes(), issued=-301))[0] == "ExpiredTokenException"
    assert refusal(assume, provider.response(attributes(), issued=3600))[0] == invalid
    audience = (invalid, "Response does not contain the required audience.")
    assert refusal(assume, provider.response(attributes(), audience="https://elsewhere.test")) == audience
    assert refusal(assume, provider.response(attributes(), recipient="https://elsewhere.test"))[0] == invalid
    assert refusal(assume, provider.response(attributes(), status="Responder"))[0] == "IDPRejectedClaim"
    assert refusal(assume, good, SAMLAssertion="!" * 8)[0] == invalid
    assert refusal(assume, good, SAMLAssertion=encoded("<!DOCTYPE x>" + good))[0] == invalid
    nowhere = (invalid, "Specified provider doesn't exist")
    assert refusal(assume, good, PrincipalArn=PROVIDER + "-none") == nowhere


def test_what_the_assertion_does_not_say_is_not_given(assume, provider):
    nobody = attributes()
    del nobody[ATTRIBUTES + "RoleSessionName"]
    assert refusal(assume, provider.response(nobody)) == ("InvalidIdentityToken", "RoleSessionName is required in AuthnResponse")
    named = provider.response(attributes(RoleSessionName=["a b"]))
    assert refusal(assume, named)[1] == "RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}"
    roles = provider.response(attributes(Role=[f"{ROLE}-other,{PROVIDER}"]))
    assert refusal(assume, roles) == DENIED
    assert refusal(assume, provider.response(attributes()), RoleArn=ROLE + "-other") == DENIED
    reversed_pair = provider.response(attributes(Role=[f"{PROVIDER}, {ROLE}"]))
    assert assume(reversed_pair)["Subject"] == "ada"


def test_the_trust_policy_decides_by_the_keys_of_the_assertion(assume, provider):
    assert refusal(assume, provider.response(attributes(), subject="eve")) == DENIED
    transient = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
    assert refusal(assume, provider.response(attributes(), format=transient)) == DENIED
    guest = {**attributes(), "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": ["guest"]}
    assert refusal(assume, provider.response(guest)) == DENIED
    staff = {**attributes(), "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": ["staff"]}
    assert assume(provider.response(staff))["Subject"] == "ada"


def test_a_response_may_be_used_again_within_its_five_minutes(assume, provider):
    xml = provider.response(attributes())
    assert assume(xml)["AssumedRoleUser"]["AssumedRoleId"] == assume(xml)["AssumedRoleUser"]["AssumedRoleId"]


def test_the_session_ends_with_the_users_session_at_the_provider(assume, provider):
    soon = assume(provider.response(attributes(), session_ends=moment(1200)))["Credentials"]["Expiration"]
    late = assume(provider.response(attributes(), session_ends=moment(7200)))["Credentials"]["Expiration"]
    assert 2300 < (late - soon).total_seconds() < 2500
    assert refusal(assume, provider.response(attributes(), session_ends=moment(-10)))[0] == "ExpiredTokenException"


def test_metadata_that_is_no_longer_valid_is_not_believed(root, assume, provider):
    iam = root.client("iam")
    response = provider.response(attributes())
    for until, outcome in ((moment(-60), "InvalidIdentityToken"), (moment(3600), None)):
        dated = provider.metadata.replace("<EntityDescriptor ", f'<EntityDescriptor validUntil="{until}" ', 1)
        iam.update_saml_provider(SAMLProviderArn=PROVIDER, SAMLMetadataDocument=dated)
        if outcome:
            code, text = refusal(assume, response)
            assert code == outcome and "validUntil" in text
        else:
            assume(response)
    iam.update_saml_provider(SAMLProviderArn=PROVIDER, SAMLMetadataDocument=provider.metadata)
