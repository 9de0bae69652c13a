"""The calls that Terraform's AWS provider makes for the resources of IAM, in its order: create and read, read again to
plan, update in place and read, detach, delete, and the read that finds nothing.
"""

import json

import pytest
from botocore.exceptions import ClientError
from main_job import allow, trust


def code(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]["Code"]


def test_a_role_is_made_changed_and_deleted(job, name):
    iam = job.iam
    tags = [{"Key": "team", "Value": "blue"}]
    made = iam.create_role(
        RoleName=name, Path="/", AssumeRolePolicyDocument=json.dumps(trust()), MaxSessionDuration=3600, Tags=tags
    )["Role"]

    def read():
        role = iam.get_role(RoleName=name)["Role"]
        inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
        attached = iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]
        return role, inline, attached

    role, inline, attached = read()
    assert (role["RoleId"], role["Tags"], inline, attached) == (made["RoleId"], tags, [], [])
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust("ec2.amazonaws.com")))
    iam.update_role(RoleName=name, Description="changed", MaxSessionDuration=7200)
    iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary="arn:aws:iam::aws:policy/PowerUserAccess")
    iam.untag_role(RoleName=name, TagKeys=["team"])
    iam.tag_role(RoleName=name, Tags=[{"Key": "cost", "Value": "1"}])
    role, _, _ = read()
    assert role["AssumeRolePolicyDocument"] == trust("ec2.amazonaws.com")
    assert (role["Description"], role["MaxSessionDuration"]) == ("changed", 7200)
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == "arn:aws:iam::aws:policy/PowerUserAccess"
    assert (role["Tags"], role["RoleId"]) == ([{"Key": "cost", "Value": "1"}], made["RoleId"])
    iam.delete_role_permissions_boundary(RoleName=name)
    assert "PermissionsBoundary" not in read()[0]
    # Deletion: profiles, attachments and inline policies go first.
    assert iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []
    assert read()[1:] == ([], [])
    iam.delete_role(RoleName=name)
    assert code(iam.get_role, RoleName=name) == "NoSuchEntity"


def test_an_inline_policy_of_a_role_is_replaced_in_place(job, name):
    iam = job.iam
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust()))
    for document in (allow("s3:*"), allow("sqs:*")):
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(document))
        assert iam.get_role_policy(RoleName=name, PolicyName="inline")["PolicyDocument"] == document
    assert code(iam.delete_role, RoleName=name) == "DeleteConflict"
    iam.delete_role_policy(RoleName=name, PolicyName="inline")
    assert code(iam.get_role_policy, RoleName=name, PolicyName="inline") == "NoSuchEntity"
    iam.delete_role(RoleName=name)


def test_a_policy_keeps_five_versions_and_its_attachments_are_found(job, name):
    iam = job.iam
    arn = iam.create_policy(PolicyName=name, Path="/app/", PolicyDocument=json.dumps(allow("s3:*")), Description="d")[
        "Policy"
    ]["Arn"]
    assert arn.endswith(f":policy/app/{name}")

    def document():
        policy = iam.get_policy(PolicyArn=arn)["Policy"]
        version = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
        return version["Document"]

    assert document() == allow("s3:*")
    for number in range(2, 9):
        # The provider lists versions and deletes the oldest that is not the default when there are five.
        versions = iam.list_policy_versions(PolicyArn=arn)["Versions"]
        if len(versions) == 5:
            oldest = min((each for each in versions if not each["IsDefaultVersion"]), key=lambda each: each["CreateDate"])
            iam.delete_policy_version(PolicyArn=arn, VersionId=oldest["VersionId"])
        wanted = allow(f"sqs:Action{number}")
        made = iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(wanted), SetAsDefault=True)
        assert (made["PolicyVersion"]["VersionId"], document()) == (f"v{number}", wanted)
    refused = {"PolicyArn": arn, "PolicyDocument": json.dumps(allow("s3:*"))}
    assert code(iam.create_policy_version, **refused) == "LimitExceeded"
    assert code(iam.delete_policy_version, PolicyArn=arn, VersionId="v8") == "DeleteConflict"

    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust()))
    iam.create_user(UserName=name)
    iam.create_group(GroupName=name)
    iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    iam.attach_user_policy(UserName=name, PolicyArn=arn)
    iam.attach_group_policy(GroupName=name, PolicyArn=arn)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 3
    used = iam.list_entities_for_policy(PolicyArn=arn)
    assert [used["PolicyRoles"][0]["RoleName"], used["PolicyUsers"][0]["UserName"], used["PolicyGroups"][0]["GroupName"]] == [name] * 3
    assert code(iam.delete_policy, PolicyArn=arn) == "DeleteConflict"
    for kind in ("role", "user", "group"):
        holder = {f"{kind.capitalize()}Name": name}
        listed = getattr(iam, f"list_attached_{kind}_policies")(**holder)["AttachedPolicies"]
        assert listed == [{"PolicyName": name, "PolicyArn": arn}]
        getattr(iam, f"detach_{kind}_policy")(**holder, PolicyArn=arn)
        assert code(getattr(iam, f"detach_{kind}_policy"), **holder, PolicyArn=arn) == "NoSuchEntity"
        getattr(iam, f"delete_{kind}")(**holder)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 0
    for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=arn)
    assert code(iam.get_policy, PolicyArn=arn) == "NoSuchEntity"


def test_a_user_with_everything_is_renamed_and_destroyed_by_force(job, name):
    iam = job.iam
    iam.create_user(UserName=name, Path="/", Tags=[{"Key": "team", "Value": "blue"}])
    assert iam.get_user(UserName=name)["User"]["Tags"] == [{"Key": "team", "Value": "blue"}]
    renamed = name + "-renamed"
    iam.update_user(UserName=name, NewUserName=renamed, NewPath="/people/")
    assert iam.get_user(UserName=renamed)["User"]["Arn"].endswith(f":user/people/{renamed}")
    assert code(iam.get_user, UserName=name) == "NoSuchEntity"
    key = iam.create_access_key(UserName=renamed)["AccessKey"]["AccessKeyId"]
    listed = iam.list_access_keys(UserName=renamed)["AccessKeyMetadata"]
    assert [(each["AccessKeyId"], each["Status"]) for each in listed] == [(key, "Active")]
    iam.update_access_key(UserName=renamed, AccessKeyId=key, Status="Inactive")
    assert iam.list_access_keys(UserName=renamed)["AccessKeyMetadata"][0]["Status"] == "Inactive"
    assert iam.get_access_key_last_used(AccessKeyId=key)["UserName"] == renamed
    iam.create_login_profile(UserName=renamed, Password="Correct-Horse-1", PasswordResetRequired=True)
    assert iam.get_login_profile(UserName=renamed)["LoginProfile"]["PasswordResetRequired"] is True
    iam.create_group(GroupName=name)
    iam.add_user_to_group(GroupName=name, UserName=renamed)
    groups = iam.list_groups_for_user(UserName=renamed)["Groups"]
    assert [group["GroupName"] for group in groups] == [name]
    assert code(iam.delete_group, GroupName=name) == "DeleteConflict"
    assert code(iam.delete_user, UserName=renamed) == "DeleteConflict"
    # force_destroy
    iam.remove_user_from_group(GroupName=name, UserName=renamed)
    iam.delete_access_key(UserName=renamed, AccessKeyId=key)
    for kind in ("ssh_public_keys", "signing_certificates", "service_specific_credentials", "mfa_devices"):
        getattr(iam, f"list_{kind}")(UserName=renamed)
    iam.delete_login_profile(UserName=renamed)
    iam.delete_user(UserName=renamed)
    assert code(iam.get_user, UserName=renamed) == "NoSuchEntity"
    iam.update_group(GroupName=name, NewGroupName=renamed, NewPath="/people/")
    group = iam.get_group(GroupName=renamed)
    assert (group["Group"]["Path"], group["Users"]) == ("/people/", [])
    iam.delete_group(GroupName=renamed)
    assert code(iam.get_group, GroupName=renamed) == "NoSuchEntity"


def test_the_role_of_an_instance_profile_is_exchanged_in_place(job, name):
    iam = job.iam
    roles = [f"{name}-{each}" for each in "ab"]
    for role in roles:
        iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust("ec2.amazonaws.com")))
    iam.create_instance_profile(InstanceProfileName=name, Path="/")

    def read():
        return [role["RoleName"] for role in iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]["Roles"]]

    assert read() == []
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=roles[0])
    assert read() == roles[:1]
    assert code(iam.add_role_to_instance_profile, InstanceProfileName=name, RoleName=roles[1]) == "LimitExceeded"
    iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=roles[0])
    iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=roles[1])
    assert read() == roles[1:]
    profiles = iam.list_instance_profiles_for_role(RoleName=roles[1])["InstanceProfiles"]
    assert [profile["InstanceProfileName"] for profile in profiles] == [name]
    assert code(iam.delete_role, RoleName=roles[1]) == "DeleteConflict"
    assert code(iam.delete_instance_profile, InstanceProfileName=name) == "DeleteConflict"
    iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=roles[1])
    iam.delete_instance_profile(InstanceProfileName=name)
    assert code(iam.get_instance_profile, InstanceProfileName=name) == "NoSuchEntity"
    for role in roles:
        iam.delete_role(RoleName=role)


def test_an_oidc_provider_changes_its_clients_and_thumbprints_in_place(job, name):
    iam = job.iam
    made = iam.create_open_id_connect_provider(Url=f"https://{name}.example", ClientIDList=["a"], ThumbprintList=["0" * 40])
    arn = {"OpenIDConnectProviderArn": made["OpenIDConnectProviderArn"]}

    def read():
        found = iam.get_open_id_connect_provider(**arn)
        return found["Url"], sorted(found["ClientIDList"]), found["ThumbprintList"]

    assert read() == (f"{name}.example", ["a"], ["0" * 40])
    iam.update_open_id_connect_provider_thumbprint(**arn, ThumbprintList=["1" * 40])
    iam.add_client_id_to_open_id_connect_provider(**arn, ClientID="b")
    iam.remove_client_id_from_open_id_connect_provider(**arn, ClientID="a")
    assert read() == (f"{name}.example", ["b"], ["1" * 40])
    iam.tag_open_id_connect_provider(**arn, Tags=[{"Key": "k", "Value": "v"}])
    assert iam.list_open_id_connect_provider_tags(**arn)["Tags"] == [{"Key": "k", "Value": "v"}]
    iam.delete_open_id_connect_provider(**arn)
    assert code(iam.get_open_id_connect_provider, **arn) == "NoSuchEntity"
