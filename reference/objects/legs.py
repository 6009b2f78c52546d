"""Telephone legs: `core.domain.legs`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.domain.legs import Direction, LegEnd, LegStatus
from reference.objects.base import Maybe, Shown, Timestamp
from reference.objects.sessions import SessionId


class LegProvider(Shown):
    type: Literal["twilio", "telnyx", "sip"]
    connection_id: Annotated[Maybe[str], Field(pattern="^pcon_", description="Of a call by a carrier.")] = None
    call_sid: Annotated[Maybe[str], Field(description="Twilio's name of the call, once it has taken it.")] = None
    call_control_id: Annotated[Maybe[str], Field(description="Telnyx's name of the call, likewise.")] = None
    sip_call_id: Annotated[Maybe[str], Field(description="`Call-ID` of a call by SIP.")] = None


class Leg(Shown):
    """One telephone call into a session."""

    id: Annotated[str, Field(pattern="^leg_")]
    object: Literal["leg"]
    session_id: SessionId
    direction: Direction
    participant: Annotated[str, Field(description="`customer`, `agent` or the id of a participant.")]
    to: Annotated[str, Field(description="A phone number, or the URI of a call by SIP.")]
    from_: Annotated[str, Field(alias="from")]
    status: LegStatus
    provider: LegProvider
    created_at: Timestamp
    connected_at: Timestamp | None
    ended_at: Timestamp | None
    end_reason: Annotated[Maybe[LegEnd], Field(description="Once the call has ended.")] = None
