"""The session: what a customer asked for, and its life. Pure; every change returns a new value.

    created ──leg joined──▶ connecting ──first audio──▶ active ──end──▶ ending ──flushed──▶ ended
       └──────────────end──────────┴────────────────────────────────────▲

The table below is the only place that says which step may follow which; REST, the worker and the sweep all go
through it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from core.domain.access import Tenant
from core.domain.terminology import Terminology
from core.errors import Conflict


class Mode(StrEnum):
    BIDIRECTIONAL_TRANSLATION = "bidirectional_translation"
    ASSISTIVE_TRANSLATION = "assistive_translation"
    AI_AGENT = "ai_agent"
    HELP_CHAT_VOICE = "help_chat_voice"


WITH_AGENT = frozenset({Mode.AI_AGENT, Mode.HELP_CHAT_VOICE})
"""A machine is at one end."""


class Status(StrEnum):
    CREATED = "created"
    CONNECTING = "connecting"
    ACTIVE = "active"
    ENDING = "ending"
    ENDED = "ended"


class Trigger(StrEnum):
    LEG_JOINED = "leg_joined"
    FIRST_AUDIO = "first_audio"
    END = "end"
    FLUSHED = "flushed"


TRANSITIONS: Mapping[tuple[Status, Trigger], Status] = MappingProxyType(
    {
        (Status.CREATED, Trigger.LEG_JOINED): Status.CONNECTING,
        (Status.CONNECTING, Trigger.LEG_JOINED): Status.CONNECTING,
        (Status.ACTIVE, Trigger.LEG_JOINED): Status.ACTIVE,
        (Status.CONNECTING, Trigger.FIRST_AUDIO): Status.ACTIVE,
        (Status.CREATED, Trigger.END): Status.ENDING,
        (Status.CONNECTING, Trigger.END): Status.ENDING,
        (Status.ACTIVE, Trigger.END): Status.ENDING,
        (Status.ENDING, Trigger.FLUSHED): Status.ENDED,
    }
)

CLOSED = frozenset({Status.ENDING, Status.ENDED})


class IllegalTransition(Conflict):
    def __init__(self, session_id: str, status: Status, trigger: Trigger) -> None:
        super().__init__("session_state_conflict", f"session {session_id} is {status}; {trigger} is not possible")


class EndReason(StrEnum):
    COMPLETED = "completed"
    CUSTOMER_HANGUP = "customer_hangup"
    AGENT_HANGUP = "agent_hangup"
    ERROR = "error"
    TIMEOUT = "timeout"


class Role(StrEnum):
    """Whose voice: the customer speaks the source language, the agent the target language."""

    CUSTOMER = "customer"
    AGENT = "agent"

    @property
    def other(self) -> Role:
        return Role.AGENT if self is Role.CUSTOMER else Role.CUSTOMER


class ProviderStatus(StrEnum):
    PENDING = "pending"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"


@dataclass(frozen=True, slots=True)
class Provider:
    """The telephony behind a session; `details` are further fields (call_sid, codecs, …).

    `managed`: its calls are telephone legs of ours, whose reports say whether it is connected.
    """

    type: str
    status: ProviderStatus = ProviderStatus.PENDING
    phone_number: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    managed: bool = False


@dataclass(frozen=True, slots=True)
class Participant:
    type: Role
    language: str
    id: str | None = None
    name: str | None = None


class Channels(StrEnum):
    DUAL = "dual"
    MONO = "mono"


@dataclass(frozen=True, slots=True)
class Recording:
    """`id` is given when the first audio comes; `duration_s` when the recording is finished.

    `asked_at`: when its files were last asked for again, because they were late.
    """

    enabled: bool = False
    channels: Channels = Channels.DUAL
    id: str | None = None
    duration_s: float | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Transcription:
    """`hints` are words that are likely to be said, `policy` is how soon and how surely (`quality`, `balanced`, `low`);
    None leaves that to the deployment. An engine that has no use for them leaves them alone."""

    enabled: bool = True
    partials: bool = True
    redact: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """Meters in seconds (contract section 7)."""

    active_s: float = 0.0
    translation_s: float = 0.0
    ai_agent_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Timeouts:
    """`idle`: no audio; `reconnect`: no leg; `flush`: how long `ending` may last before the sweep closes it.

    `finalize`: how long the files of a recording may take before they are asked for again; their raw pieces are gone
    after `chunks_kept`, and then nobody asks any more.
    """

    idle: timedelta = timedelta(minutes=30)
    reconnect: timedelta = timedelta(minutes=5)
    flush: timedelta = timedelta(seconds=60)
    finalize: timedelta = timedelta(minutes=20)
    chunks_kept: timedelta = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Session:
    """One session. `version` grows with every stored write; `owner`/`epoch` fence the worker that holds its legs.

    `seen_at`: when the owner was last known to live; it may be behind by as long as the reconnect window.
    `voices`: the name of a voice by language, which engines may not know; a language without one has its default.
    `agent_left_at`: when an agent of ours handed the call over to a human; from then on it is translated.
    `leg_count`: telephone legs there ever were. `seat`: its number, where only so many sessions may run at once.
    """

    id: str
    tenant: Tenant
    mode: Mode
    created_at: datetime
    source_language: str | None
    target_language: str | None
    status: Status = Status.CREATED
    provider: Provider | None = None
    participants: tuple[Participant, ...] = ()
    ai_agent: Mapping[str, Any] | None = None
    agent_left_at: datetime | None = None
    recording: Recording = Recording()
    transcription: Transcription = Transcription()
    terminology: Terminology = field(default_factory=Terminology)
    voices: Mapping[str, str] = field(default_factory=dict)
    webhook_url: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: EndReason | None = None
    last_audio_at: datetime | None = None
    disconnected_at: datetime | None = None
    seen_at: datetime | None = None
    owner: str | None = None
    epoch: int = 0
    version: int = 0
    event_sequence: int = 0
    turn_count: int = 0
    word_count: int = 0
    leg_count: int = 0
    seat: int | None = None
    usage: Usage = Usage()

    def language_of(self, role: Role) -> str | None:
        """What `role` speaks: a participant's own language first, else the session's."""
        own = next((p.language for p in self.participants if p.type is role), None)
        return own or (self.source_language if role is Role.CUSTOMER else self.target_language)

    def duration_s(self, now: datetime) -> float:
        """First audio to end, running while the session lives; 0 before the first audio."""
        if self.started_at is None:
            return 0.0
        return max(0.0, ((self.ended_at or now) - self.started_at).total_seconds())

    @property
    def is_closed(self) -> bool:
        return self.status in CLOSED


def step(session: Session, trigger: Trigger) -> Session:
    """The only way a status changes."""
    status = TRANSITIONS.get((session.status, trigger))
    if status is None:
        raise IllegalTransition(session.id, session.status, trigger)
    return replace(session, status=status)


def claim(session: Session, worker_id: str) -> Session:
    """`worker_id` takes the session over; the epoch fences whoever held it before."""
    return replace(session, owner=worker_id, epoch=session.epoch + 1)


def join(session: Session) -> Session:
    """A stream has come in: the telephone's, for all we know, unless we telephone ourselves."""
    joined = replace(step(session, Trigger.LEG_JOINED), disconnected_at=None)
    if joined.provider is not None and joined.provider.managed:
        return joined
    return _provider_is(joined, ProviderStatus.CONNECTED)


def start(session: Session, now: datetime, recording_id: str) -> Session:
    """The first audio has been heard: clocks and billing run from here."""
    recording = replace(session.recording, id=recording_id) if session.recording.enabled else session.recording
    return replace(step(session, Trigger.FIRST_AUDIO), started_at=now, last_audio_at=now, recording=recording)


def leave(session: Session, now: datetime) -> Session:
    """The last leg has gone; the reconnect window opens."""
    return session if session.is_closed else replace(session, disconnected_at=now)


def agent_left(session: Session, now: datetime) -> Session:
    """A human takes the agent's place; once."""
    return session if session.agent_left_at else replace(session, agent_left_at=now)


def seen(session: Session, at: datetime, step: timedelta = timedelta(0)) -> Session:
    """The owner lived at `at`. Never moved back, and by no less than `step`: a move rewrites the index of the due."""
    if session.seen_at is not None and at - session.seen_at < step:
        return session
    return replace(session, seen_at=max(at, session.seen_at or at))


def end(session: Session, reason: EndReason, now: datetime) -> Session:
    """`ended_at` and the duration are fixed here, whatever flushing takes."""
    return replace(step(session, Trigger.END), end_reason=reason, ended_at=now)


def flushed(session: Session) -> Session:
    """Nothing more will be written but the finished recording."""
    return replace(_provider_is(step(session, Trigger.FLUSHED), ProviderStatus.DISCONNECTED), disconnected_at=None)


def _provider_is(session: Session, status: ProviderStatus) -> Session:
    if session.provider is None:
        return session
    return replace(session, provider=replace(session.provider, status=status))
