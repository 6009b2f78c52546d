"""Agents as they are kept under an id, and what they want done (docs/agents.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kallglot.objects.reading import Object


@dataclass(frozen=True, kw_only=True)
class Agent(Object):
    """At one of its versions. What was not given is None: there the deployment's way holds."""

    name: str = ""
    version: int = 0
    system_prompt: str = ""
    voice: str | None = None
    temperature: float | None = None
    model: str | None = None
    language: str | None = None
    knowledge_base_id: str | None = None
    tools: tuple[Mapping[str, Any], ...] = ()
    greeting: str | None = None
    transfer: Mapping[str, Any] | None = None
    turn_taking: Mapping[str, Any] | None = None
    silence_prompt: Mapping[str, Any] | None = None
    limits: Mapping[str, Any] | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class ToolCall(Object):
    """`status` is pending, answered or timed_out. An answered one has a `result`, any JSON, or an `error`."""

    session_id: str = ""
    name: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    status: str = ""
    asked_at: datetime | None = None
    expires_at: datetime | None = None
    result: Any = None
    error: str | None = None
