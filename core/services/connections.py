"""The operator's use cases: connect a tenant to a carrier, and say which numbers are its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.domain import ids
from core.domain.access import Tenant
from core.domain.telephony import (
    CREDENTIALS,
    Carrier,
    Connection,
    Credentials,
    Number,
    Telephony,
    connected,
    disconnected,
    numbered,
    preferring,
    secret_name,
    unnumbered,
)
from core.errors import Conflict, NotFound, WriteConflict
from core.ports import Ids
from core.telephony_ports import CredentialWriter, NumberTaken, TelephonyStore

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class ConnectionService:
    """`prefix` begins the names of the secrets."""

    store: TelephonyStore
    credentials: CredentialWriter
    ids: Ids
    prefix: str

    def connect(
        self, tenant: Tenant, carrier: Carrier, name: str, credentials: Credentials, *, default: bool = False
    ) -> Connection:
        """The secret comes first: one that nothing names does no harm, a connection without one cannot dial."""
        _check(carrier, credentials)
        connection_id = self.ids.new(ids.CONNECTION)
        connection = Connection(connection_id, carrier, name, secret_name(self.prefix, tenant, connection_id))
        self.credentials.put(connection.secret, credentials)
        self._change(tenant, lambda held: connected(held, connection, default=default))
        return connection

    def rotate(self, tenant: Tenant, connection_id: str, credentials: Credentials) -> None:
        """Raises NotFound."""
        connection = self.connection(tenant, connection_id)
        _check(connection.carrier, credentials)
        self.credentials.put(connection.secret, credentials)

    def disconnect(self, tenant: Tenant, connection_id: str) -> None:
        """With its numbers and its secret. Raises NotFound."""
        connection = self.connection(tenant, connection_id)
        self._change(tenant, lambda held: disconnected(held, connection_id))
        self.credentials.remove(connection.secret)

    def prefer(self, tenant: Tenant, connection_id: str) -> None:
        """Raises NotFound."""
        self._change(tenant, lambda held: preferring(held, connection_id))

    def add_number(self, tenant: Tenant, number: Number) -> None:
        """Raises NotFound, and Conflict when the number is another tenant's."""
        self._change(tenant, lambda held: numbered(held, number))

    def remove_number(self, tenant: Tenant, number: str) -> None:
        self._change(tenant, lambda held: unnumbered(held, number))

    def connection(self, tenant: Tenant, connection_id: str) -> Connection:
        """Raises NotFound."""
        connection = self.store.of(tenant).connections.get(connection_id)
        if connection is None:
            raise NotFound("connection_not_found", f"there is no connection {connection_id}")
        return connection

    def _change(self, tenant: Tenant, change: Callable[[Telephony], Telephony]) -> None:
        for _ in range(_ATTEMPTS):
            try:
                self.store.put(tenant, change(self.store.of(tenant)))
                return
            except NumberTaken:
                raise Conflict("number_taken", "another tenant of this deployment has this number") from None
            except WriteConflict:
                continue
        raise Conflict("telephony_busy", "the telephony of this tenant is changing too fast", retry_after_s=1)


def _check(carrier: Carrier, credentials: Credentials) -> None:
    kind = CREDENTIALS.get(carrier)
    if kind is None or not isinstance(credentials, kind):
        raise ValueError(f"these are no credentials of {carrier}")
