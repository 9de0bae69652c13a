"""The same workflow of three durable steps on this server, Restate and DBOS, one after the other in one run.

    npm install --prefix FOLDER @restatedev/restate-server @restatedev/restate-sdk
    python3 -m venv VENV && VENV/bin/pip install dbos
    python3 bench/compare.py --server target/release/stepward --load target/release/stepward-load \\
        --restate FOLDER --dbos VENV/bin/python [--postgres /usr/lib/postgresql/15/bin] [--seconds 10] [--rounds 3]

What is not given is left out. Prints Markdown; a row is the middle of its rounds, which are interleaved.
"""

import argparse
import contextlib
import json
import os
import platform
import shutil
import signal
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
def dbos_on_sqlite(options):
    data = tempfile.mkdtemp(prefix="dbos-")
    yield dbos(options, f"sqlite:///{data}/dbos.sqlite")
    shutil.rmtree(data, ignore_errors=True)


@contextlib.contextmanager
def dbos_on_postgres(options):
    """A cluster as `initdb` makes it, its files on the same disk: a commit is durable when it returns."""
    data, port = tempfile.mkdtemp(prefix="postgres-"), free_port()
    # PostgreSQL does not run as root.
    owner = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    if owner:
        shutil.chown(data, "postgres", "postgres")
    tool = lambda name, *words: [str(Path(options.postgres) / name), *words]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    subprocess.run(tool("initdb", "-D", f"{data}/cluster", "-A", "trust", "-U", "bench"), check=True, **quiet, **owner)
    listen = ["-p", str(port), "-h", "127.0.0.1", "-k", data]
    running = subprocess.Popen(tool("postgres", "-D", f"{data}/cluster", *listen), **quiet, **owner)
    try:
        until_ready(lambda: socket.create_connection(("127.0.0.1", port), 1).close())
        create = tool("createdb", "-h", "127.0.0.1", "-p", str(port), "-U", "bench", "bench")
        until_ready(lambda: created(create))
        yield dbos(options, f"postgresql://bench@127.0.0.1:{port}/bench")
    finally:
        running.send_signal(signal.SIGINT)
        running.wait()
        shutil.rmtree(data, ignore_errors=True)


def created(command):
    if subprocess.run(command, capture_output=True, check=False).returncode:
        raise OSError("the database is not there yet")


def dbos(options, url):
    return lambda: measured([options.dbos, str(FOLDER / "dbos_flow.py"), url], options)


def measured(command, options):
    command = [*command, str(options.clients), str(options.seconds), str(WARM_UP_SECONDS)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1])


def contenders(options):
    """(name, what is durable before the answer, where a step happens, how it is run)"""
    if options.server and options.load:
        yield ("Stepward, 3 × Task, each under its IAM role, each call signed", "start, each task, end",
               "warm Python function, another process", stepward)
    if options.restate:
        # Its documentation: writes ahead with fsync before it acknowledges; `--dump-config` of 1.7 says the same.
        yield ("Restate, 3 × call of a handler", "start, each call and its result, end (its defaults)",
               "Node.js service, another process", restate)
    # Its documentation: the input before the workflow starts, the output of each step, the output at the end; each is a
    # transaction, durable by the defaults of the database.
    recorded = "start, each step's result, end (its defaults)"
    if options.dbos:
        yield ("DBOS on SQLite, 3 × step", recorded, "the process itself: no call", dbos_on_sqlite)
    if options.dbos and options.postgres:
        yield ("DBOS on PostgreSQL, 3 × step", recorded, "the process itself: no call", dbos_on_postgres)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--server")
    parser.add_argument("--load")
    parser.add_argument("--restate", help="folder with node_modules")
    parser.add_argument("--dbos", help="a Python that has dbos")
    parser.add_argument("--postgres", help="folder with PostgreSQL's programs, for DBOS on a cluster that is made for it")
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
