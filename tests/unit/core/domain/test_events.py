from __future__ import annotations

from core.domain.access import Tenant
from core.domain.events import Event, EventType, envelope
from tests.fakes.clocks import START


def test_the_envelope_is_the_published_one() -> None:
    event = Event("evt_1", EventType.SESSION_STARTED, Tenant("org_1", True), "sess_1", 7, START, {"id": "sess_1"})

    assert envelope(event) == {
        "id": "evt_1",
        "type": "session.started",
        "api_version": "v1",
        "created_at": "2026-03-26T11:00:00Z",
        "session_id": "sess_1",
        "sequence": 7,
        "data": {"id": "sess_1"},
    }
