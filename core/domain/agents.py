"""An agent of ours: how it is described, and what a session that it serves keeps of that. Pure.

A session keeps the whole description, whether it was given with the session or by an agent's id: what happens to that
agent later does not change a call. `spec_of` reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.domain.sessions import WITH_AGENT, Role, Session

TRANSFER_TOOL = "transfer_to_human"
"""Offered to the model where the description allows it; carried out by the media plane, never told to a customer's
server as a call of theirs."""
DEFAULT_TOOL_TIMEOUT_S = 10.0
MOST_TOOLS = 64

_HELP_DESK = "You answer the caller's questions from the passages you are given, and from nothing else."


@dataclass(frozen=True, slots=True)
class ToolDeclaration:
    """What a model may ask the customer's software to do. `parameters` and `result` are JSON Schemas; without a
    `result` any JSON value is taken. `timeout_s` is how long an answer may take."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object"})
    result: Mapping[str, Any] | None = None
    timeout_s: float = DEFAULT_TOOL_TIMEOUT_S


@dataclass(frozen=True, slots=True)
class TurnTaking:
    """`silence_ms` of the caller end what they say; None is the deployment's. With `backchannels`, "uh-huh" and the
    like do not take the floor from the agent. `filler` is said when the model takes longer than `filler_after_s`."""

    silence_ms: int | None = None
    backchannels: bool = True
    filler: str | None = None
    filler_after_s: float = 1.0


@dataclass(frozen=True, slots=True)
class SilencePrompts:
    """What the agent says when nobody has said anything for `after_s`, at most `times` in a row."""

    text: str
    after_s: float = 10.0
    times: int = 2


@dataclass(frozen=True, slots=True)
class Caps:
    """What one session may use at most; None is no limit. `cost` is in US dollars, by the deployment's prices.
    `answer_tokens`: of one answer."""

    tokens: int | None = None
    cost: float | None = None
    duration_s: float | None = None
    answer_tokens: int = 512


@dataclass(frozen=True, slots=True)
class AgentSpec:
    """How an agent behaves in one session. `language` is the one it thinks in; None is the session's target language.
    `voice` is a name that engines may not know. `model` is a name within the deployment's language models, None for
    the deployment's default. `id` and `version` are there where it was given by its id."""

    system_prompt: str
    id: str | None = None
    version: int | None = None
    voice: str | None = None
    temperature: float | None = None
    model: str | None = None
    language: str | None = None
    knowledge_base_id: str | None = None
    tools: tuple[ToolDeclaration, ...] = ()
    greeting: str | None = None
    transfer: bool = False
    turn_taking: TurnTaking = TurnTaking()
    silence: SilencePrompts | None = None
    caps: Caps = Caps()


def spec_of(session: Session) -> AgentSpec | None:
    """The agent that serves `session`; None in a mode without one. A help desk needs no description of its own."""
    if session.mode not in WITH_AGENT:
        return None
    return read_spec({"system_prompt": _HELP_DESK, **(session.ai_agent or {})})


def language_of(spec: AgentSpec, session: Session) -> str | None:
    """What the agent thinks in: its own language, else the agent's side of the session."""
    return spec.language or session.language_of(Role.AGENT)


def read_spec(given: Mapping[str, Any]) -> AgentSpec:
    """From the API's shape, as a session keeps it; checked before it was kept."""
    plain = ("id", "version", "voice", "temperature", "model", "language", "knowledge_base_id", "greeting")
    silence = given.get("silence_prompt")
    return AgentSpec(
        given["system_prompt"],
        **{name: given[name] for name in plain if given.get(name) is not None},
        tools=tuple(_tool(tool) for tool in given.get("tools") or ()),
        transfer=bool((given.get("transfer") or {}).get("enabled")),
        turn_taking=_turn_taking(given.get("turn_taking") or {}),
        silence=_silence(silence) if silence else None,
        caps=_caps(given.get("limits") or {}),
    )


def _tool(given: Mapping[str, Any]) -> ToolDeclaration:
    return ToolDeclaration(
        given["name"],
        given.get("description") or "",
        given.get("parameters") or {"type": "object"},
        given.get("result"),
        float(given.get("timeout_seconds") or DEFAULT_TOOL_TIMEOUT_S),
    )


def _turn_taking(given: Mapping[str, Any]) -> TurnTaking:
    usual = TurnTaking()
    return TurnTaking(
        silence_ms=given.get("silence_ms"),
        backchannels=given.get("ignore_backchannels", usual.backchannels),
        filler=given.get("filler"),
        filler_after_s=float(given.get("filler_after_seconds") or usual.filler_after_s),
    )


def _silence(given: Mapping[str, Any]) -> SilencePrompts:
    usual = SilencePrompts("")
    return SilencePrompts(
        given["text"], float(given.get("after_seconds") or usual.after_s), int(given.get("times") or usual.times)
    )


def _caps(given: Mapping[str, Any]) -> Caps:
    return Caps(
        tokens=given.get("tokens"),
        cost=given.get("cost"),
        duration_s=given.get("duration_seconds"),
        answer_tokens=int(given.get("answer_tokens") or Caps().answer_tokens),
    )
