"""Everybody who watches is told, and nobody waits for anybody."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from core.domain.events import Event, EventType
from core.domain.watching import PARTIAL_LASTS, WATCH_LIFETIME, watch_command
from core.errors import Unavailable
from core.services.pushing import Pushed, Pushing
from tests.builders import ACME, OTHER, an_event
from tests.fakes.clocks import START
from tests.fakes.watching import Watching

PARTIAL = Event("evt_1", EventType.TRANSCRIPT_PARTIAL, ACME, "sess_1", 0, START, {"id": "seg_1", "text": "guten"})


@pytest.fixture
def world() -> Watching:
    world = Watching()
    for connection in ("c1", "c2", "c3"):
        world.watch(connection)
        world.subscriptions.subscribe(connection, "sess_2")
    return world


def told(world: Watching) -> list[str]:
    return sorted(connection for connection, _ in world.sockets.sent)


def test_everybody_who_watches_the_session_gets_the_message(world: Watching) -> None:
    assert world.push.push(an_event()) == Pushed(3, 0, 0)
    assert told(world) == ["c1", "c2", "c3"]


def test_an_event_of_another_tenant_reaches_nobody_whatever_its_session_is_called(world: Watching) -> None:
    assert world.push.push(replace(an_event(), tenant=OTHER)) == Pushed()
    assert world.sockets.sent == []


def test_a_connection_that_is_gone_is_pruned_with_all_it_watched(world: Watching) -> None:
    world.sockets.gone = {"c1"}

    assert world.push.push(an_event()) == Pushed(2, 1, 0)

    assert world.watchers.find("c1") is None
    assert world.watchers.watching(ACME, "sess_1") == world.watchers.watching(ACME, "sess_2") == ["c2", "c3"]


def test_a_subscription_whose_connection_was_forgotten_is_pruned_too(world: Watching) -> None:
    world.watchers._watchers.pop("c1")
    world.sockets.gone = {"c1"}

    assert world.push.push(an_event()) == Pushed(2, 1, 0)
    assert world.watchers.watching(ACME, "sess_1") == ["c2", "c3"]


def test_a_connection_that_does_not_answer_is_kept(world: Watching) -> None:
    world.sockets.unreachable = {"c1"}

    assert world.push.push(an_event()) == Pushed(2, 0, 1)
    assert world.watchers.watching(ACME, "sess_1") == ["c1", "c2", "c3"]


def test_a_refusal_for_one_connection_is_counted_and_logged_and_keeps_nothing_from_the_others(
    world: Watching, caplog: pytest.LogCaptureFixture
) -> None:
    world.sockets.refusing = {"c2"}

    assert world.push.push(an_event()) == Pushed(2, 0, 1)
    assert told(world) == ["c1", "c3"]
    assert world.watchers.watching(ACME, "sess_1") == ["c1", "c2", "c3"]
    assert [vars(record)["error"] for record in caplog.records] == ["DependencyRefused"]


def test_a_connection_that_is_gone_and_cannot_be_pruned_now_keeps_nothing_from_the_others(
    world: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise Unavailable("dependency_unavailable", "no answer")

    world.sockets.gone = {"c1"}
    monkeypatch.setattr(world.watchers, "unsubscribe", fail)

    assert world.push.push(an_event()) == Pushed(2, 0, 1)


class SlowSockets:
    """The first connection is only done when all the others are; `most` is how many were on the way at once."""

    def __init__(self, connections: int) -> None:
        self._others = threading.Semaphore(0)
        self._connections = connections
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def push(self, connection_id: str, message: Mapping[str, Any]) -> bool:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        if connection_id == "c000":
            for _ in range(self._connections - 1):
                assert self._others.acquire(timeout=10), "the others wait for the slow one"
        else:
            self._others.release()
        with self._lock:
            self._now -= 1
        return True


def test_one_slow_connection_holds_up_no_other_and_not_too_many_are_told_at_once() -> None:
    world = Watching()
    for number in range(200):
        world.watch(f"c{number:03d}")
    sockets = SlowSockets(200)

    assert Pushing(world.watchers, sockets, at_once=8).push(ACME, "sess_1", {}) == Pushed(200, 0, 0)
    assert 2 <= sockets.most <= 8


def test_a_worker_that_begins_a_session_learns_that_it_is_watched_already(world: Watching) -> None:
    world.change(owner="w1")

    world.push.push(an_event(kind=EventType.SESSION_STARTED))

    assert world.inbox.sent == [("w1", watch_command("sess_1", START, START + WATCH_LIFETIME))]


def test_and_is_not_bothered_when_nobody_watches_or_with_anything_else(world: Watching) -> None:
    world.change(owner="w1")
    world.push.push(an_event(kind=EventType.TRANSCRIPT_READY))
    for connection in ("c1", "c2", "c3"):
        world.watchers.unsubscribe(ACME, connection, "sess_1")
    world.push.push(an_event(kind=EventType.SESSION_STARTED))

    assert world.inbox.sent == []


def test_what_is_being_said_reaches_those_who_watch(world: Watching) -> None:
    assert world.push_partial.push(PARTIAL) == Pushed(3, 0, 0)
    assert world.sockets.sent[0][1] == {
        "type": "transcript.partial",
        "session_id": "sess_1",
        "id": "seg_1",
        "text": "guten",
    }
    assert world.inbox.sent == []


def test_what_was_said_a_while_ago_reaches_nobody(world: Watching) -> None:
    world.clock.advance((PARTIAL_LASTS + timedelta(seconds=1)).total_seconds())

    assert world.push_partial.push(PARTIAL) == Pushed()
    assert world.sockets.sent == []


def test_where_nobody_watches_any_more_the_worker_is_told_to_stop(world: Watching) -> None:
    world.change(owner="w1")
    world.watchers.unsubscribe(ACME, "c2", "sess_1")
    world.watchers.unsubscribe(ACME, "c3", "sess_1")
    world.sockets.gone = {"c1"}

    assert world.push_partial.push(PARTIAL) == Pushed(0, 1, 0)

    assert world.inbox.sent == [("w1", watch_command("sess_1", START, START))]


def test_where_somebody_could_not_be_reached_the_worker_goes_on(world: Watching) -> None:
    world.change(owner="w1")
    world.sockets.unreachable = {"c1", "c2", "c3"}

    assert world.push_partial.push(PARTIAL) == Pushed(0, 0, 3)
    assert world.inbox.sent == []
