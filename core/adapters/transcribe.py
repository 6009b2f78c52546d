"""Amazon Transcribe's streaming interface over WebSocket: an address that is signed, and messages in event streams.

botocore has no model of it (it is no plain HTTP), so the address is signed with botocore's own signer, and what
arrives is read with its event stream parser; only writing a message is ours. Once the address is let in, the
messages need no signature of their own. Source: the Transcribe Developer Guide, "Setting up a streaming
transcription", and the event stream encoding described there.
"""

from __future__ import annotations

import json
from binascii import crc32
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from struct import Struct as Layout
from typing import Any
from urllib.parse import urlencode

from botocore.auth import SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.eventstream import EventStreamBuffer, ParserError
from botocore.exceptions import BotoCoreError

from core.errors import DependencyRefused, Unavailable

_PATH = "/stream-transcription-websocket"
_EXPIRES_S = 60
_WORD, _PRELUDE = Layout("!I"), Layout("!II")
_STRING = 7
_AUDIO = (
    (":content-type", "application/octet-stream"),
    (":event-type", "AudioEvent"),
    (":message-type", "event"),
)
_RETRYABLE = frozenset({"LimitExceededException", "InternalFailureException", "ServiceUnavailableException"})


@dataclass(frozen=True, slots=True)
class Heard:
    """One result as Transcribe sends it: an alternative's text and its items, final or not."""

    id: str
    is_partial: bool
    text: str
    items: tuple[Mapping[str, Any], ...]


class TranscribeAddresses:
    """Signed addresses for one region; `origin` is `wss://host:port`, the service's own by default."""

    def __init__(self, session: Any, region: str, origin: str | None = None) -> None:
        self._session = session
        self._region = region
        self._origin = origin or f"wss://transcribestreaming.{region}.{_suffix(session, region)}:8443"

    def address(self, parameters: Mapping[str, str]) -> str:
        """Good for one upgrade within a minute. Raises DependencyRefused without credentials."""
        scheme, rest = self._origin.split("://", 1)
        url = f"{'https' if scheme == 'wss' else 'http'}://{rest}{_PATH}?{urlencode(sorted(parameters.items()))}"
        request = AWSRequest("GET", url)
        SigV4QueryAuth(self._credentials(), "transcribe", self._region, expires=_EXPIRES_S).add_auth(request)
        return f"{scheme}://{str(request.url).split('://', 1)[1]}"

    def _credentials(self) -> Any:
        try:
            credentials = self._session.get_credentials()
            if credentials is not None:
                return credentials.get_frozen_credentials()
        except BotoCoreError as error:
            raise Unavailable("dependency_unavailable", "no credentials were given out", retry_after_s=1) from error
        raise DependencyRefused("there are no credentials to sign with")


def _suffix(session: Any, region: str) -> str:
    china = session.get_partition_for_region(region) == "aws-cn"
    return "amazonaws.com.cn" if china else "amazonaws.com"


def audio_message(pcm: bytes) -> bytes:
    """An audio event; an empty one says that no more will come."""
    return message(_AUDIO, pcm)


def message(headers: tuple[tuple[str, str], ...], payload: bytes) -> bytes:
    """An event stream message: lengths, their checksum, headers, payload, and the checksum of all."""
    head = b"".join(_header(name, value) for name, value in headers)
    prelude = _PRELUDE.pack(len(head) + len(payload) + 16, len(head))
    body = prelude + _WORD.pack(crc32(prelude)) + head + payload
    return body + _WORD.pack(crc32(body))


def _header(name: str, value: str) -> bytes:
    key, text = name.encode(), value.encode()
    return bytes((len(key),)) + key + bytes((_STRING,)) + len(text).to_bytes(2, "big") + text


class TranscribeEvents:
    """Reads what one stream answers."""

    def __init__(self) -> None:
        self._buffer = EventStreamBuffer()

    def read(self, data: bytes) -> Iterator[Heard]:
        """Raises Unavailable or DependencyRefused for what the service calls an exception, or what is unreadable."""
        self._buffer.add_data(data)
        try:
            for event in self._buffer:
                yield from _results(event)
        except (ParserError, ValueError, KeyError) as error:
            raise Unavailable("dependency_unavailable", "a transcript could not be read", retry_after_s=1) from error


def _results(event: Any) -> Iterator[Heard]:
    headers = event.headers
    if headers.get(":message-type") != "event":
        raise _exception(str(headers.get(":exception-type") or headers.get(":error-code") or "unknown"))
    if headers.get(":event-type") != "TranscriptEvent":
        return
    for result in json.loads(event.payload)["Transcript"]["Results"]:
        for alternative in result["Alternatives"][:1]:
            items = tuple(alternative.get("Items", ()))
            yield Heard(result["ResultId"], bool(result["IsPartial"]), alternative.get("Transcript", ""), items)


def _exception(code: str) -> Exception:
    if code in _RETRYABLE:
        return Unavailable("dependency_unavailable", f"StartStreamTranscription failed: {code}", retry_after_s=1)
    return DependencyRefused(f"StartStreamTranscription was refused: {code}")
