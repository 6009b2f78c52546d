"""Relay and push."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.domain.events import EventType
from core.domain.transcripts import turn_object
from core.errors import Unavailable
from core.ports import Watcher
from core.services.events import EventPush, EventRelay, Pushed, socket_message
from tests.builders import ACME, a_turn, an_event
from tests.fakes.clocks import START, FakeClock
from tests.fakes.watchers import FakeBus, FakeSockets, MemoryWatchers

EVENTS = [an_event(f"evt_{number:02d}") for number in range(25)]


def test_all_events_go_onto_the_bus_in_order() -> None:
    bus = FakeBus()

    assert EventRelay(bus).relay(EVENTS) == 25
    assert bus.taken == EVENTS


@pytest.mark.parametrize(("refuses", "done"), [("evt_00", 0), ("evt_09", 0), ("evt_10", 10), ("evt_24", 20)])
def test_the_relay_stops_at_the_first_group_the_bus_does_not_take(refuses: str, done: int) -> None:
    bus = FakeBus(refuses)

    assert EventRelay(bus).relay(EVENTS) == done
    assert not any(event.id > refuses for event in bus.taken)


@pytest.fixture
def watchers() -> MemoryWatchers:
    watchers = MemoryWatchers(FakeClock())
    for connection in ("c1", "c2", "c3"):
        watcher = Watcher(connection, ACME, START + timedelta(hours=1))
        watchers.add(watcher)
        watchers.subscribe(watcher, "sess_1")
        watchers.subscribe(watcher, "sess_2")
    return watchers


def test_everybody_who_watches_the_session_gets_the_message(watchers: MemoryWatchers) -> None:
    sockets = FakeSockets()

    assert EventPush(watchers, sockets).push(an_event()) == Pushed(3, 0, 0)
    assert [connection for connection, _ in sockets.sent] == ["c1", "c2", "c3"]


def test_a_connection_that_is_gone_is_pruned_with_all_it_watched(watchers: MemoryWatchers) -> None:
    sockets = FakeSockets()
    sockets.gone = {"c1"}

    assert EventPush(watchers, sockets).push(an_event()) == Pushed(2, 1, 0)

    assert watchers.find("c1") is None
    assert watchers.watching("sess_1") == watchers.watching("sess_2") == ["c2", "c3"]


def test_a_connection_that_does_not_answer_is_kept_and_holds_up_nobody(watchers: MemoryWatchers) -> None:
    sockets = FakeSockets()
    sockets.unreachable = {"c1"}

    assert EventPush(watchers, sockets).push(an_event()) == Pushed(2, 0, 1)
    assert watchers.watching("sess_1") == ["c1", "c2", "c3"]


def test_a_refusal_for_one_connection_is_counted_and_logged_and_keeps_nothing_from_the_others(
    watchers: MemoryWatchers, caplog: pytest.LogCaptureFixture
) -> None:
    sockets = FakeSockets()
    sockets.refusing = {"c2"}

    assert EventPush(watchers, sockets).push(an_event()) == Pushed(2, 0, 1)
    assert [connection for connection, _ in sockets.sent] == ["c1", "c3"]
    assert watchers.watching("sess_1") == ["c1", "c2", "c3"]
    assert [vars(record)["error"] for record in caplog.records] == ["DependencyRefused"]


def test_a_connection_that_is_gone_and_cannot_be_pruned_now_keeps_nothing_from_the_others(
    watchers: MemoryWatchers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: str) -> None:
        raise Unavailable("dependency_unavailable", "no answer")

    sockets = FakeSockets()
    sockets.gone = {"c1"}
    monkeypatch.setattr(watchers, "unsubscribe", fail)

    assert EventPush(watchers, sockets).push(an_event()) == Pushed(2, 0, 1)


def test_a_segment_is_worded_as_the_stream_words_it() -> None:
    event = an_event(kind=EventType.TRANSCRIPT_SEGMENT, data=turn_object(a_turn(3)))

    message = socket_message(event)

    assert message == {
        "type": "transcript.final",
        "session_id": "sess_1",
        "id": "seg_3",
        "sequence": 3,
        "speaker": "customer",
        "language": "de",
        "text": "guten Tag",
        "timestamp": "2026-03-26T11:00:00Z",
        "start_time": 3.0,
        "end_time": 3.5,
        "confidence": 0.9,
        "translation": {"language": "en", "text": "good day"},
        "is_final": True,
    }


def test_an_end_tells_its_reason_and_keeps_the_metadata_to_itself() -> None:
    data = {"status": "ended", "end_reason": "timeout", "duration": 3.5, "metadata": {"crm": "42"}, "provider": {}}

    message = socket_message(an_event(kind=EventType.SESSION_ENDED, data=data))

    assert message == {
        "type": "session.ended",
        "session_id": "sess_1",
        "status": "ended",
        "duration": 3.5,
        "reason": "timeout",
    }


@pytest.mark.parametrize("kind", [kind for kind in EventType if kind.is_watched])
def test_every_event_that_others_hear_of_has_a_message(kind: EventType) -> None:
    assert socket_message(an_event(kind=kind))["session_id"] == "sess_1"
