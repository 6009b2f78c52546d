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
from typing import Any

import msgspec

from media_worker.dialects.carrier import CarrierDialect, Line, line
from media_worker.dialects.carrier_words import READ, Dtmf, Id, MarkAnswer, Media, Stop, Word
from media_worker.messages import ClientMessage


class Connected(Word, frozen=True, gc=False, tag="connected"):
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


class Start(Word, frozen=True, tag="start"):
    start: Beginning


TwilioWord = Connected | Start | Media | MarkAnswer | Dtmf | Stop
_DECODER = msgspec.json.Decoder(TwilioWord)


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
        **READ,
        Connected: lambda dialect, _: dialect.connected(),
        Start: TwilioDialect.start,
    }
)
