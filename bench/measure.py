"""Measures what a release build does, and prints it as a Markdown table.

    python3 bench/measure.py --server target/release/stepward --load target/release/stepward-load [--seconds 10]

Each row says what is durable before the server answers. The load generator runs on the same machine.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "e2e"))

from main_job import Caller, allow, python_package, trust  # noqa: E402
from server import Server  # noqa: E402

ACCOUNT = "000000000000"
KEY = "test"


def chain(states):
    """A definition of states that follow each other."""
    names = list(states)
    for name, following in zip(names, names[1:]):
        states[name]["Next"] = following
    states[names[-1]]["End"] = True
    return json.dumps({"StartAt": names[0], "States": states})


def passes():
    return chain({f"Pass{number}": {"Type": "Pass"} for number in (1, 2, 3)})


def tasks(function, count):
    return chain({f"Task{number + 1}": {"Type": "Task", "Resource": function} for number in range(count)})


def fsync_millis(folder, rounds=50):
    """How long the disk takes to make one write durable."""
    took = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(rounds):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def resident_mib(pid):
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]) / 1024


def processor_seconds(pid):
    """What a process has used of the processors, itself and in the kernel."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(options, server, arn, mode, clients):
    """What the load generator measured, and the processor time of an execution at the server and at the clients."""
    address = server.endpoint.removeprefix("http://")
    command = [options.load, "--address", address, "--state-machine-arn", arn, "--mode", mode]
    command += ["--clients", str(clients), "--seconds", str(options.seconds), "--warm-up-seconds", "1"]
    before = (processor_seconds(server.process.pid), os.times().children_user + os.times().children_system)
    result = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    after = (processor_seconds(server.process.pid), os.times().children_user + os.times().children_system)
    executions = result["executions"] * (options.seconds + 1) / options.seconds
    result["serverMicros"], result["clientMicros"] = ((b - a) * 1e6 / executions for a, b in zip(before, after))
    return result


def set_up(caller):
    """The role, the function and the state machines of all measurements, by name."""
    iam, functions, states = caller.client("iam"), caller.client("lambda"), caller.client("stepfunctions")
    document = trust("states.amazonaws.com")
    document["Statement"][0]["Principal"]["Service"].append("lambda.amazonaws.com")
    role = iam.create_role(RoleName="bench", AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    iam.put_role_policy(RoleName="bench", PolicyName="all", PolicyDocument=json.dumps(allow("lambda:InvokeFunction")))
    source = "def handler(event, context):\n    return event\n"
    function = functions.create_function(
        FunctionName="bench", Runtime="python3.12", Role=role, Handler="index.handler",
        Code={"ZipFile": python_package(source)}, Timeout=60,
    )["FunctionArn"]
    made = {}
    wanted = (("passes", passes(), "STANDARD"), ("sync", passes(), "EXPRESS"), ("tasks", tasks(function, 3), "STANDARD"))
    wanted += (("task", tasks(function, 1), "STANDARD"),)
    for name, definition, kind in wanted:
        machine = states.create_state_machine(name=name, definition=definition, roleArn=role, type=kind)
        made[name] = machine["stateMachineArn"]
    return made


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--server", required=True)
    parser.add_argument("--load", required=True)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    with Server(options.server, ["--dev"]) as server:
        machines = set_up(Caller(server.endpoint, KEY, KEY))
        idle = resident_mib(server.process.pid)
        rows = [
            ("Standard, 3 × Pass, 64 clients", "start and end", "passes", "standard", 64),
            ("Standard, 3 × Pass, 1 client", "start and end", "passes", "standard", 1),
            ("Standard, 3 × Task on a warm Python function, 64 clients", "start, each task, end", "tasks", "standard", 64),
            ("Standard, one such Task, 64 clients", "start, the task, end", "task", "standard", 64),
            ("Express synchronous, 3 × Pass, 64 clients", "nothing (Express)", "sync", "sync", 64),
        ]
        print(f"{platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}; one fdatasync:", end=" ")
        print(f"{fsync_millis(server.data):.2f} ms (median); server idle: {idle:.0f} MiB resident\n")
        print("| workload | durable before the answer | executions/s | p50 ms | p99 ms | µs of processor per execution,", end=" ")
        print("server + client | resident MiB after |")
        print("|---|---|---|---|---|---|---|")
        for title, durable, machine, mode, clients in rows:
            result = load(options, server, machines[machine], mode, clients)
            resident = resident_mib(server.process.pid)
            figures = f"{result['perSecond']:,.0f} | {result['p50Millis']:.2f} | {result['p99Millis']:.2f}"
            spent = f"{result['serverMicros']:.0f} + {result['clientMicros']:.0f}"
            print(f"| {title} | {durable} | {figures} | {spent} | {resident:.0f} |", flush=True)


if __name__ == "__main__":
    main()
