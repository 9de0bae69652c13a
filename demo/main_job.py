"""The main job, told as it runs: a state machine runs under its IAM role, and is denied without it.

Everything goes through AWS's own protocols with boto3; only the explanations are Stepward's own API.
Exit status 0 only if every step went as it should.
"""

import argparse
import json
import sys
import textwrap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "e2e"))

from botocore.exceptions import ClientError  # noqa: E402
from main_job import Caller, MainJob, allow, greet, trust  # noqa: E402
from server import Server  # noqa: E402

ACCOUNT = "111122223333"
OTHER_ACCOUNT = "444455556666"

# The trust policy of "How AWS Step Functions works with IAM", word for word.
SEED_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": ["states.amazonaws.com"]},
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnLike": {"aws:SourceArn": "arn:aws:states:us-east-1:111122223333:stateMachine:*"},
                "StringEquals": {"aws:SourceAccount": "111122223333"},
            },
        }
    ],
}
SEED_CONDITIONS = {"source_arn": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:*", "source_account": ACCOUNT}
NOT_TRUSTED = "is authorized to assume the provided role"


class Demo:
    """Tells each step, and remembers whether it went as it should."""

    def __init__(self, job):
        self.job = job
        self.failed = []

    def title(self, text):
        print(f"\n{text}\n{'─' * len(text)}")

    def say(self, text, indent=2):
        for line in str(text).splitlines():
            print(textwrap.fill(line, 110, initial_indent=" " * indent, subsequent_indent=" " * (indent + 2)))

    def check(self, name, holds, shown):
        print(f"  {'✓' if holds else '✗ NOT AS EXPECTED:'} {name}")
        if shown:
            self.say(shown, 6)
        if not holds:
            self.failed.append(name)

    def denied(self, name, expected, message, action):
        """A refusal: AWS's message, and beside it why."""
        self.check(name, expected in message, f"AWS says:  {message}")
        explanation = self.job.why_denied(action)
        self.check("the reason is known", bool(explanation), None)
        self.say(f"Why:       {explanation}", 6)

    def refused(self, name, expected, action, call):
        """A call that must fail."""
        try:
            call()
        except ClientError as error:
            self.denied(name, expected, f"{error.response['Error']['Code']}: {error.response['Error']['Message']}", action)
        else:
            self.check(name, False, "the call succeeded")

    def run_denied(self, name, machine, expected, action="lambda:InvokeFunction"):
        """An execution whose task must be denied."""
        ended = self.job.run(machine, {"name": "Ada"})
        message = f"{ended['status']} {ended.get('error')}: {ended.get('cause')}"
        holds = ended["status"] == "FAILED" and ended.get("error") == "Lambda.AWSLambdaException"
        self.denied(name, expected if holds else "no such text", message, action)


def main_job(demo, job):
    demo.title("1. The role of the seed document")
    job.create_role("StepFunctionsLambdaRole", SEED_TRUST)
    roles = [role["RoleName"] for role in job.iam.list_roles()["Roles"]]
    demo.check("the role appears in the list of roles", "StepFunctionsLambdaRole" in roles, json.dumps(SEED_TRUST))

    demo.title("2. A function, and an inline policy that lets the role invoke it")
    function = job.create_function("Greet")
    job.put_policy("StepFunctionsLambdaRole", allow("lambda:InvokeFunction", function))
    demo.check("the policy is attached", True, json.dumps(allow("lambda:InvokeFunction", function)))

    demo.title("3. A state machine runs with that role")
    machine = job.create_machine("Greeting", "StepFunctionsLambdaRole", greet(function))
    ended = job.run(machine, {"name": "Ada"})
    demo.check("the execution ends with SUCCEEDED", ended["status"] == "SUCCEEDED", ended.get("output", ended.get("cause")))
    for event in job.history(ended["executionArn"]):
        demo.say(f"{event['id']} ← {event['previousEventId']}  {event['type']}", 6)
    return function, machine


def denied_by_the_role(demo, job, function, machine):
    role = "StepFunctionsLambdaRole"
    demo.title("4. Denied: the role has no permission")
    job.iam.delete_role_policy(RoleName=role, PolicyName="Inline")
    demo.run_denied("the task is denied", machine, "because no identity-based policy allows the lambda:InvokeFunction action")

    demo.title("5. Denied: an explicit deny wins over an allow")
    job.put_policy(role, allow("lambda:*"), "Allow")
    job.put_policy(role, allow("lambda:InvokeFunction", function, effect="Deny"), "Deny")
    demo.run_denied("the task is denied", machine, "with an explicit deny in an identity-based policy")
    job.iam.delete_role_policy(RoleName=role, PolicyName="Deny")

    demo.title("6. Denied: the permissions boundary does not allow it")
    boundary = job.iam.create_policy(PolicyName="OnlyLogs", PolicyDocument=json.dumps(allow("logs:*")))["Policy"]["Arn"]
    job.iam.put_role_permissions_boundary(RoleName=role, PermissionsBoundary=boundary)
    demo.run_denied("the task is denied", machine, "because no permissions boundary allows the lambda:InvokeFunction action")
    job.iam.delete_role_permissions_boundary(RoleName=role)
    demo.check("without the boundary it runs again", job.run(machine, {"name": "Ada"})["status"] == "SUCCEEDED", None)


def denied_by_trust(demo, job, function):
    cases = [
        ("7. Refused: the role trusts another service", trust("ec2.amazonaws.com")),
        (
            "8. Refused: the role trusts another state machine (aws:SourceArn)",
            trust(source_arn=f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:Payroll", source_account=ACCOUNT),
        ),
        (
            "9. Refused: the role trusts another account (aws:SourceAccount)",
            trust(source_arn="arn:aws:states:*:*:*", source_account="999999999999"),
        ),
    ]
    for number, (title, policy) in enumerate(cases):
        demo.title(title)
        role = f"Untrusting{number}"
        job.create_role(role, policy, allow("lambda:InvokeFunction"))
        demo.refused(
            "the state machine is not created",
            NOT_TRUSTED,
            "sts:AssumeRole",
            lambda role=role: job.create_machine("Refused", role, greet(function)),
        )


def denied_caller(demo, job, function, machine):
    demo.title("10. Refused: the caller may not start executions")
    job.iam.create_user(UserName="visitor")
    key = job.iam.create_access_key(UserName="visitor")["AccessKey"]
    visitor = MainJob(Caller(job.caller.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))
    demo.refused(
        "the execution is not started",
        "is not authorized to perform: states:StartExecution",
        "states:StartExecution",
        lambda: visitor.states.start_execution(stateMachineArn=machine),
    )
    demo.title("11. Refused: the caller may make state machines, but not hand over the role (iam:PassRole)")
    policy = json.dumps(allow("states:*"))
    job.iam.put_user_policy(UserName="visitor", PolicyName="States", PolicyDocument=policy)
    demo.refused(
        "the state machine is not created",
        "is not authorized to perform: iam:PassRole",
        "iam:PassRole",
        lambda: visitor.create_machine("Mine", "StepFunctionsLambdaRole", greet(function)),
    )


def denied_across_accounts(demo, job, other):
    demo.title("12. Denied: a function of another account, whose resource policy does not let us in")
    function = other.create_function("Shared")
    job.create_role("Reaching", trust(**SEED_CONDITIONS), allow("lambda:InvokeFunction"))
    machine = job.create_machine("Reaching", "Reaching", greet(function))
    demo.run_denied("the task is denied", machine, "because no resource-based policy allows the lambda:InvokeFunction action")
    other.functions.add_permission(
        FunctionName="Shared",
        StatementId="reaching",
        Action="lambda:InvokeFunction",
        Principal=job.role_arn("Reaching"),
    )
    ended = job.run(machine, {"name": "Ada"})
    demo.check("with a resource policy it runs", ended["status"] == "SUCCEEDED", ended.get("output", ended.get("cause")))


def other_account(server):
    """A second account of the same server, and its root."""
    return Caller(server.endpoint, OTHER_ACCOUNT, "test")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stepward", required=True, help="the binary")
    arguments = parser.parse_args()
    with Server(arguments.stepward, ["--dev", "--account", ACCOUNT]) as server:
        key = server.root_credentials()
        job = MainJob(Caller(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))
        demo = Demo(job)
        print(f"Stepward listens on {server.endpoint} as account {job.account}.")
        function, machine = main_job(demo, job)
        denied_by_the_role(demo, job, function, machine)
        denied_by_trust(demo, job, function)
        denied_caller(demo, job, function, machine)
        denied_across_accounts(demo, job, MainJob(other_account(server)))
    print()
    if demo.failed:
        print(f"{len(demo.failed)} steps did not go as expected: {', '.join(demo.failed)}")
        return 1
    print("Everything was as expected: what the role allows runs, and what it does not allow is denied.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
