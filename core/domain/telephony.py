"""What a tenant telephones with: connections to carriers, and the numbers that belong to them. Pure.

A connection is one account at a carrier. Its credentials are in a secret; here is only the secret's name. Live and test
keys have connections of their own: a test key must never ring a real telephone at the live account's expense.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.domain.access import Tenant
from core.domain.sessions import Mode, Recording, Role
from core.errors import Conflict, NotFound

MOST_NUMBERS = 1000
MOST_CONNECTIONS = 50

# Without an agent there is nobody to answer in the other modes.
ANSWERED_MODES = (Mode.BIDIRECTIONAL_TRANSLATION, Mode.ASSISTIVE_TRANSLATION)


class Carrier(StrEnum):
    """Who brings a call. By SIP nobody does but the caller's own PBX: no account, no connection, no number.

    Whoever means an account asks for CREDENTIALS.
    """

    TWILIO = "twilio"
    TELNYX = "telnyx"
    SIP = "sip"


@dataclass(frozen=True, slots=True)
class TwilioCredentials:
    account_sid: str
    auth_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TelnyxCredentials:
    """`public_key` (base64) checks what Telnyx signs; `application_id` is the Voice API application that dials."""

    api_key: str = field(repr=False)
    public_key: str
    application_id: str


Credentials = TwilioCredentials | TelnyxCredentials
CREDENTIALS: Mapping[Carrier, type[TwilioCredentials] | type[TelnyxCredentials]] = {
    Carrier.TWILIO: TwilioCredentials,
    Carrier.TELNYX: TelnyxCredentials,
}


@dataclass(frozen=True, slots=True)
class Connection:
    """`secret` names the secret with the credentials."""

    id: str
    carrier: Carrier
    name: str
    secret: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the tenant's (E.164) and what a call to it becomes; None is left to the organization's defaults.

    `participant` is who calls: a customer by default.
    """

    number: str
    connection_id: str
    mode: Mode = Mode.BIDIRECTIONAL_TRANSLATION
    source_language: str | None = None
    target_language: str | None = None
    recording: Recording | None = None
    participant: Role = Role.CUSTOMER


@dataclass(frozen=True, slots=True)
class Telephony:
    """Everything of one tenant. `version` grows with every stored change."""

    connections: dict[str, Connection] = field(default_factory=dict)
    numbers: dict[str, Number] = field(default_factory=dict)
    default_connection: str | None = None
    version: int = 0

    def connection_of(self, number: str | None) -> Connection | None:
        """Behind one of the tenant's own numbers."""
        owned = self.numbers.get(number or "")
        return self.connections.get(owned.connection_id) if owned else None

    def number_on(self, connection_id: str) -> str | None:
        """The first one that was added to this connection."""
        return next((n.number for n in self.numbers.values() if n.connection_id == connection_id), None)


def secret_name(prefix: str, tenant: Tenant, connection_id: str) -> str:
    """`prefix` is the deployment's; the functions that telephone may read what is below it, and nobody else."""
    environment = "live" if tenant.livemode else "test"
    return f"{prefix}/connections/{tenant.organization_id}/{environment}/{connection_id}"


def connected(telephony: Telephony, connection: Connection, *, default: bool) -> Telephony:
    """The first connection is the default one. Raises Conflict when there are too many."""
    connections = {**telephony.connections, connection.id: connection}
    if len(connections) > MOST_CONNECTIONS:
        raise Conflict("too_many_connections", f"a tenant has at most {MOST_CONNECTIONS} connections")
    preferred = connection.id if default or telephony.default_connection is None else telephony.default_connection
    return replace(telephony, connections=connections, default_connection=preferred)


def disconnected(telephony: Telephony, connection_id: str) -> Telephony:
    """Its numbers go with it. Raises NotFound."""
    _existing(telephony, connection_id)
    connections = {name: held for name, held in telephony.connections.items() if name != connection_id}
    numbers = {name: held for name, held in telephony.numbers.items() if held.connection_id != connection_id}
    is_default = telephony.default_connection == connection_id
    remaining = next(iter(connections), None) if is_default else telephony.default_connection
    return replace(telephony, connections=connections, numbers=numbers, default_connection=remaining)


def numbered(telephony: Telephony, number: Number) -> Telephony:
    """Raises NotFound for an unknown connection, Conflict when there are too many."""
    _existing(telephony, number.connection_id)
    numbers = {**telephony.numbers, number.number: number}
    if len(numbers) > MOST_NUMBERS:
        raise Conflict("too_many_numbers", f"a tenant has at most {MOST_NUMBERS} numbers")
    return replace(telephony, numbers=numbers)


def unnumbered(telephony: Telephony, number: str) -> Telephony:
    return replace(telephony, numbers={name: held for name, held in telephony.numbers.items() if name != number})


def preferring(telephony: Telephony, connection_id: str) -> Telephony:
    """Raises NotFound."""
    _existing(telephony, connection_id)
    return replace(telephony, default_connection=connection_id)


def _existing(telephony: Telephony, connection_id: str) -> Connection:
    connection = telephony.connections.get(connection_id)
    if connection is None:
        raise NotFound("connection_not_found", f"there is no connection {connection_id}")
    return connection
