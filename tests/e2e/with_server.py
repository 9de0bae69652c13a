"""Runs a command against a fresh server: with_server.py BINARY [SERVER ARGUMENT ...] -- COMMAND ...

`{endpoint}` in the command becomes the server's URL. The exit status is the command's.
"""

import subprocess
import sys

from server import Server


def main():
    split = sys.argv.index("--")
    binary, *arguments = sys.argv[1:split]
    with Server(binary, arguments) as server:
        command = [word.replace("{endpoint}", server.endpoint) for word in sys.argv[split + 1 :]]
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
