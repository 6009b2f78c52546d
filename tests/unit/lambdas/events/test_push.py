"""Bus → sockets, as the function is invoked."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.ports import Watcher
from core.services.events import EventPush
from lambdas.events import push
from lambdas.runtime import wiring
from tests.builders import ACME
from tests.fakes.clocks import START, FakeClock
from tests.fakes.rest import golden
from tests.fakes.watchers import FakeSockets, MemoryWatchers


def test_a_delivered_event_reaches_its_watchers(monkeypatch: pytest.MonkeyPatch) -> None:
    watchers, sockets = MemoryWatchers(FakeClock()), FakeSockets()
    watchers.subscribe(Watcher("c1", ACME, START + timedelta(hours=1)), "sess_1")
    monkeypatch.setattr(wiring, "push", lambda: EventPush(watchers, sockets))

    push.handler(golden("events/bus_event.json"), None)

    assert sockets.sent == [
        ("c1", {"type": "session.ended", "session_id": "sess_1", "status": "ended", "reason": "completed"})
    ]
