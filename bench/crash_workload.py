"""What runs while the server is killed: state machines of every kind that waits for something.

Each ends the same way however often it is interrupted, so that an uninterrupted twin says what is right.
"""

import json
import time

from main_job import allow, python_package, trust

KEYS = (0, 1, 2)
JOB_SECONDS = 0.5
RIGHTS = ["lambda:*", "states:*", "events:*", "glue:*"]
# A worker may take a task and lose the answer with the server: then its state times out, and is tried again.
ACTIVITY_SECONDS = 5
TIMES_OUT = {"ActivityTimedOut", "ActivityScheduled", "ActivityStarted"}

FUNCTION = '''
class Flaky(Exception):
    pass


def handler(event, context):
    if event.get("attempt", 99) < event.get("fails", 0):
        raise Flaky("try again")
    return {"did": event["key"]}
'''


def chain(states):
    """A definition of states that follow each other."""
    names = list(states)
    for name, following in zip(names, names[1:]):
        states[name]["Next"] = following
    states[names[-1]]["End"] = True
    return {"StartAt": names[0], "States": states}


def call(function, **more):
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": function, "Payload": {"key.$": "$.key", **more.pop("payload", {})}},
            "ResultSelector": {"key.$": "$.Payload.did"}, **more}


def nap(seconds=1):
    return {"Type": "Wait", "Seconds": seconds}


def retry(error, **more):
    return [{"ErrorEquals": [error], "IntervalSeconds": 1, "BackoffRate": 1, **more}]


def definitions(function, activity, machine_arn):
    """The state machines by name. Those that others start come first."""
    flaky = call(function, payload={"fails": 2, "attempt.$": "$$.State.RetryCount"},
                 Retry=retry("Flaky", MaxAttempts=5))
    broken = call(function, payload={"fails": 9, "attempt": 0},
                  Catch=[{"ErrorEquals": ["Flaky"], "ResultPath": "$.caught", "Next": "Nap"}])
    answer = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:sendTaskSuccess",
              "Parameters": {"TaskToken.$": "$.token", "Output.$": "States.JsonToString($.output)"},
              # Sent before the crash that made it be sent again.
              "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sent"}]}
    start = "arn:aws:states:::states:startExecution"
    nested = {"Type": "Task", "Resource": f"{start}.sync:2", "ResultSelector": {"output.$": "$.Output"},
              "Parameters": {"StateMachineArn": machine_arn("waits"), "Input": {"key.$": "$.key"}}}
    callback = {"Type": "Task", "Resource": f"{start}.waitForTaskToken", "Parameters": {
        "StateMachineArn": machine_arn("answers"),
        "Input": {"token.$": "$$.Task.Token", "output": {"key.$": "$.key"}}}}
    act = {"Type": "Task", "Resource": activity, "TimeoutSeconds": ACTIVITY_SECONDS,
           "Retry": retry("States.Timeout", MaxAttempts=30)}
    items = {"Type": "Pass", "Result": [{"key": 1}, {"key": 2}, {"key": 3}, {"key": 4}], "ResultPath": "$.items"}
    each = chain({"Each": call(function), "EachNap": nap()})
    child = {**chain({"Child": call(function), "ChildNap": nap()}),
             "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
    express = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sfn:startSyncExecution",
               "ResultSelector": {"status.$": "$.Status"},
               "Parameters": {"StateMachineArn": machine_arn("express"), "Input": {"key.$": "$.key"}}}
    glue = {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun.sync", "Parameters": {"JobName": "crash"},
            "ResultSelector": {"state.$": "$.JobRunState"}}
    return {
        "express": chain({"Called": call(function), "Rest": nap()}),
        "waits": chain({"Before": {"Type": "Pass"}, "Nap": nap(), "After": {"Type": "Pass", "Result": 1, "ResultPath": "$.after"}}),
        "answers": chain({"Answer": answer, "Sent": {"Type": "Pass"}}),
        "calls": chain({"One": call(function), "Two": call(function), "Three": call(function)}),
        "retries": chain({"Flaky": flaky, "Nap": nap()}),
        "catches": chain({"Broken": broken, "Nap": nap()}),
        "parallel": chain({"Split": {"Type": "Parallel", "Branches": [
            chain({"Left": call(function), "LeftNap": nap()}), chain({"Right": nap(), "RightCall": call(function)})]}}),
        "map": chain({"Items": items, "Map": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "ItemProcessor": each}}),
        "distributed": chain({"Items": dict(items), "Children": {
            "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 3, "ItemProcessor": child}}),
        "calls express": chain({"Express": express, "Last": {"Type": "Pass"}}),
        "job": chain({"Job": glue, "Last": {"Type": "Pass"}}),
        "nested": chain({"Nested": nested, "Last": {"Type": "Pass"}}),
        "callback": chain({"Callback": callback, "Nap": nap()}),
        "activity": chain({"Act": act, "Last": {"Type": "Pass"}}),
    }


def set_up(job):
    """Makes the role, the function, the activity and the machines. Gives the machines' ARNs, by name, and the activity's."""
    document = trust("states.amazonaws.com")
    document["Statement"][0]["Principal"]["Service"].append("lambda.amazonaws.com")
    job.create_role("crash", document, allow(RIGHTS))
    function = job.functions.create_function(
        FunctionName="crash", Runtime="python3.12", Role=job.role_arn("crash"), Handler="index.handler",
        Code={"ZipFile": python_package(FUNCTION)}, Timeout=30)["FunctionArn"]
    activity = job.states.create_activity(name="crash")["activityArn"]
    made = definitions(function, activity, lambda name: job.machine_arn(name.replace(" ", "-")))
    machines = {name: job.create_machine(name.replace(" ", "-"), "crash", definition,
                                         **({"type": "EXPRESS"} if name == "express" else {}))
                for name, definition in made.items()}
    # Only others start them.
    del machines["answers"], machines["express"]
    return machines, activity


class Jobs:
    """AWS Glue, as far as a job of a second needs it; it outlives the server. `backend` answers what it is told."""

    def __init__(self, backend):
        self.begun = {}
        backend.answers = {
            "glue.StartJobRun": self.start, "glue.GetJobRun": self.look,
            "glue.GetJobRuns": {"JobRuns": []}, "glue.BatchStopJobRun": {},
        }

    def start(self, _):
        name = f"jr-{len(self.begun)}-{time.monotonic_ns()}"
        self.begun[name] = time.monotonic()
        return {"JobRunId": name}

    def look(self, members):
        is_over = time.monotonic() - self.begun[members["RunId"]] > JOB_SECONDS
        return {"JobRun": {"Id": members["RunId"], "JobName": "crash", "JobRunState": "SUCCEEDED" if is_over else "RUNNING"}}


def shape(history):
    """The types of a history's events in an order that does not depend on which branch was faster."""
    types = [event["type"] for event in history]
    if "ActivityTimedOut" in types:
        tries = types.count("ActivityScheduled")
        types = [one for one in types if one not in TIMES_OUT] + ["ActivityScheduled", "ActivityStarted"]
        assert tries > 1, history
    return sorted(types)


def outcome(described):
    """How an execution ended, without what differs from one to the next."""
    output = json.loads(described["output"]) if "output" in described else None
    if isinstance(output, dict) and isinstance(output.get("caught"), dict):
        output["caught"] = output["caught"]["Error"]
    return described["status"], json.dumps(output, sort_keys=True)
