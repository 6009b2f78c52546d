"""The late request shape `routing` → the telephony behind a session, in the contract's order:
connection, SIP, managed number of the organization, default connection; nothing fits → `no_route`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.domain.access import Tenant
from core.domain.organizations import Organization
from core.domain.sessions import Provider
from core.errors import ValidationFailed
from core.ports import AccessStore


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
    access: AccessStore

    def resolve(self, tenant: Tenant, routing: Routing) -> Provider:
        """Raises ValidationFailed `no_route`."""
        organization = self.access.organization(tenant.organization_id)
        provider = resolve(organization, routing) if organization else None
        if provider is None:
            raise ValidationFailed("no_route", "the organization has no telephony that fits", param="routing")
        return provider


def resolve(organization: Organization, routing: Routing) -> Provider | None:
    if routing.connection_id is not None:
        return _connection(organization, routing.connection_id, routing)
    if routing.sip:
        return Provider("sip", details=_details(routing, from_uri=routing.sip_from_uri))
    carrier = organization.numbers.get(routing.phone_number or "")
    if carrier is not None:
        return Provider(carrier, phone_number=routing.phone_number, details=_details(routing))
    return _connection(organization, organization.default_connection, routing)


def _connection(organization: Organization, connection_id: str | None, routing: Routing) -> Provider | None:
    carrier = organization.connections.get(connection_id or "")
    if carrier is None:
        return None
    details = _details(routing, connection_id=connection_id)
    return Provider(carrier, phone_number=routing.phone_number, details=details)


def _details(routing: Routing, **more: str | None) -> Mapping[str, Any]:
    return {name: value for name, value in {"direction": routing.direction, **more}.items() if value is not None}
