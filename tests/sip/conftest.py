"""A stack of its own for calls by the hundred, with the gateway that belongs to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from local import stack as local_stack
from local import voices
from local.progress import Progress
from local.stack import Stack
from tests.sip.gateways import port_of

QUESTION = "Hello, I have a question about my order."


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(pytestconfig: pytest.Config) -> AsyncIterator[Stack]:
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        progress = Progress()
        progress.say()
        coming = local_stack.up(progress, name="sip")
        running = await coming.__aenter__()
    try:
        yield running
    finally:
        await coming.__aexit__(None, None, None)


@pytest.fixture(scope="session")
def gateway_port(stack: Stack) -> int:
    return port_of(stack)


@pytest_asyncio.fixture(loop_scope="session")
async def http(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"Authorization": f"Bearer {stack.addresses.api_key}"}
    async with httpx.AsyncClient(base_url=stack.addresses.api_url, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture(scope="session")
def question() -> bytes:
    """A customer's sentence as mu-law at 8 kHz."""
    return voices.telephone(voices.CUSTOMER, QUESTION)
