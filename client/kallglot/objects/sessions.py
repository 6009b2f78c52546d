"""Sessions, as contract section 5 shows them. Names are the API's own; durations are seconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kallglot.objects.reading import Object, Shape


@dataclass(frozen=True, kw_only=True)
class StreamAddress(Shape):
    """Where the call's socket is. The token is a secret; it is checked when a socket connects, not afterwards."""

    url: str = ""
    token: str = field(default="", repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Provider(Shape):
    """The telephone side: `pending`, `connected` or `disconnected`."""

    type: str = ""
    status: str = ""
    phone_number: str | None = None


@dataclass(frozen=True, kw_only=True)
class Participant(Shape):
    type: str = ""
    language: str = ""
    id: str | None = None
    name: str | None = None


@dataclass(frozen=True, kw_only=True)
class SessionRecording(Shape):
    """`id` is there once the first audio has come, `duration` once the file is finished."""

    enabled: bool = False
    channels: str | None = None
    id: str | None = None
    duration: float | None = None


@dataclass(frozen=True, kw_only=True)
class TranscriptSummary(Shape):
    available: bool = False
    word_count: int = 0


@dataclass(frozen=True, kw_only=True)
class Meters(Shape):
    """What is billed, in seconds."""

    active_seconds: float = 0.0
    translation_seconds: float = 0.0
    ai_agent_seconds: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Session(Object):
    """`status` is created, connecting, active, ending or ended. `stream` is absent once it has ended.

    `ai_agent` is there in the modes that have one: `id` and `version`, or what was given with the session.
    """

    status: str = ""
    mode: str = ""
    source_language: str | None = None
    target_language: str | None = None
    stream: StreamAddress | None = None
    provider: Provider | None = None
    participants: tuple[Participant, ...] = ()
    ai_agent: Mapping[str, Any] | None = None
    recording: SessionRecording = field(default_factory=SessionRecording)
    transcript: TranscriptSummary = field(default_factory=TranscriptSummary)
    usage: Meters = field(default_factory=Meters)
    metadata: Mapping[str, str] = field(default_factory=dict)
    duration: float | None = None
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None

    @property
    def has_ended(self) -> bool:
        return self.status == "ended"


@dataclass(frozen=True, kw_only=True)
class Leg(Object):
    """A telephone call into a session: requested, dialing, ringing, connected, ended. `raw` also has `from`."""

    session_id: str = ""
    direction: str = ""
    participant: str = ""
    to: str = ""
    status: str = ""
    provider: Provider | None = None
    created_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str | None = None
