"""A local HTTP server that speaks Twilio's and Telnyx's REST, as far as we use it, and fails when it is told to.

Written after the carriers' pages and the requests of their own clients. What truly rings is in `calls`.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from enum import Enum, auto
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

ACCOUNT, AUTH_TOKEN = "AC" + "0" * 32, "local-auth-token"
API_KEY, APPLICATION = "local-api-key", "1494404757140276705"


class Fault(Enum):
    """What becomes of the next command to place a call."""

    NONE = auto()
    CUT_AFTER = auto()
    """The call rings, and the connection is cut without an answer."""
    CUT_BEFORE = auto()
    """The connection is cut, and nothing rings."""
    HALF_AN_ANSWER = auto()
    ERROR_AFTER = auto()
    """500, and the call rings."""
    ERROR_BEFORE = auto()
    TOO_MANY = auto()
    REFUSED = auto()
    SILENT_AFTER = auto()
    """The call rings, and no answer comes until the server is closed."""


@dataclass
class RingingCall:
    carrier: str
    id: str
    to: str
    from_: str
    command: Mapping[str, Any]
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    live: bool = True


@dataclass
class CarrierServer:
    faults: list[Fault] = field(default_factory=list)
    faults_to: dict[str, list[Fault]] = field(default_factory=dict)
    """Of commands to one number, where several tests share a server."""
    calls: list[RingingCall] = field(default_factory=list)
    commands: list[Mapping[str, Any]] = field(default_factory=list)
    looks: int = 0
    lists_nothing: bool = False
    recognises: bool = True
    """Telnyx ignores a command whose id it has seen."""
    closing: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    port: int = 0

    @property
    def twilio_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def telnyx_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v2"

    def reset(self) -> None:
        with self.lock:
            self.faults.clear()
            self.faults_to.clear()
            self.calls.clear()
            self.commands.clear()
            self.looks, self.lists_nothing, self.recognises = 0, False, True

    def fate_of(self, to: str) -> Fault:
        waiting = self.faults_to.get(to) or self.faults
        return waiting.pop(0) if waiting else Fault.NONE

    def calls_to(self, number: str) -> list[RingingCall]:
        return [call for call in self.calls if call.to == number]

    def commands_to(self, number: str) -> list[Mapping[str, Any]]:
        return [command for command in self.commands if number in (command.get("To"), command.get("to"))]

    def live(self) -> list[RingingCall]:
        return [call for call in self.calls if call.live]

    def ring(self, carrier: str, to: str, from_: str, command: Mapping[str, Any]) -> RingingCall:
        number = len(self.calls) + 1
        call_id = f"CA{number:032x}" if carrier == "twilio" else f"v3:call-{number}"
        call = RingingCall(carrier, call_id, to, from_, command)
        self.calls.append(call)
        return call


@contextmanager
def serving(port: int = 0) -> Iterator[CarrierServer]:
    carrier = CarrierServer()

    class Handler(_Handler):
        served = carrier

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    carrier.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield carrier
    finally:
        carrier.closing.set()
        server.shutdown()
        thread.join(5)
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    served: CarrierServer
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path, query = urlsplit(self.path).path, _first(parse_qs(urlsplit(self.path).query))
        with self.served.lock:
            self.served.looks += 1
            shown = [] if self.served.lists_nothing else list(self.served.calls)
        if not self._is_known(path):
            self._answer(401, {"code": 20003, "errors": [{"code": "10009"}]})
        elif path.endswith("/Calls.json"):
            self._answer(200, _twilio_list(path, [c for c in shown if (c.to, c.from_) == (query["To"], query["From"])]))
        elif path.endswith("/active_calls"):
            active = [_telnyx_call(call) for call in reversed(shown) if call.live and call.carrier == "telnyx"]
            # As Telnyx documents it: cursors, and no number of pages. What is asked for beyond is the same again.
            self._answer(200, {"data": active, "meta": {"total_items": len(active), "cursors": {}}})
        else:
            self._answer(404, {"code": 20404})

    def do_POST(self) -> None:
        path, body = urlsplit(self.path).path, self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_form = "form" in self.headers.get("Content-Type", "")
        command = _first(parse_qs(body.decode()), several=True) if is_form else json.loads(body or b"{}")
        if not self._is_known(path):
            self._answer(401, {"code": 20003, "errors": [{"code": "10009"}]})
        elif path.endswith("/Calls.json"):
            self._place("twilio", command["To"], command["From"], command)
        elif path == "/v2/calls":
            self._place("telnyx", command["to"], command["from"], command)
        else:
            self._hang_up(path)

    def _place(self, carrier: str, to: str, from_: str, command: Mapping[str, Any]) -> None:
        with self.served.lock:
            self.served.commands.append(command)
            fault = self.served.fate_of(to)
            known = self._recognised(carrier, command)
            rings = fault not in (Fault.CUT_BEFORE, Fault.ERROR_BEFORE, Fault.TOO_MANY, Fault.REFUSED)
            call = self.served.ring(carrier, to, from_, command) if rings and not known else None
        if fault in (Fault.CUT_AFTER, Fault.CUT_BEFORE):
            self._cut()
        elif fault in (Fault.ERROR_AFTER, Fault.ERROR_BEFORE):
            self._answer(500, {"code": 20500})
        elif fault is Fault.TOO_MANY:
            self._answer(429, {"code": 20429, "errors": [{"code": "10011"}]}, {"Retry-After": "1"})
        elif fault is Fault.REFUSED:
            self._answer(400, {"code": 21211, "message": f"{to} is not valid", "errors": [{"code": "10002"}]})
        elif fault is Fault.SILENT_AFTER:
            self.served.closing.wait(30)
            self._cut()
        elif call is None:
            self._answer(200, {"data": None})
        else:
            shown = _twilio_call(call) if carrier == "twilio" else {"data": _telnyx_call(call)}
            self._answer(201 if carrier == "twilio" else 200, shown, half=fault is Fault.HALF_AN_ANSWER)

    def _recognised(self, carrier: str, command: Mapping[str, Any]) -> bool:
        if carrier == "twilio" or not self.served.recognises:
            return False
        return any(call.command.get("command_id") == command["command_id"] for call in self.served.calls)

    def _hang_up(self, path: str) -> None:
        with self.served.lock:
            call = next((call for call in self.served.calls if call.id in path.replace("%3A", ":")), None)
            was_live = call is not None and call.live
            if call is not None:
                call.live = False
        if call is None:
            self._answer(404, {"code": 20404, "errors": [{"code": "10005"}]})
        elif not was_live:
            refused = {"code": 21220, "errors": [{"code": "90018", "title": "Call has already ended"}]}
            self._answer(400 if call.carrier == "twilio" else 422, refused)
        else:
            self._answer(200, _twilio_call(call) if call.carrier == "twilio" else {"data": {"result": "ok"}})

    def _is_known(self, path: str) -> bool:
        given = self.headers.get("Authorization", "")
        if path.startswith("/v2/"):
            return given == f"Bearer {API_KEY}"
        expected = base64.b64encode(f"{ACCOUNT}:{AUTH_TOKEN}".encode()).decode()
        return given == f"Basic {expected}" and f"/Accounts/{ACCOUNT}/" in path

    def _answer(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None, *, half: bool = False
    ) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text[: len(text) // 2] if half else text)
        if half:
            self._cut()

    def _cut(self) -> None:
        self.close_connection = True

    def log_message(self, *_: Any) -> None:
        """Nothing: it would be numbers."""


def _first(query: Mapping[str, list[str]], *, several: bool = False) -> dict[str, Any]:
    return {name: values if several and len(values) > 1 else values[0] for name, values in query.items()}


def _twilio_call(call: RingingCall) -> dict[str, Any]:
    return {
        "sid": call.id,
        "account_sid": ACCOUNT,
        "to": call.to,
        "from": call.from_,
        "status": "queued" if call.live else "completed",
        "direction": "outbound-api",
        "date_created": format_datetime(call.created_at),
        "start_time": None,
    }


def _twilio_list(path: str, calls: list[RingingCall]) -> dict[str, Any]:
    shown = [_twilio_call(call) for call in reversed(calls)]
    return {"calls": shown, "page": 0, "page_size": 50, "uri": path, "next_page_uri": None, "first_page_uri": path}


def _telnyx_call(call: RingingCall) -> dict[str, Any]:
    return {
        "call_control_id": call.id,
        "call_leg_id": f"leg-of-{call.id}",
        "call_session_id": f"session-of-{call.id}",
        "client_state": call.command.get("client_state", ""),
        "call_duration": 0,
        "is_alive": False,
        "record_type": "call",
    }
