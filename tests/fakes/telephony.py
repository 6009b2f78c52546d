"""What the telephone services need, in memory."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

from core.domain.access import Tenant
from core.domain.telephony import Carrier, Connection, Credentials, Number, Telephony, TwilioCredentials
from core.errors import WriteConflict
from core.telephony_ports import CallPlace, NumberTaken
from tests.fakes.stores import MemorySessions

TWILIO = TwilioCredentials("AC" + "0" * 32, "auth-token")


class MemoryTelephony:
    """TelephonyStore and CallDirectory, the latter over the sessions that it is made with."""

    def __init__(self, sessions: MemorySessions | None = None) -> None:
        self._sessions = sessions
        self._lock = threading.Lock()
        self._held: dict[Tenant, Telephony] = {}
        self._owners: dict[str, Tenant] = {}

    def of(self, tenant: Tenant) -> Telephony:
        return self._held.get(tenant, Telephony())

    def put(self, tenant: Tenant, telephony: Telephony) -> None:
        with self._lock:
            before = self.of(tenant)
            if before.version != telephony.version:
                raise WriteConflict("telephony")
            if any(self._owners.get(number, tenant) != tenant for number in telephony.numbers):
                raise NumberTaken
            for number in before.numbers.keys() - telephony.numbers.keys():
                self._owners.pop(number, None)
            self._owners |= dict.fromkeys(telephony.numbers, tenant)
            self._held[tenant] = replace(telephony, version=telephony.version + 1)

    def owner_of(self, number: str) -> Tenant | None:
        return self._owners.get(number)

    def place_of(self, carrier: str, call_id: str) -> CallPlace | None:
        found = self._sessions.calls.get((carrier, call_id)) if self._sessions else None
        return CallPlace(*found) if found else None


class MemoryCredentials:
    """CredentialReader and CredentialWriter."""

    def __init__(self) -> None:
        self.held: dict[str, Credentials] = {}

    def of(self, connection: Connection) -> Credentials | None:
        return self.held.get(connection.secret)

    def put(self, name: str, credentials: Credentials) -> None:
        self.held[name] = credentials

    def remove(self, name: str) -> None:
        self.held.pop(name, None)


def a_telephony(
    number: str, connection_id: str = "pcon_1", carrier: Carrier = Carrier.TWILIO, *, default: bool = True, **more: Any
) -> Telephony:
    """One connection and one number on it."""
    connection = Connection(connection_id, carrier, "Main", f"kallglot/connections/{connection_id}")
    held = replace(Number(number, connection_id), **more)
    return Telephony({connection_id: connection}, {number: held}, connection_id if default else None)
