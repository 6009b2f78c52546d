"""What the services need of the world, one page. Adapters implement these; nothing here knows AWS.

All calls are synchronous; the media worker makes them off its event loop. Unless said otherwise a call may raise
`core.errors.Unavailable` when the world does not answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from core.domain.access import ApiKey, Tenant
from core.domain.events import Event
from core.domain.legs import Leg
from core.domain.organizations import Organization
from core.domain.paging import Place
from core.domain.recordings import Chunk, Format, Recorded
from core.domain.sessions import Session, Status
from core.domain.terminology import Terminology
from core.domain.tool_calls import ToolCall
from core.domain.transcripts import Turn
from core.domain.usage import Addition


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware, UTC."""
        ...


class Ids(Protocol):
    def new(self, prefix: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Fence:
    """Proof of ownership; a write that carries it fails with `FenceLost` once somebody else owns the session."""

    worker_id: str
    epoch: int


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """The first answer to a key: kept 24 h per tenant and route. `body` holds no secret."""

    tenant: Tenant
    route: str
    key: str
    request_hash: str
    status: int
    body: Mapping[str, Any]
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Commit:
    """One atomic write: the session as it will be, and everything that comes with it, or nothing.

    `expected_version` is the version the change was decided on (None for a new session); `session.version`
    is set by the store. A new session takes its `seat`; `leaves_seat` gives it up, if it is still the session's.
    A pending tool call is a new one; any other takes the place of the pending one, or the whole is a WriteConflict.
    """

    session: Session
    expected_version: int | None
    due_at: datetime | None
    events: tuple[Event, ...] = ()
    turns: tuple[Turn, ...] = ()
    chunks: tuple[Chunk, ...] = ()
    recorded: Recorded | None = None
    used: Addition | None = None
    legs: tuple[Leg, ...] = ()
    leaves_seat: bool = False
    idempotency: IdempotencyRecord | None = None
    fence: Fence | None = None
    tool_calls: tuple[ToolCall, ...] = ()


class SessionRepository(Protocol):
    def commit(self, commit: Commit) -> Session:
        """Store, and return the session with its new version.

        Raises WriteConflict, FenceLost, IdempotencyKeyTaken or SeatTaken; then nothing was written.
        """
        ...

    def find(self, tenant: Tenant, session_id: str) -> Session | None:
        """Strongly consistent; another tenant's session is simply not there."""
        ...

    def tenant_of(self, session_id: str) -> Tenant | None:
        """For those who come with a session id and no key: sockets."""
        ...

    def turns(self, tenant: Tenant, session_id: str) -> list[Turn]: ...

    def last_turns(self, tenant: Tenant, session_id: str, after: int, most: int) -> list[Turn]:
        """Those with a sequence beyond `after`, in order; where there are more than `most`, the last ones."""
        ...

    def chunks(self, tenant: Tenant, session_id: str) -> list[Chunk]: ...

    def legs(self, tenant: Tenant, session_id: str) -> list[Leg]:
        """Telephone legs, oldest first. Strongly consistent; they change with their session only."""
        ...

    def recorded(self, tenant: Tenant, recording_id: str) -> Recorded | None:
        """Strongly consistent. It changes with its session only, so who writes it is guarded by that one's version."""
        ...

    def due(self, shard: int, now: datetime, limit: int) -> list[tuple[Tenant, str]]:
        """Sessions of a shard (0 to DUE_SHARDS - 1) whose `due_at` has passed, oldest first."""
        ...


DUE_SHARDS = 16


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a list, without its two ends; None is as far as there is anything."""

    newer_than: Place | None = None
    older_than: Place | None = None

    def beyond(self, place: Place, *, oldest_first: bool) -> Stretch:
        """What is left after `place`, in that direction."""
        return replace(self, newer_than=place) if oldest_first else replace(self, older_than=place)


class SessionList(Protocol):
    """The order in which a tenant's sessions came."""

    def places(
        self, tenant: Tenant, status: Status | None, stretch: Stretch, limit: int, *, oldest_first: bool
    ) -> list[Place]:
        """At most `limit` of that stretch, from its newest end or its oldest; from an index, a moment behind."""
        ...

    def read(self, tenant: Tenant, session_ids: Sequence[str]) -> list[Session]:
        """In the order of the ids, strongly consistent, in one call for at most 100; what is not there is left out."""
        ...


class UsageStore(Protocol):
    def additions(self, tenant: Tenant, first: date, last: date) -> Iterable[Addition]:
        """Everything that commits of the tenant's sessions have added to these days, more or less summed up."""
        ...

    def active_us(self, organization_id: str) -> int:
        """Microseconds of active calls that commits have ever added, of its live and its test side together."""
        ...


class IdempotencyStore(Protocol):
    def find(self, tenant: Tenant, route: str, key: str) -> IdempotencyRecord | None:
        """Strongly consistent; an expired record is not there."""
        ...

    def put(self, record: IdempotencyRecord) -> None:
        """For an answer that changes nothing else. Raises IdempotencyKeyTaken."""
        ...


class AccessStore(Protocol):
    def key_by_hash(self, key_hash: str) -> ApiKey | None: ...

    def key_by_hashes(self, key_hashes: Sequence[str]) -> ApiKey | None:
        """The one key among them, if there is one: one read, however many they are, and whatever is found."""
        ...

    def organization(self, organization_id: str) -> Organization | None: ...

    def put_organization(self, organization: Organization) -> None: ...

    def terminology(self, organization_id: str) -> Terminology:
        """Empty where nobody has set any. An item of its own: requests read the organization, and need no terms."""
        ...

    def put_terminology(self, organization_id: str, terminology: Terminology) -> None: ...


class WorkerDirectory(Protocol):
    """Heartbeats: one item a worker, whatever it holds."""

    def beat(self, worker_id: str, at: datetime, address: str | None = None) -> None:
        """`address` is `host:port` where other workers, and nobody else, reach this one."""
        ...

    def last_beat(self, worker_id: str) -> datetime | None: ...

    def address_of(self, worker_id: str) -> str | None:
        """As its last beat said; None when it is gone or cannot be reached."""
        ...

    def forget(self, worker_id: str) -> None: ...


class WorkerInbox(Protocol):
    """The control plane's way to a worker; lossy by contract, the fence catches what is lost."""

    def send(self, worker_id: str, command: Mapping[str, str]) -> None:
        """Best effort: a worker that is gone is not an error."""
        ...


class CommandSource(Protocol):
    """A worker's own end of its inbox."""

    def open(self, worker_id: str) -> None: ...

    def receive(self, wait_s: int) -> list[Mapping[str, str]]:
        """Block at most `wait_s`; received commands are gone from the inbox."""
        ...

    def close(self) -> None: ...


class FileWriter(Protocol):
    @property
    def size(self) -> int:
        """Bytes so far."""
        ...

    def write(self, part: bytes) -> None: ...


class RecordingStore(Protocol):
    def put_chunk(self, key: str, pcm: bytes) -> None: ...

    def read_chunk(self, key: str) -> bytes:
        """Raises NotFound."""
        ...

    def create_file(self, key: str, form: Format) -> AbstractContextManager[FileWriter]:
        """A file of any length, in parts. It is there, whole, once the block has ended well, and never otherwise."""
        ...

    def remove(self, prefix: str) -> None:
        """Every object whose key begins so; none is fine."""
        ...

    def link(self, key: str, filename: str, lifetime: timedelta) -> str:
        """A URL by which whoever holds it can download the object as `filename`, for a while."""
        ...


class AudioEncoder(Protocol):
    """One file's worth of samples, in order; either call may return nothing yet."""

    def encode(self, pcm: bytes) -> bytes: ...

    def finish(self) -> bytes: ...


class EventPublisher(Protocol):
    def publish(self, events: Sequence[Event]) -> None:
        """Raises Unavailable when not every event was taken."""
        ...


@dataclass(frozen=True, slots=True)
class Kept:
    """An event as the outbox keeps it, under `key`; without one, nobody can read it."""

    key: str
    event: Event | None


class Outbox(Protocol):
    """Events are put there by `Commit`, as not yet published."""

    def published(self, keys: Sequence[str]) -> None:
        """They are on the bus. More than once is fine."""
        ...

    def unpublished(self, before: datetime) -> Iterable[Kept]:
        """Those from before then of which nobody has said so; read as they are asked for."""
        ...


@dataclass(frozen=True, slots=True)
class FailedCall:
    """A call of a function that came to nothing, however often it was tried; `times` it was made again since.

    `function` is its ARN, or that of the queue it reads; None where nobody can tell. `of_stream`: it was
    the relay's, of events that the outbox has.
    """

    receipt: tuple[str, str]
    function: str | None = None
    payload: Mapping[str, Any] | None = None
    times: int = 0
    of_stream: bool = False


class FailedCalls(Protocol):
    def take(self) -> list[FailedCall]:
        """Some of them, none when there are no more; nobody else takes them for a quarter of an hour."""
        ...

    def again(self, call: FailedCall) -> None: ...

    def done(self, call: FailedCall) -> None:
        """Forget it."""
        ...


class Secrets(Protocol):
    def read(self, name: str) -> bytes:
        """The value behind `name` (an ARN); cached by the adapter."""
        ...
