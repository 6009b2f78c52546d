"""The objects that a session is created with, for type checkers; at run time they are plain dictionaries."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

Mode = Literal["bidirectional_translation", "assistive_translation", "ai_agent", "help_chat_voice"]
Reason = Literal["completed", "customer_hangup", "agent_hangup", "error", "timeout"]
TextFormat = Literal["text", "srt", "vtt"]
AudioFormat = Literal["wav", "mp3"]
Role = Literal["customer", "agent"]


class _ParticipantRequired(TypedDict):
    type: Role
    language: str


class ParticipantIn(_ParticipantRequired, total=False):
    id: str
    name: str


class _ProviderRequired(TypedDict):
    type: Literal["twilio", "telnyx", "sip"]


class ProviderIn(_ProviderRequired, total=False):
    """The early shape of telephony."""

    phone_number: str
    call_sid: str
    call_control_id: str
    transport: str
    codecs: list[str]


class SipIn(TypedDict, total=False):
    from_uri: str


class RoutingIn(TypedDict, total=False):
    """The late shape of telephony: one of `phone_number`, `connection_id` and `type: "sip"`."""

    phone_number: str
    connection_id: str
    type: Literal["sip"]
    sip: SipIn
    direction: Literal["inbound", "outbound"]


class RecordingIn(TypedDict, total=False):
    enabled: bool
    channels: Literal["dual", "mono"]


class TranscriptionIn(TypedDict, total=False):
    enabled: bool
    partials: bool
    redact: list[str]
    hints: list[str]
    policy: Literal["quality", "balanced", "low"]


class TranslationIn(TypedDict, total=False):
    """`glossary`: each term by language code."""

    glossary: list[dict[str, str]]
    do_not_translate: list[str]


class AgentIn(TypedDict, total=False):
    """Described here, or by its `id` with `overrides`."""

    id: str
    overrides: dict[str, Any]
    system_prompt: str
    voice: str
    temperature: float
    knowledge_base_id: str
    tools: list[dict[str, Any]]
    greeting: str
