"""Task protection and task metadata against an agent of our own on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from media_worker import protection
from media_worker.deployed_task import DeployedTask, deployed_task
from media_worker.doors import private_host, site
from media_worker.protection import Protection

pytestmark = pytest.mark.enable_socket
GRANTED = {"protection": {"ProtectionEnabled": True, "TaskArn": "arn:aws:ecs:us-east-1:000000000000:task/c/t"}}
REFUSED = {"failure": {"Arn": "arn", "Reason": "TASK_NOT_VALID"}}


class Agent:
    """Answers what it is told to and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer: tuple[int, Any] = (200, GRANTED)
        self.url = ""

    async def protect(self, request: web.Request) -> web.Response:
        self.asked.append(await request.json())
        return self._answered()

    async def tell(self, _request: web.Request) -> web.Response:
        return self._answered()

    def _answered(self) -> web.Response:
        status, body = self.answer
        return web.Response(status=status, text=body if isinstance(body, str) else json.dumps(body))

    async def asked_times(self, times: int) -> None:
        async with asyncio.timeout(5):
            while len(self.asked) < times:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def agent() -> AsyncIterator[Agent]:
    made = Agent()
    app = web.Application()
    app.router.add_put("/task-protection/v1/state", made.protect)
    app.router.add_get("/v4/container", made.tell)
    app.router.add_get("/v4/container/task", made.tell)
    async with site(app, "127.0.0.1", 0) as opened:
        made.url = f"http://127.0.0.1:{await opened()}"
        yield made


@asynccontextmanager
async def protecting(url: str, busy: list[bool]) -> AsyncIterator[asyncio.Task[None]]:
    protected = Protection(url)
    task = asyncio.create_task(protected.run(lambda: busy[0]))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await protected.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "_LOOK_S", 0.01)
    monkeypatch.setattr(protection, "_AGAIN_S", 0.02)


async def test_a_task_is_protected_for_an_hour_while_calls_run_and_no_longer() -> None:
    busy = [True]
    async with agent() as ecs, protecting(ecs.url, busy):
        await ecs.asked_times(1)
        busy[0] = False
        await ecs.asked_times(2)
    assert ecs.asked == [{"ProtectionEnabled": True, "ExpiresInMinutes": 60}, {"ProtectionEnabled": False}]


@pytest.mark.parametrize("answer", [(200, REFUSED), (500, "no"), (200, "not json"), (404, {})])
async def test_a_refusal_is_asked_again_and_never_fatal(answer: tuple[int, Any]) -> None:
    async with agent() as ecs:
        ecs.answer = answer
        async with protecting(ecs.url, [True]) as task:
            await ecs.asked_times(3)
            assert not task.done()


async def test_an_agent_that_is_not_there_is_not_fatal(caplog: pytest.LogCaptureFixture) -> None:
    async with protecting("http://127.0.0.1:1", [True]) as task:
        async with asyncio.timeout(5):
            while len(caplog.records) < 2:
                await asyncio.sleep(0.01)
        assert not task.done()


async def test_other_workers_call_a_task_by_its_address_in_the_vpc() -> None:
    async with agent() as ecs:
        ecs.answer = (200, {"Networks": [{"NetworkMode": "awsvpc", "IPv4Addresses": ["10.0.3.7"]}], "Name": "worker"})
        assert await private_host(f"{ecs.url}/v4/container", "0.0.0.0") == "10.0.3.7"
        wrong: tuple[Any, ...] = ({"Networks": []}, {"Networks": [{"IPv4Addresses": []}]}, "nothing")
        for nonsense in wrong:
            ecs.answer = (200, nonsense)
            assert await private_host(f"{ecs.url}/v4/container", "0.0.0.0") is None


async def test_outside_ecs_a_worker_is_called_where_it_listens_if_that_is_one_address() -> None:
    assert await private_host(None, "127.0.0.1") == "127.0.0.1"
    assert await private_host(None, "0.0.0.0") is None


async def test_a_task_knows_its_service_and_its_release() -> None:
    async with agent() as ecs:
        told = {"Cluster": "calls", "ServiceName": "workers", "Family": "worker", "Revision": "7", "Limits": {}}
        ecs.answer = (200, told)
        assert await deployed_task(f"{ecs.url}/v4/container") == DeployedTask("calls", "workers", "worker:7")
        for missing in ("Cluster", "ServiceName", "Family", "Revision"):
            ecs.answer = (200, {name: value for name, value in told.items() if name != missing})
            assert await deployed_task(f"{ecs.url}/v4/container") is None


async def test_a_task_that_ecs_does_not_know_is_of_no_release() -> None:
    assert await deployed_task(None) is None
    async with agent() as ecs:
        ecs.answer = (500, "no")
        assert await deployed_task(f"{ecs.url}/v4/container") is None
