"""Watch, watch on, hear again what was missed, end."""

from __future__ import annotations

from typing import Any

import pytest

from core.domain.access import Scope
from core.domain.events import EventType
from core.domain.sessions import EndReason, Status, Transcription
from core.domain.watching import (
    MOST_REPLAYED,
    MOST_SUBSCRIPTIONS,
    RENEWED_EVERY,
    WATCH_LIFETIME,
    watch_command,
)
from core.errors import NotFound, PermissionDenied, RateLimited, Unavailable
from core.ports import Commit
from tests.builders import ACME, OTHER, a_session, a_turn
from tests.fakes.clocks import START
from tests.fakes.watching import Watching


@pytest.fixture
def world() -> Watching:
    world = Watching()
    world.connect("c1")
    return world


def test_another_tenants_session_is_as_if_there_were_none(world: Watching) -> None:
    told = []
    for session_id in ("sess_3", "sess_9"):
        with pytest.raises(NotFound) as refused:
            world.subscriptions.subscribe("c1", session_id)
        told.append((refused.value.code, refused.value.message))

    assert told[0] == told[1]
    assert world.watchers.watching(OTHER, "sess_3") == world.watchers.watching(ACME, "sess_3") == []
    assert world.inbox.sent == []


def test_what_is_no_session_id_is_not_looked_up(world: Watching) -> None:
    with pytest.raises(NotFound):
        world.subscriptions.subscribe("c1", "sess_1/../sess_3")


def test_a_connection_watches_so_many_sessions_and_no_more(world: Watching) -> None:
    for number in range(MOST_SUBSCRIPTIONS + 1):
        world.sessions.commit(Commit(a_session(f"sess_a{number}"), None, None))
    for number in range(MOST_SUBSCRIPTIONS):
        world.subscriptions.subscribe("c1", f"sess_a{number}")

    with pytest.raises(RateLimited) as refused:
        world.subscriptions.subscribe("c1", f"sess_a{MOST_SUBSCRIPTIONS}")

    assert refused.value.code == "too_many_subscriptions"
    world.subscriptions.subscribe("c1", "sess_a0")


def test_who_asks_for_nothing_is_told_how_far_the_session_is(world: Watching) -> None:
    world.change(turns=[a_turn(1), a_turn(2)], status=Status.ACTIVE)

    made = world.subscriptions.subscribe("c1", "sess_1")

    assert (made.session.status, made.session.turn_count, made.missed) == (Status.ACTIVE, 2, ())


@pytest.mark.parametrize(("last", "missed"), [(0, [1, 2, 3]), (2, [3]), (3, []), (9, [])])
def test_who_says_what_they_have_is_told_the_rest(world: Watching, last: int, missed: list[int]) -> None:
    world.change(turns=[a_turn(1), a_turn(2), a_turn(3)])

    made = world.subscriptions.subscribe("c1", "sess_1", last)

    assert [turn.sequence for turn in made.missed] == missed


def test_of_too_much_the_last_part_is_told(world: Watching) -> None:
    world.change(turns=[a_turn(sequence) for sequence in range(1, MOST_REPLAYED + 11)])

    made = world.subscriptions.subscribe("c1", "sess_1", 0)

    assert [turn.sequence for turn in made.missed] == list(range(11, MOST_REPLAYED + 11))


def test_what_is_said_while_somebody_subscribes_is_pushed_or_read(
    world: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    subscribe = world.watchers.subscribe

    def while_a_turn_comes(*arguments: object) -> bool:
        done = subscribe(*arguments)  # type: ignore[arg-type]
        world.change(turns=[a_turn(1)])
        return done

    monkeypatch.setattr(world.watchers, "subscribe", while_a_turn_comes)

    made = world.subscriptions.subscribe("c1", "sess_1", 0)

    assert [turn.sequence for turn in made.missed] == [1]


def test_the_worker_that_holds_the_session_is_told_for_how_long(world: Watching) -> None:
    world.change(owner="w1", status=Status.ACTIVE)

    world.subscriptions.subscribe("c1", "sess_1")

    assert world.inbox.sent == [("w1", watch_command("sess_1", START, START + WATCH_LIFETIME))]


@pytest.mark.parametrize(
    "fields",
    [
        {"status": Status.ACTIVE},
        {"owner": "w1", "status": Status.ENDED},
        {"owner": "w1", "transcription": Transcription(partials=False)},
        {"owner": "w1", "transcription": Transcription(enabled=False)},
    ],
)
def test_nobody_is_told_where_there_will_be_no_partials(world: Watching, fields: dict[str, Any]) -> None:
    world.change(**fields)

    world.subscriptions.subscribe("c1", "sess_1")

    assert world.inbox.sent == []


def test_a_worker_that_cannot_be_told_keeps_nobody_from_watching(
    world: Watching, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object) -> None:
        raise Unavailable("dependency_unavailable", "SendMessage got no answer")

    world.change(owner="w1")
    monkeypatch.setattr(world.inbox, "send", silent)

    world.subscriptions.subscribe("c1", "sess_1")

    assert world.watchers.watching(ACME, "sess_1") == ["c1"]


def test_a_ping_renews_all_watches_with_whoever_holds_the_sessions_now(world: Watching) -> None:
    world.change("sess_1", owner="w1")
    for session_id in ("sess_1", "sess_2"):
        world.subscriptions.subscribe("c1", session_id)
    world.change("sess_1", owner="w2")
    world.change("sess_2", owner="w3")
    world.inbox.sent.clear()
    world.clock.advance(60)

    world.renewal.ping("c1")

    assert [(worker, command["session_id"]) for worker, command in world.inbox.sent] == [
        ("w2", "sess_1"),
        ("w3", "sess_2"),
    ]


def test_many_pings_renew_once_in_a_while(world: Watching) -> None:
    world.change(owner="w1")
    world.subscriptions.subscribe("c1", "sess_1")
    world.inbox.sent.clear()

    for _ in range(5):
        world.renewal.ping("c1")
        world.clock.advance(RENEWED_EVERY.total_seconds() / 4)

    assert len(world.inbox.sent) == 2


def test_a_session_is_ended_with_the_reason_given(world: Watching) -> None:
    shown = world.end("c1", "sess_1", EndReason.AGENT_HANGUP)

    assert (shown["status"], shown["end_reason"]) == ("ended", "agent_hangup")
    assert [event.type for event in world.sessions.events] == [EventType.SESSION_ENDED]
    assert world.end("c1", "sess_1", EndReason.ERROR)["end_reason"] == "agent_hangup"


def test_a_key_that_may_only_read_ends_nothing_and_goes_on_watching(world: Watching) -> None:
    world.subscriptions.subscribe("c1", "sess_1")
    world.key_is(Scope.SESSIONS_READ)

    with pytest.raises(PermissionDenied) as refused:
        world.end("c1", "sess_1", EndReason.COMPLETED)

    assert refused.value.code == "insufficient_permissions"
    assert world.watchers.watching(ACME, "sess_1") == ["c1"]
    assert world.sessions.events == []


def test_another_tenants_session_is_not_there_to_be_ended(world: Watching) -> None:
    with pytest.raises(NotFound):
        world.end("c1", "sess_3", EndReason.COMPLETED)


def test_a_stream_token_ends_its_own_session_and_no_other(world: Watching) -> None:
    world.connect("c2", token_of="sess_1")

    with pytest.raises(PermissionDenied):
        world.end("c2", "sess_2", EndReason.COMPLETED)

    assert world.end("c2", "sess_1", EndReason.COMPLETED)["status"] == "ended"
