"""Stores in memory, with the same atomicity as the real ones (one lock, all or nothing)."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

from core.domain.access import ApiKey, Tenant
from core.domain.events import Event
from core.domain.legs import Leg
from core.domain.organizations import Organization
from core.domain.paging import Place
from core.domain.recordings import Chunk, Format, Recorded
from core.domain.seats import Seat
from core.domain.sessions import Session, Status
from core.domain.telephony import Carrier
from core.domain.terminology import Terminology
from core.domain.tool_calls import ToolCall
from core.domain.transcripts import Turn
from core.domain.usage import Addition
from core.errors import FenceLost, IdempotencyKeyTaken, NotFound, SeatTaken, WriteConflict
from core.ports import DUE_SHARDS, Clock, Commit, Fence, IdempotencyRecord, Stretch
from core.release_ports import Opening
from tests.fakes import conformance


def _is_found_by_call(leg: Leg) -> bool:
    return leg.call_id is not None and leg.carrier is not Carrier.SIP


class MemorySessions:
    """SessionRepository and IdempotencyStore over one lock, because one commit writes both."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._sessions: dict[tuple[Tenant, str], Session] = {}
        self._due: dict[tuple[Tenant, str], datetime | None] = {}
        self._turns: dict[tuple[Tenant, str], dict[int, Turn]] = {}
        self._chunks: dict[tuple[Tenant, str], dict[int, Chunk]] = {}
        self._records: dict[tuple[Tenant, str, str], IdempotencyRecord] = {}
        self._recorded: dict[tuple[Tenant, str], Recorded] = {}
        self._legs: dict[tuple[Tenant, str], dict[str, Leg]] = {}
        self._tool_calls: dict[tuple[Tenant, str, str], ToolCall] = {}
        self.seats: dict[tuple[str, int], Seat] = {}
        self.calls: dict[tuple[str, str], tuple[Tenant, str, str]] = {}
        self.used: list[tuple[Tenant, Addition]] = []
        self.events: list[Event] = []

    def commit(self, commit: Commit) -> Session:
        key = (commit.session.tenant, commit.session.id)
        with self._lock:
            self._check(self._sessions.get(key), commit)
            self._check_parts(key, commit)
            if commit.idempotency is not None:
                self._check_record(commit.idempotency)
            self._sit(commit)
            if commit.idempotency is not None:
                self._put_record(commit.idempotency)
            stored = replace(commit.session, version=(commit.expected_version or 0) + 1)
            self._sessions[key] = stored
            self._due[key] = commit.due_at
            self._turns.setdefault(key, {}).update({turn.sequence: turn for turn in commit.turns})
            self._chunks.setdefault(key, {}).update({chunk.index: chunk for chunk in commit.chunks})
            if commit.used is not None:
                self.used.append((commit.session.tenant, commit.used))
            if commit.recorded is not None:
                self._recorded[commit.recorded.tenant, commit.recorded.id] = commit.recorded
            self._put_legs(key, commit.legs)
            self._tool_calls.update({(*key, call.id): call for call in commit.tool_calls})
            for event in commit.events:
                conformance.check_event(event)
            self.events.extend(commit.events)
            return stored

    def find(self, tenant: Tenant, session_id: str) -> Session | None:
        return self._sessions.get((tenant, session_id))

    def tenant_of(self, session_id: str) -> Tenant | None:
        return next((tenant for tenant, found in self._sessions if found == session_id), None)

    def turns(self, tenant: Tenant, session_id: str) -> list[Turn]:
        return [turn for _, turn in sorted(self._turns.get((tenant, session_id), {}).items())]

    def last_turns(self, tenant: Tenant, session_id: str, after: int, most: int) -> list[Turn]:
        return [turn for turn in self.turns(tenant, session_id) if turn.sequence > after][-most:]

    def chunks(self, tenant: Tenant, session_id: str) -> list[Chunk]:
        return [chunk for _, chunk in sorted(self._chunks.get((tenant, session_id), {}).items())]

    def legs(self, tenant: Tenant, session_id: str) -> list[Leg]:
        return sorted(self._legs.get((tenant, session_id), {}).values(), key=lambda leg: (leg.created_at, leg.id))

    def recorded(self, tenant: Tenant, recording_id: str) -> Recorded | None:
        return self._recorded.get((tenant, recording_id))

    def due(self, shard: int, now: datetime, limit: int) -> list[tuple[Tenant, str]]:
        found = [(at, key) for key, at in self._due.items() if at is not None and at <= now]
        mine = [key for _, key in sorted(found, key=lambda pair: pair[0]) if sum(key[1].encode()) % DUE_SHARDS == shard]
        return mine[:limit]

    def _check(self, stored: Session | None, commit: Commit) -> None:
        if commit.fence is not None and stored is not None and commit.fence != Fence(stored.owner or "", stored.epoch):
            raise FenceLost(commit.session.id)
        if (stored.version if stored else None) != commit.expected_version:
            raise WriteConflict(commit.session.id)

    def _check_parts(self, key: tuple[Tenant, str], commit: Commit) -> None:
        """A turn or chunk may come twice; another one never takes its place."""
        turns, chunks = self._turns.get(key, {}), self._chunks.get(key, {})
        if any(turns[turn.sequence].id != turn.id for turn in commit.turns if turn.sequence in turns):
            raise WriteConflict(commit.session.id)
        if any(chunks[chunk.index].key != chunk.key for chunk in commit.chunks if chunk.index in chunks):
            raise WriteConflict(commit.session.id)
        for call in commit.tool_calls:
            held = self._tool_calls.get((*key, call.id))
            if held is not None if call.is_pending else held is None or not held.is_pending:
                raise WriteConflict(commit.session.id)
        for leg in commit.legs:
            if _is_found_by_call(leg) and self.calls.get((leg.carrier, str(leg.call_id)), (*key, leg.id)) != (
                *key,
                leg.id,
            ):
                raise WriteConflict(commit.session.id)

    def _sit(self, commit: Commit) -> None:
        number, session = commit.session.seat, commit.session
        if number is None:
            return
        place, seat = (session.tenant.organization_id, number), Seat(number, session.tenant, session.id)
        if commit.expected_version is None:
            if place in self.seats:
                raise SeatTaken(session.id)
            self.seats[place] = seat
        elif commit.leaves_seat and self.seats.get(place) == seat:
            del self.seats[place]

    def _put_legs(self, key: tuple[Tenant, str], legs: tuple[Leg, ...]) -> None:
        self._legs.setdefault(key, {}).update({leg.id: leg for leg in legs})
        self.calls.update({(leg.carrier, str(leg.call_id)): (*key, leg.id) for leg in legs if _is_found_by_call(leg)})

    def _check_record(self, record: IdempotencyRecord) -> None:
        held = self._records.get((record.tenant, record.route, record.key))
        if held is not None and held.expires_at > self._clock.now():
            raise IdempotencyKeyTaken(record.key)

    def _put_record(self, record: IdempotencyRecord) -> None:
        self._check_record(record)
        self._records[record.tenant, record.route, record.key] = record


class MemorySessionList:
    """The SessionList side of `MemorySessions`; `behind` makes its index stand still, as a slow one."""

    def __init__(self, sessions: MemorySessions) -> None:
        self._sessions = sessions
        self.behind: list[Session] | None = None
        self.batches = 0

    def places(
        self, tenant: Tenant, status: Status | None, stretch: Stretch, limit: int, *, oldest_first: bool
    ) -> list[Place]:
        indexed = list(self._sessions._sessions.values()) if self.behind is None else self.behind
        found = sorted(
            Place(session.created_at, session.id)
            for session in indexed
            if session.tenant == tenant and status in (None, session.status)
        )
        inside = [place for place in found if _is_inside(place, stretch)]
        return (inside if oldest_first else inside[::-1])[:limit]

    def read(self, tenant: Tenant, session_ids: Sequence[str]) -> list[Session]:
        self.batches += 1
        found = (self._sessions.find(tenant, session_id) for session_id in session_ids)
        return [session for session in found if session is not None]


def _is_inside(place: Place, stretch: Stretch) -> bool:
    newer = stretch.newer_than is None or place > stretch.newer_than
    return newer and (stretch.older_than is None or place < stretch.older_than)


class MemoryUsage:
    """The UsageStore side of `MemorySessions`."""

    def __init__(self, sessions: MemorySessions) -> None:
        self._sessions = sessions
        self.reads = 0

    def additions(self, tenant: Tenant, first: date, last: date) -> list[Addition]:
        return [used for owner, used in self._sessions.used if owner == tenant and first <= used.day <= last]

    def active_us(self, organization_id: str) -> int:
        self.reads += 1
        return sum(used.active_us for owner, used in self._sessions.used if owner.organization_id == organization_id)


class MemoryIdempotency:
    """The IdempotencyStore side of `MemorySessions`."""

    def __init__(self, sessions: MemorySessions) -> None:
        self._sessions = sessions

    def find(self, tenant: Tenant, route: str, key: str) -> IdempotencyRecord | None:
        record = self._sessions._records.get((tenant, route, key))
        return record if record is not None and record.expires_at > self._sessions._clock.now() else None

    def put(self, record: IdempotencyRecord) -> None:
        with self._sessions._lock:
            self._sessions._put_record(record)


class MemoryAccess:
    def __init__(self) -> None:
        self._keys: dict[str, ApiKey] = {}
        self._organizations: dict[str, Organization] = {}
        self._terminologies: dict[str, Terminology] = {}

    def key_by_hash(self, key_hash: str) -> ApiKey | None:
        return self._keys.get(key_hash)

    def key_by_hashes(self, key_hashes: Sequence[str]) -> ApiKey | None:
        return next((self._keys[each] for each in key_hashes if each in self._keys), None)

    def put_key(self, key: ApiKey) -> None:
        """For tests, and for `MemoryKeys`; no port has it."""
        self._keys[key.hash] = key

    def organization(self, organization_id: str) -> Organization | None:
        return self._organizations.get(organization_id)

    def put_organization(self, organization: Organization) -> None:
        self._organizations[organization.id] = organization

    def terminology(self, organization_id: str) -> Terminology:
        return self._terminologies.get(organization_id, Terminology())

    def put_terminology(self, organization_id: str, terminology: Terminology) -> None:
        self._terminologies[organization_id] = terminology


class MemoryWorkers:
    def __init__(self) -> None:
        self._beats: dict[str, datetime] = {}
        self._addresses: dict[str, str | None] = {}
        self._openings: dict[str, Opening] = {}

    def announce(self, release: str, opening: Opening) -> None:
        self._openings[release] = opening

    def announced(self, release: str) -> Opening | None:
        return self._openings.get(release)

    def beat(self, worker_id: str, at: datetime, address: str | None = None) -> None:
        self._beats[worker_id] = at
        self._addresses[worker_id] = address

    def last_beat(self, worker_id: str) -> datetime | None:
        return self._beats.get(worker_id)

    def address_of(self, worker_id: str) -> str | None:
        return self._addresses.get(worker_id)

    def forget(self, worker_id: str) -> None:
        self._beats.pop(worker_id, None)
        self._addresses.pop(worker_id, None)


class MemoryInbox:
    """WorkerInbox that remembers what was sent."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Mapping[str, str]]] = []

    def send(self, worker_id: str, command: Mapping[str, str]) -> None:
        self.sent.append((worker_id, command))


class MemoryFile:
    def __init__(self) -> None:
        self.held = bytearray()

    @property
    def size(self) -> int:
        return len(self.held)

    def write(self, part: bytes) -> None:
        self.held += part


class MemoryRecordings:
    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def put_chunk(self, key: str, pcm: bytes) -> None:
        self.objects[key] = pcm

    def read_chunk(self, key: str) -> bytes:
        if key not in self.objects:
            raise NotFound("chunk_not_found", f"no object {key}")
        return self.objects[key]

    @contextmanager
    def create_file(self, key: str, _form: Format) -> Iterator[MemoryFile]:
        file = MemoryFile()
        yield file
        self.objects[key] = bytes(file.held)

    def remove(self, prefix: str) -> None:
        for key in [key for key in self.objects if key.startswith(prefix)]:
            del self.objects[key]

    def link(self, key: str, filename: str, lifetime: timedelta) -> str:
        return f"https://files.example.com/{key}?as={filename}&for={lifetime.total_seconds():.0f}"
