"""What calls by SIP need, in memory, and the service over it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random
from typing import Any

from core.domain.access import Tenant
from core.domain.rotation import fixed
from core.domain.sessions import Session, Timeouts
from core.domain.sip import Credential, Lease, Sip, TrunkCredentials, hashes
from core.errors import WriteConflict
from core.ports import Commit, IdempotencyRecord
from core.services.call_places import CallPlaces
from core.services.changes import Changes
from core.services.sip_calls import Caller, SipCallService
from tests.builders import ACME, a_session
from tests.fakes.clocks import START, FakeClock, SequenceIds
from tests.fakes.stores import MemoryIdempotency, MemorySessions

TOKEN_KEY = b"t" * 32
PASSWORD = "correct-horse"
CALLER = Caller("a84b4c76e66710@pbx.example.com", "192.0.2.7", "sip:alice@pbx.example.com", "sess_1")


class MemorySip:
    """SipStore; records of requests go where the sessions' go."""

    def __init__(self, sessions: MemorySessions) -> None:
        self._records = MemoryIdempotency(sessions)
        self._lock = threading.Lock()
        self._held: dict[Tenant, Sip] = {}
        self.reads = 0

    def of(self, tenant: Tenant) -> Sip:
        self.reads += 1
        return self._held.get(tenant, Sip())

    def put(self, tenant: Tenant, sip: Sip, idempotency: IdempotencyRecord | None = None) -> None:
        with self._lock:
            is_current = self._held.get(tenant, Sip()).version == sip.version
            if idempotency is not None and (is_current or self._is_known(idempotency)):
                self._records.put(idempotency)
            if not is_current:
                raise WriteConflict("sip")
            self._held[tenant] = replace(sip, version=sip.version + 1)

    def _is_known(self, record: IdempotencyRecord) -> bool:
        return self._records.find(record.tenant, record.route, record.key) is not None


class MemoryLeases:
    """CallLeases."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.held: dict[tuple[Tenant, int], Lease] = {}

    def taken(self, tenant: Tenant) -> list[Lease]:
        with self._lock:
            return [lease for (owner, _), lease in sorted(self.held.items(), key=_number) if owner == tenant]

    def take(self, tenant: Tenant, lease: Lease, now: datetime) -> bool:
        with self._lock:
            before = self.held.get((tenant, lease.number))
            if before is not None and before.expires_at > now:
                return False
            self.held[tenant, lease.number] = lease
            return True

    def renew(self, tenant: Tenant, lease: Lease) -> bool:
        with self._lock:
            if not self._is_its_own(tenant, lease):
                return False
            self.held[tenant, lease.number] = lease
            return True

    def give_up(self, tenant: Tenant, lease: Lease) -> None:
        with self._lock:
            if self._is_its_own(tenant, lease):
                del self.held[tenant, lease.number]

    def _is_its_own(self, tenant: Tenant, lease: Lease) -> bool:
        held = self.held.get((tenant, lease.number))
        return held is not None and held.leg_id == lease.leg_id


class MemoryTrunkSecrets:
    """TrunkSecretWriter and TrunkSecretReader."""

    def __init__(self) -> None:
        self.held: dict[str, TrunkCredentials] = {}

    def put(self, name: str, credentials: TrunkCredentials) -> None:
        self.held[name] = credentials

    def remove(self, name: str) -> None:
        self.held.pop(name, None)

    def of(self, name: str) -> TrunkCredentials | None:
        return self.held.get(name)


def a_credential(username: str = "pbx", password: str = PASSWORD, **more: Any) -> Credential:
    made = Credential(f"sipc_{username}", username, START, hashes(username, password))
    return replace(made, **more)


@dataclass
class SipWorld:
    clock: FakeClock = field(default_factory=FakeClock)
    ids: SequenceIds = field(default_factory=SequenceIds)
    leases: MemoryLeases = field(default_factory=MemoryLeases)

    def __post_init__(self) -> None:
        self.sessions = MemorySessions(self.clock)
        self.store = MemorySip(self.sessions)
        self.changes = Changes(self.sessions, self.clock, self.ids, Timeouts())
        self.places = CallPlaces(self.leases, self.clock, Random(1))
        self.service = SipCallService(self.changes, self.store, self.places, fixed(TOKEN_KEY), "sip.example.com")

    def session(self, session_id: str = "sess_1", **more: Any) -> Session:
        return self.sessions.commit(Commit(a_session(session_id, **more), None, None))

    def stored(self, session_id: str = "sess_1", tenant: Tenant = ACME) -> Session:
        session = self.sessions.find(tenant, session_id)
        assert session is not None
        return session

    def set(self, tenant: Tenant = ACME, **more: Any) -> None:
        self.store.put(tenant, replace(self.store.of(tenant), **more))

    def told(self) -> list[str]:
        return [event.type.value for event in self.sessions.events]


def _number(held: tuple[tuple[Tenant, int], Lease]) -> int:
    return held[1].number
