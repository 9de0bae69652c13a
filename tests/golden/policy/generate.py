#!/usr/bin/env python3
"""Writes the golden cases of policy evaluation, in the form of `stepward policy evaluate --batch` with `expect`.

What is expected follows from the tables of AWS's documentation (IAM User Guide: condition operators, single-valued and
multivalued context keys, Principal, policy evaluation logic, permissions boundaries, session policies, variables;
Organizations: SCP and RCP evaluation; Step Functions: the confused deputy). Nothing here is taken from an evaluation.

    python3 tests/golden/policy/generate.py
"""

import json
import pathlib

HERE = pathlib.Path(__file__).parent
ACCOUNT, OTHER = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/ada"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Worker"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/Worker/shift"
FEDERATED = f"arn:aws:sts::{ACCOUNT}:federated-user/ada"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
RESOURCE = "arn:aws:s3:::bucket/key"
ALLOWED, IMPLICIT, EXPLICIT = "Allowed", "ImplicitlyDenied", "ExplicitlyDenied"


def document(*statements, version="2012-10-17"):
    return {"Version": version, "Statement": list(statements)}


def statement(effect="Allow", action="s3:GetObject", resource="*", **more):
    made = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {key: value for key, value in made.items() if value is not None}


def case(name, expect, principal=USER, action="s3:GetObject", resource=RESOURCE, account=ACCOUNT, context=None, **policies):
    request = {"principal": principal, "action": action, "resource": resource, "account": account}
    request["context"] = context or {}
    return {"id": name, "expect": expect, "request": request, **policies}


FULL = document(statement(action="*"))
NOTHING = document(statement(action="sqs:SendMessage"))


# --- every operator: a value of the policy, values of requests that match, values that do not ---

OPERATORS = [
    ("StringEquals", "Blue", ["Blue"], ["blue", "Bluebell", ""], False),
    ("StringEqualsIgnoreCase", "Blue", ["BLUE", "blue"], ["red"], False),
    ("StringLike", "B*e?", ["Blues", "Beet"], ["blues", "Be"], False),
    ("NumericEquals", "10", ["10", "10.0"], ["11"], False),
    ("NumericLessThan", "10", ["9.5", "-1"], ["10", "11"], False),
    ("NumericLessThanEquals", "10", ["10", "9"], ["10.5"], False),
    ("NumericGreaterThan", "10", ["10.01", "11"], ["10"], False),
    ("NumericGreaterThanEquals", "10", ["10", "11"], ["9"], False),
    ("DateEquals", "2026-07-01T00:00:00Z", ["2026-07-01T02:00:00+02:00", "1782864000"], ["2026-07-02T00:00:00Z"], False),
    ("DateLessThan", "2026-07-01T00:00:00Z", ["2026-06-30T23:59:59Z", "2025"], ["2026-07-01T00:00:00Z"], False),
    ("DateLessThanEquals", "2026-07-01T00:00:00Z", ["2026-07-01T00:00:00Z", "2026-06"], ["2026-07-01T00:00:01Z"], False),
    ("DateGreaterThan", "2026-07-01T00:00:00Z", ["2026-07-01T00:00:01Z", "2027"], ["2026-07-01T00:00:00Z"], False),
    ("DateGreaterThanEquals", "1782864000", ["2026-07-01T00:00:00Z", "2026-07-02"], ["2026-06-30"], False),
    ("Bool", "true", ["true", "TRUE"], ["false"], False),
    ("BinaryEquals", "QmluYXJ5VmFsdWVJbkJhc2U2NA==", ["QmluYXJ5VmFsdWVJbkJhc2U2NA=="], ["QUFBQUE="], False),
    ("IpAddress", "203.0.113.0/24", ["203.0.113.7", "203.0.113.255"], ["203.0.114.1", "2001:db8::1"], False),
    ("IpAddress", "2001:DB8:1234:5678::/64", ["2001:db8:1234:5678::1"], ["2001:db8:1234:5679::1", "203.0.113.7"], False),
    ("ArnEquals", "arn:aws:sns:*:111122223333:Topic?", ["arn:aws:sns:us-east-1:111122223333:Topic1"], ["arn:aws:sns:us-east-1:444455556666:Topic1", "Topic1"], False),
    ("ArnLike", "arn:aws:states:*:111122223333:stateMachine:*", ["arn:aws:states:us-east-1:111122223333:stateMachine:A"], ["arn:aws:states:us-east-1:111122223333:execution:A:B"], False),
    ("StringNotEquals", "Blue", ["blue", "red"], ["Blue"], True),
    ("StringNotEqualsIgnoreCase", "Blue", ["red"], ["BLUE"], True),
    ("StringNotLike", "B*", ["red", "blue"], ["Blue"], True),
    ("NumericNotEquals", "10", ["11"], ["10", "10.0"], True),
    ("DateNotEquals", "2026-07-01", ["2026-07-02"], ["2026-07-01T00:00:00Z"], True),
    ("NotIpAddress", "203.0.113.0/24", ["203.0.114.1", "2001:db8::1"], ["203.0.113.7"], True),
    ("ArnNotEquals", "arn:aws:sns:*:111122223333:*", ["arn:aws:sns:us-east-1:444455556666:T"], ["arn:aws:sns:us-east-1:111122223333:T"], True),
    ("ArnNotLike", "arn:aws:sns:*:111122223333:*", ["arn:aws:sns:us-east-1:444455556666:T"], ["arn:aws:sns:us-east-1:111122223333:T"], True),
]


def operators():
    for operator, wanted, yes, no, is_negated in OPERATORS:
        for prefix in ["", "ForAllValues:", "ForAnyValue:"]:
            for suffix in ["", "IfExists"]:
                name = prefix + operator + suffix
                for kind, given in [("match", yes[0]), ("no match", no[0]), ("missing", None)]:
                    if given is not None:
                        holds = kind == "match"
                    elif prefix:
                        # ForAllValues is true of no values, ForAnyValue is not, whatever else is asked.
                        holds = prefix == "ForAllValues:"
                    else:
                        holds = is_negated or suffix == "IfExists"
                    yield from condition(name, wanted, given, holds, kind)
                if not prefix:
                    continue
                for kind, given, holds in [
                    ("all match", yes, True),
                    ("some match", [no[0], yes[0]], prefix == "ForAnyValue:"),
                    ("none matches", no, False),
                    ("empty", [], prefix == "ForAllValues:"),
                ]:
                    yield from condition(name, wanted, given, holds, kind)
        # Several values in the policy: any of them may match; under a negated operator none may.
        yield from condition(operator, [wanted, wanted], yes[-1], True, "several in the policy, match")
        yield from condition(operator, [wanted, wanted], no[-1], False, "several in the policy, no match")


def condition(operator, wanted, given, holds, kind):
    context = {} if given is None else {"app:Key": given}
    # With a set operator, a Deny would say the same again.
    for effect in ["Allow"] if operator.startswith("For") else ["Allow", "Deny"]:
        limited = statement(effect, Condition={operator: {"APP:key": wanted}})
        if effect == "Allow":
            documents, expect = [document(limited)], ALLOWED if holds else IMPLICIT
        else:
            documents, expect = [FULL, document(limited)], EXPLICIT if holds else ALLOWED
        label = f"{operator} {json.dumps(wanted)} {kind} {json.dumps(given)} {effect}"
        yield case(label, expect, context=context, identityPolicies=documents)


def null_checks():
    for wanted, given, holds in [
        ("true", None, True), ("true", "x", False), ("false", None, False), ("false", "x", True),
        (True, None, True), (False, "x", True), (["true", "false"], None, True), (["true", "false"], "x", True),
        ("true", [], True), ("false", [], False), ("True", None, True),
    ]:
        yield from condition("Null", wanted, given, holds, "present" if given else "absent")


# --- documented examples and corners of single operators ---

def corners():
    for operator, wanted, given, holds in [
        ("StringEquals", "a*", "abc", False),
        ("StringEquals", "a*", "a*", True),
        ("StringLike", "*", "", True),
        ("StringLike", "a${*}c", "abc", False),
        ("StringLike", "a${*}c", "a*c", True),
        ("StringLike", "a${?}c", "abc", False),
        ("StringEquals", "${$}x", "$x", True),
        ("StringLike", ["x*", "*z"], "yz", True),
        ("StringNotLike", ["x*", "*z"], "yz", False),
        ("StringEquals", "äö", "äö", True),
        ("StringEqualsIgnoreCase", "ÄÖ", "äö", True),
        ("StringEquals", 5, "5", True),
        ("StringEquals", True, "true", True),
        ("NumericEquals", 5, "5", True),
        ("NumericEquals", "five", "5", False),
        ("NumericEquals", "5", "five", False),
        ("NumericLessThan", "9007199254740993", "9007199254740992", True),
        ("NumericEquals", "9007199254740993", "9007199254740992", False),
        ("NumericEquals", "-0.5", "-0.5", True),
        ("DateGreaterThan", "2020-01-01T00:00:01Z", "1577836801", False),
        ("DateGreaterThan", "2020-01-01T00:00:01Z", "1577836802", True),
        ("DateLessThan", "2020-01", "2019-12-31T23:59:59.999Z", True),
        ("DateEquals", "2020", "2020-01-01", True),
        ("DateEquals", "not a date", "2020-01-01", False),
        ("Bool", "false", "False", True),
        ("Bool", "true", "1", False),
        ("Bool", True, "true", True),
        ("BinaryEquals", "%%%", "%%%", False),
        ("IpAddress", "203.0.113.7", "203.0.113.7", True),
        ("IpAddress", "203.0.113.7", "203.0.113.8", False),
        ("IpAddress", "203.0.113.7/32", "203.0.113.7", True),
        ("IpAddress", "0.0.0.0/0", "8.8.8.8", True),
        ("IpAddress", "0.0.0.0/0", "::1", False),
        ("IpAddress", "::/0", "::1", True),
        ("IpAddress", "203.0.113.9/24", "203.0.113.1", True),
        ("IpAddress", "203.0.113.0/33", "203.0.113.0", False),
        ("IpAddress", ["10.0.0.0/8", "2001:db8::/32"], "2001:db8:1::1", True),
        ("NotIpAddress", ["10.0.0.0/8", "2001:db8::/32"], "10.1.1.1", False),
        ("IpAddress", "10.0.0.0/8", "300.0.0.1", False),
        ("ArnLike", "arn:aws:s3:::bucket", "arn:aws:s3:::bucket", True),
        ("ArnLike", "arn:aws:s3:::bucket", "arn:aws:s3:::Bucket", False),
        ("ArnLike", "arn:*:s3:::b*", "arn:aws-cn:s3:::bucket", True),
        ("ArnLike", "arn:aws:sns:*:T", "arn:aws:sns:us-east-1:111122223333:T", False),
        ("ArnLike", "arn:aws:iam::111122223333:role/*", "arn:aws:iam::111122223333:role/path/R", True),
        ("ArnLike", "arn:aws:lambda:us-*:111122223333:function:*", "arn:aws:lambda:us-west-2:111122223333:function:f:1", True),
        ("ArnEquals", "*", "arn:aws:s3:::bucket", True),
        ("ArnNotEquals", "arn:aws:iam::*:role/Admin", "arn:aws:iam::111122223333:role/Admin", False),
    ]:
        yield from condition(operator, wanted, given, holds, "corner")
    both = {"StringEquals": {"app:A": "1", "app:B": "2"}, "NumericLessThan": {"app:C": "3"}}
    for context, holds in [
        ({"app:A": "1", "app:B": "2", "app:C": "2"}, True),
        ({"app:A": "1", "app:B": "x", "app:C": "2"}, False),
        ({"app:A": "1", "app:B": "2", "app:C": "3"}, False),
        ({"app:A": "1", "app:B": "2"}, False),
    ]:
        label = f"all operators and all keys must hold {json.dumps(context)}"
        allow = document(statement(Condition=both))
        yield case(label, ALLOWED if holds else IMPLICIT, context=context, identityPolicies=[allow])


# --- what a resource policy grants, by the principal that it names ---

def granted(principal, **more):
    return document(statement(Principal=principal, resource=RESOURCE, **more))


PRINCIPALS = [
    # (who asks, whom the policy names, how much it grants: "exact", "role", "account" or nothing)
    (USER, {"AWS": USER}, "exact"),
    (USER, {"AWS": ROOT}, "account"),
    (USER, {"AWS": ACCOUNT}, "account"),
    (USER, "*", "exact"),
    (USER, {"AWS": "*"}, "exact"),
    (USER, {"AWS": [f"arn:aws:iam::{ACCOUNT}:user/bob", USER]}, "exact"),
    (USER, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/Ada"}, None),
    (USER, {"AWS": f"arn:aws:iam::{ACCOUNT}:user/*"}, None),
    (USER, {"AWS": f"arn:aws:iam::{OTHER}:root"}, None),
    (USER, {"Service": "s3.amazonaws.com"}, None),
    (USER, {"Service": "s3.amazonaws.com", "AWS": USER}, "exact"),
    (SESSION, {"AWS": SESSION}, "exact"),
    (SESSION, {"AWS": ROLE}, "role"),
    (SESSION, {"AWS": [ROLE, SESSION]}, "exact"),
    (SESSION, {"AWS": ROOT}, "account"),
    (SESSION, {"AWS": ACCOUNT}, "account"),
    (SESSION, "*", "exact"),
    (SESSION, {"AWS": f"arn:aws:iam::{ACCOUNT}:role/service-role/Worker"}, "role"),
    (SESSION, {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/Worker/*"}, None),
    (SESSION, {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/Worker/other"}, None),
    (SESSION, {"AWS": f"arn:aws:iam::{ACCOUNT}:role/Other"}, None),
    (FEDERATED, {"AWS": FEDERATED}, "exact"),
    (FEDERATED, {"AWS": ROOT}, "account"),
    (FEDERATED, {"AWS": USER}, None),
]


def resource_grants():
    for principal, named, grant in PRINCIPALS:
        for identity in [True, False]:
            for limit in ["none", "boundary", "session", "both"]:
                policies = {"identityPolicies": [FULL if identity else NOTHING], "resourcePolicy": granted(named)}
                if limit in ("boundary", "both"):
                    policies["boundary"] = [NOTHING]
                if limit in ("session", "both"):
                    policies["sessionPolicy"] = NOTHING
                same = (
                    grant == "exact"
                    or (limit == "none" and (grant == "role" or identity))
                )
                cross = grant is not None and identity and limit == "none"
                label = f"{principal} named {json.dumps(named)} identity {identity} limit {limit}"
                yield case(f"same account, {label}", ALLOWED if same else IMPLICIT, principal, **policies)
                other = f"other account, {label}"
                yield case(other, ALLOWED if cross else IMPLICIT, principal, account=OTHER, **policies)


def everyone_by_condition():
    for pattern, holds in [(ROLE, True), (f"arn:aws:iam::{ACCOUNT}:role/W*", True), (f"arn:aws:iam::{OTHER}:role/*", False)]:
        resource = granted("*", Condition={"ArnLike": {"aws:PrincipalArn": pattern}})
        limits = {"boundary": [NOTHING], "sessionPolicy": NOTHING}
        name = f"* with aws:PrincipalArn {pattern} is limited by neither boundary nor session"
        yield case(name, ALLOWED if holds else IMPLICIT, SESSION, resourcePolicy=resource, **limits)


# --- explicit denials win wherever they are ---

def denials():
    deny, deny_all = document(statement("Deny")), document(statement("Deny", Principal="*"))
    for place, policies in {
        "identity": {"identityPolicies": [FULL, deny]},
        "boundary": {"boundary": [FULL, deny]},
        "session": {"sessionPolicy": document(statement(action="*"), statement("Deny"))},
        "resource": {"resourcePolicy": document(*granted("*")["Statement"], *deny_all["Statement"])},
        "SCP": {"scps": [{"orgIdentifier": "root", "policies": [FULL, deny]}]},
        "SCP of a unit": {"scps": [{"orgIdentifier": "root", "policies": [FULL]}, {"orgIdentifier": "ou", "policies": [FULL, deny]}]},
        "RCP": {"rcps": [{"orgIdentifier": "root", "policies": [deny_all]}]},
        "VPC endpoint": {"vpcEndpointPolicies": [document(statement(action="*", Principal="*"), *deny_all["Statement"])]},
    }.items():
        yield case(f"a Deny in {place} wins", EXPLICIT, **{"identityPolicies": [FULL], **policies})
        granting = {"resourcePolicy": granted({"AWS": USER})}
        name = f"a Deny in {place} wins over a resource policy that names the user"
        yield case(name, EXPLICIT, **{"identityPolicies": [FULL], **granting, **policies})


# --- organizations ---

def level(name, *documents):
    return {"orgIdentifier": name, "policies": list(documents)}


def organizations():
    s3, sqs = document(statement(action="s3:*")), document(statement(action="sqs:*"))
    for name, scps, expect in [
        ("no SCP at all", [], ALLOWED),
        ("every level allows", [level("r", FULL), level("ou", s3), level("a", FULL)], ALLOWED),
        ("the root does not allow", [level("r", sqs), level("ou", FULL), level("a", FULL)], IMPLICIT),
        ("a unit does not allow", [level("r", FULL), level("ou", sqs), level("a", FULL)], IMPLICIT),
        ("the account does not allow", [level("r", FULL), level("ou", FULL), level("a", sqs)], IMPLICIT),
        ("one of two at a level allows", [level("r", FULL), level("ou", sqs, s3), level("a", FULL)], ALLOWED),
        ("a level without a policy", [level("r", FULL), level("ou")], IMPLICIT),
        ("allowed elsewhere only", [level("r", document(statement(action="s3:PutObject")))], IMPLICIT),
        ("NotAction allows the rest", [level("r", document({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}))], ALLOWED),
        ("a Deny with a condition that fails", [level("r", FULL, document(statement("Deny", Condition={"StringEquals": {"app:X": "y"}})))], ALLOWED),
    ]:
        for principal in [USER, SESSION, ROOT]:
            yield case(f"SCP: {name}, {principal}", expect, principal, identityPolicies=[FULL], scps=scps)
        policy = granted("*")
        service, anonymous = "cloudtrail.amazonaws.com", {"type": "Anonymous"}
        linked = f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSServiceRoleForX/s"
        for who, principal, policies in [
            ("a service", service, {"resourcePolicy": policy}),
            ("the anonymous", anonymous, {"resourcePolicy": policy}),
            ("a service-linked role", linked, {"identityPolicies": [FULL]}),
        ]:
            yield case(f"SCP: {name}, {who} is not limited", ALLOWED, principal, scps=scps, **policies)
        name = f"SCP: {name}, a resource policy that names the user does not help"
        yield case(name, expect, resourcePolicy=granted({"AWS": USER}), scps=scps)
    full = document(statement(action="*", Principal="*"))
    deny = document(statement("Deny", action="s3:*", Principal="*", Condition={"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}))
    for organization, expect in [("o-1", ALLOWED), ("o-2", EXPLICIT)]:
        for rcps in [[level("r", full, deny)], [level("r", deny)], [level("r", full), level("ou", full, deny)]]:
            context = {"aws:PrincipalOrgID": organization}
            name = f"RCP: {organization} {len(rcps)} levels {len(rcps[0]['policies'])} policies"
            yield case(name, expect, identityPolicies=[FULL], rcps=rcps, context=context)
            yield case(f"{name} root", expect, ROOT, rcps=rcps, context=context)
            other = {"resourcePolicy": granted({"AWS": ROOT}), "identityPolicies": [FULL]}
            yield case(f"{name} other account", expect, account=OTHER, rcps=rcps, context=context, **other)
            yield case(f"{name} anonymous", expect, {"type": "Anonymous"}, rcps=rcps, context=context, resourcePolicy=granted("*"))
            yield case(f"{name} service", expect, "cloudtrail.amazonaws.com", rcps=rcps, context=context, resourcePolicy=granted("*"))
    linked = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"
    yield case("RCP: a service-linked role is not limited", ALLOWED, linked, identityPolicies=[FULL], rcps=[level("r", deny)])
    yield case("RCP: an Allow in it grants nothing", IMPLICIT, identityPolicies=[NOTHING], rcps=[level("r", full)])
    yield case("SCP: an Allow in it grants nothing", IMPLICIT, identityPolicies=[NOTHING], scps=[level("r", FULL)])


# --- principals of other kinds ---

def others():
    anonymous, service = {"type": "Anonymous"}, "events.amazonaws.com"
    for named, expect in [("*", ALLOWED), ({"AWS": "*"}, ALLOWED), ({"AWS": ROOT}, IMPLICIT), ({"Service": service}, IMPLICIT)]:
        yield case(f"anonymous, named {json.dumps(named)}", expect, anonymous, resourcePolicy=granted(named))
    for named, expect in [
        ("*", ALLOWED), ({"Service": service}, ALLOWED), ({"Service": ["lambda.amazonaws.com", service]}, ALLOWED),
        ({"Service": "lambda.amazonaws.com"}, IMPLICIT), ({"AWS": ROOT}, IMPLICIT), ({"AWS": ACCOUNT}, IMPLICIT),
    ]:
        yield case(f"a service, named {json.dumps(named)}", expect, service, resourcePolicy=granted(named))
    yield case("a service without a resource policy", IMPLICIT, service)
    yield case("the anonymous without a resource policy", IMPLICIT, anonymous)
    yield case("root needs no policy", ALLOWED, ROOT)
    yield case("root is denied by the resource", EXPLICIT, ROOT, resourcePolicy=document(statement("Deny", Principal={"AWS": ROOT})))
    yield case("root of another account is not let in", IMPLICIT, ROOT, account=OTHER)
    yield case("root of another account is let in", ALLOWED, ROOT, account=OTHER, resourcePolicy=granted({"AWS": ROOT}))
    yield case("a Deny of the account denies its users", EXPLICIT, identityPolicies=[FULL], resourcePolicy=document(statement("Deny", Principal={"AWS": ACCOUNT})))
    yield case("a Deny of the role denies its sessions", EXPLICIT, SESSION, identityPolicies=[FULL], resourcePolicy=document(statement("Deny", Principal={"AWS": ROLE})))
    yield case("a Deny of one session denies it", EXPLICIT, SESSION, identityPolicies=[FULL], resourcePolicy=document(statement("Deny", Principal={"AWS": SESSION})))
    yield case("a Deny of another session", ALLOWED, SESSION, identityPolicies=[FULL], resourcePolicy=document(statement("Deny", Principal={"AWS": SESSION + "2"})))

    def excepting(*named):
        deny = {"Effect": "Deny", "NotPrincipal": {"AWS": list(named)}, "Action": "s3:*", "Resource": "*"}
        return {"identityPolicies": [FULL], "resourcePolicy": document(deny)}

    yield case("NotPrincipal: user and account", ALLOWED, **excepting(USER, ROOT))
    yield case("NotPrincipal: another user and the account", EXPLICIT, **excepting(USER + "2", ROOT))
    yield case("NotPrincipal: the account alone does not except its users", EXPLICIT, **excepting(ROOT))
    yield case("NotPrincipal: root", ALLOWED, ROOT, **excepting(ROOT))
    yield case("NotPrincipal: role and account", ALLOWED, SESSION, **excepting(ROLE, ROOT))
    yield case("NotPrincipal: session, role and account", ALLOWED, SESSION, **excepting(SESSION, ROLE, ROOT))
    yield case("NotPrincipal: another role", EXPLICIT, SESSION, **excepting(ROLE + "2", ROOT))
    yield case("NotPrincipal: always denies who has a boundary", EXPLICIT, boundary=[FULL], **excepting(USER, ROOT))
    yield case("NotPrincipal: always denies a role that has a boundary", EXPLICIT, SESSION, boundary=[FULL], **excepting(ROLE, ROOT))
    service_excepted = {"Effect": "Deny", "NotPrincipal": {"Service": service}, "Action": "s3:*", "Resource": "*"}
    policy = document(service_excepted, *granted("*")["Statement"])
    yield case("NotPrincipal: the service", ALLOWED, service, resourcePolicy=policy)
    yield case("NotPrincipal: another service", EXPLICIT, "sns.amazonaws.com", resourcePolicy=policy)
    yield case("NotPrincipal: anonymous", EXPLICIT, anonymous, resourcePolicy=policy)


# --- policies that limit ---

def limits():
    for identity in [True, False]:
        for boundary in [None, True, False]:
            for session in [None, True, False]:
                for endpoint in [None, True, False]:
                    policies = {"identityPolicies": [FULL if identity else NOTHING]}
                    if boundary is not None:
                        policies["boundary"] = [FULL if boundary else NOTHING]
                    if session is not None:
                        policies["sessionPolicy"] = FULL if session else NOTHING
                    if endpoint is not None:
                        action = "*" if endpoint else "sqs:*"
                        policies["vpcEndpointPolicies"] = [document(statement(action=action, Principal="*"))]
                    holds = identity and False not in (boundary, session, endpoint)
                    name = f"identity {identity}, boundary {boundary}, session {session}, endpoint {endpoint}"
                    yield case(name, ALLOWED if holds else IMPLICIT, SESSION, **policies)
    yield case("no policy at all", IMPLICIT)
    yield case("an endpoint limits a service, too", IMPLICIT, "events.amazonaws.com", resourcePolicy=granted("*"), vpcEndpointPolicies=[document(statement(action="sqs:*", Principal="*"))])


# --- policies that must allow: trust policies and those of KMS keys ---

def must_allow():
    role, key = f"arn:aws:iam::{ACCOUNT}:role/Target", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/1"
    for action, resource, fields in [("sts:AssumeRole", role, {"resource": None}), ("kms:Decrypt", key, {"resource": "*"})]:
        def policy(principal, effect="Allow", **more):
            return document(statement(effect, action=action, Principal=principal, **fields, **more))

        for name, expect, who, policies in [
            ("without a policy", IMPLICIT, USER, {"identityPolicies": [FULL]}),
            ("root without a policy", IMPLICIT, ROOT, {}),
            ("names another", IMPLICIT, USER, {"identityPolicies": [FULL], "resourcePolicy": policy({"AWS": USER + "2"})}),
            ("names the user", ALLOWED, USER, {"resourcePolicy": policy({"AWS": USER})}),
            ("names the role", ALLOWED, SESSION, {"resourcePolicy": policy({"AWS": ROLE})}),
            ("names the role, the boundary does not", IMPLICIT, SESSION, {"resourcePolicy": policy({"AWS": ROLE}), "boundary": [NOTHING]}),
            ("names the session, the boundary does not", ALLOWED, SESSION, {"resourcePolicy": policy({"AWS": SESSION}), "boundary": [NOTHING]}),
            ("names the account", ALLOWED, USER, {"identityPolicies": [FULL], "resourcePolicy": policy({"AWS": ROOT})}),
            ("names the account, the user's does not", IMPLICIT, USER, {"identityPolicies": [NOTHING], "resourcePolicy": policy({"AWS": ROOT})}),
            ("denies", EXPLICIT, USER, {"identityPolicies": [FULL], "resourcePolicy": policy({"AWS": USER}, "Deny")}),
            ("names a service", ALLOWED, "states.amazonaws.com", {"resourcePolicy": policy({"Service": "states.amazonaws.com"})}),
            ("names another service", IMPLICIT, "states.amazonaws.com", {"resourcePolicy": policy({"Service": "lambda.amazonaws.com"})}),
        ]:
            yield case(f"{action}: {name}", expect, who, action, resource, **policies)
        for identity in [True, False]:
            for named in [USER, ROOT, None]:
                policies = {"identityPolicies": [FULL if identity else NOTHING]}
                if named:
                    policies["resourcePolicy"] = policy({"AWS": named})
                expect = ALLOWED if identity and named else IMPLICIT
                there = resource.replace(ACCOUNT, OTHER)
                name = f"{action}: across accounts, identity {identity}, named {named}"
                yield case(name, expect, USER, action, there, OTHER, **policies)
    external = document(statement(action="sts:AssumeRole", resource=None, Principal={"AWS": ROOT}, Condition={"StringEquals": {"sts:ExternalId": "secret"}}))
    there = role.replace(ACCOUNT, OTHER)
    for given, expect in [("secret", ALLOWED), ("wrong", IMPLICIT), (None, IMPLICIT)]:
        context = {"sts:ExternalId": given} if given else {}
        yield case(f"external id {given}", expect, USER, "sts:AssumeRole", there, OTHER, context, identityPolicies=[FULL], resourcePolicy=external)


# --- the confused deputy, in each form that AWS's page gives ---

def confused_deputy():
    role = f"arn:aws:iam::{ACCOUNT}:role/Execution"
    machine = f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:orders"
    forms = {
        "full ARN": {"ArnEquals": {"aws:SourceArn": machine}},
        "full ARN by ArnLike": {"ArnLike": {"aws:SourceArn": machine}},
        "full ARN by StringEquals": {"StringEquals": {"aws:SourceArn": machine}},
        "every machine of the account": {"ArnLike": {"aws:SourceArn": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:*"}},
        "unknown region and resource": {"ArnLike": {"aws:SourceArn": f"arn:aws:states:*:{ACCOUNT}:*"}},
        "machines and account": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:*"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        },
        "account only": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        "mismatched accounts": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:*"},
            "StringEquals": {"aws:SourceAccount": OTHER},
        },
        "mismatched accounts, the other way": {
            "ArnLike": {"aws:SourceArn": f"arn:aws:states:us-east-1:{OTHER}:stateMachine:*"},
            "StringEquals": {"aws:SourceAccount": ACCOUNT},
        },
        "no condition": None,
    }
    sources = {
        "the machine": (machine, ACCOUNT),
        "another machine": (machine + "2", ACCOUNT),
        "another region": (machine.replace("us-east-1", "eu-west-1"), ACCOUNT),
        "another account": (machine.replace(ACCOUNT, OTHER), OTHER),
        "nothing": (None, None),
    }
    lets_in = {
        "full ARN": {"the machine"}, "full ARN by ArnLike": {"the machine"}, "full ARN by StringEquals": {"the machine"},
        "every machine of the account": {"the machine", "another machine"},
        "unknown region and resource": {"the machine", "another machine", "another region"},
        "machines and account": {"the machine", "another machine"},
        "account only": {"the machine", "another machine", "another region"},
        "mismatched accounts": set(), "mismatched accounts, the other way": set(),
        "no condition": set(sources),
    }
    for form, condition_of in forms.items():
        trust = document(statement(action="sts:AssumeRole", resource=None, Principal={"Service": ["states.amazonaws.com"]}, Condition=condition_of))
        for source, (arn, account) in sources.items():
            context = {"aws:SourceArn": arn, "aws:SourceAccount": account} if arn else {}
            expect = ALLOWED if source in lets_in[form] else IMPLICIT
            yield case(f"{form}, called for {source}", expect, "states.amazonaws.com", "sts:AssumeRole", role, context=context, resourcePolicy=trust)


# --- the language: actions, resources, negations, versions, variables ---

def language():
    def one(name, holds, made, version="2012-10-17", **request):
        return case(name, ALLOWED if holds else IMPLICIT, identityPolicies=[document(made, version=version)], **request)

    for action, asked, holds in [
        ("s3:GetObject", "s3:GetObject", True), ("S3:getobject", "s3:GetObject", True), ("s3:getobject", "S3:GETOBJECT", True),
        ("s3:Get*", "s3:GetObject", True), ("s3:*", "s3:GetObject", True), ("*", "s3:GetObject", True), ("s3:*Object", "s3:GetObject", True),
        ("s3:*Object", "s3:GetObjectAcl", False), ("s3:Get?bject", "s3:GetObject", True), ("s3:G*t*t", "s3:GetObject", True),
        ("s3:GetObject?", "s3:GetObject", False), ("s3:Get", "s3:GetObject", False), ("ec2:GetObject", "s3:GetObject", False),
        ("s3-outposts:*", "s3:GetObject", False), (["ec2:*", "s3:GetObject"], "s3:GetObject", True), ("*:GetObject", "s3:GetObject", True),
    ]:
        yield one(f"Action {json.dumps(action)} asked {asked}", holds, statement(action=action), action=asked)
        negated = {"Effect": "Allow", "NotAction": action, "Resource": "*"}
        yield one(f"NotAction {json.dumps(action)} asked {asked}", not holds, negated, action=asked)
    table = "arn:aws:dynamodb:us-east-1:111122223333:table/T"
    for pattern, asked, holds in [
        ("*", RESOURCE, True), (RESOURCE, RESOURCE, True), ("arn:aws:s3:::bucket/*", RESOURCE, True), ("arn:aws:s3:::bucket", RESOURCE, False),
        ("arn:aws:s3:::Bucket/key", RESOURCE, False), ("arn:aws:s3:::bucket/KEY", RESOURCE, False), ("arn:aws:s3:::buck*", RESOURCE, True),
        ("arn:aws:s3:::b?cket/*", RESOURCE, True), ("arn:aws:s3:::*/key", RESOURCE, True), ("arn:aws:s3:::bucket/k??", RESOURCE, True),
        ("arn:aws:s3:::bucket/k?", RESOURCE, False), ("arn:aws:s3:::bucket/*/test/*", "arn:aws:s3:::bucket/1/2/test/3/o.jpg", True),
        ("arn:aws:s3:::bucket/*/test/*", "arn:aws:s3:::bucket/1/test/o", True), ("arn:aws:s3:::bucket/*/test/*", "arn:aws:s3:::bucket/1/tests/o", False),
        ("arn:aws:s3:*:*:bucket/*", RESOURCE, True), ("arn:*:s3:::bucket/*", RESOURCE, True), ("arn:aws:s3:*", RESOURCE, True), ("arn:aws:*", RESOURCE, True),
        ("arn:aws:dynamodb:*:111122223333:table/*", table, True), ("arn:aws:dynamodb:us-*:111122223333:table/T", table, True),
        ("arn:aws:dynamodb:eu-*:111122223333:table/T", table, False), ("arn:aws:dynamodb:us-east-1:*:table/T", table, True),
        ("arn:aws:dynamodb:us-east-1:111122223333:table/t", table, False), ("arn:aws:dynamodb:us-east-1:11112222????:table/T", table, True),
        ("arn:aws:lambda:us-east-1:111122223333:function:f", "arn:aws:lambda:us-east-1:111122223333:function:f:live", False),
        ("arn:aws:lambda:us-east-1:111122223333:function:f*", "arn:aws:lambda:us-east-1:111122223333:function:f:live", True),
        ("arn:aws:lambda:us-east-1:111122223333:function:f:*", "arn:aws:lambda:us-east-1:111122223333:function:f", False),
        ("arn:aws:states:*:111122223333:*", "arn:aws:states:us-east-1:111122223333:execution:m:e", True),
        ("arn:aws:s3:::bucket", "*", False), ("*", "*", True), (["arn:aws:s3:::a", RESOURCE], RESOURCE, True),
        ("arn:aws:s3:::bucket/[a-z]*", RESOURCE, False), ("arn:aws:s3:::bucket.key", RESOURCE, False),
    ]:
        yield one(f"Resource {json.dumps(pattern)} asked {asked}", holds, statement(resource=pattern), resource=asked)
        negated = {"Effect": "Allow", "Action": "*", "NotResource": pattern}
        yield one(f"NotResource {json.dumps(pattern)} asked {asked}", not holds, negated, resource=asked)
    home = "arn:aws:s3:::bucket/home/ada/x"
    for pattern, version, holds in [
        ("arn:aws:s3:::bucket/home/${aws:username}/*", "2012-10-17", True), ("arn:aws:s3:::bucket/home/${AWS:UserName}/*", "2012-10-17", True),
        ("arn:aws:s3:::bucket/home/${aws:username}/*", "2008-10-17", False), ("arn:aws:s3:::bucket/home/${aws:nobody}/*", "2012-10-17", False),
        ("arn:aws:s3:::bucket/home/${aws:nobody, 'ada'}/*", "2012-10-17", True), ("arn:aws:s3:::bucket/home/${aws:username, 'bob'}/*", "2012-10-17", True),
        ("arn:aws:s3:::bucket/home/${aws:PrincipalTag/team}/*", "2012-10-17", False), ("arn:aws:s3:::${aws:nobody}*", "2012-10-17", False),
        ("arn:aws:s3:::bucket/home/${*}/*", "2012-10-17", False),
    ]:
        yield one(f"variable {pattern} in {version}", holds, statement(resource=pattern), version, resource=home)
    for wanted, given, holds in [
        ("${aws:username}", "ada", True), ("${aws:username}", "bob", False), ("${aws:username}-*", "ada-1", True), ("${aws:nobody}", "", False),
        ("${aws:nobody, 'x y'}", "x y", True), ("${aws:PrincipalTag/a}", "1", False), ("pre${aws:username}post", "preadapost", True),
    ]:
        operator = "StringLike"
        yield one(f"variable {wanted} in a condition, {given}", holds, statement(Condition={operator: {"app:K": wanted}}), context={"app:K": given})
        negated = {"StringNotLike": {"app:K": wanted}}
        yield one(f"variable {wanted} in a negated condition, {given}", not holds, statement(Condition=negated), context={"app:K": given})
    old = statement(Condition={"StringEquals": {"app:K": "${aws:username}"}})
    yield one("variables are text in the old version", True, old, "2008-10-17", context={"app:K": "${aws:username}"})
    yield one("variables are not filled in in the old version", False, old, "2008-10-17", context={"app:K": "ada"})
    yield one("a key of several values is no variable", False, statement(resource="arn:aws:s3:::bucket/${app:L}"), resource="arn:aws:s3:::bucket/a", context={"app:L": ["a", "b"]})
    yield one("a variable's value has no wildcards", False, statement(Condition={"StringLike": {"app:K": "${app:P}"}}), context={"app:K": "abc", "app:P": "a*"})
    yield case("a statement may stand alone", ALLOWED, identityPolicies=[{"Version": "2012-10-17", "Statement": statement()}])
    yield case("a policy without a version is an old one", IMPLICIT, resource=home, identityPolicies=[{"Statement": [statement(resource="arn:aws:s3:::bucket/home/${aws:username}/*")]}])
    yield case("any of several policies may allow", ALLOWED, identityPolicies=[NOTHING, FULL])
    yield case("the order of statements does not matter", EXPLICIT, identityPolicies=[document(statement("Deny"), statement())])


FILES = {
    "operators": [operators, null_checks, corners],
    "principals": [resource_grants, everyone_by_condition, others],
    "evaluation": [denials, organizations, limits, must_allow],
    "confused-deputy": [confused_deputy],
    "language": [language],
}

if __name__ == "__main__":
    for name, parts in FILES.items():
        cases = [made for part in parts for made in part()]
        names = [made["id"] for made in cases]
        assert len(names) == len(set(names)), [n for n in names if names.count(n) > 1][:3]
        text = "".join(json.dumps(made, ensure_ascii=False) + "\n" for made in cases)
        (HERE / f"{name}.jsonl").write_text(text)
        print(f"{name}: {len(cases)}")
