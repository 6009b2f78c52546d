"""Sessions: `core.domain.views`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.domain.sessions import Channels, EndReason, Mode, Role
from reference.objects.agents import AgentLimits, AgentSilencePrompt, AgentTool, AgentTransfer, AgentTurnTaking
from reference.objects.base import ListOf, Maybe, Seconds, Shown, Timestamp

SessionId = Annotated[str, Field(pattern="^sess_", examples=["sess_01HXYZ123456789"])]


class Stream(Shown):
    """The WebSocket of a session."""

    url: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    token: Annotated[str, Field(pattern="^kst_(live|test)_", description="Opens this session's stream, no other.")]
    expires_at: Annotated[Timestamp, Field(description="When it opens no more; what is open stays open.")]


class Provider(Shown):
    """The telephone line of a session, with what was given about it at its creation."""

    type: Literal["twilio", "telnyx", "sip"]
    status: Literal["pending", "connected", "disconnected"]
    phone_number: Maybe[str] = None
    call_sid: Maybe[str] = None
    call_control_id: Maybe[str] = None
    sip_call_id: Annotated[Maybe[str], Field(description="`Call-ID` of a call by SIP.")] = None
    connection_id: Maybe[str] = None
    transport: Maybe[str] = None
    codecs: Maybe[list[str]] = None
    direction: Maybe[Literal["inbound", "outbound"]] = None
    from_uri: Maybe[str] = None
    from_: Annotated[Maybe[str], Field(alias="from", description="Who called, of a call that came in.")] = None
    to: Annotated[Maybe[str], Field(description="Who was called, of a call that went out.")] = None
    reason: Annotated[Maybe[str], Field(description="Why the last call came to nothing: `busy`, `no_answer`, …")] = None


class Participant(Shown):
    type: Role
    language: str
    id: Maybe[str] = None
    name: Maybe[str] = None


class SessionAgent(Shown):
    """Who talks with the customer. By its id where it is kept under one; else as it was described with the session,
    without the system prompt, and of its tools the names."""

    id: Maybe[str] = None
    version: Annotated[Maybe[int], Field(description="The one that the session was created with.")] = None
    voice: Maybe[str] = None
    temperature: Maybe[float] = None
    model: Maybe[str] = None
    language: Maybe[str] = None
    knowledge_base_id: Maybe[str] = None
    tools: Maybe[list[AgentTool]] = None
    greeting: Maybe[str] = None
    transfer: Maybe[AgentTransfer] = None
    turn_taking: Maybe[AgentTurnTaking] = None
    silence_prompt: Maybe[AgentSilencePrompt] = None
    limits: Maybe[AgentLimits] = None


class SessionRecording(Shown):
    enabled: bool
    channels: Maybe[Channels] = None
    id: Annotated[Maybe[str], Field(description="Once the first audio was recorded.")] = None
    duration: Annotated[Maybe[Seconds], Field(description="Once the file was made.")] = None


class SessionTranscript(Shown):
    available: bool
    word_count: Annotated[int, Field(ge=0)]


class Meters(Shown):
    active_seconds: Seconds
    translation_seconds: Seconds
    ai_agent_seconds: Seconds


class NewSession(Shown):
    """A session as its creation answers with it."""

    id: SessionId
    object: Literal["session"]
    status: Literal["created"]
    mode: Mode
    source_language: str | None
    target_language: str | None
    stream: Stream
    provider: Maybe[Provider] = None
    participants: Maybe[list[Participant]] = None
    ai_agent: Annotated[Maybe[SessionAgent], Field(description="In the modes with a machine at one end.")] = None
    recording: SessionRecording
    metadata: dict[str, str]
    created_at: Timestamp


class Session(Shown):
    """A session at the moment it was asked for."""

    id: SessionId
    object: Literal["session"]
    status: Literal["created", "connecting", "active", "ending", "ended"]
    mode: Mode
    source_language: str | None
    target_language: str | None
    stream: Annotated[Maybe[Stream], Field(description="Until the session has ended.")] = None
    provider: Annotated[Maybe[Provider], Field(description="Where there is telephony.")] = None
    participants: Maybe[list[Participant]] = None
    ai_agent: Annotated[Maybe[SessionAgent], Field(description="In the modes with a machine at one end.")] = None
    duration: Annotated[Seconds, Field(description="Seconds; it runs while the session does.")]
    recording: SessionRecording
    transcript: SessionTranscript
    usage: Annotated[Maybe[Meters], Field(description="What is billed.")] = None
    metadata: dict[str, str]
    created_at: Timestamp
    started_at: Annotated[Timestamp | None, Field(description="The first audio.")]
    ended_at: Timestamp | None
    end_reason: Annotated[Maybe[EndReason], Field(description="Once the session has ended.")] = None


class SessionList(ListOf):
    data: list[Session]
