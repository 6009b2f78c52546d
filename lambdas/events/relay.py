"""Outbox stream → bus. The stream goes on from the first record that is not safely on the bus."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from core.domain.events import Event
from lambdas.runtime import wiring
from lambdas.runtime.telemetry import logger

Record = Mapping[str, Any]


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return relay(wiring.relay(), event["Records"])


def relay(services: wiring.Relay, records: Sequence[Record]) -> dict[str, Any]:
    told = [record for record in records if record["eventName"] == "INSERT"]
    events = _readable(services.read, told)
    done = services.events.relay(events)
    logger().info("relayed", extra={"done": done, "of": len(told)})
    failed = told[done : done + 1]
    return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]} for record in failed]}


def _readable(read: Callable[[Mapping[str, Any]], Event], records: Sequence[Record]) -> list[Event]:
    """Up to the first record that no commit of ours wrote: it fails alone, and ends in the queue of the failed."""
    events: list[Event] = []
    for record in records:
        try:
            events.append(read(record["dynamodb"]["NewImage"]))
        except (KeyError, ValidationError):
            logger().error("unreadable", extra={"event_id": record.get("eventID")})
            break
    return events
