"""Amazon Transcribe, Translate and Polly on loopback, in the wire formats that their documentation shows.

Nothing here was recorded from AWS: the answers are played in the documented shapes. What is heard is the scripted
engines' tones, what is spoken their bursts, and a translation carries their mark, so that the contract suite can tell
right from wrong. `faults` are the answers to come instead: per service, each used once.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from botocore.eventstream import EventStreamBuffer
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve

from core.adapters.transcribe import message
from media_worker.engines import scripted
from media_worker.engines.base import StreamSpec

SECRET = "testing"
ACCESS_KEY = "testing"
REGION = "eu-central-1"
_PARAMETERS = {"language-code", "media-encoding", "sample-rate"}


@dataclass
class Amazon:
    """`transcribe` faults: an int refuses the upgrade, a str ends the stream with that exception, `hang` says nothing.
    Those of `translate` and `polly` are (status, error code)."""

    faults: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))
    streams: list[Mapping[str, str]] = field(default_factory=list)
    spoken: list[Mapping[str, str]] = field(default_factory=list)
    translated: list[Mapping[str, str]] = field(default_factory=list)
    _servers: list[Server | ThreadingHTTPServer] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)

    def start(self) -> Amazon:
        http = _Http(("127.0.0.1", 0), type("Handler", (_Handler,), {"amazon": self}))
        sockets = serve(self._stream, "127.0.0.1", 0, process_request=self._upgrade)
        for server in (http, sockets):
            threading.Thread(target=server.serve_forever, daemon=True).start()
            self._servers.append(server)
        self.options |= {
            "endpoint_url": f"http://127.0.0.1:{http.server_address[1]}",
            "transcribe_url": f"ws://127.0.0.1:{sockets.socket.getsockname()[1]}",
        }
        return self

    def stop(self) -> None:
        for server in self._servers:
            server.shutdown()
            if isinstance(server, ThreadingHTTPServer):
                server.server_close()

    def next_fault(self, service: str) -> Any:
        waiting = self.faults[service]
        return waiting.pop(0) if waiting else None

    # Transcribe

    def _upgrade(self, connection: ServerConnection, request: Request) -> Response | None:
        query = dict(parse_qsl(urlsplit(request.path).query))
        if not _is_signed(request.path, request.headers["Host"]) or not query.keys() >= _PARAMETERS:
            return connection.respond(HTTPStatus.FORBIDDEN, "")
        if isinstance(self.faults["transcribe"][:1] and self.faults["transcribe"][0], int):
            return connection.respond(HTTPStatus(self.next_fault("transcribe")), "")
        self.streams.append(query)
        return None

    def _stream(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        query = dict(parse_qsl(urlsplit(connection.request.path).query))
        spec = StreamSpec(query["language-code"][:2], int(query["sample-rate"]))
        fault, heard, told, events = self.next_fault("transcribe"), bytearray(), list[str](), EventStreamBuffer()
        event: Any
        for data in connection:
            events.add_data(data if isinstance(data, bytes) else data.encode())
            for event in events:
                assert event.headers[":event-type"] == "AudioEvent"
                if fault == "hang":
                    continue
                if fault is not None:
                    connection.send(exception(fault))
                    return
                heard += event.payload
                words = scripted._heard(spec, heard)
                ended = not event.payload
                if words and (ended or words != told):
                    connection.send(transcript(words, final=ended))
                told = words
                if ended:
                    return


def transcript(words: list[str], *, final: bool) -> bytes:
    """As Transcribe cuts: what is long enough becomes a result of its own, which is final before the rest."""
    results = [_result("r1", words[:2], 0, final=final or len(words) > 3)]
    if len(words) > 2:
        results.append(_result("r2", words[2:], 2, final=final))
    payload = json.dumps({"Transcript": {"Results": results}}).encode()
    headers = ((":content-type", "application/json"), (":event-type", "TranscriptEvent"), (":message-type", "event"))
    return message(headers, payload)


def _result(result_id: str, words: list[str], first: int, *, final: bool) -> dict[str, Any]:
    times = [(n * scripted.WORD_S, (n + 1) * scripted.WORD_S) for n in range(first, first + len(words))]
    items = [
        {"StartTime": start, "EndTime": end, "Type": "pronunciation", "Content": word, "VocabularyFilterMatch": False}
        | ({"Confidence": 0.9} if final else {})
        for word, (start, end) in zip(words, times, strict=True)
    ]
    return {
        "ResultId": result_id,
        "StartTime": times[0][0],
        "EndTime": times[-1][1],
        "IsPartial": not final,
        "Alternatives": [{"Transcript": " ".join(words), "Items": items}],
    }


def exception(code: str) -> bytes:
    headers = (
        (":content-type", "application/json"),
        (":exception-type", code),
        (":message-type", "exception"),
    )
    return message(headers, json.dumps({"Message": "played"}).encode())


def _is_signed(path: str, host: str) -> bool:
    """Signature Version 4 for a presigned GET, worked out anew and by other means than botocore's."""
    url = urlsplit(path)
    query = dict(parse_qsl(url.query))
    given = query.pop("X-Amz-Signature", "")
    scope = query.get("X-Amz-Credential", "").partition("/")[2]
    listed = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in sorted(query.items())
    )
    empty = hashlib.sha256(b"").hexdigest()
    canonical = f"GET\n{url.path}\n{listed}\nhost:{host}\n\nhost\n{empty}"
    signed = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n{query.get('X-Amz-Date')}\n{scope}\n{signed}"
    key = f"AWS4{SECRET}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    fresh = int(query.get("X-Amz-Expires", "0")) <= 300 and scope.split("/")[1:] == [
        REGION,
        "transcribe",
        "aws4_request",
    ]
    return fresh and hmac.compare_digest(hmac.new(key, text.encode(), "sha256").hexdigest(), given)


# Translate and Polly


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, or each answer waits 40 ms for an acknowledgement
    amazon: Amazon

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.headers.get("Authorization", "").startswith(f"AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/"):
            self._answer(403, b"", "text/plain")
        elif self.path == "/v1/speech":
            self._speech(json.loads(body))
        elif self.headers.get("X-Amz-Target", "").endswith(".TranslateText"):
            self._translation(json.loads(body))
        else:
            self._answer(404, b"", "text/plain")

    def _speech(self, asked: dict[str, str]) -> None:
        self.amazon.spoken.append(asked)
        if fault := self.amazon.next_fault("polly"):
            self._refuse(*fault)
            return
        rate_hz = int(asked["SampleRate"])
        self._answer(200, b"".join(scripted._spoken(word, rate_hz) for word in asked["Text"].split()), "audio/pcm")

    def _translation(self, asked: dict[str, str]) -> None:
        self.amazon.translated.append(asked)
        if fault := self.amazon.next_fault("translate"):
            self._refuse(*fault)
            return
        codes = {f"{name}LanguageCode": asked[f"{name}LanguageCode"] for name in ("Source", "Target")}
        answer = {"TranslatedText": f"[{codes['TargetLanguageCode']}] {asked['Text']}", **codes}
        self._answer(200, json.dumps(answer).encode(), "application/x-amz-json-1.1")

    def _refuse(self, status: int, code: str) -> None:
        body = json.dumps({"__type": code, "message": "played"}).encode()
        self._answer(status, body, "application/x-amz-json-1.1", code)

    def _answer(self, status: int, body: bytes, kind: str, error: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-ErrorType", error)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the texts are in it."""
