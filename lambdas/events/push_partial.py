"""What somebody is just saying → the sockets of those who watch. Apart from `push`, whose finals it must not delay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from lambdas.events.bus import event_of
from lambdas.runtime import socket_wiring
from lambdas.runtime.telemetry import logger


def handler(event: Mapping[str, Any], _context: object) -> None:
    told = event_of(event)
    pushed = socket_wiring.push_partial().push(told)
    logger().debug("pushed", extra={"session_id": told.session_id, **asdict(pushed)})
