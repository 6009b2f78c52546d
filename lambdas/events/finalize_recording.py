"""session.ended, or chunks that came after it → the recording's files. An event that comes twice finds them made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.events.bus import event_of
from lambdas.runtime import wiring
from lambdas.runtime.telemetry import logger


def handler(event: Mapping[str, Any], _context: object) -> None:
    told = event_of(event)
    made = wiring.finalizer().finalize(told.tenant, told.session_id)
    done = {"session_id": told.session_id, "duration_s": made.duration_s if made else None}
    logger().info("finalized" if made else "nothing to finalize", extra=done)
