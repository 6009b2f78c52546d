from __future__ import annotations

from typing import Any, cast

from core.adapters.dynamodb import batches, items

KEYS: list[items.Item] = [{"pk": items.text(f"{number:03d}")} for number in range(2 * batches.MOST_AT_ONCE + 1)]


class Table:
    """Answers with the keys it was asked for, all but one of each call at first."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self._kept_back = False

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        keys = RequestItems["t"]["Keys"]
        self.asked.append(len(keys))
        self._kept_back = not self._kept_back
        if self._kept_back and len(keys) > 1:
            return {"Responses": {"t": keys[1:]}, "UnprocessedKeys": {"t": {"Keys": keys[:1]}}}
        return {"Responses": {"t": keys}}


def test_any_number_of_items_is_read_a_hundred_at_a_time_and_what_was_kept_back_again() -> None:
    table, waited = Table(), list[float]()

    read = batches.read_all(cast(Any, table), "t", KEYS, waited.append)

    assert sorted(item["pk"]["S"] for item in read) == [f"{number:03d}" for number in range(len(KEYS))]
    assert table.asked == [100, 1, 100, 1, 1]
    assert any(pause > 0 for pause in waited)


def test_nothing_is_asked_for_nothing() -> None:
    table = Table()
    assert batches.read_all(cast(Any, table), "t", []) == []
    assert table.asked == []
