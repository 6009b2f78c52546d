"""subscribe: watch a session of one's own tenant, and hear again what was missed of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.domain.watched import final_of
from core.services.subscriptions import Subscriptions
from lambdas.runtime import socket_wiring
from lambdas.websocket.messages import Answers, Subscribe, answered, connection_id, read


def handler(event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    return answered(socket_wiring.sockets(), event, lambda asked: subscribe(socket_wiring.subscriptions(), asked))


def subscribe(subscriptions: Subscriptions, event: Mapping[str, Any]) -> Answers:
    asked = read(Subscribe, event)
    made = subscriptions.subscribe(connection_id(event), asked.session_id, asked.last_sequence)
    session = made.session
    confirmed = {
        "type": "subscribed",
        "session_id": session.id,
        "status": session.status.value,
        "last_sequence": session.turn_count,
        "replayed": len(made.missed),
    }
    return [confirmed, *(final_of(session.id, turn) for turn in made.missed)]
