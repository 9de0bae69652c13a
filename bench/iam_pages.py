"""What a page of IAM's lists costs the server in an account of 100 roles and in one of 10,000.

    python3 bench/iam_pages.py --server target/release/stepward [--roles 10000] [--calls 100]

Every role has an inline policy, and one managed policy is attached to all; there is a managed policy for every second
role, and a user for every tenth. Two servers run side by side and are asked in turn, so that other processes on the
machine disturb both alike. Printed is the processor time of the server for a page (of 50; of 5 users), and the ratio. In
the large account it is the page behind the first.
"""

import argparse
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "e2e"))

from main_job import Caller, allow, trust  # noqa: E402
from server import Server  # noqa: E402

ACCOUNT = "000000000000"
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def processor_seconds(server):
    """User and system time of the server so far."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND


def furnish(iam, roles):
    shared = iam.create_policy(PolicyName="shared", PolicyDocument=json.dumps(allow("s3:GetObject")))["Policy"]["Arn"]

    def make(number):
        name = f"role-{number:05}"
        path = "/team/" if number % 2 else "/"
        iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trust()))
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(allow("sqs:SendMessage")))
        iam.attach_role_policy(RoleName=name, PolicyArn=shared)
        if number % 2:
            iam.create_policy(PolicyName=f"policy-{number:05}", PolicyDocument=json.dumps(allow("s3:PutObject")))
        if number % 10 == 0:
            iam.create_user(UserName=f"user-{number:05}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(make, range(roles)))
    return shared


def second_page(call, parameters):
    """The parameters of the page behind the first, where there is one."""
    first = call(**parameters)
    return {**parameters, "Marker": first["Marker"]} if first["IsTruncated"] else parameters


def lists(iam, shared):
    page = {"MaxItems": 50}
    return {
        "ListRoles": (iam.list_roles, page),
        "ListRoles below a path": (iam.list_roles, {**page, "PathPrefix": "/team/"}),
        "ListPolicies, Local": (iam.list_policies, {**page, "Scope": "Local"}),
        "ListPolicies, attached": (iam.list_policies, {**page, "OnlyAttached": True}),
        "ListUsers": (iam.list_users, {"MaxItems": 5}),
        "ListEntitiesForPolicy": (iam.list_entities_for_policy, {**page, "PolicyArn": shared}),
        "GetAccountAuthorizationDetails": (iam.get_account_authorization_details, {**page, "Filter": ["Role"]}),
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--server", required=True)
    arguments.add_argument("--roles", type=int, default=10_000)
    arguments.add_argument("--calls", type=int, default=100)
    options = arguments.parse_args()
    with Server(options.server, ["--dev"]) as small, Server(options.server, ["--dev"]) as large:
        sides = []
        for server, roles in ((small, 100), (large, options.roles)):
            iam = Caller(server.endpoint, ACCOUNT, "test").client("iam")
            shared = furnish(iam, roles)
            page_of = second_page if server is large else lambda _, given: given
            calls = {name: (call, page_of(call, given)) for name, (call, given) in lists(iam, shared).items()}
            sides.append((server, calls))
        print(f"| a page of | ms of processor at 100 roles | at {options.roles:,} | ratio |\n|---|---|---|---|")
        for name in sides[0][1]:
            used = [0.0, 0.0]
            for _ in range(5):
                for side, (server, calls) in enumerate(sides):
                    call, parameters = calls[name]
                    before = processor_seconds(server)
                    for _ in range(options.calls // 5):
                        call(**parameters)
                    used[side] += processor_seconds(server) - before
            one, other = (seconds * 1000 / options.calls for seconds in used)
            print(f"| {name} | {one:.2f} | {other:.2f} | {other / one if one else float('nan'):.2f} |", flush=True)


if __name__ == "__main__":
    main()
