"""Telephone legs as others see them: in the session's `provider`, and as objects of the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from core.domain.legs import Direction, Leg, LegEnd, LegStatus
from core.domain.sessions import Provider, ProviderStatus, Session
from core.domain.telephony import Carrier
from core.domain.views import timestamp

_CALL_FIELD: Mapping[Carrier, str] = MappingProxyType(
    {Carrier.TWILIO: "call_sid", Carrier.TELNYX: "call_control_id", Carrier.SIP: "sip_call_id"}
)


def telephoned(session: Session, legs: Sequence[Leg]) -> Session:
    """The session as its telephone legs make it; `legs` are all of them, oldest first.

    A provider whose calls are the customer's own business stays as it is.
    """
    known, shown = session.provider, _shown(legs)
    if known is not None and not known.managed and _is_theirs(known, shown):
        return replace(session, leg_count=len(legs))
    status = ProviderStatus.DISCONNECTED if session.is_closed else _status(legs)
    provider = Provider(
        type=shown.carrier.value,
        status=status,
        phone_number=known.phone_number if known and known.phone_number else _own_number(shown),
        details={**_kept(known), **_details(shown)},
        managed=True,
    )
    return replace(session, provider=provider, leg_count=len(legs))


def leg_object(leg: Leg) -> dict[str, Any]:
    """A leg as the API shows it."""
    provider = {"type": leg.carrier.value, **_connection(leg)}
    if leg.call_id is not None:
        provider[_CALL_FIELD[leg.carrier]] = leg.call_id
    shown: dict[str, Any] = {
        "id": leg.id,
        "object": "leg",
        "session_id": leg.session_id,
        "direction": leg.direction.value,
        "participant": leg.participant,
        "to": leg.to_number,
        "from": leg.from_number,
        "status": leg.status.value,
        "provider": provider,
        "created_at": timestamp(leg.created_at),
        "connected_at": timestamp(leg.connected_at),
        "ended_at": timestamp(leg.ended_at),
    }
    return shown | ({"end_reason": leg.ended_as.value} if leg.ended_as else {})


def _is_theirs(provider: Provider, shown: Leg) -> bool:
    """A call that somebody else has named, or that has connected without us.

    What connected before a call by SIP came was another socket, such as the agent's: the call is the one that was
    waited for.
    """
    named = any(name in provider.details for name in _CALL_FIELD.values())
    was_waited_for = shown.carrier is Carrier.SIP and provider.type == Carrier.SIP.value
    return named or (provider.status is not ProviderStatus.PENDING and not was_waited_for)


def _status(legs: Sequence[Leg]) -> ProviderStatus:
    if any(leg.status is LegStatus.CONNECTED for leg in legs):
        return ProviderStatus.CONNECTED
    return ProviderStatus.PENDING if any(leg.is_live for leg in legs) else ProviderStatus.DISCONNECTED


def _shown(legs: Sequence[Leg]) -> Leg:
    """The one that the provider fields speak of: connected before waiting before over, the newest of its kind."""
    return max(legs, key=lambda leg: (leg.status is LegStatus.CONNECTED, leg.is_live, leg.created_at, leg.id))


def _own_number(leg: Leg) -> str | None:
    """A call by SIP goes to a session, by its id."""
    if leg.carrier is Carrier.SIP:
        return None
    return leg.to_number if leg.direction is Direction.INBOUND else leg.from_number


def _kept(provider: Provider | None) -> dict[str, Any]:
    """What was there before, without what speaks of one call."""
    of_a_call = {*_CALL_FIELD.values(), "direction", "connection_id", "from", "to", "reason"}
    return {name: value for name, value in (provider.details if provider else {}).items() if name not in of_a_call}


def _details(leg: Leg) -> dict[str, Any]:
    shown: dict[str, Any] = {"direction": leg.direction.value, **_connection(leg)}
    other = {"from": leg.from_number} if leg.direction is Direction.INBOUND else {"to": leg.to_number}
    shown |= {name: value for name, value in other.items() if value}
    if leg.call_id is not None:
        shown[_CALL_FIELD[leg.carrier]] = leg.call_id
    if leg.ended_as not in (None, LegEnd.COMPLETED):
        shown["reason"] = leg.ended_as.value
    return shown


def _connection(leg: Leg) -> dict[str, str]:
    return {"connection_id": leg.connection_id} if leg.connection_id else {}
