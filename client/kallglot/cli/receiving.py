"""A place on this machine where webhooks arrive: checks each signature, answers, and hands over what came."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from kallglot.errors import SignatureInvalid
from kallglot.objects.reading import shaped
from kallglot.objects.webhooks import Event
from kallglot.webhooks import SIGNATURE_HEADER, verify_webhook

_LARGEST_BODY = 1024 * 1024
_MOST_DISCARDED = 16 * 1024 * 1024
_CHUNK = 64 * 1024
_MOST_WAITING = 1000
_READ_S = 30.0
_SECRET_S = 10.0


@dataclass(frozen=True, slots=True)
class Received:
    """`verified` is None where no secret is known; `problem`: why a signature is not believed, or a body no event."""

    event: Event | None
    delivery_id: str
    retry_count: str
    verified: bool | None
    problem: str = ""

    def document(self) -> dict[str, Any]:
        return {
            "delivery_id": self.delivery_id,
            "retry_count": int(self.retry_count) if self.retry_count.isdecimal() else None,
            "verified": self.verified,
            "problem": self.problem or None,
            "event": self.event.raw if self.event else None,
        }


def received(headers: Mapping[str, str], body: bytes, secret: str | None) -> Received:
    """What one request was. Pure but for the clock; nothing in it is believed before its signature is."""
    verified, problem = _verified(headers.get(SIGNATURE_HEADER, ""), body, secret)
    event = None
    try:
        event = shaped(Event, json.loads(body))
    except (ValueError, TypeError):
        problem = problem or "the body is no event"
    return Received(
        event,
        headers.get("Kallglot-Webhook-Id", ""),
        headers.get("Kallglot-Retry-Count", ""),
        verified,
        problem,
    )


def _verified(header: str, body: bytes, secret: str | None) -> tuple[bool | None, str]:
    if secret is None:
        return None, ""
    try:
        verify_webhook(body, header, secret)
    except SignatureInvalid as error:
        return False, str(error)
    return True, ""


@dataclass
class Receiver:
    """A signature that is not believed is answered with 400, anything else with `status`.

    Whoever registers an address has to have it first, so the secret comes later: until `expect`, requests wait.
    """

    port: int
    status: int
    _secret: str | None = None
    _ready: threading.Event = field(default_factory=threading.Event)
    arrived: queue.Queue[Received] = field(default_factory=lambda: queue.Queue(_MOST_WAITING))

    def __iter__(self) -> Iterator[Received]:
        """Without end. Wakes up once a second, so that an interruption is heard on every platform."""
        while True:
            try:
                yield self.arrived.get(timeout=1.0)
            except queue.Empty:
                continue

    def expect(self, secret: str | None) -> None:
        """What is signed with this secret; None: whatever comes."""
        self._secret = secret
        self._ready.set()

    def take(self, headers: Mapping[str, str], body: bytes, answer: Callable[[int], None]) -> None:
        """Answers first: whoever iterates may end the process with what it is handed, and the answer must be out."""
        if self.arrived.full() or not self._ready.wait(_SECRET_S):
            answer(503)
            return
        came = received(headers, body, self._secret)
        answer(400 if came.verified is False else self.status)
        with suppress(queue.Full):
            self.arrived.put_nowait(came)


@contextmanager
def receiver(host: str, port: int, status: int) -> Iterator[Receiver]:
    """Open until the block is left; port 0 takes any. Raises OSError where the port is somebody else's."""
    inbox = Receiver(port, status)

    class Handler(_Handler):
        take = staticmethod(inbox.take)

    server = ThreadingHTTPServer((host, port), Handler)
    server.daemon_threads = True
    inbox.port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, name="kallglot-webhooks", daemon=True)
    serving.start()
    try:
        yield inbox
    finally:
        server.shutdown()
        server.server_close()
        serving.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = _READ_S
    take: Any

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            self._answer(411)
        elif int(length) > _LARGEST_BODY:
            self._discard(int(length))
            self._answer(413)
        else:
            self.take(self.headers, self.rfile.read(int(length)), self._answer)

    def _discard(self, length: int) -> None:
        """To close on bytes nobody read resets the connection, and the answer is lost with it. Bounded."""
        left = min(length, _MOST_DISCARDED)
        while left > 0 and (chunk := self.rfile.read(min(left, _CHUNK))):
            left -= len(chunk)

    def _answer(self, status: int) -> None:
        self.close_connection = status in (411, 413)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *_arguments: Any) -> None:
        """Whoever reads `arrived` says what came."""
