"""HTTP servers on this machine that tests call: they keep what they were sent and answer what a test says."""

import datetime
import http.server
import ipaddress
import json
import ssl
import sys
import threading
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

JSON = {"Content-Type": "application/json"}


@dataclass
class Received:
    """A request as it came."""

    method: str
    path: str
    query: str
    headers: dict
    body: str

    def json(self):
        return json.loads(self.body)


@dataclass
class Answer:
    """What is answered. `raw` replaces everything, and may be no HTTP at all."""

    status: int = 200
    body: object = ""
    headers: dict = field(default_factory=dict)
    raw: bytes | None = None


class Listener(http.server.ThreadingHTTPServer):
    def handle_error(self, request, client_address):
        # Callers that are killed are part of what is tested.
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class Api:
    """A server. `routes` maps "METHOD /path" or "/path" to an answer, or to a function of the request."""

    def __init__(self, routes=None, authority=None):
        self.routes = routes or {}
        self.received = []
        api = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one(self):
                length = int(self.headers.get("Content-Length") or 0)
                path, _, query = self.path.partition("?")
                body = self.rfile.read(length).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                request = Received(self.command, path, query, headers, body)
                api.received.append(request)
                self.reply(api.answer(request))

            def reply(self, answer):
                if answer.raw is not None:
                    self.wfile.write(answer.raw)
                    self.close_connection = True
                    return
                body = answer.body
                if not isinstance(body, (str, bytes)):
                    body, answer.headers = json.dumps(body), {**JSON, **answer.headers}
                body = body.encode() if isinstance(body, str) else body
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_):
                pass

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = handle_one

        self.server = Listener(("127.0.0.1", 0), Handler)
        scheme = "http"
        if authority:
            self.server.socket = authority.context().wrap_socket(self.server.socket, server_side=True)
            scheme = "https"
        self.port = self.server.server_address[1]
        self.url = f"{scheme}://localhost:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        found = self.routes.get(f"{request.method} {request.path}", self.routes.get(request.path))
        if callable(found):
            return found(request)
        return found or Answer(404, {"message": "nothing here"})

    def last(self):
        return self.received[-1]

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Authority:
    """A certificate authority of its own, and a certificate of `localhost` that it has signed."""

    def __init__(self, folder):
        self.key, self.certificate = self._signed("Test authority", None)
        key, certificate = self._signed("localhost", self)
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM)
        self.file = folder / "authority.pem"
        self.file.write_bytes(self.pem)
        self.chain = folder / "localhost.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        self.chain.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))

    @staticmethod
    def _signed(name, authority):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        now = datetime.datetime.now(datetime.timezone.utc)
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(authority.certificate.subject if authority else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authority is None, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
        )
        return key, builder.sign(authority.key if authority else key, hashes.SHA256())

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain)
        return context
