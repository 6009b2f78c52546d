"""Tool calls: `core.domain.tool_calls`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from core.domain.tool_calls import ToolCallStatus
from reference.objects.base import Maybe, Shown, Timestamp
from reference.objects.sessions import SessionId

ToolCallId = Annotated[str, Field(pattern="^call_", examples=["call_01KMN0XK80ABCDEFGHJKMNPQRS"])]


class ToolCall(Shown):
    """Something that an agent wants done by your software."""

    id: ToolCallId
    object: Literal["tool_call"]
    session_id: SessionId
    name: Annotated[str, Field(description="The tool, as it was declared.")]
    arguments: Annotated[dict[str, Any], Field(description="They fit the schema that the tool was declared with.")]
    status: ToolCallStatus
    asked_at: Timestamp
    expires_at: Annotated[Timestamp, Field(description="An answer that comes later is not taken.")]
    result: Annotated[Any, Field(description="Once it is answered.")] = None
    error: Annotated[Maybe[str], Field(description="In its place, where the answer was an error.")] = None
