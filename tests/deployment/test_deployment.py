"""The life of a deployment in the emulator, in order: changed under a live call, taken back, broken, destroyed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import boto3
import httpx
import pytest
import pytest_asyncio

from kallglot import AsyncKallglot
from local.deploy import deploy, destroy
from local.stack import Stack
from tests.deployment.permissions import without
from tests.integration.test_streams import new_session
from tests.integration.wire import Wire, ready
from tests.integration.workers import FRAME_BYTES, FRAME_S, speak

pytestmark = pytest.mark.asyncio(loop_scope="session")
# Tables that refuse to be deleted, and functions that say less: a changed table and a changed function.
# The rest of what that profile brings is new resources, which tests/infrastructure/test_emulator.py deploys.
PRODUCTION = {
    "profile": "prod",
    "nat": "0",
    "zones": "2",
    "endpoints": "false",
    "own_key": "false",
    "dashboard": "false",
    "alarms": "false",
    "min_tasks": "1",
    "max_tasks": "1",
    "sip_min_tasks": "1",
    "sip_max_tasks": "1",
}
PREFIX = "kallglot-local"


def said(line: str) -> None:
    print(line, flush=True)


@pytest_asyncio.fixture(loop_scope="session")
async def http(stack: Stack) -> Any:
    headers = {"Authorization": f"Bearer {stack.addresses.api_key}"}
    async with httpx.AsyncClient(base_url=stack.addresses.api_url, headers=headers, timeout=60) as client:
        yield client


def is_protected(stack: Stack) -> bool:
    table = boto3.client("dynamodb").describe_table(TableName=stack.outputs.sessions_table)["Table"]
    return bool(table.get("DeletionProtectionEnabled"))


def log_levels() -> set[str]:
    functions = boto3.client("lambda").get_paginator("list_functions").paginate()
    ours = (each for page in functions for each in page["Functions"] if each["FunctionName"].startswith(PREFIX))
    return {each.get("Environment", {}).get("Variables", {}).get("LOG_LEVEL", "") for each in ours}


async def keep_silent(wire: Wire, done: asyncio.Event) -> None:
    """A line on which nobody speaks for a while."""
    while not done.is_set():
        await wire.audio(b"\xff" * FRAME_BYTES, "customer")
        await asyncio.sleep(FRAME_S)


async def changed_under_a_call(stack: Stack, api: AsyncKallglot, question: bytes, context: dict[str, str]) -> None:
    """What is said before and after the update arrives on the same socket, and is in the transcript."""
    session = await new_session(api)
    async with ready(session) as wire:
        await speak(wire, "customer", question)
        before = await wire.until("transcript.final", patience_s=20)
        updated = asyncio.Event()
        silence = asyncio.create_task(keep_silent(wire, updated))
        await asyncio.to_thread(deploy, stack.emulator, context, said)
        updated.set()
        await silence
        await speak(wire, "customer", question)
        after = await wire.until("transcript.final", patience_s=20)
    await api.sessions.end(session["id"])
    turns = (await api.sessions.transcript(session["id"])).raw["turns"]
    assert [turn["id"] for turn in turns] == [before["id"], after["id"]]


async def test_an_update_changes_tables_and_functions_and_no_call_notices(
    stack: Stack, api: AsyncKallglot, question: bytes
) -> None:
    earlier = await new_session(api)
    assert not is_protected(stack)
    quiet = log_levels()

    await changed_under_a_call(stack, api, question, {**stack.context, **PRODUCTION})

    assert is_protected(stack)
    assert log_levels() != quiet
    assert (await api.sessions.get(earlier["id"]))["id"] == earlier["id"], "what was stored before is there"


async def test_the_way_back_is_an_update_too(stack: Stack, api: AsyncKallglot, question: bytes) -> None:
    await changed_under_a_call(stack, api, question, dict(stack.context))

    assert not is_protected(stack)


CALL = {"mode": "bidirectional_translation", "source_language": "en", "target_language": "es"}


@pytest.mark.parametrize(("part", "action"), [("api", "dynamodb:PutItem"), ("api", "dynamodb:GetItem")])
async def test_a_missing_permission_is_noticed_by_the_first_request(
    stack: Stack, http: httpx.AsyncClient, part: str, action: str
) -> None:
    with without(f"{PREFIX}-{part}", action) as taken:
        assert taken
        refused = await http.post("/sessions", json=CALL, headers={"Idempotency-Key": f"without-{action}"})
    assert refused.status_code >= 500, refused.text
    assert "error" in json.loads(refused.text)

    again = await http.post("/sessions", json=CALL, headers={"Idempotency-Key": f"with-{action}"})
    assert again.status_code == 201, "with its permission it works, so it was the permission"


async def test_nothing_is_left_of_a_deployment_that_was_destroyed(stack: Stack) -> None:
    await asyncio.to_thread(destroy, stack.emulator, stack.context, said)

    left = boto3.client("cloudformation").describe_stacks()["Stacks"]
    assert [each["StackName"] for each in left if each["StackName"].startswith(PREFIX)] == []
    tables = boto3.client("dynamodb").list_tables()["TableNames"]
    assert [each for each in tables if each.startswith(PREFIX)] == []
