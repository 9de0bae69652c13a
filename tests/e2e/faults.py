"""A backend that goes wrong in one way: it speaks no HTTP library's HTTP, but bytes."""

import socket
import threading
import time


class Faulty:
    """Answers every request with `play(connection, body)`, which may do anything with the connection."""

    def __init__(self, play):
        self.play = play
        self.requests = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        with connection:
            try:
                request = self.read(connection)
                self.requests += 1
                self.play(connection, request)
            except OSError:
                pass

    @staticmethod
    def read(connection):
        """A whole request: its head and its body."""
        read = b""
        while b"\r\n\r\n" not in read:
            piece = connection.recv(65536)
            if not piece:
                return read
            read += piece
        head, _, body = read.partition(b"\r\n\r\n")
        lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
        while len(body) < int(lengths[0] if lengths else 0):
            piece = connection.recv(65536)
            if not piece:
                break
            body += piece
        return head + b"\r\n\r\n" + body

    def stop(self):
        self.listener.close()


def response(status="200 OK", body=b"", kind="application/x-amz-json-1.0", length=None, more=b""):
    length = len(body) if length is None else length
    # One answer to a connection: a client that takes it for the next request would find it closed, or not, as it happens.
    head = f"HTTP/1.1 {status}\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n"
    return head.encode() + more + b"\r\n" + body


def says(*pieces, pause=0):
    """Sends bytes, one piece after another."""

    def play(connection, _):
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return play


def silent(*pieces):
    """Sends bytes and then nothing more, for longer than anybody waits."""

    def play(connection, _):
        for piece in pieces:
            connection.sendall(piece)
        connection.settimeout(120)
        connection.recv(1)

    return play
