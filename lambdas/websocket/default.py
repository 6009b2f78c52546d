"""$default: everything that has no route of its own: ping, unsubscribe, and what nobody understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import InvalidRequest
from core.ports import WatcherStore
from lambdas.runtime import wiring
from lambdas.websocket.messages import AnyAction, Unsubscribe, answered, connection_id, read


def handler(event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    socket = wiring.socket()
    return answered(socket, event, lambda asked: act(socket.watchers, asked))


def act(watchers: WatcherStore, event: Mapping[str, Any]) -> Mapping[str, Any]:
    action = read(AnyAction, event).action
    if action == "ping":
        return {"type": "pong"}
    if action == "unsubscribe":
        return _unsubscribe(watchers, event)
    raise InvalidRequest("unknown_action", "known actions: subscribe, unsubscribe, ping")


def _unsubscribe(watchers: WatcherStore, event: Mapping[str, Any]) -> Mapping[str, Any]:
    asked = read(Unsubscribe, event)
    watchers.unsubscribe(connection_id(event), asked.session_id)
    return {"type": "unsubscribed", "session_id": asked.session_id}
