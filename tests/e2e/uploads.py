"""Uploads to S3 in every form that AWS's clients use, written by hand so that a test can spoil each part of them."""

import base64
import hashlib
import hmac
import http.client
import http.server
import re
import socket
import socketserver
import ssl
import subprocess
import threading
import urllib.parse
import zlib

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

EMPTY = hashlib.sha256(b"").hexdigest()


class Answer:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    @property
    def code(self):
        found = re.search(rb"<Code>(.*?)</Code>", self.body)
        return found[1].decode() if found else None


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def send(endpoint, method, path, headers=None, body=b""):
    """A request as it is, with nothing added but its length."""
    url = urllib.parse.urlsplit(endpoint)
    connection = http.client.HTTPConnection(url.hostname, url.port, timeout=60)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        return Answer(connection.getresponse())
    finally:
        connection.close()


class Uploader:
    """Puts objects as one caller."""

    def __init__(self, caller):
        self.caller = caller

    def signed(self, path, headers, sha256, method="PUT"):
        request = AWSRequest(method, self.caller.endpoint + path, headers=headers)
        credentials = Credentials(self.caller.key_id, self.caller.secret, self.caller.token)
        signer = S3SigV4Auth(credentials, "s3", self.caller.region)
        signer.payload = lambda _: sha256
        signer.add_auth(request)
        return dict(request.headers.items())

    def put(self, path, data, sha256=None, **headers):
        """In one piece."""
        sha256 = sha256 or hashlib.sha256(data).hexdigest()
        return send(self.caller.endpoint, "PUT", path, self.signed(path, headers, sha256), data)

    def put_chunked(self, path, data, size=65536, trailer=False, spoil=None, told=None, **headers):
        """In signed chunks. `spoil` names what is made wrong: data, signature, trailer, checksum."""
        kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" + ("-TRAILER" if trailer else "")
        headers = {
            **headers,
            "Content-Encoding": "aws-chunked",
            "X-Amz-Decoded-Content-Length": str(len(data) if told is None else told),
        }
        if trailer:
            headers["X-Amz-Trailer"] = "x-amz-checksum-crc32"
        headers = self.signed(path, headers, kind)
        chain = Chain(self.caller, headers)
        body = b""
        for start in [*range(0, len(data), size), None]:
            chunk = b"" if start is None else data[start : start + size]
            signature = chain.chunk(chunk)
            if spoil == "signature" and start == 0:
                signature = "0" * 64
            if spoil == "data" and chunk:
                chunk = bytes([chunk[0] ^ 1]) + chunk[1:]
            body += f"{len(chunk):x};chunk-signature={signature}\r\n".encode() + chunk
            body += b"" if start is None else b"\r\n"
        if trailer:
            line = f"x-amz-checksum-crc32:{crc32(data)}"
            signature = chain.trailer(line + "\n")
            if spoil == "trailer":
                signature = "0" * 64
            if spoil == "checksum":
                line = "x-amz-checksum-crc32:AAAAAA=="
            body += f"{line}\r\nx-amz-trailer-signature:{signature}\r\n".encode()
        return send(self.caller.endpoint, "PUT", path, headers, body + b"\r\n")

    def put_raw_chunks(self, path, body, told, trailer="x-amz-checksum-crc32", **headers):
        """A body that says of itself that it is in unsigned chunks."""
        headers = {
            **headers,
            "Content-Encoding": "aws-chunked",
            "X-Amz-Decoded-Content-Length": str(told),
            "X-Amz-Trailer": trailer,
        }
        signed = self.signed(path, headers, "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
        return send(self.caller.endpoint, "PUT", path, signed, body)


class Chain:
    """The signatures of chunks, each of which follows from the one before."""

    def __init__(self, caller, headers):
        self.date = headers["X-Amz-Date"]
        day = self.date[:8]
        self.scope = f"{day}/{caller.region}/s3/aws4_request"
        key = ("AWS4" + caller.secret).encode()
        for part in (day, caller.region, "s3", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        self.key = key
        self.previous = headers["Authorization"].rpartition("Signature=")[2]

    def chunk(self, data):
        return self.sign("AWS4-HMAC-SHA256-PAYLOAD", EMPTY, hashlib.sha256(data).hexdigest())

    def trailer(self, lines):
        return self.sign("AWS4-HMAC-SHA256-TRAILER", hashlib.sha256(lines.encode()).hexdigest())

    def sign(self, algorithm, *hashes):
        text = "\n".join([algorithm, self.date, self.scope, self.previous, *hashes])
        self.previous = hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()
        return self.previous


class Sink:
    """A backend that takes whatever it is sent, counts it, and answers as S3 does for an object."""

    def __init__(self):
        sink = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self):
                left, digest = int(self.headers["Content-Length"]), hashlib.sha256()
                while left:
                    part = self.rfile.read(min(left, 1 << 20))
                    if not part:
                        sink.broken.append(self.path)
                        self.close_connection = True
                        return
                    digest.update(part)
                    left -= len(part)
                sink.objects[self.path] = (int(self.headers["Content-Length"]), digest.hexdigest(), dict(self.headers))
                self.answer(b"")

            def do_GET(self):
                if "policy" in self.path:
                    self.answer(b"<Error><Code>NoSuchBucketPolicy</Code></Error>", 404)
                    return
                size = int(self.path.rpartition("/")[2])
                self.send_response(200)
                self.send_header("Content-Length", str(size))
                self.end_headers()
                while size:
                    part = b"\0" * min(size, 1 << 20)
                    self.wfile.write(part)
                    size -= len(part)

            def answer(self, body, status=200):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("ETag", '"e"')
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.objects, self.broken = {}, []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Tls:
    """Takes https and passes on what is inside: clients do some things only over https."""

    def __init__(self, folder, endpoint):
        self.certificate = folder / "certificate.pem"
        key = folder / "key.pem"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
        names = ["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
        files = ["-keyout", str(key), "-out", str(self.certificate)]
        subprocess.run([*command, *names, *files], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        target = urllib.parse.urlsplit(endpoint)

        class Relay(socketserver.BaseRequestHandler):
            def handle(self):
                with context.wrap_socket(self.request, server_side=True) as inside:
                    with socket.create_connection((target.hostname, target.port)) as outside:
                        thread = threading.Thread(target=copy, args=(outside, inside), daemon=True)
                        thread.start()
                        copy(inside, outside)
                        thread.join(5)

        socketserver.ThreadingTCPServer.daemon_threads = True
        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Relay)
        self.url = f"https://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def copy(source, target):
    try:
        while part := source.recv(65536):
            target.sendall(part)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass
