"""Many items by their keys, in as few calls as there can be."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from core.adapters.aws_errors import translated
from core.adapters.dynamodb import items
from core.errors import Unavailable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import KeysAndAttributesTypeDef

MOST_AT_ONCE = 100
_TRIES = 5
_PAUSE_S = 0.05


def read_all(
    client: DynamoDBClient,
    table: str,
    keys: Sequence[items.Item],
    wait: Callable[[float], None] = time.sleep,
) -> list[dict[str, Any]]:
    """Strongly consistent, in no order, however many they are."""
    batches = (keys[start : start + MOST_AT_ONCE] for start in range(0, len(keys), MOST_AT_ONCE))
    return [item for batch in batches for item in _batch(client, table, batch, wait)]


def _batch(
    client: DynamoDBClient, table: str, keys: Sequence[items.Item], wait: Callable[[float], None]
) -> list[dict[str, Any]]:
    """It may come back in parts: at most 16 MB at once, or less when the table is busy."""
    read: list[dict[str, Any]] = []
    left = list(keys)
    for number in range(_TRIES):
        if not left:
            return read
        wait(_PAUSE_S * number)
        found, left = _some(client, table, left)
        read += found
    if left:
        raise Unavailable("dependency_unavailable", "the store is busy", retry_after_s=1)
    return read


def _some(client: DynamoDBClient, table: str, keys: list[items.Item]) -> tuple[list[dict[str, Any]], list[items.Item]]:
    asked: KeysAndAttributesTypeDef = {"Keys": keys, "ConsistentRead": True}
    with translated("BatchGetItem"):
        answer = client.batch_get_item(RequestItems={table: asked})
    left: Any = answer.get("UnprocessedKeys", {}).get(table)
    found: list[Any] = answer["Responses"].get(table, [])
    return found, list(left["Keys"]) if left else []
