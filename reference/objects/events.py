"""The envelope of an event: `core.domain.events`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from reference.objects.base import Shown, Timestamp
from reference.objects.sessions import SessionId


class Event(Shown):
    """What happened. `id` stays the same however often it is delivered."""

    id: Annotated[str, Field(pattern="^evt_")]
    type: str
    api_version: Literal["v1"]
    created_at: Timestamp
    session_id: Annotated[SessionId | None, Field(description="Null when it is about no session.")]
    sequence: Annotated[int | None, Field(ge=1, description="Orders the events of one session.")]
    data: Annotated[dict[str, Any], Field(description="The object that the event is about.")]
