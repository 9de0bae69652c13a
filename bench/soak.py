"""Loads a server for minutes and reports whether its memory stays flat.

    python3 bench/soak.py --server target/release/stepward [--minutes 10] [--clients 4] [--rate 20]

The load is that of the crash test: waits, retries, parallel states, maps, callbacks, nested executions, functions and
activities, with changes of IAM between them. Prints Markdown: resident memory and size of the store at the first
sample (after a minute of warming up), in between, and at the last.
"""

import argparse
import json
import random
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "e2e"))

from crash import GONE, connect, work  # noqa: E402
from crash_workload import RIGHTS, Jobs, set_up  # noqa: E402
from main_job import allow  # noqa: E402
from scripted import Scripted  # noqa: E402
from server import Server  # noqa: E402

WARM_UP_SECONDS = 60
SAMPLES = 10


def resident_kib(pid):
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0])


def store_bytes(data):
    return sum(path.stat().st_size for path in data.glob("stepward.db*"))


class Load:
    """Clients that start executions at a rate, and see some of them done."""

    def __init__(self, job, machines, rate):
        self.job, self.machines, self.pause = job, list(machines.values()), 1 / rate
        self.started = self.ended = self.changes = 0
        self.stopping = threading.Event()
        self.lock = threading.Lock()

    def run(self, seed):
        """One client, until the server is gone."""
        try:
            self.load(random.Random(seed))
        except GONE:
            assert self.stopping.is_set()

    def load(self, chance):
        while not self.stopping.is_set():
            machine = chance.choice(self.machines)
            started = self.job.states.start_execution(stateMachineArn=machine, input=json.dumps({"key": 1}))
            with self.lock:
                self.started += 1
            if chance.random() < 0.05:
                self.job.put_policy("crash", allow([*RIGHTS, f"sqs:A{self.started}"]))
                self.changes += 1
            if chance.random() < 0.1:
                assert self.job.ended(started["executionArn"])["status"] == "SUCCEEDED", started
                self.ended += 1
            self.stopping.wait(self.pause * chance.uniform(0.5, 1.5))


def sample(server, load, began):
    kib, size = resident_kib(server.process.pid), store_bytes(server.data)
    print(f"| {time.monotonic() - began:.0f} | {load.started} | {kib / 1024:.1f} | {size / 2**20:.1f} |", flush=True)
    return kib


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--server", required=True, help="the binary")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--rate", type=float, default=5, help="executions a second that each client starts at most")
    options = parser.parse_args()
    backend = Scripted()
    Jobs(backend)
    with Server(options.server, ["--dev", "--backend", backend.url]) as server:
        job = connect(server)
        machines, activity = set_up(job)
        load = Load(job, machines, options.rate)
        threads = [threading.Thread(target=load.run, args=(seed,), daemon=True) for seed in range(options.clients)]
        threads.append(threading.Thread(target=work, args=(job, activity, load.stopping), daemon=True))
        began = time.monotonic()
        print("| second | executions started | resident MiB | store MiB |\n|---|---|---|---|", flush=True)
        for thread in threads:
            thread.start()
        time.sleep(WARM_UP_SECONDS)
        samples = [sample(server, load, began)]
        for _ in range(SAMPLES):
            time.sleep((options.minutes * 60 - WARM_UP_SECONDS) / SAMPLES)
            samples.append(sample(server, load, began))
        load.stopping.set()
        dead = sum(not thread.is_alive() for thread in threads)
        print(f"\n{load.ended} of {load.started} were watched to their end and succeeded, {load.changes} changes of IAM; "
              f"resident {samples[0] / 1024:.1f} MiB at first, {samples[-1] / 1024:.1f} MiB at last, "
              f"{max(samples) / 1024:.1f} MiB at most; {dead} clients failed")
        server.kill()
        for thread in threads:
            thread.join()
    backend.stop()
    return 1 if dead else 0


if __name__ == "__main__":
    sys.exit(main())
