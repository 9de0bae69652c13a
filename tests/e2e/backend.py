"""A backend for the services that Stepward does not host: a moto server, in this process."""

import os
import urllib.request


class Backend:
    """A running moto server whose resources belong to one account."""

    def __init__(self, account):
        # Read by moto when it is imported.
        os.environ["MOTO_ACCOUNT_ID"] = account
        from moto.server import ThreadedMotoServer

        self.server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.server.start()
        host, port = self.server.get_host_and_port()
        self.url = f"http://{host}:{port}"
        # What it holds belongs to the process: another module may have left something.
        urllib.request.urlopen(urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")).close()

    def stop(self):
        self.server.stop()
