"""The client's words of the JSON stream (contract section 9), both generations, as msgspec structs.

msgspec decodes the base64 of `bytes` fields itself: 0.4 µs for a whole 20 ms message, against 2.6 µs in two steps.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from core.domain.sessions import Role
from media_worker.audio.formats import RATES_HZ, Encoding
from media_worker.messages import ControlAction

# What is none of these is decoded too: an audio format is refused by a code of its own, and the stream goes on.
EncodingName = Annotated[str, msgspec.Meta(extra_json_schema={"enum": list(Encoding)})]
Rate = Annotated[int, msgspec.Meta(extra_json_schema={"enum": list(RATES_HZ)})]
Channels = Annotated[int, msgspec.Meta(extra_json_schema={"enum": [1, 2]}, description="2: customer left, agent right")]
Count = Annotated[int, msgspec.Meta(ge=0)]
Text = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=255)]
ErrorText = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
Token = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class _Word(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, tag_field="type"):
    pass


class Audio(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    payload: bytes
    encoding: EncodingName | None = None
    sample_rate_hz: Rate | None = None
    channels: Channels = 1


class LateAudio(_Word, frozen=True, gc=False, tag="audio.input"):
    audio: Audio
    sequence: Count | None = None
    timestamp_ms: float | None = None
    speaker: Role | None = None


class EarlyAudio(_Word, frozen=True, gc=False, tag="audio"):
    data: bytes
    encoding: EncodingName | None = None
    sample_rate: Rate | None = None
    channels: Channels = 1
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


class ToolResult(_Word, frozen=True, gc=False, tag="tool.result"):
    """One of `result` and `error`; neither is a result of null."""

    call_id: Name
    result: Any = None
    error: ErrorText | None = None


ClientWord = LateAudio | EarlyAudio | TextInput | SessionAuth | PingWord | SessionEnd | End | ControlWord | ToolResult
DECODER = msgspec.json.Decoder(ClientWord)
