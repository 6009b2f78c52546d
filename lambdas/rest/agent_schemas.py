"""The bodies that describe an agent, field by field: with a session, under an id, and what differs from one.

One class has the fields; the others say which of them must be there. JSON Schemas of tools are checked by
`core.services.agent_descriptions`, whichever body they come in.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from core.domain.agents import MOST_TOOLS, TRANSFER_TOOL
from core.domain.tool_schemas import LARGEST_SCHEMA_BYTES
from lambdas.rest.fields import Language
from lambdas.rest.strict import Metadata, Short, Strict

Prompt = Annotated[str, Field(min_length=1, max_length=20_000, description="What the agent is told to be. Never said.")]
AgentName = Annotated[str, Field(min_length=1, max_length=100, description="For you; callers never hear it.")]


def _of_object(schema: dict[str, Any]) -> dict[str, Any]:
    """Models take nothing else, and say so only when they are called."""
    if schema.get("type") != "object":
        raise PydanticCustomError("not_of_object", 'must say {"type": "object"}')
    return schema


_BOUNDS = (
    f"of draft 2020-12: at most {LARGEST_SCHEMA_BYTES} bytes, with references to its own parts only (`#/$defs/…`) and "
    "not in circles, and patterns without look-around and back-references."
)
# Plain dictionaries, so that a null in them (`{"const": null}`) is kept.
ObjectSchema = Annotated[
    dict[str, Any],
    AfterValidator(_of_object),
    Field(
        description=f"A JSON Schema {_BOUNDS} Left out: any object.",
        json_schema_extra={"properties": {"type": {"const": "object"}}, "required": ["type"]},
    ),
]
AnySchema = Annotated[dict[str, Any], Field(description=f"A JSON Schema {_BOUNDS} Left out: any JSON is an answer.")]


class ToolIn(Strict):
    """Something that your software can do for the agent."""

    name: Annotated[
        str,
        Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$", json_schema_extra={"not": {"const": TRANSFER_TOOL}}),
    ]
    description: Annotated[str | None, Field(max_length=1_000, description="By this the model decides.")] = None
    parameters: ObjectSchema | None = None
    result: AnySchema | None = None
    timeout_seconds: Annotated[
        float | None, Field(ge=1, le=60, description="How long an answer may take. Left out: 10.")
    ] = None


def _names(tools: list[ToolIn]) -> list[ToolIn]:
    names = [tool.name for tool in tools]
    if TRANSFER_TOOL in names:
        raise PydanticCustomError("reserved", f"{TRANSFER_TOOL} is ours: enable transfer instead")
    if len(set(names)) != len(names):
        raise PydanticCustomError("unique", "must have names of their own")
    return tools


class TransferIn(Strict):
    enabled: Annotated[bool, Field(description="Whether the agent may hand the call over to a human.")]


class TurnTakingIn(Strict):
    silence_ms: Annotated[
        int | None, Field(ge=200, le=2_000, description="How long a silence ends what the caller says.")
    ] = None
    ignore_backchannels: Annotated[
        bool | None, Field(description="Whether “uh-huh” leaves the floor to the agent. Left out: it does.")
    ] = None
    filler: Annotated[str | None, Field(max_length=200, description="Said when the model takes its time.")] = None
    filler_after_seconds: Annotated[float | None, Field(ge=0.3, le=10)] = None


class SilencePromptIn(Strict):
    """What the agent says when nobody has said anything."""

    text: Annotated[str, Field(min_length=1, max_length=500)]
    after_seconds: Annotated[float | None, Field(ge=2, le=120, description="Left out: 10.")] = None
    times: Annotated[int | None, Field(ge=1, le=10, description="At most so often in a row. Left out: 2.")] = None


class LimitsIn(Strict):
    """What one session may use at most."""

    tokens: Annotated[int | None, Field(ge=1, le=10_000_000)] = None
    cost: Annotated[float | None, Field(gt=0, le=10_000, description="US dollars, by the deployment's prices.")] = None
    duration_seconds: Annotated[float | None, Field(ge=10, le=86_400)] = None
    answer_tokens: Annotated[int | None, Field(ge=16, le=8_192, description="Of one answer. Left out: 512.")] = None


class AgentFields(Strict):
    """All but the system prompt, which some bodies need and others do not."""

    voice: Annotated[Short | None, Field(description="By its name in the running engine set.")] = None
    temperature: Annotated[float | None, Field(ge=0, le=2)] = None
    model: Annotated[
        Short | None, Field(description="A language model, by its name in the deployment. Left out: its default.")
    ] = None
    language: Annotated[
        Language | None, Field(description="What the agent thinks in. Left out: the session's target language.")
    ] = None
    knowledge_base_id: Short | None = None
    tools: Annotated[list[ToolIn], Field(max_length=MOST_TOOLS), AfterValidator(_names)] | None = None
    greeting: Annotated[str | None, Field(max_length=2_000, description="Said first.")] = None
    transfer: TransferIn | None = None
    turn_taking: TurnTakingIn | None = None
    silence_prompt: SilencePromptIn | None = None
    limits: LimitsIn | None = None

    def described(self) -> dict[str, Any]:
        """What was given of `core.domain.agent_records.DESCRIBED`, in the API's shape; None where null was."""
        names = [name for name in type(self).model_fields if name in self.model_fields_set - _NOT_DESCRIBED]
        given = self.model_dump(exclude_none=True, include=set(names))
        return {name: given.get(name) for name in names}


_NOT_DESCRIBED = frozenset({"id", "name", "metadata", "overrides"})


class AgentChanges(AgentFields):
    """What a session changes of an agent. What is left out stays, what is null is taken away."""

    # Not null: there is no agent without one. The default is never read.
    system_prompt: Prompt = Field(default_factory=str)


class AgentIn(AgentFields):
    """An agent described here, or one by its id with what differs; `requests` sees to the either-or."""

    id: Annotated[str, Field(pattern=r"^agt_[0-9A-Za-z]+$", max_length=64)] | None = None
    overrides: AgentChanges | None = None
    system_prompt: Prompt | None = None


class ToolResult(Strict):
    """POST /v1/sessions/{id}/tool_results: a `result`, any JSON, or an `error`."""

    call_id: Annotated[str, Field(pattern=r"^call_[0-9A-Za-z]{1,40}$")]
    result: Annotated[Any, Field(description="It fits the schema that the tool was declared with.")] = None
    error: Annotated[str | None, Field(min_length=1, max_length=2_000, description="Told to the model as one.")] = None


class CreateAgent(AgentFields):
    """POST /v1/agents."""

    name: AgentName
    system_prompt: Prompt
    metadata: Metadata | None = None


class UpdateAgent(AgentChanges):
    """PATCH /v1/agents/{id}. What is left out stays, what is null is taken away; an object is replaced as a whole."""

    name: AgentName = Field(default_factory=str)
    metadata: Metadata | None = None
