"""One deployed stack for the whole suite: the emulator, the stacks, the worker and the front door of `make run`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, suppress

import httpx
import pytest
import pytest_asyncio

from kallglot import AsyncKallglot
from local import stack as local_stack
from local import voices
from local.progress import Progress
from local.stack import Stack
from tests.fakes.carrier_server import CarrierServer, serving
from tests.integration.store import Store
from tests.sip.gateways import port_of

# Taken when nobody else has them, so that the templates that carry them are kept between runs.
_CARRIER_PORTS = range(8791, 8794)


@pytest.fixture(scope="session")
def carrier_server() -> Iterator[CarrierServer]:
    """Twilio and Telnyx, as far as the stack's functions can tell."""
    with ExitStack() as opened:
        for port in (*_CARRIER_PORTS, 0):
            with suppress(OSError):
                served = opened.enter_context(serving(port))
                break
        yield served


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stack(pytestconfig: pytest.Config, carrier_server: CarrierServer) -> AsyncIterator[Stack]:
    """Coming up is shown: it is most of the suite's first half minute."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")
    assert capture is not None
    with capture.global_and_fixture_disabled():
        progress = Progress()
        progress.say()
        carriers = {"twilio_api_url": carrier_server.twilio_url, "telnyx_api_url": carrier_server.telnyx_url}
        opened = local_stack.up(progress, name="integration", context=carriers)
        running = await opened.__aenter__()
    try:
        yield running
    finally:
        await opened.__aexit__(None, None, None)


@pytest_asyncio.fixture(loop_scope="session")
async def api(stack: Stack) -> AsyncIterator[AsyncKallglot]:
    async with AsyncKallglot(stack.addresses.api_url, stack.addresses.api_key) as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def http(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """Requests in the raw, with the test key unless a request says otherwise."""
    headers = {"Authorization": f"Bearer {stack.addresses.api_key}"}
    async with httpx.AsyncClient(base_url=stack.addresses.api_url, headers=headers, timeout=30) as client:
        yield client


@pytest.fixture
def store(stack: Stack) -> Store:
    return Store(stack.outputs)


@pytest.fixture(scope="session")
def question() -> bytes:
    """An English customer's sentence, spoken on the spot, as mu-law at 8 kHz."""
    return voices.telephone(voices.CUSTOMER, "Hello, I have a question about my order.")


@pytest.fixture(scope="session")
def gateway_port(stack: Stack) -> int:
    """Where telephones call, by UDP and by TCP."""
    return port_of(stack)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The races come late: hundreds of ended sessions are worked off one by one, and others would wait. Last of all
    come the logs, when everything is in them."""
    late = {"test_races.py": 1, "test_logs.py": 2}
    items.sort(key=lambda item: late.get(item.path.name, 0))
