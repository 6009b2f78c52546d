"""Telnyx media streaming on our URL: `streaming_start` with `stream_url`, `stream_bidirectional_mode: rtp` and the
custom parameter `token`; of a call that the product has dialed, in the `client_state` of the dial.

Without that mode Telnyx plays nothing of what we send. The two directions have codecs of their own: what we hear is
named by the start message (whatever the telephone network agreed on), what we send by `stream_bidirectional_codec` of
the command, which the start message does not repeat. So we speak PCMU at 8 kHz, its default, unless the custom
parameters `output_codec` (PCMU, PCMA or L16) and `output_sampling_rate` repeat it. G722, OPUS and AMR-WB are refused.

Media frames may come in any order; `chunk` counts the frames of one track. Marks come back when the sound before them
was played, and all at once after a `clear`. A frame that we send is 20 ms to 30 s long.

Source: Telnyx's page "Stream call media over WebSocket" and its guide "Media Streaming over WebSockets".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from core.domain.client_state import unpacked
from media_worker.dialects.carrier import CarrierDialect, Line, line, network_order
from media_worker.dialects.carrier_words import READ, Dtmf, Id, MarkAnswer, Media, Stop, Word
from media_worker.messages import CarrierTrouble, ClientMessage


class Connected(Word, frozen=True, gc=False, tag="connected"):
    version: str = ""


class MediaFormat(msgspec.Struct, frozen=True, gc=False):
    encoding: str
    sample_rate: int
    channels: int = 1


class Beginning(msgspec.Struct, frozen=True):
    media_format: MediaFormat
    custom_parameters: dict[str, Any] | None = None
    client_state: str | None = None


class Start(Word, frozen=True, tag="start"):
    stream_id: Id
    start: Beginning


class Trouble(msgspec.Struct, frozen=True, gc=False):
    code: int | str = ""


class Error(Word, frozen=True, gc=False, tag="error"):
    payload: Trouble = Trouble()


TelnyxWord = Connected | Start | Media | MarkAnswer | Dtmf | Error | Stop
_DECODER = msgspec.json.Decoder(TelnyxWord)


class TelnyxDialect(CarrierDialect):
    def __init__(self) -> None:
        super().__init__(_DECODER, _READ)

    def start(self, word: Start) -> Sequence[ClientMessage]:
        wanted = word.start.media_format
        parameters = word.start.custom_parameters or _of_our_own(word.start.client_state)
        heard = _line(wanted.encoding, wanted.sample_rate) if wanted.channels == 1 else None
        return self.started(word.stream_id, heard, parameters, _output(parameters))


def _of_our_own(client_state: str | None) -> dict[str, Any]:
    """A call that we have dialed: a dial knows no custom parameters."""
    state = unpacked(client_state)
    return {"token": state.token, "participant": state.participant} if state else {}


def _output(parameters: Mapping[str, Any]) -> Line | None:
    rate_hz = str(parameters.get("output_sampling_rate", "8000"))
    return _line(str(parameters.get("output_codec", "PCMU")), int(rate_hz) if rate_hz in _RATES else 0)


def _line(codec: str, rate_hz: int) -> Line | None:
    known = _CODECS.get(codec.upper())
    return known(rate_hz) if known else None


_RATES = ("8000", "16000", "24000", "48000")
_CODECS: Mapping[str, Callable[[int], Line | None]] = MappingProxyType(
    {
        "PCMU": lambda rate_hz: line("mulaw", rate_hz),
        "PCMA": lambda rate_hz: line("alaw", rate_hz),
        "L16": network_order,
    }
)
_READ: Mapping[type, Callable[[TelnyxDialect, Any], Sequence[ClientMessage]]] = MappingProxyType(
    {
        **READ,
        Connected: lambda dialect, _: dialect.connected(),
        Start: TelnyxDialect.start,
        Error: lambda dialect, word: (CarrierTrouble(str(word.payload.code)[:20]),),
    }
)
