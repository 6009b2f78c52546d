from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from core.adapters.dynamodb.conditions import write_if
from core.errors import Unavailable


def refuses(code: str, **more: Any) -> Any:
    def write(**_: Any) -> dict[str, Any]:
        raise ClientError({"Error": {"Code": code}, **more}, "UpdateItem")  # type: ignore[typeddict-item]

    return write


def test_a_write_that_was_done_returns_what_was_asked_for() -> None:
    asked: dict[str, Any] = {}

    def write(**request: Any) -> dict[str, Any]:
        asked.update(request)
        return {"Attributes": {"n": {"N": "1"}}}

    assert write_if("UpdateItem", write, TableName="t") == (True, {"n": {"N": "1"}})
    assert asked == {"TableName": "t"}
    assert write_if("PutItem", lambda **_: {}) == (True, {})


def test_a_condition_that_does_not_hold_returns_what_is_there() -> None:
    held = {"n": {"N": "2"}}
    assert write_if("UpdateItem", refuses("ConditionalCheckFailedException", Item=held)) == (False, held)
    assert write_if("UpdateItem", refuses("ConditionalCheckFailedException")) == (False, {})


def test_any_other_refusal_is_an_error_of_ours() -> None:
    with pytest.raises(Unavailable):
        write_if("UpdateItem", refuses("ThrottlingException"))
