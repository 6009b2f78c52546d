"""$disconnect: forget the connection and what it watched. Best effort by AWS's own word; TTL takes what is missed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.runtime import socket_wiring
from lambdas.websocket.messages import ACCEPTED, connection_id


def handler(event: Mapping[str, Any], _context: object) -> Mapping[str, Any]:
    socket_wiring.watchers().remove(connection_id(event))
    return ACCEPTED
