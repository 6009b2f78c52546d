"""Recognition by Amazon Transcribe: one stream per utterance, opened at its first audio, ended when it ends.

An engine process gives every stream to one of many threads (`EngineSet.parallel`), so that waiting here, for an
upgrade or for the final text, keeps at most a neighbour waiting. The websocket's own thread reads; `advance` only
looks at what has arrived.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from media_worker.engines.aws.faults import faults
from media_worker.engines.aws.languages import UNSPACED
from media_worker.engines.aws.services import Addresses, Event, Events
from media_worker.engines.base import EngineError, LanguageNotServed, Recognition, RecognitionStream, StreamSpec, Word

OPEN_S = 3.0
FINISH_S = 6.0
CLOSE_S = 0.5
_EVENT_BYTES = 16_000
_BUSY = frozenset({429, 500, 502, 503, 504})


@dataclass(slots=True)
class _Utterance:
    """Results by their id, in the order in which they came; a later one of an id replaces the earlier."""

    socket: ClientConnection
    events: Events
    results: dict[str, Event] = field(default_factory=dict)
    told: str = ""


@dataclass(slots=True)
class _Stream:
    spec: StreamSpec
    begun: bool = False
    utterance: _Utterance | None = None
    ending: bool = False


@dataclass(frozen=True, slots=True)
class TranscribeSpeechToText:
    """`languages_heard` maps our codes to Transcribe's; `audio_message` writes audio as the service reads it."""

    addresses: Addresses
    new_events: Callable[[], Events]
    audio_message: Callable[[bytes], bytes]
    languages_heard: Mapping[str, str]
    stability: str = "high"

    def languages(self) -> frozenset[str]:
        return frozenset(self.languages_heard)

    def open(self, spec: StreamSpec) -> RecognitionStream:
        if spec.language not in self.languages_heard:
            raise LanguageNotServed("speech_unavailable")
        return _Stream(spec)

    def begin(self, stream: RecognitionStream) -> None:
        state = _own(stream)
        self._hang_up(state)
        state.begun = True

    def advance(self, work: Sequence[tuple[RecognitionStream, bytes]]) -> list[str | None]:
        return [self._advance(_own(stream), pcm) for stream, pcm in work]

    def finish(self, streams: Sequence[RecognitionStream]) -> list[Recognition]:
        """All are told to end before the first is waited for."""
        states = [_own(stream) for stream in streams]
        for state in states:
            if state.utterance is not None:
                self._send(state.utterance, b"")
        return [self._finish(state) for state in states]

    def close(self, stream: RecognitionStream) -> None:
        self._hang_up(_own(stream))

    def _advance(self, state: _Stream, pcm: bytes) -> str | None:
        _must_have_begun(state)
        if state.utterance is None:
            state.utterance = self._call(state.spec)
        for start in range(0, len(pcm), _EVENT_BYTES):
            self._send(state.utterance, pcm[start : start + _EVENT_BYTES])
        self._read(state.utterance, until_s=None)
        text = _text(state.utterance, state.spec.language)
        if text == state.utterance.told:
            return None
        state.utterance.told = text
        return text

    def _finish(self, state: _Stream) -> Recognition:
        _must_have_begun(state)
        utterance = state.utterance
        try:
            if utterance is not None and not self._read(utterance, until_s=time.monotonic() + FINISH_S):
                raise EngineError("recogniser_timeout", retryable=True)
        finally:
            self._hang_up(state)
        return _recognition(utterance, state.spec.language)

    def _call(self, spec: StreamSpec) -> _Utterance:
        with faults():
            address = self.addresses.address(self._parameters(spec))
        try:
            socket = connect(
                address, open_timeout=OPEN_S, close_timeout=CLOSE_S, ping_interval=None, max_size=1 << 20, proxy=None
            ).__enter__()  # it is closed by `_hang_up`, in another call
        except InvalidStatus as error:
            busy = error.response.status_code in _BUSY
            raise EngineError("recogniser_busy" if busy else "recogniser_refused", retryable=busy) from None
        except (OSError, WebSocketException):
            raise EngineError("recogniser_unreachable", retryable=True) from None
        return _Utterance(socket, self.new_events())

    def _parameters(self, spec: StreamSpec) -> dict[str, str]:
        return {
            "language-code": self.languages_heard[spec.language],
            "media-encoding": "pcm",
            "sample-rate": str(spec.rate_hz),
            "enable-partial-results-stabilization": "true",
            "partial-results-stability": self.stability,
        }

    def _send(self, utterance: _Utterance, pcm: bytes) -> None:
        try:
            utterance.socket.send(self.audio_message(pcm))
        except (ConnectionClosed, OSError):
            # The reason, where there is one, has arrived before the end: `_read` raises it.
            self._read(utterance, until_s=None)
            raise EngineError("recogniser_gone", retryable=True) from None

    def _read(self, utterance: _Utterance, until_s: float | None) -> bool:
        """Take in what has arrived, or all until the other side is done; False when that did not come in time."""
        while (timeout_s := 0.0 if until_s is None else until_s - time.monotonic()) >= 0:
            try:
                data = utterance.socket.recv(timeout_s)
            except TimeoutError:
                return False
            except (ConnectionClosed, OSError):
                return True
            with faults():
                for event in utterance.events.read(data if isinstance(data, bytes) else data.encode()):
                    utterance.results[event.id] = event
        return False

    @staticmethod
    def _hang_up(state: _Stream) -> None:
        utterance, state.utterance, state.begun = state.utterance, None, False
        if utterance is not None:
            utterance.socket.close()


def _own(stream: RecognitionStream) -> _Stream:
    assert isinstance(stream, _Stream)
    return stream


def _must_have_begun(state: _Stream) -> None:
    if not state.begun:
        raise EngineError("utterance_not_begun")


def _text(utterance: _Utterance, language: str) -> str:
    texts = [event.text for event in utterance.results.values() if event.text]
    return ("" if language in UNSPACED else " ").join(texts)


def _recognition(utterance: _Utterance | None, language: str) -> Recognition:
    text = _text(utterance, language) if utterance is not None else ""
    if utterance is None or not text:
        return Recognition("", language, 0.0, understood=False)
    words = _words([item for event in utterance.results.values() for item in event.items])
    sure = sum(word.confidence for word in words) / len(words) if words else _UNTOLD
    return Recognition(text, language, sure, words)


_UNTOLD = 0.5
"""Confidence of what Transcribe gives none for: some languages, and results that never became final."""


def _words(items: Sequence[Mapping[str, Any]]) -> tuple[Word, ...]:
    """Punctuation has no time of its own and goes with the word before it."""
    words: list[Word] = []
    for item in items:
        content = str(item.get("Content", ""))
        if item.get("Type") != "punctuation":
            sure = float(item.get("Confidence", _UNTOLD))
            words.append(Word(content, float(item["StartTime"]), float(item["EndTime"]), sure))
        elif words:
            last = words[-1]
            words[-1] = Word(last.text + content, last.start_s, last.end_s, last.confidence)
    return tuple(words)
