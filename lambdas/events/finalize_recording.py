"""session.ended → the recording as one file. An event that comes twice finds nothing left to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lambdas.events.bus import event_of
from lambdas.runtime import wiring
from lambdas.runtime.telemetry import logger


def handler(event: Mapping[str, Any], _context: object) -> None:
    told = event_of(event)
    session = wiring.recordings().finalize(told.tenant, told.session_id)
    done = {"session_id": told.session_id, "duration_s": session.recording.duration_s if session else None}
    logger().info("finalized" if session else "nothing to finalize", extra=done)
