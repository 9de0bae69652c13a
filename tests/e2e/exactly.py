"""A caller who is granted exactly what a denial names, one right after the other, until the call is decided."""

import json
import re

from botocore.exceptions import ClientError

DENIED = re.compile(r"is not authorized to perform: (\S+)(?: on resource: (\S+))?(?: because no identity-based policy.*)?$")
# Ids that differ in each run.
IDS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
RIGHTS_MAX = 12


class Exactly:
    """`client` belongs to the user `name`, whose only policy is what the latest call needed."""

    def __init__(self, root, name, client):
        self.root, self.name, self.client = root, name, client

    def call(self, operation, parameters):
        """The rights that the call needs, its answer, and the code of its refusal."""
        rights = []
        self.grant(rights)
        for _ in range(RIGHTS_MAX):
            try:
                return self.told(rights), getattr(self.client, operation)(**parameters), None
            except ClientError as error:
                code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
                found = DENIED.search(message) if code.startswith("AccessDenied") else None
                if not found:
                    return self.told(rights), None, code
                right = (found[1], found[2] or "*")
                assert right not in rights, f"{operation}: {right} is granted, and denied all the same"
                rights.append(right)
                self.grant(rights)
        raise AssertionError(f"{operation} needs more than {RIGHTS_MAX} rights: {rights}")

    def grant(self, rights):
        if not rights:
            self.root.put_user_policy(UserName=self.name, PolicyName="Exact", PolicyDocument=self.document([("none:None", "*")]))
            return
        self.root.put_user_policy(UserName=self.name, PolicyName="Exact", PolicyDocument=self.document(rights))

    @staticmethod
    def document(rights):
        statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in rights]
        return json.dumps({"Version": "2012-10-17", "Statement": statements})

    @staticmethod
    def told(rights):
        return [f"{action} on {IDS.sub('ID', resource)}" for action, resource in rights]
