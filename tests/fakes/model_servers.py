"""Servers of language models on loopback: what they answer is played, word for word, in a provider's wire format.

A raw HTTP server in a thread, so that tests may cut a connection, send rubbish or nothing, and see a client go.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from core.adapters.transcribe import message

Chunk = bytes


@dataclass(frozen=True)
class Say:
    """An answer in pieces. `pause_s` is after each of them."""

    pieces: tuple[str, ...] = ("We ship", " within", " two days.")
    calls: tuple[tuple[str, str, str], ...] = ()
    read: int = 120
    written: int = 7
    ends: bool = True
    usage: bool = True
    stop: str | None = None
    pause_s: float = 0.0


@dataclass(frozen=True)
class Refuse:
    """A status instead of an answer; `code` as the provider calls the error."""

    status: int
    code: str = ""


@dataclass(frozen=True)
class Hang:
    """The request is read, and nothing comes."""


@dataclass(frozen=True)
class Garbage:
    """A status of success, and bytes that mean nothing."""


@dataclass(frozen=True)
class Cut:
    """The beginning of an answer, and then the connection breaks in the middle of a chunk."""

    after: Say = field(default_factory=lambda: Say(("We ship",), ends=False))


@dataclass(frozen=True)
class Fail:
    """The beginning of an answer, if `said`, and then an error by the provider's own name."""

    code: str
    said: str = "We ship"


Play = Say | Refuse | Hang | Garbage | Cut | Fail


class Wire:
    """How a provider writes on the wire."""

    content_type: str

    def chunks(self, say: Say) -> Iterator[Chunk]:
        raise NotImplementedError

    def failure(self, code: str) -> Chunk:
        raise NotImplementedError

    def refusal(self, refuse: Refuse) -> tuple[dict[str, str], bytes]:
        raise NotImplementedError


class OpenAIWire(Wire):
    """Server-sent events. Source: OpenAI's API reference, "The chat completion chunk object"."""

    content_type = "text/event-stream"

    def chunks(self, say: Say) -> Iterator[Chunk]:
        yield self._event({"role": "assistant", "content": ""})
        for piece in say.pieces:
            yield self._event({"content": piece})
        for index, (id_, name, arguments) in enumerate(say.calls):
            begun = {"index": index, "id": id_, "type": "function", "function": {"name": name, "arguments": ""}}
            yield self._event({"tool_calls": [begun]})
            for start in range(0, len(arguments), 5):
                part = {"index": index, "function": {"arguments": arguments[start : start + 5]}}
                yield self._event({"tool_calls": [part]})
        if say.ends:
            yield self._event({}, finish=say.stop or ("tool_calls" if say.calls else "stop"))
            if say.usage:
                usage = {"prompt_tokens": say.read, "completion_tokens": say.written, "total_tokens": 0}
                yield self._data({"choices": [], "usage": usage})
            yield b"data: [DONE]\n\n"

    def failure(self, code: str) -> Chunk:
        return self._data({"error": {"message": "it failed", "code": code}})

    def refusal(self, refuse: Refuse) -> tuple[dict[str, str], bytes]:
        body = {"error": {"message": "no", "type": "error", "code": refuse.code or None}}
        return {"Content-Type": "application/json"}, json.dumps(body).encode()

    def _event(self, delta: dict[str, Any], finish: str | None = None) -> Chunk:
        return self._data({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})

    def _data(self, body: dict[str, Any]) -> Chunk:
        whole = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "m", **body}
        return b"data: " + json.dumps(whole).encode() + b"\n\n"


class BedrockWire(Wire):
    """The event stream encoding. Source: the Bedrock API reference, "ConverseStream"."""

    content_type = "application/vnd.amazon.eventstream"

    def chunks(self, say: Say) -> Iterator[Chunk]:
        yield self._event("messageStart", {"role": "assistant"})
        for piece in say.pieces:
            yield self._event("contentBlockDelta", {"contentBlockIndex": 0, "delta": {"text": piece}})
        if say.pieces:
            yield self._event("contentBlockStop", {"contentBlockIndex": 0})
        for index, (id_, name, arguments) in enumerate(say.calls, 1):
            start = {"toolUse": {"toolUseId": id_, "name": name}}
            yield self._event("contentBlockStart", {"contentBlockIndex": index, "start": start})
            for place in range(0, len(arguments), 5):
                delta = {"toolUse": {"input": arguments[place : place + 5]}}
                yield self._event("contentBlockDelta", {"contentBlockIndex": index, "delta": delta})
            yield self._event("contentBlockStop", {"contentBlockIndex": index})
        if say.ends:
            stop = {"stopReason": say.stop or ("tool_use" if say.calls else "end_turn")}
            yield self._event("messageStop", stop)
            if say.usage:
                usage = {"inputTokens": say.read, "outputTokens": say.written, "totalTokens": say.read + say.written}
                yield self._event("metadata", {"usage": usage, "metrics": {"latencyMs": 1}})

    def failure(self, code: str) -> Chunk:
        kinds = ((":exception-type", code), (":content-type", "application/json"), (":message-type", "exception"))
        return message(kinds, json.dumps({"message": "it failed"}).encode())

    def refusal(self, refuse: Refuse) -> tuple[dict[str, str], bytes]:
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": refuse.code}
        return headers, json.dumps({"message": "no"}).encode()

    def _event(self, kind: str, body: dict[str, Any]) -> Chunk:
        kinds = ((":event-type", kind), (":content-type", "application/json"), (":message-type", "event"))
        return message(kinds, json.dumps(body).encode())


class ModelServer:
    """Plays one `Play` for each request, the last one for good. `asked` are the requests' bodies, `gone` is set when a
    client has left in the middle of an answer."""

    def __init__(self, wire: Wire, plays: Sequence[Play] = (Say(),)) -> None:
        self._wire = wire
        self.plays = list(plays)
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.gone = threading.Event()
        self.gone_at = 0.0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def stop(self) -> None:
        """The listener is shut down first: closing alone does not wake who waits in it."""
        self.gone.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while (request := _request(connection)) is not None:
                path, body = request
                self.paths.append(path)
                self.asked.append(json.loads(body))
                play = self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]
                if not self._played(connection, play):
                    return

    def _played(self, connection: socket.socket, play: Play) -> bool:
        """Whether the connection may be used again."""
        try:
            return self._playing[type(play)](self, connection, play)
        except OSError:
            self._note_gone()
            return False

    def _say(self, connection: socket.socket, say: Say) -> bool:
        _begin(connection, self._wire.content_type)
        for number, chunk in enumerate(self._wire.chunks(say)):
            _chunk(connection, chunk)
            if number and say.pause_s and _left(connection, say.pause_s):
                self._note_gone()
                return False
        connection.sendall(b"0\r\n\r\n")
        return True

    def _refuse(self, connection: socket.socket, refuse: Refuse) -> bool:
        headers, body = self._wire.refusal(refuse)
        lines = [f"HTTP/1.1 {refuse.status} No", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return True

    def _hang(self, connection: socket.socket, hang: Hang) -> bool:
        if _left(connection, 30.0):
            self._note_gone()
        return False

    def _garbage(self, connection: socket.socket, garbage: Garbage) -> bool:
        _begin(connection, self._wire.content_type)
        _chunk(connection, b"data: {this is not what you want\n\n" + bytes(range(256)) * 4)
        connection.sendall(b"0\r\n\r\n")
        return False

    def _cut(self, connection: socket.socket, cut: Cut) -> bool:
        _begin(connection, self._wire.content_type)
        for chunk in self._wire.chunks(cut.after):
            _chunk(connection, chunk)
        connection.sendall(b"400\r\nonly a beginning")
        connection.shutdown(socket.SHUT_RDWR)
        return False

    def _fail(self, connection: socket.socket, fail: Fail) -> bool:
        _begin(connection, self._wire.content_type)
        if fail.said:
            for chunk in self._wire.chunks(Say((fail.said,), ends=False)):
                _chunk(connection, chunk)
        _chunk(connection, self._wire.failure(fail.code))
        connection.sendall(b"0\r\n\r\n")
        return True

    def _note_gone(self) -> None:
        self.gone_at = time.monotonic()
        self.gone.set()

    _playing: dict[type, Callable[..., bool]] = {  # noqa: RUF012 - a table, never written to
        Say: _say,
        Refuse: _refuse,
        Hang: _hang,
        Garbage: _garbage,
        Cut: _cut,
        Fail: _fail,
    }


def _begin(connection: socket.socket, content_type: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nTransfer-Encoding: chunked\r\n\r\n"
    connection.sendall(head.encode())


def _chunk(connection: socket.socket, data: bytes) -> None:
    connection.sendall(f"{len(data):x}\r\n".encode() + data + b"\r\n")


def _left(connection: socket.socket, within_s: float) -> bool:
    """Whether the client closed its end; clients of ours send nothing while they are answered."""
    connection.settimeout(within_s)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False
    finally:
        connection.settimeout(None)


def _request(connection: socket.socket) -> tuple[str, bytes] | None:
    data = b""
    try:
        while b"\r\n\r\n" not in data:
            if not (more := connection.recv(65536)):
                return None
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        while len(body) < int(headers.get("content-length", 0)):
            body += connection.recv(65536)
    except OSError:
        return None
    return lines[0].split(" ")[1], body
