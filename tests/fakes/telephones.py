"""The telephone services on fakes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.domain.access import Tenant
from core.domain.engines import ENGINE_SETS
from core.domain.legs import Leg
from core.domain.organizations import Defaults, Organization
from core.domain.rotation import fixed
from core.domain.sessions import Session, Timeouts
from core.domain.telephony import Carrier
from core.ports import Commit
from core.services.calls import CallService
from core.services.changes import Changes
from core.services.credits import CreditService
from core.services.dialing import DialService
from core.services.leg_changes import LegChanges
from core.services.orders import Addresses
from core.services.organizations import OrganizationService
from core.services.placing import Placing
from core.services.sessions import SessionService, StreamAddress
from tests.builders import ACME, a_session
from tests.fakes.carriers import FakeLine
from tests.fakes.clocks import FakeClock, SequenceIds
from tests.fakes.seats import a_creation
from tests.fakes.sip import MemorySip
from tests.fakes.stores import MemoryAccess, MemoryIdempotency, MemoryInbox, MemorySessions, MemoryUsage, MemoryWorkers
from tests.fakes.telephony import TWILIO, MemoryCredentials, MemoryTelephony, a_telephony

OURS, THEIRS = "+14155550100", "+4930123456"
TOKEN_KEY = b"t" * 32


@dataclass
class TelephoneWorld:
    clock: FakeClock = field(default_factory=FakeClock)
    ids: SequenceIds = field(default_factory=SequenceIds)
    line: FakeLine = field(default_factory=FakeLine)
    secrets: MemoryCredentials = field(default_factory=MemoryCredentials)
    access: MemoryAccess = field(default_factory=MemoryAccess)

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self.sessions = MemorySessions(self.clock)
        self.telephony = MemoryTelephony(self.sessions)
        self.sip = MemorySip(self.sessions)
        self.telephony.put(ACME, a_telephony(OURS))
        self.secrets.put(self.telephony.of(ACME).connections["pcon_1"].secret, TWILIO)
        self.changes = Changes(self.sessions, self.clock, self.ids, Timeouts())
        self.legs = LegChanges(self.changes)
        self.address = StreamAddress("wss://stream.example.com", fixed(TOKEN_KEY))
        self.addresses = Addresses("https://api.example.com/", self.address)
        self.dialing = DialService(
            self.changes,
            MemoryIdempotency(self.sessions),
            self.telephony,
            OrganizationService(self.access),
            CreditService(MemoryUsage(self.sessions), self.clock),
            self.sip,
        )
        self.placing = self.placer()
        self.access.put_organization(Organization("org_acme", "Acme", defaults=Defaults("de", "en")))
        self.workers = MemoryWorkers()
        self.service = SessionService(
            self.changes,
            MemoryIdempotency(self.sessions),
            self.workers,
            MemoryInbox(),
            self.address,
            self.clock.advance,
        )
        self.calls = CallService(
            self.changes,
            self.telephony,
            self.telephony,
            self.access,
            a_creation(self.changes, self.sessions, self.address),
            self.addresses,
            ENGINE_SETS["embedded"],
        )

    def placer(self) -> Placing:
        return Placing(
            self.changes,
            self.telephony,
            self.telephony,
            self.secrets,
            {Carrier.TWILIO: self.line},
            self.addresses,
            self.clock.advance,
        )

    def session(self, change: Callable[[Session], Session] = lambda session: session, tenant: Tenant = ACME) -> Session:
        made = change(a_session(f"sess_{next(self._numbers)}", tenant))
        return self.sessions.commit(Commit(made, None, None))

    def stored(self, session_id: str, tenant: Tenant = ACME) -> Session:
        session = self.sessions.find(tenant, session_id)
        assert session is not None
        return session

    def leg(self, session_id: str, tenant: Tenant = ACME) -> Leg:
        """The only one."""
        (leg,) = self.sessions.legs(tenant, session_id)
        return leg

    def internal(self) -> list[tuple[str, Mapping[str, Any]]]:
        return [(event.type.value, event.data) for event in self.sessions.events if event.type.is_internal]

    def told(self) -> list[str]:
        return [event.type.value for event in self.sessions.events if not event.type.is_internal]
