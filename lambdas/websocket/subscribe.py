"""subscribe: watch a session of one's own tenant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.services.watchers import Subscriptions
from lambdas.runtime import wiring
from lambdas.websocket.messages import Subscribe, answered, connection_id, read


def handler(event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    return answered(wiring.socket(), event, lambda asked: subscribe(wiring.subscriptions(), asked))


def subscribe(subscriptions: Subscriptions, event: Mapping[str, Any]) -> Mapping[str, Any]:
    asked = read(Subscribe, event)
    subscriptions.subscribe(connection_id(event), asked.session_id)
    return {"type": "subscribed", "session_id": asked.session_id}
