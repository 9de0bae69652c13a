"""Starts the real binary on a free port with a data folder of its own, and stops it."""

import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

READY_SECONDS = 30
STOP_SECONDS = 15


class Server:
    """A running `stepward serve`. Use as a context manager; `restart` and `kill` keep the data folder."""

    def __init__(self, binary, arguments=(), data=None):
        self.binary = binary
        self.arguments = list(arguments)
        self.owns_data = data is None
        self.data = Path(data or tempfile.mkdtemp(prefix="stepward-"))
        self.log_path = self.data.with_name(self.data.name + ".log")
        self.process = None
        self.endpoint = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        if self.owns_data:
            shutil.rmtree(self.data, ignore_errors=True)
            self.log_path.unlink(missing_ok=True)

    def start(self):
        command = [self.binary, "serve", "--listen", "127.0.0.1:0", "--data-dir", str(self.data), *self.arguments]
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=self.environment())
        self.endpoint = self.read_endpoint()

    @staticmethod
    def environment():
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "STEPWARD_"))}
        # Functions in Python find the AWS SDK of the interpreter that runs this.
        path = os.pathsep.join([os.path.dirname(sys.executable), kept.get("PATH", "")])
        return {**kept, "PATH": path, "NO_COLOR": "1"}

    def read_endpoint(self):
        """The URL that the server prints when it is ready."""
        deadline = time.monotonic() + READY_SECONDS
        printed = b""
        while time.monotonic() < deadline:
            if select.select([self.process.stdout], [], [], 0.1)[0]:
                chunk = os.read(self.process.stdout.fileno(), 65536)
                printed += chunk
                if found := re.search(rb"http://127\.0\.0\.1:\d+", printed):
                    return found[0].decode()
                if not chunk:
                    break
            if self.process.poll() is not None:
                break
        raise RuntimeError(f"the server did not become ready:\n{printed.decode()}\n{self.log()}")

    def root_credentials(self):
        """The root access key that the first start wrote into the data folder."""
        return json.loads((self.data / "root-access-key.json").read_text())

    def health(self):
        with urllib.request.urlopen(self.endpoint + "/health", timeout=5) as response:
            return response.status, json.load(response)

    def log(self):
        return self.log_path.read_text(errors="replace")[-20_000:] if self.log_path.exists() else ""

    def stop(self):
        """SIGTERM, and the server's exit status."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process and self.process.stdout:
            self.process.stdout.close()
        return self.process.returncode if self.process else None

    def kill(self):
        """SIGKILL: what a crash leaves."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def restart(self):
        self.start()
