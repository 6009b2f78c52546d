"""Bus → sockets, as the functions are invoked."""

from __future__ import annotations

import json

import pytest

from core.domain.transcripts import turn_object
from lambdas.events import push, push_partial
from lambdas.runtime import socket_wiring
from tests.builders import a_turn
from tests.fakes.rest import golden
from tests.fakes.watching import Watching


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Watching:
    world = Watching()
    world.watch("c1")
    monkeypatch.setattr(socket_wiring, "push", lambda: world.push)
    monkeypatch.setattr(socket_wiring, "push_partial", lambda: world.push_partial)
    return world


def test_a_delivered_event_reaches_its_watchers(world: Watching) -> None:
    push.handler(golden("events/bus_event.json"), None)

    assert world.sockets.sent == [
        ("c1", {"type": "session.ended", "session_id": "sess_1", "status": "ended", "reason": "completed"})
    ]


def test_so_does_what_somebody_is_saying_and_no_word_of_it_is_logged(
    world: Watching, capsys: pytest.CaptureFixture[str]
) -> None:
    event = golden("events/bus_event.json")
    event["detail"] |= {
        "type": "internal.transcript_partial",
        "created_at": world.clock.now().isoformat(),
        "sequence": None,
        "data": turn_object(a_turn(1, text="geheim")),
    }

    push_partial.handler(event, None)

    [(connection, message)] = world.sockets.sent
    assert (connection, message["type"], message["text"]) == ("c1", "transcript.partial", "geheim")
    assert "geheim" not in json.dumps(capsys.readouterr().out)
