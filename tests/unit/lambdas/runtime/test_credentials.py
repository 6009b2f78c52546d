"""Where a credential may travel."""

from __future__ import annotations

from typing import Any

import pytest

from lambdas.runtime.credentials import AmbiguousCredentials, credential


@pytest.mark.parametrize(
    "event",
    [
        {"headers": None, "multiValueHeaders": None},
        {},
        {"headers": {"Authorization": "Token x"}},
        {"headers": {"Authorization": ""}},
        {"queryStringParameters": {"token": "kst_live_x"}},
    ],
)
def test_without_a_credential_there_is_none(event: dict[str, Any]) -> None:
    assert credential(event) is None


def test_the_query_counts_only_where_it_is_allowed() -> None:
    event = {"headers": {}, "queryStringParameters": {"token": "kst_live_x"}}

    assert credential(event, query=True) == "kst_live_x"
    assert credential({"headers": {}, "queryStringParameters": None}, query=True) is None


@pytest.mark.parametrize(
    "event",
    [
        {"headers": {"Authorization": "Bearer a", "X-API-Key": "b"}},
        {"multiValueHeaders": {"X-API-Key": ["a", "b"]}, "headers": {"X-API-Key": "b"}},
        {"multiValueHeaders": {"X-API-Key": ["a"], "x-api-key": ["b"]}},
        {"headers": {"Authorization": "Bearer a"}, "queryStringParameters": {"token": "b"}},
    ],
)
def test_two_different_credentials_are_one_too_many(event: dict[str, Any]) -> None:
    with pytest.raises(AmbiguousCredentials):
        credential(event, query=True)
