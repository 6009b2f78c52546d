"""$default: unsubscribe, and what nobody understands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import InvalidRequest
from core.watcher_ports import WatcherStore
from lambdas.runtime import socket_wiring
from lambdas.websocket.messages import Answers, AnyAction, Unsubscribe, answered, connection_id, read


def handler(event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    return answered(socket_wiring.sockets(), event, lambda asked: act(socket_wiring.watchers(), asked))


def act(watchers: WatcherStore, event: Mapping[str, Any]) -> Answers:
    if read(AnyAction, event).action != "unsubscribe":
        raise InvalidRequest("unknown_action", "known actions: subscribe, unsubscribe, ping, end_session")
    asked = read(Unsubscribe, event)
    watcher = watchers.find(connection_id(event))
    if watcher is not None:
        watchers.unsubscribe(watcher.tenant, watcher.connection_id, asked.session_id)
    return [{"type": "unsubscribed", "session_id": asked.session_id}]
