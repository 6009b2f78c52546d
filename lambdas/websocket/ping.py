"""ping: somebody is still there, and still wants to hear what is being said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.services.subscriptions import Renewal
from lambdas.runtime import socket_wiring
from lambdas.websocket.messages import Answers, Ping, answered, connection_id, read


def handler(event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    return answered(socket_wiring.sockets(), event, lambda asked: ping(socket_wiring.renewal(), asked))


def ping(renewal: Renewal, event: Mapping[str, Any]) -> Answers:
    read(Ping, event)
    renewal.ping(connection_id(event))
    return [{"type": "pong"}]
