"""Outbox stream → bus. The stream goes on from the first record that is not safely on the bus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lambdas.runtime import wiring
from lambdas.runtime.telemetry import logger

Record = Mapping[str, Any]


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return relay(wiring.relay(), event["Records"])


def relay(services: wiring.Relay, records: Sequence[Record]) -> dict[str, Any]:
    told = [record for record in records if record["eventName"] == "INSERT"]
    kept = [services.read(record["dynamodb"]["NewImage"]) for record in told]
    for each in kept:
        if each.event is None:
            logger().error("unreadable", extra={"key": each.key})
    done = services.events.relay(kept)
    logger().info("relayed", extra={"done": done, "of": len(told)})
    failed = told[done : done + 1]
    return {"batchItemFailures": [{"itemIdentifier": record["dynamodb"]["SequenceNumber"]} for record in failed]}
