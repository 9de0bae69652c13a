"""One of everything that Step Functions' API is about, for tests that call each operation."""

import json
import time
from dataclasses import dataclass, field

from main_job import REGION, trust

WAIT_SECONDS = 60

PASS = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}}
FAIL = {"StartAt": "Only", "States": {"Only": {"Type": "Fail", "Error": "Broken", "Cause": "as written"}}}
WAIT = {"StartAt": "Only", "States": {"Only": {"Type": "Wait", "Seconds": 3600, "End": True}}}


def activity_machine(activity):
    return {"StartAt": "Work", "States": {"Work": {"Type": "Task", "Resource": activity, "End": True}}}


def distributed(state):
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Item",
        "States": {"Item": state},
    }
    return {"StartAt": "Each", "States": {"Each": {"Type": "Map", "ItemProcessor": processor, "End": True}}}


@dataclass
class World:
    """What was made, by root of the account."""

    job: object
    names: list = field(default_factory=list)

    def __post_init__(self):
        self.states = self.job.states
        self.account = self.job.account
        self.role = self.job.iam.create_role(
            RoleName="Machine", AssumeRolePolicyDocument=json.dumps(trust())
        )["Role"]["Arn"]
        self.machine = self.make("Plain", PASS, tags=[{"key": "team", "value": "blue"}])
        self.version = self.states.publish_state_machine_version(stateMachineArn=self.machine)[
            "stateMachineVersionArn"
        ]
        self.alias = self.alias_of(self.version, "live")
        self.express = self.make("Fast", PASS, type="EXPRESS")
        self.failing = self.make("Failing", FAIL)
        self.waiting = self.make("Waiting", WAIT)
        self.activity = self.states.create_activity(name="Hands")["activityArn"]
        self.worker = self.make("Worker", activity_machine(self.activity))
        self.mapping = self.make("Mapping", distributed({"Type": "Wait", "Seconds": 3600, "End": True}))
        self.execution = self.ended(self.start(self.machine))
        self.failed = self.ended(self.start(self.failing))
        self.mapped = self.start(self.mapping, "[1, 2]")
        self.map_run = self.states.list_map_runs(executionArn=self.mapped)["mapRuns"][0]["mapRunArn"]

    def make(self, name, definition, **more):
        made = self.states.create_state_machine(
            name=name, definition=json.dumps(definition), roleArn=self.role, **more
        )
        return made["stateMachineArn"]

    def alias_of(self, version, name):
        routing = [{"stateMachineVersionArn": version, "weight": 100}]
        made = self.states.create_state_machine_alias(name=name, routingConfiguration=routing)
        return made["stateMachineAliasArn"]

    def start(self, machine, text="{}", **more):
        return self.states.start_execution(stateMachineArn=machine, input=text, **more)["executionArn"]

    def status(self, execution):
        return self.states.describe_execution(executionArn=execution)["status"]

    def ended(self, execution):
        deadline = time.monotonic() + WAIT_SECONDS
        while self.status(execution) == "RUNNING":
            assert time.monotonic() < deadline, f"{execution} does not end"
        return execution

    def task(self):
        """The token of a task of the activity, which a new execution has scheduled."""
        self.start(self.worker)
        return self.states.get_activity_task(activityArn=self.activity, workerName="w")["taskToken"]

    def arn(self, rest):
        return f"arn:aws:states:{REGION}:{self.account}:{rest}"

    def history(self, execution):
        pages = self.states.get_paginator("get_execution_history").paginate(executionArn=execution)
        return [event for page in pages for event in page["events"]]
