"""What the media streams of telephone carriers have in common: connected, start, media and stop in, media,
mark and clear out.

One stream is one telephone: it speaks for one participant (the customer, unless the start message says otherwise) and
is told nothing but sound. Audio is numbered per track, so `chunk` is what puts it in order.
"""

from __future__ import annotations

import audioop
from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from core.domain.sessions import Role
from media_worker.audio.formats import DECODE, ENCODE, FORMATS, SAMPLE_BYTES, AudioFormat
from media_worker.messages import (
    AudioIn,
    Authentication,
    Clear,
    ClientMessage,
    Mark,
    Marked,
    Refused,
    ServerMessage,
    Speech,
    Stopped,
)

_LONGEST_TOKEN = 200
_LONGEST_NAME = 255
_LARGEST_CHUNK = 2**53


@dataclass(frozen=True, slots=True)
class Line:
    """How sound is written on the wire of one direction."""

    format: AudioFormat
    decode: Callable[[bytes], bytes]
    encode: Callable[[bytes], bytes]


def line(encoding: str, rate_hz: int) -> Line | None:
    """`encoding` by the product's own names; None when it is not spoken here."""
    sound = FORMATS.get((encoding, rate_hz))
    return Line(sound, DECODE[sound.encoding], ENCODE[sound.encoding]) if sound else None


def network_order(rate_hz: int) -> Line | None:
    """Linear 16-bit PCM as RTP carries it, most significant byte first (RFC 3551, section 4.5.11)."""
    sound = FORMATS.get(("pcm_16", rate_hz))
    return Line(sound, _swapped, _swapped) if sound else None


TELEPHONE_LINE = Line(
    FORMATS["mulaw", 8000], DECODE[FORMATS["mulaw", 8000].encoding], ENCODE[FORMATS["mulaw", 8000].encoding]
)


class CarrierDialect:
    """The life of one stream. Frames out of turn and frames that are none are `Refused`; what is not for us is passed
    over in silence."""

    paced = True

    def __init__(self, decoder: msgspec.json.Decoder[Any], read: Mapping[type, Callable[[Any, Any], Any]]) -> None:
        self._decoder = decoder
        self._read = read
        self._connected = False
        self._in: Line | None = None
        self._out = TELEPHONE_LINE
        self._media_head = b""
        self.stream_id = ""

    @property
    def format(self) -> AudioFormat:
        return self._out.format

    def receive(self, frame: bytes, *, binary: bool) -> Sequence[ClientMessage]:
        if binary:
            return (malformed("a media stream has no binary frames"),)
        try:
            word = self._decoder.decode(frame)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return (malformed("this is not a message of a media stream"),)
        answer: Sequence[ClientMessage] = self._read[type(word)](self, word)
        return answer

    def connected(self) -> Sequence[ClientMessage]:
        if self._connected:
            return (malformed("this stream is connected already"),)
        self._connected = True
        return ()

    def started(
        self, stream_id: str, heard: Line | None, parameters: Mapping[str, Any], spoken: Line | None = TELEPHONE_LINE
    ) -> Sequence[ClientMessage]:
        """`heard` and `spoken` are None when the stream wants a format that is not spoken here."""
        if self._in is not None:
            return (malformed("this stream has started already"),)
        if heard is None or spoken is None:
            return (wrong_format("this encoding, sample rate or channel count is not accepted"),)
        token, named = parameters.get("token"), parameters.get("participant") or parameters.get("speaker")
        if named is not None and not (isinstance(named, str) and 0 < len(named) <= _LONGEST_NAME):
            return (Refused("invalid_participant", "participant is customer, agent or a participant's id"),)
        if not isinstance(token, str) or not 0 < len(token) <= _LONGEST_TOKEN:
            token = ""
        self.stream_id, self._in, self._out = stream_id, heard, spoken
        self._media_head = msgspec.json.encode(self._addressed("media"))[:-1] + b',"media":{"payload":"'
        return (Authentication(token, named or Role.CUSTOMER, parameters.get("original_voice") == "on"),)

    def media(self, track: str, chunk: str | int, payload: bytes) -> Sequence[ClientMessage]:
        """Only `inbound` is the caller; the other track is what we said ourselves."""
        heard = self._in
        if heard is None:
            return (malformed("media before the start of the stream"),)
        if track == "outbound":
            return ()
        number = _number(chunk)
        if number is None:
            return (malformed("this chunk has no number"),)
        if len(payload) % heard.format.encoded_sample_bytes:
            return (wrong_format("the payload ends inside a sample"),)
        return (AudioIn(heard.decode(payload), heard.format.rate_hz, 1, None, number),)

    def marked(self, name: str) -> Sequence[ClientMessage]:
        return (Marked(name),) if self._in else (malformed("a mark before the start of the stream"),)

    def stopped(self) -> Sequence[ClientMessage]:
        return (Stopped(),) if self._in else (malformed("this stream stops before its start"),)

    def send(self, message: ServerMessage) -> bytes:
        if type(message) is Speech:
            return self._media_head + b2a_base64(self._out.encode(message.pcm), newline=False) + b'"}}'
        if type(message) is Mark:
            return msgspec.json.encode(self._addressed("mark") | {"mark": {"name": message.name}})
        if type(message) is Clear:
            return msgspec.json.encode(self._addressed("clear"))
        return b""

    def _addressed(self, event: str) -> dict[str, Any]:
        """A word back, to this stream."""
        return {"event": event}


def malformed(message: str) -> Refused:
    return Refused("invalid_message", message)


def wrong_format(message: str) -> Refused:
    return Refused("invalid_audio_format", message, malformed=False)


def _number(chunk: str | int) -> int | None:
    try:
        number = int(chunk)
    except ValueError:
        return None
    return number if 0 <= number < _LARGEST_CHUNK else None


def _swapped(pcm: bytes) -> bytes:
    return audioop.byteswap(pcm, SAMPLE_BYTES)
