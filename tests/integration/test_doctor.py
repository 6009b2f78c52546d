"""`kallglot doctor` at the deployed stack: what the account says of itself, and a call with its times."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import pytest

from local.stack import Stack
from tests.integration.command import KALLGLOT

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def doctor(*words: str, key: str = "") -> tuple[int | None, Any, str]:
    process = await asyncio.create_subprocess_exec(
        *(str(KALLGLOT), "doctor", "--json", *words),
        env={**os.environ, "KALLGLOT_API_KEY": key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told, said = await process.communicate()
    return process.returncode, json.loads(told), said.decode()


async def test_the_account_is_looked_at_and_the_deployment_is_found(stack: Stack) -> None:
    _, told, said = await doctor("-c", "stage=local", "-c", "image=none.example/kallglot")

    found = {each["subject"]: each for each in told["data"]}
    assert found["AWS credentials"]["verdict"] == "good"
    assert found["bootstrap of the CDK"]["verdict"] == "good"
    assert (found["stacks of this name"]["verdict"], found["room for a network"]["found"]) == (
        "good",
        "that of the deployment is there",
    )
    assert "✓ bootstrap of the CDK: version" in said


async def test_a_call_goes_through_and_says_where_its_time_went(stack: Stack) -> None:
    code, told, said = await doctor("--call", "--api-url", stack.addresses.api_url, key=stack.addresses.api_key)

    assert code == 0, said
    assert told["latency"]["segments"] == 2 and told["missing"] == []
    assert all(told[name] > 0 for name in ("create_ms", "connect_ms", "end_ms", "transcript_ms"))
    assert "translated speech" in said and "ms of work (recognise" in said


async def test_a_deployment_that_does_not_answer_is_said(stack: Stack) -> None:
    process = await asyncio.create_subprocess_exec(
        *(str(KALLGLOT), "doctor", "--call", "--api-url", "http://127.0.0.1:9/v1"),
        env={**os.environ, "KALLGLOT_API_KEY": "gk_test_none"},
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate()
    assert process.returncode == 1 and "✗ the call did not go through" in told.decode()
