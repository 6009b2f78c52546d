"""Bus → the sockets of those who watch the session."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from lambdas.events.bus import event_of
from lambdas.runtime import socket_wiring
from lambdas.runtime.telemetry import logger


def handler(event: Mapping[str, Any], _context: object) -> None:
    told = event_of(event)
    pushed = socket_wiring.push().push(told)
    logger().info("pushed", extra={"event_id": told.id, "session_id": told.session_id, **asdict(pushed)})
