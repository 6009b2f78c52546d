"""A batch of an SQS event source: its messages at the same time, each in a thread, each failing alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from lambdas.runtime.telemetry import describe, logger

Record = Mapping[str, Any]
T = TypeVar("T")


def each(records: Sequence[Record], work: Callable[[Record], T]) -> list[T | None]:
    """What `work` makes of each; None where it raised: that message must come again."""

    def alone(record: Record) -> T | None:
        try:
            return work(record)
        except Exception as error:
            logger().error("failed", extra={"message_id": record.get("messageId"), **describe(error)})
            return None

    with ThreadPoolExecutor(max(1, len(records))) as threads:
        return list(threads.map(alone, records))


def answer(records: Sequence[Record], done: Sequence[object]) -> dict[str, Any]:
    """Tells Lambda which to leave in the queue. One that never gets through ends in the queue of the failed."""
    failed = [record for record, outcome in zip(records, done, strict=True) if outcome is None]
    return {"batchItemFailures": [{"itemIdentifier": record["messageId"]} for record in failed]}
