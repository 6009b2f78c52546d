"""What is answered on the events socket, route by route, and what nobody understands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from core.domain.access import Scope
from core.domain.sessions import Status
from core.domain.watched import final_of
from core.domain.watching import MESSAGE_BYTES
from lambdas.runtime import socket_wiring
from lambdas.websocket import default, disconnect, end_session, ping, subscribe
from lambdas.websocket.messages import Answers, answered
from tests.builders import ACME, OTHER, a_turn
from tests.fakes.described import check_heard, check_told
from tests.fakes.rest import golden
from tests.fakes.watching import Watching

CONNECTION = golden("events/websocket_message.json")["requestContext"]["connectionId"]


class World(Watching):
    def __init__(self) -> None:
        super().__init__()
        self.connect(CONNECTION)

    def send(self, body: Any) -> list[Mapping[str, Any]]:
        """The answers to one message, sent to the route that API Gateway would choose for it."""
        event = golden("events/websocket_message.json")
        event["body"] = body if isinstance(body, str) else json.dumps(body)
        action = body.get("action") if isinstance(body, dict) else None
        assert answered(self.sockets, event, lambda asked: self._route(action, asked)) == {"statusCode": 200}
        assert {connection for connection, _ in self.sockets.sent} == {CONNECTION}
        messages = [message for _, message in self.sockets.sent]
        for message in messages:
            check_told("events", message)
        self.sockets.sent.clear()
        return messages

    def answer(self, body: Any) -> Mapping[str, Any]:
        [message] = self.send(body)
        return message

    def _route(self, action: str | None, event: Mapping[str, Any]) -> Answers:
        if action == "subscribe":
            return subscribe.subscribe(self.subscriptions, event)
        if action == "ping":
            return ping.ping(self.renewal, event)
        if action == "end_session":
            return end_session.end_session(self.end, event)
        return default.act(self.watchers, event)


@pytest.fixture
def world() -> World:
    return World()


def test_a_ping_is_answered(world: World) -> None:
    assert world.answer({"action": "ping"}) == {"type": "pong"}


def test_a_subscription_is_confirmed_with_how_far_the_session_is(world: World) -> None:
    world.change(turns=[a_turn(1)], status=Status.ACTIVE)

    assert world.answer({"action": "subscribe", "session_id": "sess_1"}) == {
        "type": "subscribed",
        "session_id": "sess_1",
        "status": "active",
        "last_sequence": 1,
        "replayed": 0,
    }
    assert world.watchers.watching(ACME, "sess_1") == [CONNECTION]


def test_what_was_missed_follows_the_confirmation_in_order(world: World) -> None:
    turns = [a_turn(1), a_turn(2), a_turn(3)]
    world.change(turns=turns)

    confirmed, *replayed = world.send({"action": "subscribe", "session_id": "sess_1", "last_sequence": 1})

    assert (confirmed["type"], confirmed["last_sequence"], confirmed["replayed"]) == ("subscribed", 3, 2)
    assert replayed == [final_of("sess_1", turn) for turn in turns[1:]]


def test_an_unsubscription_is_confirmed(world: World) -> None:
    world.subscriptions.subscribe(CONNECTION, "sess_1")

    assert world.answer({"action": "unsubscribe", "session_id": "sess_1"}) == {
        "type": "unsubscribed",
        "session_id": "sess_1",
    }
    assert world.watchers.watching(ACME, "sess_1") == []


def test_a_session_is_ended(world: World) -> None:
    assert world.answer({"action": "end_session", "session_id": "sess_1", "reason": "agent_hangup"}) == {
        "type": "ended",
        "session_id": "sess_1",
        "status": "ended",
        "reason": "agent_hangup",
    }
    assert world.answer({"action": "end_session", "session_id": "sess_2"})["reason"] == "completed"


@pytest.mark.parametrize(
    "body",
    [
        {"action": "subscribe", "session_id": "sess_1"},
        {"action": "subscribe", "session_id": "sess_1", "last_sequence": 0},
        {"action": "unsubscribe", "session_id": "sess_1"},
        {"action": "ping"},
        {"action": "end_session", "session_id": "sess_1"},
        {"action": "end_session", "session_id": "sess_1", "reason": "error"},
    ],
)
def test_what_is_documented_is_done(world: World, body: dict[str, Any]) -> None:
    check_heard("events", body)

    assert world.answer(body)["type"] != "error"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"action": "dance"}, "unknown_action"),
        ({"action": "subscribe", "session_id": "sess_3"}, "session_not_found"),
        ({"action": "subscribe", "session_id": "../sess_1"}, "session_not_found"),
        ({"action": "subscribe"}, "invalid_message"),
        ({"action": "subscribe", "session_id": 7}, "invalid_message"),
        ({"action": "subscribe", "session_id": "sess_1", "more": 1}, "invalid_message"),
        ({"action": "subscribe", "session_id": "sess_1", "last_sequence": -1}, "invalid_message"),
        ({"action": "subscribe", "session_id": "sess_1", "last_sequence": "1"}, "invalid_message"),
        ({"action": "unsubscribe"}, "invalid_message"),
        ({"action": "ping", "more": 1}, "invalid_message"),
        ({"action": "end_session", "session_id": "sess_3"}, "session_not_found"),
        ({"action": "end_session", "session_id": "sess_1", "reason": "because"}, "invalid_message"),
        ({}, "invalid_message"),
        ([], "invalid_message"),
        ("", "invalid_message"),
        ("nonsense", "invalid_message"),
        ("[" * 4000, "invalid_message"),
        ("\ud800", "invalid_message"),
        ({"action": "ping", "more": "x" * MESSAGE_BYTES}, "message_too_large"),
        ("ü" * MESSAGE_BYTES, "message_too_large"),
    ],
)
def test_what_cannot_be_done_is_said_on_the_socket(world: World, body: Any, code: str) -> None:
    message = world.answer(body)

    assert message["type"] == "error"
    assert message["error"]["code"] == code
    assert set(message["error"]) == {"code", "message"}
    assert world.watchers.watching(OTHER, "sess_3") == []


def test_an_error_says_what_it_is_about(world: World) -> None:
    refused = world.answer({"action": "subscribe", "session_id": "sess_9", "last_sequence": 1})

    assert refused == {
        "type": "error",
        "action": "subscribe",
        "session_id": "sess_9",
        "error": {"code": "session_not_found", "message": "no such session"},
    }
    assert set(world.answer("nonsense")) == {"type", "error"}


def test_a_key_that_may_only_read_is_told_so_and_ends_nothing(world: World) -> None:
    world.key_is(Scope.SESSIONS_READ)

    refused = world.answer({"action": "end_session", "session_id": "sess_1"})

    assert refused["error"]["code"] == "insufficient_permissions"
    assert world.sessions.events == []


def test_a_bug_is_answered_without_its_text(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_event: Mapping[str, Any]) -> Answers:
        raise KeyError("sk_live_secret")

    answered(world.sockets, golden("events/websocket_message.json"), broken)

    [(_, message)] = world.sockets.sent
    assert message["error"]["code"] == "internal_error"
    log = capsys.readouterr().out
    assert "KeyError" in log
    assert "sk_live" not in log + json.dumps(message)


def test_to_a_connection_that_went_away_meanwhile_nothing_more_is_sent(world: World) -> None:
    tried = []

    class Gone:
        def push(self, connection_id: str, message: Mapping[str, Any]) -> bool:
            tried.append(message)
            return False

    event = golden("events/websocket_message.json")

    assert answered(Gone(), event, lambda _: [{"type": "subscribed"}, {"type": "transcript.final"}]) == {
        "statusCode": 200
    }
    assert tried == [{"type": "subscribed"}]


def test_whoever_hangs_up_is_forgotten(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.subscriptions.subscribe(CONNECTION, "sess_1")
    monkeypatch.setattr(socket_wiring, "watchers", lambda: world.watchers)

    assert disconnect.handler(golden("events/websocket_message.json"), None) == {"statusCode": 200}

    assert world.watchers.find(CONNECTION) is None
    assert world.watchers.watching(ACME, "sess_1") == []
