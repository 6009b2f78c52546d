"""Twilio Media Streams on our URL: `<Connect><Stream url="…/connect"><Parameter name="token" value="kst_…"/>`.

Always mu-law, 8 kHz, mono. Twilio takes no query string, so the token is a custom parameter and comes in the start
message, after the upgrade; `participant` (or `speaker`) may name who is on the telephone. It never reconnects by
itself: when we close, the call goes on with the verb behind `</Connect>`, so a `<Redirect>` there brings a call back.
Marks come back when the sound before them was played, and all at once after a `clear`.

Source: Twilio's page "Media Streams - WebSocket Messages" and its error pages 31920 and 31921.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

import msgspec

from media_worker.dialects.carrier import CarrierDialect, Line, line
from media_worker.messages import ClientMessage

Name = Annotated[str, msgspec.Meta(max_length=200)]
Id = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Chunk = Annotated[str, msgspec.Meta(max_length=20)] | int


class _Word(msgspec.Struct, frozen=True, gc=False, tag_field="event", rename="camel"):
    """Fields that are not ours to know may come and go."""


class Connected(_Word, frozen=True, gc=False, tag="connected"):
    protocol: str
    version: str = ""


class MediaFormat(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    encoding: str
    sample_rate: int
    channels: int


class Beginning(msgspec.Struct, frozen=True, rename="camel"):
    stream_sid: Id
    media_format: MediaFormat
    custom_parameters: dict[str, Any] = {}


class Start(_Word, frozen=True, tag="start"):
    start: Beginning


class Sound(msgspec.Struct, frozen=True, gc=False):
    payload: bytes
    chunk: Chunk
    track: str = "inbound"


class Media(_Word, frozen=True, gc=False, tag="media"):
    media: Sound


class Named(msgspec.Struct, frozen=True, gc=False):
    name: Name


class MarkAnswer(_Word, frozen=True, gc=False, tag="mark"):
    mark: Named


class Dtmf(_Word, frozen=True, gc=False, tag="dtmf"):
    """A key was pressed. Nothing here is steered by keys."""


class Stop(_Word, frozen=True, gc=False, tag="stop"):
    pass


_DECODER = msgspec.json.Decoder(Connected | Start | Media | MarkAnswer | Dtmf | Stop)


class TwilioDialect(CarrierDialect):
    def __init__(self) -> None:
        super().__init__(_DECODER, _READ)

    def start(self, word: Start) -> Sequence[ClientMessage]:
        begins = word.start
        return self.started(begins.stream_sid, _line(begins.media_format), begins.custom_parameters)

    def _addressed(self, event: str) -> dict[str, Any]:
        return {"event": event, "streamSid": self.stream_id}


def _line(wanted: MediaFormat) -> Line | None:
    if wanted.encoding != "audio/x-mulaw" or wanted.channels != 1:
        return None
    return line("mulaw", wanted.sample_rate)


_READ: Mapping[type, Callable[[TwilioDialect, Any], Sequence[ClientMessage]]] = MappingProxyType(
    {
        Connected: lambda dialect, _: dialect.connected(),
        Start: TwilioDialect.start,
        Media: lambda dialect, word: dialect.media(word.media.track, word.media.chunk, word.media.payload),
        MarkAnswer: lambda dialect, word: dialect.marked(word.mark.name),
        Dtmf: lambda dialect, word: (),
        Stop: lambda dialect, word: dialect.stopped(),
    }
)
