"""The key design of the four tables, once. Every key attribute is a string.

sessions    pk `{tenant}/{session_id}`; sk `session`, `turn#00000042`, `chunk#000001`, `leg#{leg_id}`, `tool#{call_id}`
            pk `{tenant}/{recording_id}`; sk `recording`; TTL
            pk `usage#{tenant}#07`; sk `2026-03-26`: a share of what the tenant used on that day; sk `sum`: ever
            pk `seats#{organization}`; sk `000017`: a session that runs where only so many may
            pk `sipcalls#{tenant}`; sk `000017`: a call by SIP that runs where only so many may; TTL
            pk `keys#{tenant}`; sk key id, or `ring`, which counts revocations
            pk `agents#{tenant}`; sk agent id; pk `agents#{tenant}/{agent_id}`; sk `00000003`: a version of it
            pk `knowledge#{tenant}`; sk `kb_…`: a knowledge base with its counts; sk `count`: how many there are
            pk `knowledge#{tenant}/{kb_…}`; sk `doc_…`
            GSI `by_tenant` (`tenant`, `created_key`), GSI `by_status` (`tenant_status`, `created_key`);
            GSI `due` (`due_shard`, `due_at`), sparse
access      pk `key#{hash}`, `org#{id}`, `terms#{id}`, `dir#{session_id}`, `idem#{tenant}#{route}#{sha256}`,
            `worker#{id}`, `opening#{release}`; TTL
            pk `bucket#{key id}#{group}`: a rate limit
            pk `sip#{tenant}`: what a tenant has set for calls by SIP, with its credentials
            pk `tel#{tenant}`, `number#{e164}`, `call#{carrier}#{call_id}`
deliveries  pk `conn#{id}`, sk `conn`; pk `conns#{tenant}` and `watch#{tenant}/{session_id}`, sk `conn#{id}`;
            pk `{tenant}/endpoints`; sk `wh_…`, `count`, `session_urls`
            pk `{tenant}/{target_id}`; sk `health`
            pk `{tenant}/{delivery_id}`; sk `to#{target_id}`
            GSI `by_target` (`sk`, `pk`); GSI `due` (`due_shard`, `due_at`), sparse; TTL
outbox      pk `{tenant}/{event_id}`; stream of new images; GSI `by_tenant` (`tenant`, `event_id`), sparse;
            GSI `unpublished` (`unpublished_shard`, `unpublished_at`), sparse; TTL

The tenant is part of the session's key, so another tenant's id misses structurally. `expires_at` is the TTL
attribute (epoch seconds): DynamoDB deletes days late, so whoever reads such an item looks at it too.
Values that nothing is asked about lie in one JSON attribute, `data`.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from core.domain.access import Tenant
from core.domain.paging import Place
from core.domain.sessions import Status
from core.ports import DUE_SHARDS

SESSION_SK = "session"
RECORDING_SK = "recording"
KEYRING_SK = "ring"
KNOWLEDGE_COUNT_SK = "count"
# Sorts behind every day.
USAGE_SUM_SK = "sum"
CONNECTION_SK = "conn"
HEALTH_SK = "health"
ENDPOINT_COUNT_SK = "count"
SESSION_URLS_SK = "session_urls"
# All calls of a tenant add to the same day every ten seconds, and two writes to one item at once refuse one. With
# this many, a thousand calls meet on an item three times a second. More may be taken at any time, fewer never.
USAGE_SHARDS = 32
OUTBOX_SHARDS = 16
BY_TENANT = "by_tenant"
BY_STATUS = "by_status"
DUE = "due"
BY_TARGET = "by_target"
UNPUBLISHED = "unpublished"


def session_pk(tenant: Tenant, session_id: str) -> str:
    return f"{tenant}/{session_id}"


def tenant_status(tenant: Tenant, status: Status) -> str:
    return f"{tenant}#{status.value}"


def created_key(place: Place) -> str:
    """Sorts as the place does. No character of it sorts before a space or behind `~`."""
    return f"{sortable(place.at)}#{place.id}"


def parse_created_key(key: str) -> Place:
    at, _, session_id = key.rpartition("#")
    return Place(datetime.fromisoformat(at), session_id)


def recording_pk(tenant: Tenant, recording_id: str) -> str:
    return f"{tenant}/{recording_id}"


def parse_session_pk(pk: str) -> tuple[Tenant, str]:
    tenant, _, session_id = pk.rpartition("/")
    return Tenant.parse(tenant), session_id


def turn_sk(sequence: int) -> str:
    return f"turn#{sequence:08d}"


def chunk_sk(index: int) -> str:
    return f"chunk#{index:06d}"


def leg_sk(leg_id: str) -> str:
    return f"leg#{leg_id}"


def tool_call_sk(call_id: str) -> str:
    return f"tool#{call_id}"


def seats_pk(organization_id: str) -> str:
    return f"seats#{organization_id}"


def seat_sk(number: int) -> str:
    return f"{number:06d}"


def sip_calls_pk(tenant: Tenant) -> str:
    return f"sipcalls#{tenant}"


def usage_pk(tenant: Tenant, shard: int) -> str:
    return f"usage#{tenant}#{shard:02d}"


def knowledge_pk(tenant: Tenant) -> str:
    return f"knowledge#{tenant}"


def knowledge_documents_pk(tenant: Tenant, base_id: str) -> str:
    return f"{knowledge_pk(tenant)}/{base_id}"


def keys_pk(tenant: Tenant) -> str:
    return f"keys#{tenant}"


def agents_pk(tenant: Tenant) -> str:
    return f"agents#{tenant}"


def agent_versions_pk(tenant: Tenant, agent_id: str) -> str:
    return f"agents#{tenant}/{agent_id}"


def agent_version_sk(version: int) -> str:
    return f"{version:08d}"


def key_pk(key_hash: str) -> str:
    return f"key#{key_hash}"


def bucket_pk(name: str) -> str:
    return f"bucket#{name}"


def organization_pk(organization_id: str) -> str:
    return f"org#{organization_id}"


def terminology_pk(organization_id: str) -> str:
    return f"terms#{organization_id}"


def directory_pk(session_id: str) -> str:
    return f"dir#{session_id}"


def idempotency_pk(tenant: Tenant, route: str, key: str) -> str:
    """The client's key is hashed: it is up to 255 characters of anything."""
    return f"idem#{tenant}#{route}#{hashlib.sha256(key.encode()).hexdigest()}"


def telephony_pk(tenant: Tenant) -> str:
    return f"tel#{tenant}"


def sip_pk(tenant: Tenant) -> str:
    return f"sip#{tenant}"


def number_pk(number: str) -> str:
    return f"number#{number}"


def call_pk(carrier: str, call_id: str) -> str:
    return f"call#{carrier}#{call_id}"


def worker_pk(worker_id: str) -> str:
    return f"worker#{worker_id}"


def opening_pk(release: str) -> str:
    return f"opening#{release}"


def connection_key(connection_id: str) -> str:
    return f"conn#{connection_id}"


def connections_pk(tenant: Tenant) -> str:
    return f"conns#{tenant}"


def watch_pk(tenant: Tenant, session_id: str) -> str:
    return f"watch#{session_pk(tenant, session_id)}"


def event_pk(tenant: Tenant, event_id: str) -> str:
    return f"{tenant}/{event_id}"


def endpoints_pk(tenant: Tenant) -> str:
    return f"{tenant}/endpoints"


def target_pk(tenant: Tenant, target_id: str) -> str:
    return f"{tenant}/{target_id}"


def delivery_pk(tenant: Tenant, delivery_id: str) -> str:
    return f"{tenant}/{delivery_id}"


def to_sk(target_id: str) -> str:
    return f"to#{target_id}"


def due_shard(session_id: str) -> str:
    return shard_name(_spread(session_id, DUE_SHARDS))


def unpublished_shard(event_id: str) -> str:
    return shard_name(_spread(event_id, OUTBOX_SHARDS))


def usage_shard(session_id: str) -> int:
    return _spread(session_id, USAGE_SHARDS)


def shard_name(shard: int) -> str:
    return f"{shard:02d}"


def _spread(identifier: str, shards: int) -> int:
    return int.from_bytes(hashlib.sha256(identifier.encode()).digest()[:4], "big") % shards


def sortable(at: datetime) -> str:
    """UTC text that sorts by time, to the microsecond."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def epoch_s(at: datetime) -> int:
    """For TTL attributes; rounded down, so that nothing outlives its time."""
    return int(at.timestamp())
