"""Bus, over a queue → a delivery for every endpoint that wants the event. One that comes twice makes nothing twice.

A page of a replay comes the same way.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.domain.events import EventType
from lambdas.events.batch import Record, answer, each
from lambdas.events.bus import event_of
from lambdas.runtime import webhook_wiring
from lambdas.runtime.telemetry import logger


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    telling = webhook_wiring.fan_out()
    done = each(event["Records"], lambda record: tell(telling, record))
    return answer(event["Records"], done)


def tell(telling: webhook_wiring.Telling, record: Record) -> int:
    told = event_of(json.loads(record["body"]))
    is_page = told.type is EventType.WEBHOOK_REPLAY
    count = telling.replays.page(told) if is_page else telling.events.tell(told)
    logger().info("fanned out", extra={"event_id": told.id, "session_id": told.session_id, "deliveries": count})
    return count
