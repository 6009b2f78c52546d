"""The address that a task offers for sound: found by its network interface, or no gateway at all."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from core.errors import DependencyRefused, Unavailable
from media_worker.sip.public_address import NoPublicAddress, elsewhere, of_task

_URI = "http://169.254.170.2/v4/abc"
_MAC = "0e:9e:32:c7:48:85"
_CONTAINER = {"DockerId": "abc-1", "Networks": [{"NetworkMode": "awsvpc", "MACAddress": _MAC}]}
_SLOW = Unavailable("dependency_unavailable", "DescribeNetworkInterfaces failed: RequestLimitExceeded")


@dataclass
class Ec2:
    """Says one thing after the other, then the last one again."""

    answers: list[str | Exception | None]
    asked: list[str] = field(default_factory=list)

    def public_address(self, mac: str) -> str | None:
        self.asked.append(mac)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def at_once(call: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    return call(*args, **kwargs)


def found(ec2: Ec2, metadata: object = _CONTAINER, waited: list[float] | None = None) -> str:
    async def fetch(url: str) -> bytes:
        assert url == _URI
        if isinstance(metadata, Exception):
            raise metadata
        return json.dumps(metadata).encode()

    async def wait(seconds: float) -> None:
        (waited if waited is not None else []).append(seconds)

    return asyncio.run(of_task(_URI, ec2, at_once, fetch, wait))


def test_it_is_what_ec2_says_of_the_tasks_own_interface() -> None:
    ec2 = Ec2(["203.0.113.9"])
    assert found(ec2) == "203.0.113.9"
    assert ec2.asked == [_MAC]


@pytest.mark.parametrize("first", [None, _SLOW])
def test_what_is_not_known_yet_is_asked_for_again(first: Exception | None) -> None:
    waited: list[float] = []
    assert found(Ec2([first, first, "203.0.113.9"]), waited=waited) == "203.0.113.9"
    assert len(waited) == 2


def test_a_task_without_a_public_address_is_no_gateway() -> None:
    waited: list[float] = []
    ec2 = Ec2([None])
    with pytest.raises(NoPublicAddress, match=f"no public address of {_MAC}"):
        found(ec2, waited=waited)
    assert len(ec2.asked) == 5
    assert sum(waited) < 30


def test_a_service_that_does_not_answer_is_named_in_the_end() -> None:
    with pytest.raises(NoPublicAddress, match="RequestLimitExceeded"):
        found(Ec2([_SLOW]))


def test_a_missing_grant_is_said_at_once() -> None:
    ec2 = Ec2([DependencyRefused("DescribeNetworkInterfaces was refused: UnauthorizedOperation")])
    with pytest.raises(NoPublicAddress, match="role needs ec2:DescribeNetworkInterfaces"):
        found(ec2)
    assert len(ec2.asked) == 1


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"Networks": []},
        {"Networks": [{"MACAddress": "not one"}]},
        aiohttp.ClientConnectionError("refused"),
        TimeoutError(),
    ],
)
def test_metadata_without_an_interface_is_said(metadata: object) -> None:
    ec2 = Ec2(["203.0.113.9"])
    with pytest.raises(NoPublicAddress, match="ECS did not tell"):
        found(ec2, metadata)
    assert not ec2.asked


def test_elsewhere_it_is_what_is_listened_on_if_that_is_an_address() -> None:
    assert elsewhere("127.0.0.1") == "127.0.0.1"
    with pytest.raises(NoPublicAddress, match="SIP_PUBLIC_HOST"):
        elsewhere("0.0.0.0")
