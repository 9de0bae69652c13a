"""The same workflow of three durable steps on this server, Restate and DBOS, one after the other in one run.

    npm install --prefix FOLDER @restatedev/restate-server @restatedev/restate-sdk
    python3 -m venv VENV && VENV/bin/pip install dbos
    python3 bench/compare.py --server target/release/stepward --load target/release/stepward-load \\
        --restate FOLDER --dbos VENV/bin/python [--dbos-database postgresql://…] [--seconds 10] [--rounds 3]

What is not given is left out. Prints Markdown; a row is the middle of its rounds, which are interleaved.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "e2e"))

from main_job import Caller  # noqa: E402
from measure import ACCOUNT, KEY, fsync_millis, load, set_up  # noqa: E402,F401
from server import Server  # noqa: E402

FOLDER = Path(__file__).parent / "compare"
WARM_UP_SECONDS = 2
READY_SECONDS = 120


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def called(url, body=None):
    request = urllib.request.Request(url, data=body, headers={"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read()


def until_ready(call):
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            return call()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@contextlib.contextmanager
def stepward(options):
    with Server(options.server, ["--dev"]) as server:
        machines = set_up(Caller(server.endpoint, KEY, KEY))
        yield lambda: load(options, server, machines["tasks"], "standard", options.clients)


@contextlib.contextmanager
def restate(options):
    """A single node as it is configured by default, its files on the same disk."""
    data, ports = tempfile.mkdtemp(prefix="restate-"), [free_port() for _ in range(4)]
    service, ingress, admin, node = ports
    environment = {
        **os.environ,
        "RESTATE_BASE_DIR": data, "RESTATE_LOG_FILTER": "warn", "RESTATE_BIND_ADDRESS": f"127.0.0.1:{node}",
        "RESTATE_ADVERTISED_ADDRESS": f"http://127.0.0.1:{node}",
        "RESTATE_INGRESS__BIND_ADDRESS": f"127.0.0.1:{ingress}", "RESTATE_ADMIN__BIND_ADDRESS": f"127.0.0.1:{admin}",
    }
    binary = Path(options.restate) / "node_modules/.bin/restate-server"
    commands = [
        ["node", str(FOLDER / "restate-service.mjs"), str(Path(options.restate).absolute()), str(service)],
        [str(binary), "--node-name", "bench"],
    ]
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) for command in commands]
    try:
        uri = json.dumps({"uri": f"http://127.0.0.1:{service}", "force": True}).encode()
        until_ready(lambda: called(f"http://127.0.0.1:{admin}/deployments", uri))
        until_ready(lambda: called(f"http://127.0.0.1:{ingress}/flow/run", b"{}"))
        generator = ["node", str(FOLDER / "restate-load.mjs"), f"http://127.0.0.1:{ingress}/flow/run"]
        yield lambda: measured(generator, options)
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()
        shutil.rmtree(data, ignore_errors=True)


@contextlib.contextmanager
def dbos(options):
    data = tempfile.mkdtemp(prefix="dbos-")
    url = options.dbos_database or f"sqlite:///{data}/dbos.sqlite"
    yield lambda: measured([options.dbos, str(FOLDER / "dbos_flow.py"), url], options)
    shutil.rmtree(data, ignore_errors=True)


def measured(command, options):
    command = [*command, str(options.clients), str(options.seconds), str(WARM_UP_SECONDS)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])


def contenders(options):
    """(name, what is durable before the answer, where a step happens, how it is run)"""
    database = "PostgreSQL" if options.dbos_database else "SQLite"
    if options.server and options.load:
        yield ("Stepward, 3 × Task, each under its IAM role, each call signed", "start, each task, end",
               "warm Python function, another process", stepward)
    if options.restate:
        yield ("Restate, 3 × call of a handler", "start, each call and its result, end (its defaults)",
               "Node.js service, another process", restate)
    if options.dbos:
        yield (f"DBOS on {database}, 3 × step", "start, each step's result, end (its defaults)",
               "the process itself: no call", dbos)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--server")
    parser.add_argument("--load")
    parser.add_argument("--restate", help="folder with node_modules")
    parser.add_argument("--dbos", help="a Python that has dbos")
    parser.add_argument("--dbos-database", help="URL of a PostgreSQL database; SQLite when absent")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rows = list(contenders(options))
    results = {row[0]: [] for row in rows}
    for _ in range(options.rounds):
        # One after the other, each alone on the machine: none of them pays for another that idles.
        for name, _, _, contender in rows:
            with contender(options) as run:
                results[name].append(run())
    one_load = os.getloadavg()[0]
    print(f"{platform.machine()}, {os.cpu_count()} cores, Linux {platform.release()}, load average {one_load:.1f}; "
          f"one fdatasync: {fsync_millis(tempfile.gettempdir()):.2f} ms (median of 50); {options.clients} clients, "
          f"{options.rounds} × {options.seconds:.0f} s\n")
    print("| workflow | durable before the answer | a step happens in | workflows/s | p50 ms | p99 ms |\n|---|---|---|---|---|---|")
    for name, durable, where, _ in rows:
        middle = {key: statistics.median(one[key] for one in results[name]) for key in ("perSecond", "p50Millis", "p99Millis")}
        print(f"| {name} | {durable} | {where} | {middle['perSecond']:,.0f} | {middle['p50Millis']:.1f} | {middle['p99Millis']:.1f} |")


if __name__ == "__main__":
    main()
