"""Queue → calls placed and hung up. A message that is not done comes again when it becomes visible again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from core.domain.events import Event, EventType
from core.services.placing import Placing, again
from lambdas.events.bus import event_of
from lambdas.runtime import telephony_wiring
from lambdas.runtime.telemetry import logger


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return dial(telephony_wiring.placing(), event)


def dial(placing: Placing, event: Mapping[str, Any]) -> dict[str, Any]:
    undone = [record["messageId"] for record in event["Records"] if not _done(placing, record)]
    logger().info("dialed", extra={"of": len(event["Records"]), "again": len(undone)})
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in undone]}


def _done(placing: Placing, record: Mapping[str, Any]) -> bool:
    try:
        told = event_of(json.loads(record["body"]))
    except (ValueError, KeyError, TypeError, ValidationError):
        logger().error("unreadable", extra={"message_id": record.get("messageId")})
        return False
    return again(lambda: _do(placing, told))


def _do(placing: Placing, told: Event) -> bool:
    if told.type is EventType.DIAL_REQUESTED:
        return placing.place(told.tenant, told.session_id, str(told.data["leg_id"]))
    return placing.hang_up(told.tenant, told.session_id)
