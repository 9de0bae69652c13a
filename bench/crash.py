"""Kills a server again and again while it works, and checks that nothing that was acknowledged is lost.

    python3 bench/crash.py --server target/debug/stepward [--rounds 200] [--seed 1]
    cargo xtask crash [--rounds 200] [--seed 1]

Each round starts the server on the same data folder, loads it, and ends it by `kill -9` at a random moment. Checked:
every start, stop and change of IAM that was answered; every event that was seen; that event ids have no gap and none
comes twice; that every execution ends as its uninterrupted twin does.
"""

import argparse
import collections
import json
import os
import random
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "e2e"))

import boto3  # noqa: E402
from botocore.exceptions import BotoCoreError, ClientError  # noqa: E402
from crash_workload import KEYS, Jobs, outcome, set_up, shape  # noqa: E402
from main_job import CONFIG, Caller, MainJob, allow, trust  # noqa: E402
from scripted import Scripted  # noqa: E402
from server import Server  # noqa: E402

STARTERS = 4
OPEN_MAX = 150
END_SECONDS = 180
GONE = (BotoCoreError, ConnectionError)


class OneSession(Caller):
    """A caller whose clients share a session: a new one would read the service models anew for every life."""

    session = boto3.session.Session()
    lock = threading.Lock()

    def client(self, service):
        with self.lock:
            return self.session.client(
                service, endpoint_url=self.endpoint, config=CONFIG, region_name=self.region,
                aws_access_key_id=self.key_id, aws_secret_access_key=self.secret)


def connect(server):
    key = server.root_credentials()
    return MainJob(OneSession(server.endpoint, key["AccessKeyId"], key["SecretAccessKey"]))


class Twins:
    """How each machine ends when nobody interrupts it, by its name and input."""

    def __init__(self, binary, backend):
        with Server(binary, ["--dev", "--backend", backend.url]) as server:
            job = connect(server)
            machines, activity = set_up(job)
            stopping = threading.Event()
            worker = threading.Thread(target=work, args=(job, activity, stopping))
            worker.start()
            runs = [(name, key) for name in machines for key in KEYS]
            with ThreadPoolExecutor(8) as pool:
                self.ends = dict(zip(runs, pool.map(lambda run: self.end(job, machines[run[0]], run[1]), runs)))
            stopping.set()
            server.kill()
            worker.join()

    @staticmethod
    def end(job, machine, key):
        described = job.run(machine, {"key": key})
        return outcome(described), shape(job.history(described["executionArn"]))


def work(job, activity, stopping):
    """A worker of the activity: answers each task with its input. Ends with the server."""
    client = job.caller.client("stepfunctions")
    while not stopping.is_set():
        try:
            task = client.get_activity_task(activityArn=activity, workerName="worker")
            if task.get("taskToken"):
                client.send_task_success(taskToken=task["taskToken"], output=task["input"])
        except GONE:
            return
        except ClientError as error:
            # Its state has timed out meanwhile: nobody waits for the answer.
            if error.response["Error"]["Code"] not in ("TaskTimedOut", "ThrottlingException"):
                raise


class Ledger:
    """What the server has acknowledged, and what it may have done."""

    def __init__(self):
        self.lock = threading.Lock()
        self.executions = {}  # ARN -> (machine, key, is acknowledged)
        self.stopped = set()
        self.seen = {}  # ARN -> events
        self.roles = {}  # name -> the policies that it may have; the only one that is acknowledged, or several
        self.problems = []
        self.checked = self.stops = self.changes = 0
        self.kinds = collections.Counter()

    def problem(self, text):
        with self.lock:
            self.problems.append(text)
        print(f"PROBLEM: {text}", flush=True)


class Round:
    """One life of the server."""

    def __init__(self, number, job, machines, activity, ledger, chance):
        self.number, self.job, self.machines, self.activity = number, job, machines, activity
        self.ledger, self.chance = ledger, chance
        self.stopping = threading.Event()

    def load(self, seconds):
        """Runs the load for so long; then the caller kills the server, and `join` waits for the threads."""
        loads = [(self.start, index) for index in range(STARTERS)] + [(self.change_roles, 0), (self.watch, 0)]
        self.threads = [threading.Thread(target=self.until_gone, args=(load, random.Random(self.chance.random()), index))
                        for load, index in loads]
        self.threads.append(threading.Thread(target=work, args=(self.job, self.activity, self.stopping)))
        for thread in self.threads:
            thread.start()
        time.sleep(seconds)

    def join(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def until_gone(self, load, chance, index):
        count = 0
        while not self.stopping.is_set():
            try:
                load(chance, f"{self.number}-{index}-{count}")
            except GONE:
                return
            except ClientError as error:
                if error.response["Error"]["Code"] != "ThrottlingException":
                    self.ledger.problem(f"round {self.number}: {error}")
            count += 1

    def start(self, chance, name):
        if len(self.ledger.executions) > OPEN_MAX:
            time.sleep(0.05)
            return
        machine, key = chance.choice(list(self.machines)), chance.choice(KEYS)
        arn = self.machines[machine].replace(":stateMachine:", ":execution:") + ":" + name
        self.ledger.executions[arn] = (machine, key, False)
        started = self.job.states.start_execution(
            stateMachineArn=self.machines[machine], name=name, input=json.dumps({"key": key}))
        assert started["executionArn"] == arn
        self.ledger.executions[arn] = (machine, key, True)
        if machine == "waits" and chance.random() < 0.3:
            # What may have been stopped is not compared with its twin.
            self.ledger.executions[arn] = (None, key, True)
            self.job.states.stop_execution(executionArn=arn)
            self.ledger.stopped.add(arn)
            self.ledger.stops += 1

    def change_roles(self, chance, name):
        role, action = f"role{chance.randrange(5)}", f"sqs:Action{name.replace('-', '')}"
        roles = self.ledger.roles
        known = roles.setdefault(role, [None])
        if known == [None]:
            known.append("")
            self.job.iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust()))
            roles[role] = [""]
        elif known[-1] is None or None in known:
            self.look_at_role(role)
        else:
            known.append(action)
            self.job.put_policy(role, allow(action))
            roles[role] = [action]
        self.ledger.changes += 1

    def look_at_role(self, role):
        """Settles what a role has, which must be one of what it may have."""
        known = self.ledger.roles[role]
        try:
            found = self.job.iam.get_role_policy(RoleName=role, PolicyName="Inline")["PolicyDocument"]["Statement"][0]["Action"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "NoSuchEntity":
                raise
            names = [one["RoleName"] for one in self.job.iam.list_roles(MaxItems=1000)["Roles"]]
            found = "" if role in names else None
        if found not in known:
            self.ledger.problem(f"round {self.number}: {role} has {found!r}, not one of {known!r}")
        self.ledger.roles[role] = [found]

    def watch(self, chance, _):
        """Reads the history of some execution and remembers what it saw."""
        arns = [arn for arn, (_, _, is_acknowledged) in list(self.ledger.executions.items()) if is_acknowledged]
        if not arns:
            time.sleep(0.02)
            return
        arn = chance.choice(arns)
        seen = [(event["id"], event["type"], event["timestamp"]) for event in self.job.history(arn)]
        before = self.ledger.seen.get(arn, [])
        if seen[: len(before)] != before:
            self.ledger.problem(f"round {self.number}: {arn} has lost events: {before} became {seen}")
        self.ledger.seen[arn] = seen


def check(current, twins):
    """Checks all executions that have ended, and forgets them; gives how many are still open."""
    for role in list(current.ledger.roles):
        current.look_at_role(role)
    with ThreadPoolExecutor(4) as pool:
        ended = pool.map(lambda arn: check_one(current, twins, arn), list(current.ledger.executions))
    for arn in [arn for arn in ended if arn]:
        current.ledger.kinds[current.ledger.executions.pop(arn)[0] or "stopped"] += 1
        current.ledger.seen.pop(arn, None)
        current.ledger.stopped.discard(arn)
        current.ledger.checked += 1
    return len(current.ledger.executions)


def check_one(current, twins, arn):
    ledger, states = current.ledger, current.job.states
    machine, key, is_acknowledged = ledger.executions[arn]
    try:
        described = states.describe_execution(executionArn=arn)
    except states.exceptions.ExecutionDoesNotExist:
        if is_acknowledged:
            ledger.problem(f"round {current.number}: the start of {arn} was acknowledged, and is lost")
        return arn
    if arn in ledger.stopped and described["status"] != "ABORTED":
        ledger.problem(f"round {current.number}: the stop of {arn} was acknowledged, and it is {described['status']}")
    if described["status"] == "RUNNING":
        return None
    history = current.job.history(arn)
    if [event["id"] for event in history] != list(range(1, len(history) + 1)):
        ledger.problem(f"round {current.number}: ids of {arn}: {[event['id'] for event in history]}")
    seen = [(event["id"], event["type"], event["timestamp"]) for event in history]
    before = ledger.seen.get(arn, [])
    if seen[: len(before)] != before:
        ledger.problem(f"round {current.number}: {arn} has lost events: {before} became {seen}")
    if machine and (outcome(described), shape(history)) != twins.ends[(machine, key)]:
        found = (outcome(described), shape(history))
        ledger.problem(f"round {current.number}: {arn} ended as {found}, its twin as {twins.ends[(machine, key)]}")
    return arn


def left_processes(data):
    """Processes that work in a server's data folder though the server is gone."""
    left = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                told = (entry / "cmdline").read_bytes() + os.readlink(entry / "cwd").encode()
            except OSError:
                continue
            if str(data).encode() in told:
                left.append(int(entry.name))
    return left


def run(options):
    chance = random.Random(options.seed)
    backend = Scripted()
    Jobs(backend)
    twins = Twins(options.server, backend)
    print(f"{len(twins.ends)} twins; {options.rounds} rounds, seed {options.seed}", flush=True)
    ledger, began, kills = Ledger(), time.monotonic(), 0
    with Server(options.server, ["--dev", "--backend", backend.url]) as server:
        machines, activity = set_up(connect(server))
        for number in range(options.rounds):
            # Some lives are too short to serve anybody: the server is killed while it recovers.
            while chance.random() < 0.2:
                time.sleep(chance.uniform(0, 0.2))
                server.kill()
                kills += 1
                server.restart()
            current = Round(number, connect(server), machines, activity, ledger, chance)
            open_executions = check(current, twins)
            current.load(chance.uniform(0.05, options.seconds))
            server.kill()
            kills += 1
            current.join()
            server.restart()
            if number % 10 == 9:
                print(f"round {number + 1}: {ledger.checked} executions checked, {open_executions} open", flush=True)
        finish(server, machines, activity, ledger, twins, options.rounds, chance)
        server.kill()
        time.sleep(1)
        left = left_processes(server.data)
        if left:
            ledger.problem(f"processes outlive the server: {left}")
    backend.stop()
    kinds = ", ".join(f"{count} {name}" for name, count in sorted(ledger.kinds.items()))
    print(f"{kills} kills, {ledger.checked} executions ({kinds}), {ledger.stops} stops and {ledger.changes} changes of IAM checked "
          f"in {time.monotonic() - began:.0f} s; {len(ledger.problems)} problems")
    return 1 if ledger.problems else 0


def finish(server, machines, activity, ledger, twins, number, chance):
    """Waits until all that is open has ended."""
    last = Round(number, connect(server), machines, activity, ledger, chance)
    worker = threading.Thread(target=work, args=(last.job, activity, last.stopping), daemon=True)
    worker.start()
    deadline = time.monotonic() + END_SECONDS
    while check(last, twins):
        if time.monotonic() > deadline:
            for arn in ledger.executions:
                ledger.problem(f"{arn} does not end: {[event['type'] for event in last.job.history(arn)]}")
            break
        time.sleep(0.2)
    last.stopping.set()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--server", required=True, help="the binary")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.5, help="the longest load of a round")
    return run(parser.parse_args())


if __name__ == "__main__":
    sys.exit(main())
