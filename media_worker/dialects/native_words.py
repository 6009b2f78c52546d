"""The client's words of the JSON stream (contract section 9), both generations, as msgspec structs.

msgspec decodes the base64 of `bytes` fields itself: 0.4 µs for a whole 20 ms message, against 2.6 µs in two steps.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from core.domain.sessions import Role
from media_worker.messages import ControlAction

Count = Annotated[int, msgspec.Meta(ge=0)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class _Word(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="type"):
    pass


class Audio(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    payload: bytes
    encoding: str | None = None
    sample_rate_hz: int | None = None
    channels: int = 1


class LateAudio(_Word, frozen=True, gc=False, tag="audio.input"):
    audio: Audio
    sequence: Count | None = None
    timestamp_ms: float | None = None
    speaker: Role | None = None


class EarlyAudio(_Word, frozen=True, gc=False, tag="audio"):
    data: bytes
    encoding: str | None = None
    sample_rate: int | None = None
    channels: int = 1
    speaker: Role | None = None
    sequence: Count | None = None
    timestamp: float | None = None


class TextInput(_Word, frozen=True, gc=False, tag="text.input"):
    text: Text
    speaker: Role | None = None


class SessionAuth(_Word, frozen=True, gc=False, tag="session.auth"):
    token: Token
    participant: Name | None = None
    last_sequence: Count | None = None


class PingWord(_Word, frozen=True, gc=False, tag="ping"):
    pass


class SessionEnd(_Word, frozen=True, gc=False, tag="session.end"):
    pass


class End(_Word, frozen=True, gc=False, tag="end"):
    pass


class ControlWord(_Word, frozen=True, gc=False, tag="control"):
    action: ControlAction


ClientWord = LateAudio | EarlyAudio | TextInput | SessionAuth | PingWord | SessionEnd | End | ControlWord
DECODER = msgspec.json.Decoder(ClientWord)
