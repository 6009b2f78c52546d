"""A batch that comes in parts, as a busy table gives it."""

from __future__ import annotations

from typing import Any, cast

import pytest

from core.adapters.dynamodb import items
from core.adapters.dynamodb.session_list import DynamoSessionList
from core.errors import Unavailable
from tests.builders import ACME, a_session


class Client:
    """Answers `at_once` keys of a batch and leaves the rest."""

    def __init__(self, at_once: int) -> None:
        self.at_once = at_once
        self.asked: list[int] = []

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:
        (request,) = RequestItems.values()
        assert request["ConsistentRead"] is True
        keys = request["Keys"]
        self.asked.append(len(keys))
        read = [{"data": items.data(a_session(key["pk"]["S"].rpartition("/")[2]))} for key in keys[: self.at_once]]
        left = keys[self.at_once :]
        return {"Responses": {"sessions": read}, "UnprocessedKeys": {"sessions": {"Keys": left}} if left else {}}


def read(client: Client, waits: list[float]) -> list[str]:
    store = DynamoSessionList(cast(Any, client), "sessions", waits.append)
    return [session.id for session in store.read(ACME, ["sess_1", "sess_2", "sess_3"])]


def test_what_was_left_is_asked_for_again_after_a_pause() -> None:
    client, waits = Client(at_once=2), list[float]()

    assert read(client, waits) == ["sess_1", "sess_2", "sess_3"]
    assert client.asked == [3, 1]
    assert waits[0] == 0 < waits[1]


def test_what_is_never_answered_is_no_shorter_page() -> None:
    with pytest.raises(Unavailable):
        read(Client(at_once=0), [])
