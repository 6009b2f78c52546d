"""What the pool and its engine processes say to each other: msgpack structs behind a four-byte length.

Both ends are ours and of one version. `stream` and `request` are numbers the pool hands out and never reuses within
one process; PCM is mono 16-bit little-endian at the rate of the stream's spec.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct as Layout

import msgspec

from media_worker.engines.base import Capabilities, Recognition, SpeechRequest, StreamSpec

MAX_MESSAGE_BYTES = 16 * 1024 * 1024
_LENGTH = Layout("!I")


class Message(msgspec.Struct, array_like=True, gc=False):
    """Base of every message; the tag of a class is its name."""


class Configure(Message, tag=True):
    """First message of all: which engine set to build, from what."""

    engines: str
    models_dir: str
    options: dict[str, str]


class Open(Message, tag=True):
    stream: int
    spec: StreamSpec


class Begin(Message, tag=True):
    stream: int
    utterance: int


class Audio(Message, tag=True):
    """What all streams of the process delivered since the last flush, in order."""

    pieces: list[tuple[int, bytes]]


class Finish(Message, tag=True):
    stream: int
    request: int


class Close(Message, tag=True):
    stream: int


class Translate(Message, tag=True):
    request: int
    text: str
    source: str
    target: str


class Speak(Message, tag=True):
    """`window` is how many pieces may be on their way before the first `MoreSpeech`."""

    request: int
    speech: SpeechRequest
    window: int


class MoreSpeech(Message, tag=True):
    """One more piece of speech may be sent."""

    request: int


class Cancel(Message, tag=True):
    """Forget the request: the answer will not be read. For speech it stops the work."""

    request: int


class Ping(Message, tag=True):
    """Answered at once by the thread that reads, whatever the engines are doing."""


ToProcess = Configure | Open | Begin | Audio | Finish | Close | Translate | Speak | MoreSpeech | Cancel | Ping


class Ready(Message, tag=True):
    capabilities: Capabilities


class StartFailed(Message, tag=True):
    reason: str


class Heard(Message, tag=True):
    """Audio bytes worked off per stream, and the partial texts that changed: (stream, utterance, text)."""

    consumed: list[tuple[int, int]]
    partials: list[tuple[int, int, str]]


class Recognised(Message, tag=True):
    request: int
    recognition: Recognition


class Translated(Message, tag=True):
    request: int
    text: str


class Spoken(Message, tag=True):
    request: int
    pcm: bytes


class SpokenAll(Message, tag=True):
    request: int


class Failed(Message, tag=True):
    """An `EngineError` in transit. `not_served` keeps its class."""

    request: int
    code: str
    retryable: bool
    not_served: bool


class Spent(Message, tag=True):
    """Work of one engine call: `stage` is hear, finish, translate or speak; `count` how many items it held."""

    stage: str
    count: int
    wall_s: float
    cpu_s: float


class Pong(Message, tag=True):
    pass


FromProcess = Ready | StartFailed | Heard | Recognised | Translated | Spoken | SpokenAll | Failed | Spent | Pong

_encoder = msgspec.msgpack.Encoder()
_to_process: msgspec.msgpack.Decoder[ToProcess] = msgspec.msgpack.Decoder(ToProcess)
_from_process: msgspec.msgpack.Decoder[FromProcess] = msgspec.msgpack.Decoder(FromProcess)


class FramingError(Exception):
    """The other side announced a message beyond the limit; the connection is of no use any more."""


def frame(message: Message) -> bytes:
    body = _encoder.encode(message)
    return _LENGTH.pack(len(body)) + body


class _Frames:
    """Cuts a byte stream into message bodies."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def cut(self, data: bytes) -> Iterator[bytes]:
        self._buffer += data
        start = 0
        while (end := self._end_of_frame(start)) is not None:
            yield bytes(memoryview(self._buffer)[start + _LENGTH.size : end])
            start = end
        del self._buffer[:start]

    def _end_of_frame(self, start: int) -> int | None:
        if len(self._buffer) - start < _LENGTH.size:
            return None
        (size,) = _LENGTH.unpack_from(self._buffer, start)
        if size > MAX_MESSAGE_BYTES:
            raise FramingError(f"a message of {size} bytes")
        end: int = start + _LENGTH.size + size
        return end if end <= len(self._buffer) else None


class ProcessInbox(_Frames):
    """Messages as the engine process reads them."""

    def receive(self, data: bytes) -> list[ToProcess]:
        return [_to_process.decode(body) for body in self.cut(data)]


class PoolInbox(_Frames):
    """Messages as the pool reads them."""

    def receive(self, data: bytes) -> list[FromProcess]:
        return [_from_process.decode(body) for body in self.cut(data)]
