"""What is answered on the events socket: subscribe, unsubscribe, ping, and what nobody understands."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from core.ports import Commit, Watcher
from core.services.watchers import Subscriptions
from lambdas.runtime.wiring import Socket
from lambdas.websocket import default, subscribe
from lambdas.websocket.messages import answered
from tests.builders import ACME, OTHER, a_session
from tests.fakes.clocks import START, FakeClock
from tests.fakes.rest import golden
from tests.fakes.stores import MemorySessions
from tests.fakes.watchers import FakeSockets, MemoryWatchers

CONNECTION = golden("events/websocket_message.json")["requestContext"]["connectionId"]


class World:
    def __init__(self) -> None:
        clock = FakeClock()
        sessions = MemorySessions(clock)
        for session in (a_session("sess_1"), a_session("sess_2", OTHER)):
            sessions.commit(Commit(session, None, None))
        self.watchers = MemoryWatchers(clock)
        self.watchers.add(Watcher(CONNECTION, ACME, START + timedelta(hours=2)))
        self.sockets = FakeSockets()
        self.subscriptions = Subscriptions(self.watchers, sessions)

    def send(self, body: Any) -> Mapping[str, Any]:
        """The answer to one message, sent to the route that API Gateway would choose for it."""
        event = golden("events/websocket_message.json")
        event["body"] = body if isinstance(body, str) else json.dumps(body)
        routed = isinstance(body, dict) and body.get("action") == "subscribe"
        result = answered(Socket(self.watchers, self.sockets), event, self._subscribe if routed else self._default)
        assert result == {"statusCode": 200}
        [(connection, message)] = self.sockets.sent
        assert connection == CONNECTION
        return message

    def _subscribe(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        return subscribe.subscribe(self.subscriptions, event)

    def _default(self, event: Mapping[str, Any]) -> Mapping[str, Any]:
        return default.act(self.watchers, event)


@pytest.fixture
def world() -> World:
    return World()


def test_a_ping_is_answered(world: World) -> None:
    assert world.send({"action": "ping", "anything": "goes"}) == {"type": "pong"}


def test_a_subscription_is_confirmed(world: World) -> None:
    assert world.send({"action": "subscribe", "session_id": "sess_1"}) == {
        "type": "subscribed",
        "session_id": "sess_1",
    }
    assert world.watchers.watching("sess_1") == [CONNECTION]


def test_an_unsubscription_is_confirmed(world: World) -> None:
    world.subscriptions.subscribe(CONNECTION, "sess_1")

    assert world.send({"action": "unsubscribe", "session_id": "sess_1"}) == {
        "type": "unsubscribed",
        "session_id": "sess_1",
    }
    assert world.watchers.watching("sess_1") == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"action": "dance"}, "unknown_action"),
        ({"action": "subscribe", "session_id": "sess_2"}, "session_not_found"),
        ({"action": "subscribe", "session_id": "../sess_1"}, "session_not_found"),
        ({"action": "subscribe"}, "invalid_message"),
        ({"action": "subscribe", "session_id": 7}, "invalid_message"),
        ({"action": "subscribe", "session_id": "sess_1", "more": 1}, "invalid_message"),
        ({"action": "unsubscribe"}, "invalid_message"),
        ({}, "invalid_message"),
        ([], "invalid_message"),
        ("", "invalid_message"),
        ("nonsense", "invalid_message"),
        ("[" * 10_000, "invalid_message"),
    ],
)
def test_what_cannot_be_done_is_said_on_the_socket(world: World, body: Any, code: str) -> None:
    message = world.send(body)

    assert message["type"] == "error"
    assert message["error"]["code"] == code
    assert world.watchers.watching("sess_2") == []


def test_a_bug_is_answered_without_its_text(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_event: Mapping[str, Any]) -> Mapping[str, Any]:
        raise KeyError("sk_live_secret")

    answered(Socket(world.watchers, world.sockets), golden("events/websocket_message.json"), broken)

    [(_, message)] = world.sockets.sent
    assert message["error"]["code"] == "internal_error"
    log = capsys.readouterr().out
    assert "KeyError" in log
    assert "sk_live" not in log + json.dumps(message)


def test_a_connection_that_went_away_meanwhile_is_no_error(world: World) -> None:
    world.sockets.gone = {CONNECTION}
    event = golden("events/websocket_message.json")

    assert answered(Socket(world.watchers, world.sockets), event, lambda _: {"type": "pong"}) == {"statusCode": 200}
