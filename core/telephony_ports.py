"""What the telephone services need of the world: what a tenant owns, its credentials, and the carriers.

As in `core.ports`, a call may raise `core.errors.Unavailable` unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from core.domain.access import Tenant
from core.domain.legs import Leg
from core.domain.telephony import Connection, Credentials, Telephony


class NumberTaken(Exception):
    """Another tenant of this deployment has this number."""


class TelephonyStore(Protocol):
    def of(self, tenant: Tenant) -> Telephony:
        """Strongly consistent; empty for who has none."""
        ...

    def put(self, tenant: Tenant, telephony: Telephony) -> None:
        """Raises WriteConflict when the stored version is another one than this was made from, or NumberTaken."""
        ...

    def owner_of(self, number: str) -> Tenant | None: ...


@dataclass(frozen=True, slots=True)
class CallPlace:
    """Where a carrier's call belongs."""

    tenant: Tenant
    session_id: str
    leg_id: str


class CallDirectory(Protocol):
    def place_of(self, carrier: str, call_id: str) -> CallPlace | None:
        """Strongly consistent."""
        ...


class CredentialReader(Protocol):
    def of(self, connection: Connection) -> Credentials | None:
        """None when there is no readable secret; kept by the adapter for a minute, so that a new one is soon seen."""
        ...


class CredentialWriter(Protocol):
    def put(self, name: str, credentials: Credentials) -> None: ...

    def remove(self, name: str) -> None:
        """One that is not there is fine."""
        ...


@dataclass(frozen=True, slots=True)
class Order:
    """What a carrier is to do with a leg: call, and stream to `stream_url`.

    `status_url` is where it reports; `return_url` is asked what to do when the stream has ended. Both name the leg.
    """

    leg: Leg
    stream_url: str
    token: str = field(repr=False)
    status_url: str
    return_url: str


class CallRefused(Exception):
    """The carrier will not place this call, now or later. Its text is the carrier's code."""


class CarrierBusy(Exception):
    """The call was certainly not placed, and may be in `retry_after_s`."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class OutcomeUnknown(Exception):
    """The command was sent, and whether it was carried out nobody has said."""


class CarrierLine(Protocol):
    """One carrier's REST API. No call retries by itself."""

    def place(self, credentials: Credentials, order: Order) -> str:
        """The carrier's name of the call. Raises CallRefused, CarrierBusy or OutcomeUnknown."""
        ...

    def find(self, credentials: Credentials, order: Order) -> Sequence[str]:
        """Calls that an earlier attempt at this order may have placed."""
        ...

    def hang_up(self, credentials: Credentials, call_id: str) -> None:
        """A call that is over, or unknown, is fine."""
        ...


class SignatureCheck(Protocol):
    """Whether a request is the carrier's own. No network, no clock but the one that is given."""

    def is_genuine(self, credentials: Credentials, request: SignedRequest, now: datetime) -> bool: ...


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """`url` as the carrier was told it; header names in lower case; `fields` of a form by name, or none."""

    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    fields: Mapping[str, Sequence[str]] = field(repr=False)
