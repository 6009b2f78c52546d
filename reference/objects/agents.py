"""Agents: `core.domain.agent_records`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from reference.objects.base import ListOf, Maybe, Shown, Timestamp

AgentId = Annotated[str, Field(pattern="^agt_", examples=["agt_01KMN0XK80ABCDEFGHJKMNPQRS"])]


class AgentTool(Shown):
    """Something that your software can do for the agent."""

    name: str
    description: Maybe[str] = None
    parameters: Annotated[Maybe[dict[str, Any]], Field(description="A JSON Schema; without it, any object.")] = None
    result: Annotated[Maybe[dict[str, Any]], Field(description="A JSON Schema; without it, any JSON.")] = None
    timeout_seconds: Maybe[float] = None


class AgentTransfer(Shown):
    enabled: bool


class AgentTurnTaking(Shown):
    silence_ms: Maybe[int] = None
    ignore_backchannels: Maybe[bool] = None
    filler: Maybe[str] = None
    filler_after_seconds: Maybe[float] = None


class AgentSilencePrompt(Shown):
    text: str
    after_seconds: Maybe[float] = None
    times: Maybe[int] = None


class AgentLimits(Shown):
    tokens: Maybe[int] = None
    cost: Maybe[float] = None
    duration_seconds: Maybe[float] = None
    answer_tokens: Maybe[int] = None


class Agent(Shown):
    """A description that sessions can name. What was not given is null: there the deployment's way holds."""

    id: AgentId
    object: Literal["agent"]
    name: str
    version: Annotated[int, Field(ge=1, description="Grows with every change.")]
    system_prompt: str
    voice: str | None
    temperature: float | None
    model: str | None
    language: str | None
    knowledge_base_id: str | None
    tools: list[AgentTool]
    greeting: str | None
    transfer: AgentTransfer | None
    turn_taking: AgentTurnTaking | None
    silence_prompt: AgentSilencePrompt | None
    limits: AgentLimits | None
    metadata: dict[str, str]
    created_at: Timestamp
    updated_at: Annotated[Timestamp, Field(description="When this version was made.")]


class AgentList(ListOf):
    data: list[Agent]


class DeletedAgent(Shown):
    id: AgentId
    object: Literal["agent"]
    deleted: Literal[True]
