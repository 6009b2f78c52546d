"""`kallglot webhooks …` against the deployed stack: what is registered, delivered, tried again and signed."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from core.domain.organizations import Organization
from local.stack import Stack
from tests.integration.command import PATIENCE_S, Command

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
def kallglot(stack: Stack, tmp_path: Path) -> Command:
    """With the key of an organization that no other test uses."""
    stack.seeder.organization(Organization(id="org_listening", name="Listening"))
    command = Command(stack, tmp_path)
    command.environment["KALLGLOT_API_KEY"] = stack.seeder.key("org_listening")
    return command


class Listening:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def next(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(await asyncio.wait_for(self.process.stdout.readline(), PATIENCE_S))

    async def next_of(self, kind: str) -> Any:
        while (came := await self.next())["event"]["type"] != kind:
            assert came["verified"] is True
        return came


@pytest_asyncio.fixture(loop_scope="session")
async def listening(kallglot: Command) -> AsyncIterator[Listening]:
    process = await kallglot.start("webhooks", "listen", "--json")
    assert process.stderr is not None
    try:
        while b"registered as" not in (line := await asyncio.wait_for(process.stderr.readline(), PATIENCE_S)):
            assert line, "it ended before it listened"
        yield Listening(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_what_a_session_tells_arrives_verified_and_can_be_had_again(
    kallglot: Command, listening: Listening
) -> None:
    made = (await kallglot("sessions", "create", "--source", "en", "--target", "es", "--json")).json
    await kallglot("sessions", "end", made["id"])
    ended = await listening.next_of("session.ended")
    assert (ended["verified"], ended["event"]["session_id"]) == (True, made["id"])

    [endpoint] = (await kallglot("webhooks", "list", "--json")).json["data"]
    deliveries = (await kallglot("webhooks", "deliveries", endpoint["id"], "--json")).json["data"]
    assert {each["event_type"] for each in deliveries} >= {"session.created", "session.ended"}
    again = (await kallglot("webhooks", "replay", ended["event"]["id"], "--json")).json["data"]
    assert [each["endpoint_id"] for each in again] == [endpoint["id"]]
    assert (await listening.next_of("session.ended"))["event"]["id"] == ended["event"]["id"]

    since = made["created_at"]
    line = ("webhooks", "replay", endpoint["id"], "--since", since, "--event", "session.created", "--json")
    assert (await kallglot(*line)).json["endpoint_id"] == endpoint["id"]
    assert (await listening.next_of("session.created"))["event"]["session_id"] == made["id"]

    rotated = (await kallglot("webhooks", "rotate", endpoint["id"], "--overlap", "3600", "--json")).json
    assert rotated["previous_secret_until"] is not None
    await kallglot("webhooks", "test", endpoint["id"])
    assert (await listening.next_of("webhook.test"))["verified"] is True, "the old secret signs, too"

    listening.process.send_signal(signal.SIGINT)
    await asyncio.wait_for(listening.process.wait(), PATIENCE_S)
    assert (await kallglot("webhooks", "list", "--json")).json["data"] == []


async def test_endpoints_are_changed_and_forgotten_and_urls_of_sessions_have_a_secret(kallglot: Command) -> None:
    line = ("webhooks", "create", "--url", "http://127.0.0.1:9/hook", "--event", "session.*", "--json")
    made = (await kallglot(*line)).json
    assert made["secret"].startswith("whsec_")
    off = (await kallglot("webhooks", "update", made["id"], "--disable", "--json")).json
    assert (off["status"], "secret" in off) == ("disabled", False)
    assert (await kallglot("webhooks", "delete", made["id"])).out == f"deleted\t{made['id']}\n"
    gone = await kallglot("webhooks", "get", made["id"])
    assert (gone.code, "webhook_endpoint_not_found" in gone.err) == (1, True)

    fresh = (await kallglot("webhooks", "rotate", "--json")).json
    assert fresh["secret"].startswith("whsec_")
    known = (await kallglot("webhooks", "secret", "--json")).json
    assert known == {name: value for name, value in fresh.items() if name != "secret"}
