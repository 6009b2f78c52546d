"""The late request shape `routing` → the telephony behind a session, in the contract's order:
connection, SIP, managed number of the tenant, default connection; nothing fits → `no_route`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.access import Tenant
from core.domain.sessions import Provider
from core.domain.telephony import Connection, Telephony
from core.errors import ValidationFailed
from core.telephony_ports import TelephonyStore


@dataclass(frozen=True, slots=True)
class Routing:
    """At most one of `connection_id`, `sip` and `phone_number` is set; none asks for the default connection."""

    connection_id: str | None = None
    sip: bool = False
    sip_from_uri: str | None = None
    phone_number: str | None = None
    direction: str | None = None


@dataclass(frozen=True, slots=True)
class RoutingService:
    telephony: TelephonyStore

    def resolve(self, tenant: Tenant, routing: Routing) -> Provider:
        """Raises ValidationFailed `no_route`."""
        provider = resolve(self.telephony.of(tenant), routing)
        if provider is None:
            raise ValidationFailed("no_route", "the organization has no telephony that fits", param="routing")
        return provider


def resolve(telephony: Telephony, routing: Routing) -> Provider | None:
    if routing.connection_id is not None:
        return _by(telephony.connections.get(routing.connection_id), routing)
    if routing.sip:
        return Provider("sip", details=_details(routing, from_uri=routing.sip_from_uri))
    own = telephony.connection_of(routing.phone_number)
    if own is not None:
        return Provider(own.carrier.value, phone_number=routing.phone_number, details=_details(routing))
    return _by(telephony.connections.get(telephony.default_connection or ""), routing)


def _by(connection: Connection | None, routing: Routing) -> Provider | None:
    if connection is None:
        return None
    details = _details(routing, connection_id=connection.id)
    return Provider(connection.carrier.value, phone_number=routing.phone_number, details=details)


def _details(routing: Routing, **more: str | None) -> Mapping[str, Any]:
    return {name: value for name, value in {"direction": routing.direction, **more}.items() if value is not None}
