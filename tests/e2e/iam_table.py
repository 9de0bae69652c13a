"""Every operation of IAM and STS, in an order in which each can work: what works, and what is wrong input.

A text that begins with `$` is looked up in the answers so far: `$create_policy.Policy.Arn`. A function is called
with them.
"""

import base64
import hashlib
import hmac
import json
import struct
import time
from dataclasses import dataclass, field
from typing import Any

ACCOUNT = "111122223333"
DOCUMENT = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
TAGS = [{"Key": "team", "Value": "blue"}]
BOUNDARY = "arn:aws:iam::aws:policy/PowerUserAccess"
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIBhDCCASugAwIBAgIUIBjd+NzfJmD/OA0+Q1OqYpc8PMQwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMZXhhbXBsZS50ZXN0MCAXDTI2MTEyNTE5MzUzNloYDzIxMjYx
MTAxMTkzNTM2WjAXMRUwEwYDVQQDDAxleGFtcGxlLnRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAAT1OFMNiPTd/dNCw9Yhy+Zc1YDKf0YpGXfkGZo22zDqSh+R
vS4gbaNjN6Xs+Am1t28vF/CakZt+SCHLaBibC61fo1MwUTAdBgNVHQ4EFgQUfqgi
K0m88mteWm0AcsJMR8gNgNcwHwYDVR0jBBgwFoAUfqgiK0m88mteWm0AcsJMR8gN
gNcwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNHADBEAiAA0iGYXbZqDyt9
SNjeGojDivIEh+ekL04pg/0u7DmDLAIgcuNWRxbxUI0o4wg2Xr8StjYqCg1lJ97x
DZFz3BV4euE=
-----END CERTIFICATE-----
"""
# Made for this test; it protects nothing.
PRIVATE_KEY = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgQp3BPsjH3xLZ4V6n
3kqA/FuByNNUk34ooU6G5/iRfOOhRANCAAT1OFMNiPTd/dNCw9Yhy+Zc1YDKf0Yp
GXfkGZo22zDqSh+RvS4gbaNjN6Xs+Am1t28vF/CakZt+SCHLaBibC61f
-----END PRIVATE KEY-----
"""
SSH_KEY = "ssh-rsa " + base64.b64encode(b"\0\0\0\7ssh-rsa\0\0\0\3\1\0\1\0\0\1\1\0" + b"\xab" * 256).decode()
METADATA = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example"><IDPSSODescriptor '
    'protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing"><KeyInfo '
    'xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>'
    + "".join(CERTIFICATE.splitlines()[1:-1])
    + "</X509Certificate></X509Data></KeyInfo></KeyDescriptor></IDPSSODescriptor></EntityDescriptor>"
) + " " * 400
DELEGATION = {
    "Description": "why",
    "Permissions": {"PolicyTemplateArn": "arn:aws:iam::aws:delegation-template/none"},
    "RequestorWorkflowId": "workflow-of-sixteen",
    "NotificationChannel": "arn:aws:sns:us-east-1:111122223333:topic",
    "SessionDuration": 3600,
}
REQUEST = {"DelegationRequestId": "a-request-of-sixteen"}


@dataclass
class Row:
    """An operation with input that works; or, with `code`, with the refusal that is all it has here."""

    operation: str
    good: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, Any] | None = None
    wrong_code: str = "NoSuchEntity"
    code: str | None = None


def invalid(operation, good, **wrong):
    return Row(operation, good, wrong, "ValidationError")


def unknown(operation, good=None, **wrong):
    return Row(operation, good or {}, wrong)


def plain(operation, **good):
    """An operation whose input cannot be wrong."""
    return Row(operation, good)


def refused(operation, code, **good):
    return Row(operation, good, code=code)


def totp(offset):
    def code(seen):
        seed = base64.b32decode(seen["create_virtual_mfa_device"]["VirtualMFADevice"]["Base32StringSeed"])
        digest = hmac.new(seed, struct.pack(">Q", int(time.time()) // 30 + offset), hashlib.sha1).digest()
        start = digest[-1] & 15
        return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"

    return code


U, R, G = {"UserName": "ada"}, {"RoleName": "runner"}, {"GroupName": "team"}
P = {"PolicyArn": "$create_policy.Policy.Arn"}
I = {"InstanceProfileName": "profile"}
C = {"ServerCertificateName": "certificate"}
M = {"SerialNumber": "$create_virtual_mfa_device.VirtualMFADevice.SerialNumber"}
O = {"OpenIDConnectProviderArn": "$create_open_id_connect_provider.OpenIDConnectProviderArn"}
S = {"SAMLProviderArn": "$create_saml_provider.SAMLProviderArn"}
KEY = {"AccessKeyId": "$create_access_key.AccessKey.AccessKeyId"}
SSH = {**U, "SSHPublicKeyId": "$upload_ssh_public_key.SSHPublicKey.SSHPublicKeyId"}
SIGNING = {**U, "CertificateId": "$upload_signing_certificate.Certificate.CertificateId"}
CREDENTIAL = {
    **U,
    "ServiceSpecificCredentialId": "$create_service_specific_credential.ServiceSpecificCredential.ServiceSpecificCredentialId",
}
NO_USER, NO_ROLE, NO_GROUP = {"UserName": "nobody"}, {"RoleName": "nobody"}, {"GroupName": "nobody"}
NO_POLICY = {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/none"}
NO_PROFILE = {"InstanceProfileName": "none"}
NO_CERTIFICATE = {"ServerCertificateName": "none"}
NO_DEVICE = {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/none"}
NO_OIDC = {"OpenIDConnectProviderArn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/none.example"}
NO_SAML = {"SAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/none"}
NO_KEY = {"AccessKeyId": "AKIAAAAAAAAAAAAAAAAA"}
NO_SSH = {"SSHPublicKeyId": "APKAAAAAAAAAAAAAAAAA"}
NO_SIGNING = {"CertificateId": "ASCAAAAAAAAAAAAAAAAAAAAAAAAAA"}
NO_CREDENTIAL = {"ServiceSpecificCredentialId": "ACCAAAAAAAAAAAAAAAAAA"}
INLINE = {"PolicyName": "inline", "PolicyDocument": DOCUMENT}
NAMED = {"PolicyName": "inline"}
MALFORMED = {"PolicyDocument": "{"}
BOUND = {"PermissionsBoundary": BOUNDARY}
KEYS = {"TagKeys": ["team"]}
CODES = {"AuthenticationCode1": totp(-1), "AuthenticationCode2": totp(0)}
JOB = {"JobId": "$generate_service_last_accessed_details.JobId"}
NO_JOB = {"JobId": "0" * 36}

MAKING = [
    invalid("create_user", {**U, "Tags": TAGS}, UserName="a/b"),
    Row("create_role", {**R, "AssumeRolePolicyDocument": TRUST}, {"AssumeRolePolicyDocument": "{"}, "MalformedPolicyDocument"),
    invalid("create_group", G, GroupName="a/b"),
    Row("create_policy", {"PolicyName": "policy", "PolicyDocument": DOCUMENT}, MALFORMED, "MalformedPolicyDocument"),
    invalid("create_instance_profile", I, InstanceProfileName="a/b"),
    unknown("create_access_key", U, **NO_USER),
    Row("create_login_profile", {**U, "Password": "Correct-Horse-1"}, {"Password": "x"}, "PasswordPolicyViolation"),
    invalid("create_account_alias", {"AccountAlias": "my-alias"}, AccountAlias="-"),
    Row("create_service_linked_role", {"AWSServiceName": "ecs.amazonaws.com"}, {"AWSServiceName": "nothing"}, "InvalidInput"),
    Row("create_service_specific_credential", {**U, "ServiceName": "codecommit.amazonaws.com"}, {"ServiceName": "x"}, "NotSupportedService"),
    invalid("create_virtual_mfa_device", {"VirtualMFADeviceName": "phone"}, VirtualMFADeviceName="a/b"),
    Row("create_open_id_connect_provider", {"Url": "https://token.example", "ClientIDList": ["app"]}, {"Url": "http://token.example"}, "ValidationError"),
    Row("create_saml_provider", {"Name": "idp", "SAMLMetadataDocument": METADATA}, {"SAMLMetadataDocument": "x" * 1000}, "InvalidInput"),
    Row("upload_server_certificate", {**C, "CertificateBody": CERTIFICATE, "PrivateKey": PRIVATE_KEY}, {"CertificateBody": "x"}, "MalformedCertificate"),
    Row("upload_signing_certificate", {**U, "CertificateBody": CERTIFICATE}, {"CertificateBody": "x"}, "MalformedCertificate"),
    Row("upload_ssh_public_key", {**U, "SSHPublicKeyBody": SSH_KEY}, {"SSHPublicKeyBody": "x"}, "InvalidPublicKey"),
    Row("create_policy_version", {**P, "PolicyDocument": DOCUMENT}, MALFORMED, "MalformedPolicyDocument"),
    refused("create_delegation_request", "InvalidInput", **DELEGATION),
    refused("acquire_role", "NoSuchEntity", TemplateArn="arn:aws:iam::aws:role-template/x.amazonaws.com/T:1"),
]
USING = [
    unknown("add_user_to_group", {**U, **G}, **NO_GROUP),
    unknown("add_role_to_instance_profile", {**R, **I}, **NO_PROFILE),
    unknown("add_client_id_to_open_id_connect_provider", {**O, "ClientID": "other"}, **NO_OIDC),
    unknown("attach_group_policy", {**G, **P}, **NO_POLICY),
    unknown("attach_role_policy", {**R, **P}, **NO_POLICY),
    unknown("attach_user_policy", {**U, **P}, **NO_POLICY),
    Row("put_group_policy", {**G, **INLINE}, MALFORMED, "MalformedPolicyDocument"),
    Row("put_role_policy", {**R, **INLINE}, MALFORMED, "MalformedPolicyDocument"),
    Row("put_user_policy", {**U, **INLINE}, MALFORMED, "MalformedPolicyDocument"),
    unknown("put_role_permissions_boundary", {**R, **BOUND}, PermissionsBoundary=NO_POLICY["PolicyArn"]),
    unknown("put_user_permissions_boundary", {**U, **BOUND}, PermissionsBoundary=NO_POLICY["PolicyArn"]),
    Row("put_account_properties", {"Properties": {"Feature/Enabled": "true"}}, {"Properties": {"none": "x"}}, "InvalidInput"),
    unknown("set_default_policy_version", {**P, "VersionId": "v2"}, VersionId="v9"),
    invalid("set_security_token_service_preferences", {"GlobalEndpointTokenVersion": "v2Token"}, GlobalEndpointTokenVersion="v3"),
    Row("enable_mfa_device", {**U, **M, **CODES}, {"AuthenticationCode1": "000000"}, "InvalidAuthenticationCode"),
    Row("resync_mfa_device", {**U, **M, "AuthenticationCode1": totp(1), "AuthenticationCode2": totp(2)}, {"AuthenticationCode1": "000000"}, "InvalidAuthenticationCode"),
    plain("enable_outbound_web_identity_federation"),
    plain("generate_credential_report"),
    unknown("generate_service_last_accessed_details", {"Arn": "$create_role.Role.Arn"}, Arn=f"arn:aws:iam::{ACCOUNT}:role/nobody"),
    Row("simulate_custom_policy", {"PolicyInputList": [DOCUMENT], "ActionNames": ["s3:GetObject"]}, {"PolicyInputList": ["{"]}, "InvalidInput"),
    unknown("simulate_principal_policy", {"PolicySourceArn": "$create_role.Role.Arn", "ActionNames": ["s3:GetObject"]}, PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/nobody"),
    *[
        unknown(f"tag_{kind}", {**target, "Tags": TAGS}, **missing)
        for kind, target, missing in [
            ("instance_profile", I, NO_PROFILE), ("mfa_device", M, NO_DEVICE), ("open_id_connect_provider", O, NO_OIDC),
            ("policy", P, NO_POLICY), ("role", R, NO_ROLE), ("saml_provider", S, NO_SAML),
            ("server_certificate", C, NO_CERTIFICATE), ("user", U, NO_USER),
        ]
    ],
    unknown("update_access_key", {**U, **KEY, "Status": "Inactive"}, **NO_KEY),
    invalid("update_account_password_policy", {"MinimumPasswordLength": 8}, MinimumPasswordLength=5),
    Row("update_assume_role_policy", {**R, "PolicyDocument": TRUST}, MALFORMED, "MalformedPolicyDocument"),
    unknown("update_group", {**G, "NewPath": "/division/"}, **NO_GROUP),
    unknown("update_login_profile", {**U, "PasswordResetRequired": True}, **NO_USER),
    unknown("update_open_id_connect_provider_thumbprint", {**O, "ThumbprintList": ["a" * 40]}, **NO_OIDC),
    invalid("update_role", {**R, "MaxSessionDuration": 7200}, MaxSessionDuration=1),
    unknown("update_role_description", {**R, "Description": "runs"}, **NO_ROLE),
    unknown("update_saml_provider", {**S, "SAMLMetadataDocument": METADATA}, **NO_SAML),
    unknown("update_server_certificate", {**C, "NewPath": "/p/"}, **NO_CERTIFICATE),
    unknown("update_service_specific_credential", {**CREDENTIAL, "Status": "Inactive"}, **NO_CREDENTIAL),
    unknown("update_signing_certificate", {**SIGNING, "Status": "Inactive"}, **NO_SIGNING),
    unknown("update_ssh_public_key", {**SSH, "Status": "Inactive"}, **NO_SSH),
    unknown("update_user", {**U, "NewPath": "/people/"}, **NO_USER),
    unknown("reset_service_specific_credential", CREDENTIAL, **NO_CREDENTIAL),
    *[
        refused(operation, "NoSuchEntity", **REQUEST)
        for operation in ("accept_delegation_request", "associate_delegation_request", "reject_delegation_request",
                          "send_delegation_token", "update_delegation_request")
    ],
    *[
        refused(f"{verb}_organizations_root_{what}", "OrganizationNotFoundException")
        for verb in ("enable", "disable")
        for what in ("credentials_management", "sessions")
    ],
    refused("generate_organizations_access_report", "OrganizationNotFoundException", EntityPath="o-a1b2c3d4e5/r-f6g7"),
    plain("change_password", OldPassword="Old-Password-1", NewPassword="New-Password-1"),
]
READING = [
    unknown("get_access_key_last_used", KEY, **NO_KEY),
    invalid("get_account_authorization_details", {}, Filter=["Nothing"]),
    plain("get_account_password_policy"),
    plain("get_account_properties"),
    plain("get_account_summary"),
    Row("get_context_keys_for_custom_policy", {"PolicyInputList": [DOCUMENT]}, {"PolicyInputList": ["{"]}, "InvalidInput"),
    unknown("get_context_keys_for_principal_policy", {"PolicySourceArn": "$create_role.Role.Arn"}, PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/nobody"),
    plain("get_credential_report"),
    refused("get_delegation_request", "NoSuchEntity", **REQUEST),
    unknown("get_group", G, **NO_GROUP),
    unknown("get_group_policy", {**G, **NAMED}, PolicyName="none"),
    refused("get_human_readable_summary", "NoSuchEntity", EntityArn=f"arn:aws:iam::{ACCOUNT}:delegation-request/none"),
    unknown("get_instance_profile", I, **NO_PROFILE),
    unknown("get_login_profile", U, **NO_USER),
    unknown("get_mfa_device", M, **NO_DEVICE),
    unknown("get_open_id_connect_provider", O, **NO_OIDC),
    refused("get_organizations_access_report", "NoSuchEntity", JobId="0" * 36),
    plain("get_outbound_web_identity_federation_info"),
    unknown("get_policy", P, **NO_POLICY),
    unknown("get_policy_version", {**P, "VersionId": "v1"}, VersionId="v9"),
    unknown("get_role", R, **NO_ROLE),
    unknown("get_role_policy", {**R, **NAMED}, PolicyName="none"),
    refused("get_role_template_version", "NoSuchEntity", TemplateArn="arn:aws:iam::aws:role-template/x.amazonaws.com/T:1"),
    unknown("get_saml_provider", S, **NO_SAML),
    unknown("get_server_certificate", C, **NO_CERTIFICATE),
    unknown("get_service_last_accessed_details", JOB, **NO_JOB),
    unknown("get_service_last_accessed_details_with_entities", {**JOB, "ServiceNamespace": "s3"}, **NO_JOB),
    unknown("get_ssh_public_key", {**SSH, "Encoding": "SSH"}, **NO_SSH),
    unknown("get_user", U, **NO_USER),
    unknown("get_user_policy", {**U, **NAMED}, PolicyName="none"),
    unknown("list_access_keys", U, **NO_USER),
    plain("list_account_aliases"),
    unknown("list_attached_group_policies", G, **NO_GROUP),
    unknown("list_attached_role_policies", R, **NO_ROLE),
    unknown("list_attached_user_policies", U, **NO_USER),
    plain("list_delegation_requests"),
    unknown("list_entities_for_policy", P, **NO_POLICY),
    unknown("list_group_policies", G, **NO_GROUP),
    invalid("list_groups", {}, PathPrefix="x"),
    unknown("list_groups_for_user", U, **NO_USER),
    unknown("list_instance_profile_tags", I, **NO_PROFILE),
    invalid("list_instance_profiles", {}, PathPrefix="x"),
    unknown("list_instance_profiles_for_role", R, **NO_ROLE),
    unknown("list_mfa_device_tags", M, **NO_DEVICE),
    unknown("list_mfa_devices", U, **NO_USER),
    unknown("list_open_id_connect_provider_tags", O, **NO_OIDC),
    plain("list_open_id_connect_providers"),
    refused("list_organizations_features", "OrganizationNotFoundException"),
    invalid("list_policies", {"Scope": "Local"}, Scope="Global"),
    unknown("list_policies_granting_service_access", {"Arn": "$create_role.Role.Arn", "ServiceNamespaces": ["s3"]}, Arn=f"arn:aws:iam::{ACCOUNT}:role/nobody"),
    unknown("list_policy_tags", P, **NO_POLICY),
    unknown("list_policy_versions", P, **NO_POLICY),
    unknown("list_role_policies", R, **NO_ROLE),
    unknown("list_role_tags", R, **NO_ROLE),
    invalid("list_roles", {"MaxItems": 2}, MaxItems=1001),
    unknown("list_saml_provider_tags", S, **NO_SAML),
    plain("list_saml_providers"),
    unknown("list_server_certificate_tags", C, **NO_CERTIFICATE),
    invalid("list_server_certificates", {}, PathPrefix="x"),
    unknown("list_service_specific_credentials", U, **NO_USER),
    unknown("list_signing_certificates", U, **NO_USER),
    unknown("list_ssh_public_keys", U, **NO_USER),
    unknown("list_user_policies", U, **NO_USER),
    unknown("list_user_tags", U, **NO_USER),
    invalid("list_users", {}, MaxItems=1001),
    invalid("list_virtual_mfa_devices", {}, AssignmentStatus="Lost"),
]
UNDOING = [
    *[
        unknown(f"untag_{kind}", {**target, **KEYS}, **missing)
        for kind, target, missing in [
            ("instance_profile", I, NO_PROFILE), ("mfa_device", M, NO_DEVICE), ("open_id_connect_provider", O, NO_OIDC),
            ("policy", P, NO_POLICY), ("role", R, NO_ROLE), ("saml_provider", S, NO_SAML),
            ("server_certificate", C, NO_CERTIFICATE), ("user", U, NO_USER),
        ]
    ],
    unknown("remove_user_from_group", {**U, **G}, **NO_GROUP),
    unknown("remove_role_from_instance_profile", {**R, **I}, **NO_PROFILE),
    unknown("remove_client_id_from_open_id_connect_provider", {**O, "ClientID": "other"}, **NO_OIDC),
    unknown("detach_group_policy", {**G, **P}, **NO_POLICY),
    unknown("detach_role_policy", {**R, **P}, **NO_POLICY),
    unknown("detach_user_policy", {**U, **P}, **NO_POLICY),
    unknown("delete_group_policy", {**G, **NAMED}, PolicyName="none"),
    unknown("delete_role_policy", {**R, **NAMED}, PolicyName="none"),
    unknown("delete_user_policy", {**U, **NAMED}, PolicyName="none"),
    unknown("delete_role_permissions_boundary", R, **NO_ROLE),
    unknown("delete_user_permissions_boundary", U, **NO_USER),
    unknown("deactivate_mfa_device", {**U, **M}, **NO_DEVICE),
    plain("disable_outbound_web_identity_federation"),
    unknown("delete_access_key", {**U, **KEY}, **NO_KEY),
    unknown("delete_account_alias", {"AccountAlias": "my-alias"}, AccountAlias="other-alias"),
    plain("delete_account_password_policy"),
    unknown("delete_login_profile", U, **NO_USER),
    unknown("delete_ssh_public_key", SSH, **NO_SSH),
    unknown("delete_signing_certificate", SIGNING, **NO_SIGNING),
    unknown("delete_service_specific_credential", CREDENTIAL, **NO_CREDENTIAL),
    unknown("delete_policy_version", {**P, "VersionId": "v1"}, VersionId="v9"),
    unknown("delete_policy", P, **NO_POLICY),
    unknown("delete_virtual_mfa_device", M, **NO_DEVICE),
    # Idempotent: deleting one that is not there succeeds.
    plain("delete_open_id_connect_provider", **O),
    unknown("delete_saml_provider", S, **NO_SAML),
    unknown("delete_server_certificate", C, **NO_CERTIFICATE),
    unknown("delete_service_linked_role", {"RoleName": "AWSServiceRoleForECS"}, **NO_ROLE),
    unknown("get_service_linked_role_deletion_status", {"DeletionTaskId": "$delete_service_linked_role.DeletionTaskId"}, DeletionTaskId="task/aws-service-role/x/y/z"),
    unknown("delete_instance_profile", I, **NO_PROFILE),
    unknown("delete_group", G, **NO_GROUP),
    unknown("delete_role", R, **NO_ROLE),
    unknown("delete_user", U, **NO_USER),
]
IAM = [*MAKING, *USING, *READING, *UNDOING]
