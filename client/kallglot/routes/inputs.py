"""The objects that a session is created with, for type checkers; at run time they are plain dictionaries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


class _ToolRequired(TypedDict):
    name: str


class ToolIn(_ToolRequired, total=False):
    """`parameters` and `result` are JSON Schemas."""

    description: str
    parameters: dict[str, Any]
    result: dict[str, Any]
    timeout_seconds: float


class TransferIn(TypedDict):
    enabled: bool


class TurnTakingIn(TypedDict, total=False):
    silence_ms: int
    ignore_backchannels: bool
    filler: str
    filler_after_seconds: float


class _SilencePromptRequired(TypedDict):
    text: str


class SilencePromptIn(_SilencePromptRequired, total=False):
    after_seconds: float
    times: int


class LimitsIn(TypedDict, total=False):
    """Of one session; `cost` is in US dollars, `answer_tokens` of one answer."""

    tokens: int
    cost: float
    duration_seconds: float
    answer_tokens: int


class AgentDescription(TypedDict, total=False):
    """What an agent is. Where something is changed, None takes it away."""

    system_prompt: str
    voice: str | None
    temperature: float | None
    model: str | None
    language: str | None
    knowledge_base_id: str | None
    tools: Sequence[ToolIn] | None
    greeting: str | None
    transfer: TransferIn | None
    turn_taking: TurnTakingIn | None
    silence_prompt: SilencePromptIn | None
    limits: LimitsIn | None


class AgentUpdate(AgentDescription, total=False):
    name: str
    metadata: Mapping[str, str] | None


class AgentIn(AgentDescription, total=False):
    """Described here, or by its `id` with `overrides`."""

    id: str
    overrides: AgentDescription


class _TrunkRequired(TypedDict):
    uri: str


class TrunkIn(_TrunkRequired, total=False):
    """`password` left out: the one that is there, for the same uri, transport and username."""

    transport: Literal["udp", "tcp", "tls"]
    username: str
    password: str
    from_uri: str


class SipUpdate(TypedDict, total=False):
    allowed_networks: Sequence[str] | None
    max_calls: int | None
    trunk: TrunkIn | None
