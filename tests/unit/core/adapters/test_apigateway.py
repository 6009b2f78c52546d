"""Pushing to a connection."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from core.adapters.apigateway import ApiGatewaySockets
from core.errors import DependencyRefused


class Management:
    def __init__(self, code: str | None = None) -> None:
        self.code = code
        self.sent: list[tuple[str, bytes]] = []

    def post_to_connection(self, ConnectionId: str, Data: bytes) -> None:
        if self.code:
            raise ClientError({"Error": {"Code": self.code, "Message": ""}}, "PostToConnection")
        self.sent.append((ConnectionId, Data))


def sockets(management: Management) -> ApiGatewaySockets:
    return ApiGatewaySockets(cast(Any, management))


def test_a_message_goes_out_as_json() -> None:
    management = Management()

    assert sockets(management).push("c1", {"type": "pong", "text": "ü"})

    [(connection, data)] = management.sent
    assert connection == "c1"
    assert json.loads(data) == {"type": "pong", "text": "ü"}


def test_a_connection_that_is_gone_is_no_error() -> None:
    assert not sockets(Management("GoneException")).push("c1", {})


def test_a_missing_grant_is_not_taken_for_a_gone_connection() -> None:
    with pytest.raises(DependencyRefused):
        sockets(Management("ForbiddenException")).push("c1", {})
