"""What calls by SIP need of the world; the rules of `core.ports` hold here too."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.domain.access import Tenant
from core.domain.sip import Lease, Sip, TrunkCredentials
from core.ports import IdempotencyRecord
from core.telephony_ports import CallPlace


class SipStore(Protocol):
    def of(self, tenant: Tenant) -> Sip:
        """Strongly consistent, in one read; empty for who has set nothing."""
        ...

    def put(self, tenant: Tenant, sip: Sip, idempotency: IdempotencyRecord | None = None) -> None:
        """Both or nothing. Raises WriteConflict when the stored version is another one than this was made from, or
        IdempotencyKeyTaken."""
        ...


class CallLeases(Protocol):
    def taken(self, tenant: Tenant) -> list[Lease]:
        """Strongly consistent, by number; those that have run out may be among them."""
        ...

    def take(self, tenant: Tenant, lease: Lease, now: datetime) -> bool:
        """False when somebody has it at `now`."""
        ...

    def renew(self, tenant: Tenant, lease: Lease) -> bool:
        """To its new end. False when it is another call's by now."""
        ...

    def give_up(self, tenant: Tenant, lease: Lease) -> None:
        """Unless it is another call's by now."""
        ...


class TrunkSecretWriter(Protocol):
    def put(self, name: str, credentials: TrunkCredentials) -> None: ...

    def remove(self, name: str) -> None:
        """One that is not there is fine."""
        ...


class TrunkSecretReader(Protocol):
    def of(self, name: str) -> TrunkCredentials | None:
        """None when there is no readable secret; kept by the adapter for a minute."""
        ...


@dataclass(frozen=True, slots=True)
class SipPromise:
    """A leg that somebody was promised a call for. `receipt` is the queue's name of it."""

    place: CallPlace
    receipt: str


class SipPromises(Protocol):
    def take(self, wait_s: int) -> SipPromise | None:
        """The next one, waited for so long. It comes again, to anybody, unless it is kept within half a minute."""
        ...

    def keep(self, promise: SipPromise) -> None:
        """Nothing more is to be done about it."""
        ...
