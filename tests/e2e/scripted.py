"""A backend that answers what a test says, for services that nothing else plays: JSON protocols, read by AWS's models."""

import json
import re
from urllib.parse import parse_qsl, unquote

from apis import Answer, Api
from botocore.loaders import Loader
from botocore.model import ServiceModel

SCOPE = re.compile(r"Credential=[^/]+/\d{8}/[^/]+/([^/]+)/aws4_request")
# The model of a name in credential scopes, where it is another name.
MODELS = {"elasticmapreduce": "emr"}
LOADER = Loader()


class Scripted:
    """`answers` maps "service.Operation" to an answer's members by their names on the wire, or to a function of the
    request's members. A tuple of status, code and message is an error."""

    def __init__(self):
        self.answers = {}
        self.calls = []
        self.models = {}
        self.api = Api()
        self.api.answer = self.answer
        self.url = self.api.url.replace("localhost", "127.0.0.1")

    def stop(self):
        self.api.stop()

    def model(self, scope):
        name = MODELS.get(scope, scope)
        if name not in self.models:
            self.models[name] = ServiceModel(LOADER.load_service_model(name, "service-2"), name)
        return name, self.models[name]

    def answer(self, request):
        name, model = self.model(SCOPE.search(request.headers["authorization"])[1])
        operation, members = self.read(model, request)
        self.check(model.operation_model(operation).input_shape, members)
        called = f"{name}.{operation}"
        self.calls.append((called, members))
        found = self.answers.get(called, (400, "ValidationException", f"nothing is said about {called}"))
        found = found(members) if callable(found) else found
        if isinstance(found, tuple):
            status, code, message = found
            return Answer(status, {"__type": code, "message": message}, {"x-amzn-errortype": code})
        return Answer(200, found)

    @staticmethod
    def read(model, request):
        """The operation and its members."""
        members = json.loads(request.body) if request.body else {}
        if target := request.headers.get("x-amz-target"):
            return target.rpartition(".")[2], members
        for name in model.operation_names:
            http = model.operation_model(name).http
            pattern = re.sub(r"\{([^}+]+)\+?\}", lambda found: f"(?P<{found[1]}>[^/]+)", http["requestUri"].partition("?")[0])
            found = re.fullmatch(pattern, request.path)
            if found and http["method"] == request.method:
                uri = {key: unquote(value) for key, value in found.groupdict().items()}
                return name, {**dict(parse_qsl(request.query)), **uri, **members}
        raise AssertionError(f"no operation of {model.service_name}: {request.method} {request.path}")

    @staticmethod
    def check(shape, members):
        """Nothing was sent that AWS's model does not have, and nothing is missing."""
        known = {member.serialization.get("name", name) for name, member in shape.members.items()} if shape else set()
        assert set(members) <= known, (shape, set(members) - known)
        needed = {shape.members[name].serialization.get("name", name) for name in shape.required_members} if shape else set()
        assert needed <= set(members), (shape, needed - set(members))

    def called(self, name):
        return [members for called, members in self.calls if called == name]
