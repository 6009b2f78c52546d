"""`kallglot webhooks listen` as a process: what arrives at its port, and what it leaves behind at the API."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from aiohttp import web

from core.domain.webhooks import signature
from tests.integration.command import AT_A_PROMPT, KALLGLOT

SECRET = "whsec_1"
BODY = json.dumps({"id": "evt_1", "type": "session.ended", "session_id": "sess_1", "data": {}}).encode()
PATIENCE_S = 20.0


def signed(secret: str = SECRET) -> dict[str, str]:
    made = signature([secret], BODY, datetime.now(UTC))
    return {"Kallglot-Signature": made, "Kallglot-Webhook-Id": "wh_del_1", "Kallglot-Retry-Count": "0"}


class Listener:
    def __init__(self, process: asyncio.subprocess.Process, url: str) -> None:
        self.process = process
        self.url = url

    async def post(self, headers: dict[str, str], body: bytes = BODY) -> int:
        async with httpx.AsyncClient(trust_env=False) as http:
            return (await http.post(self.url, content=body, headers=headers)).status_code

    async def shown(self) -> Any:
        """The next delivery that is printed: the sender has its answer before that."""
        assert self.process.stdout is not None
        return json.loads(await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_S))

    async def finished(self) -> tuple[int, list[Any]]:
        out, err = await asyncio.wait_for(self.process.communicate(), PATIENCE_S)
        assert b"Traceback" not in err
        return self.process.returncode or 0, [json.loads(line) for line in out.splitlines()]


@asynccontextmanager
async def listening(api_url: str, *words: str) -> AsyncIterator[Listener]:
    told = {"KALLGLOT_API_URL": api_url, "KALLGLOT_API_KEY": "sk_test_1"}
    pipe = asyncio.subprocess.PIPE
    line = (*AT_A_PROMPT, str(KALLGLOT), "webhooks", "listen", "--json", *words)
    process = await asyncio.create_subprocess_exec(*line, env={**os.environ, **told}, stdout=pipe, stderr=pipe)
    try:
        yield Listener(process, await _address(process))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    async with asyncio.timeout(PATIENCE_S):
        while True:
            line = (await process.stderr.readline()).decode()
            if found := re.search(r"http://127\.0\.0\.1:\d+/", line):
                return found[0]
            assert line, "it ended before it listened"


async def test_what_is_signed_is_shown_as_verified_and_what_is_not_is_refused() -> None:
    async with listening("https://api.example.com", "--secret", SECRET, "--count", "3") as listener:
        answers = [await listener.post(signed()), await listener.post(signed("whsec_2")), await listener.post({})]
        code, shown = await listener.finished()
    assert answers == [200, 400, 400]
    assert code == 0
    assert [each["verified"] for each in shown] == [True, False, False]
    assert shown[0]["event"] == json.loads(BODY)
    assert (shown[0]["delivery_id"], shown[0]["retry_count"]) == ("wh_del_1", 0)


async def test_it_answers_as_it_is_told_and_takes_no_more_than_an_event() -> None:
    async with listening("https://api.example.com", "--secret", SECRET, "--status", "503") as listener:
        assert await listener.post(signed()) == 503
        assert (await listener.shown())["verified"] is True
        assert await listener.post(signed(), b"x" * 2_000_000) == 413
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(listener.url)).status_code == 501
        listener.process.send_signal(signal.SIGINT)
        code, shown = await listener.finished()
    assert (code, shown) == (130, [])


class Api:
    """As much of a deployment as it takes to register an endpoint, and to deliver to it before it is answered."""

    def __init__(self) -> None:
        self.endpoints: dict[str, Any] = {}
        self.asked: list[str] = []
        self.delivered: list[int] = []
        self._delivering: set[asyncio.Task[None]] = set()

    async def create(self, request: web.Request) -> web.Response:
        asked = await request.json()
        self.asked.append(f"POST {asked['events']}")
        self.endpoints["wh_1"] = asked
        delivery = asyncio.create_task(self._deliver(asked["url"]))
        self._delivering.add(delivery)
        await asyncio.sleep(0.3)  # a delivery that is quicker than the answer with the secret
        return web.json_response({"id": "wh_1", "object": "webhook_endpoint", "secret": SECRET, **asked}, status=201)

    async def delete(self, request: web.Request) -> web.Response:
        self.asked.append("DELETE")
        del self.endpoints[request.match_info["id"]]
        return web.json_response({"id": "wh_1", "object": "webhook_endpoint", "deleted": True})

    async def _deliver(self, url: str) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=PATIENCE_S) as http:
            self.delivered.append((await http.post(url, content=BODY, headers=signed())).status_code)


@asynccontextmanager
async def serving(api: Api) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/v1/webhook_endpoints", api.create)
    app.router.add_delete("/v1/webhook_endpoints/{id}", api.delete)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
async def test_at_a_deployment_of_this_machine_it_registers_itself_and_leaves_nothing_behind(
    ended_by: signal.Signals,
) -> None:
    api = Api()
    async with serving(api) as url, listening(url, "--event", "session.*") as listener:
        assert set(api.endpoints) == {"wh_1"}
        assert api.endpoints["wh_1"]["url"] == listener.url
        assert (await listener.shown())["verified"] is True
        async with asyncio.timeout(PATIENCE_S):
            while not api.delivered:
                await asyncio.sleep(0.05)
        listener.process.send_signal(ended_by)
        code, shown = await listener.finished()
    assert api.delivered == [200]
    assert (code, shown) == (130, [])
    assert api.endpoints == {}
    assert api.asked == ["POST ['session.*']", "DELETE"]


async def test_a_port_that_somebody_has_is_a_failure_in_one_line() -> None:
    async with listening("https://api.example.com", "--secret", SECRET) as first:
        port = first.url.rpartition(":")[2].strip("/")
        pipe = asyncio.subprocess.PIPE
        words = ("webhooks", "listen", "--secret", SECRET, "--port", port)
        told = {"KALLGLOT_API_URL": "https://api.example.com", "KALLGLOT_API_KEY": "sk_test_1"}
        second = await asyncio.create_subprocess_exec(KALLGLOT, *words, env={**os.environ, **told}, stderr=pipe)
        _, err = await asyncio.wait_for(second.communicate(), PATIENCE_S)
    assert second.returncode == 1
    assert "Address already in use" in err.decode()
    assert err.count(b"\n") == 1
