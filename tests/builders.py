"""Values for tests, complete where a test does not care."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from core.domain.access import ApiKey, Scope, Tenant, api_key_hash
from core.domain.agent_records import Agent
from core.domain.events import Event, EventType
from core.domain.knowledge_bases import ContentType, Document, KnowledgeBase
from core.domain.legs import Direction, Leg
from core.domain.recordings import Chunk, Recorded
from core.domain.sessions import Channels, Mode, Role, Session
from core.domain.telephony import Carrier
from core.domain.tool_calls import ToolCall
from core.domain.transcripts import Translation, Turn
from core.domain.webhooks import Endpoint
from core.ports import IdempotencyRecord
from tests.fakes.clocks import START

ACME = Tenant("org_acme", True)
ACME_TEST = Tenant("org_acme", False)
OTHER = Tenant("org_other", True)
PEPPER = b"p" * 64
SECRET = "sk_live_0123456789abcdefghij"


def a_session(session_id: str = "sess_1", tenant: Tenant = ACME, **more: Any) -> Session:
    values: dict[str, Any] = {
        "id": session_id,
        "tenant": tenant,
        "mode": Mode.BIDIRECTIONAL_TRANSLATION,
        "created_at": START,
        "source_language": "de",
        "target_language": "en",
    }
    return Session(**(values | more))


def a_leg(leg_id: str = "leg_1", session_id: str = "sess_1", **more: Any) -> Leg:
    values: dict[str, Any] = {
        "id": leg_id,
        "session_id": session_id,
        "direction": Direction.OUTBOUND,
        "participant": "customer",
        "carrier": Carrier.TWILIO,
        "connection_id": "pcon_1",
        "to_number": "+4930123456",
        "from_number": "+14155550100",
        "created_at": START,
    }
    return Leg(**(values | more))


def a_turn(sequence: int = 1, text: str = "guten Tag", **more: Any) -> Turn:
    values: dict[str, Any] = {
        "id": f"seg_{sequence}",
        "sequence": sequence,
        "speaker": Role.CUSTOMER,
        "language": "de",
        "text": text,
        "timestamp": START,
        "start_s": 1.0 * sequence,
        "end_s": 1.0 * sequence + 0.5,
        "confidence": 0.9,
        "translation": Translation("en", "good day"),
    }
    return Turn(**(values | more))


def a_chunk(index: int = 0, offset_s: float = 0.0, duration_s: float = 1.0) -> Chunk:
    return Chunk(index, f"chunks/{index}", offset_s, duration_s)


def a_recorded(recording_id: str = "rec_1", session_id: str = "sess_1", **more: Any) -> Recorded:
    return Recorded(recording_id, ACME, session_id, Channels.DUAL, START, **more)


def a_tool_call(call_id: str = "call_1", session_id: str = "sess_1", **more: Any) -> ToolCall:
    values: dict[str, Any] = {
        "id": call_id,
        "session_id": session_id,
        "name": "order_status",
        "arguments": {"order": "7"},
        "asked_at": START,
        "timeout_s": 10.0,
    }
    return ToolCall(**(values | more))


def an_event(
    event_id: str = "evt_1",
    kind: EventType = EventType.SESSION_STARTED,
    session_id: str = "sess_1",
    data: Mapping[str, Any] | None = None,
) -> Event:
    return Event(event_id, kind, ACME, session_id, 1, START, data or {"status": "active"})


def an_agent(agent_id: str = "agt_1", tenant: Tenant = ACME, **more: Any) -> Agent:
    values: dict[str, Any] = {
        "id": agent_id,
        "tenant": tenant,
        "name": "Ada",
        "described": {"system_prompt": "Be kind.", "temperature": 0.5},
        "created_at": START,
        "updated_at": START,
    }
    return Agent(**(values | more))


def an_endpoint(endpoint_id: str = "wh_1", tenant: Tenant = ACME, **more: Any) -> Endpoint:
    values: dict[str, Any] = {
        "id": endpoint_id,
        "tenant": tenant,
        "url": "https://hooks.example.com/",
        "created_at": START,
    }
    return Endpoint(**(values | more))


def a_base(base_id: str = "kb_1", tenant: Tenant = ACME, **more: Any) -> KnowledgeBase:
    values: dict[str, Any] = {"id": base_id, "tenant": tenant, "name": "Help", "created_at": START}
    return KnowledgeBase(**(values | more))


def a_document(document_id: str = "doc_1", tenant: Tenant = ACME, **more: Any) -> Document:
    values: dict[str, Any] = {
        "id": document_id,
        "knowledge_base_id": "kb_1",
        "tenant": tenant,
        "name": "Hours",
        "content_type": ContentType.TEXT,
        "size": 10,
        "created_at": START,
    }
    return Document(**(values | more))


def a_record(
    key: str = "key", body: Mapping[str, Any] | None = None, expires_at: datetime | None = None
) -> IdempotencyRecord:
    expires_at = expires_at or START + timedelta(hours=24)
    return IdempotencyRecord(ACME, "POST /v1/sessions", key, "hash", 201, body or {"id": "sess_1"}, expires_at)


def an_api_key(secret: str = SECRET, tenant: Tenant = ACME, **more: Any) -> ApiKey:
    values: dict[str, Any] = {
        "id": "key_1",
        "hash": api_key_hash(PEPPER, secret),
        "tenant": tenant,
        "scopes": frozenset({Scope.SESSIONS_READ, Scope.SESSIONS_WRITE}),
        "created_at": START,
        "last_four": secret[-4:],
    }
    return ApiKey(**(values | more))
