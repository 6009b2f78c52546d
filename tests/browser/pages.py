"""What a reader does in the console, in the words that stand on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from playwright.async_api import Browser, Page, expect

from local.stack import Stack
from tests.integration.test_rest import SESSION

AXE = Path("console/node_modules/axe-core/axe.min.js")
SETTLE_MS = 30_000
# A refused request is a line of the browser's own; the tests that ask for one look at the page instead. Playwright's
# stand-in of a socket goes on sending into the real one when a test cuts it; ours is held to it by a unit test.
_EXPECTED = ("Failed to load resource", "WebSocket is already in CLOSING or CLOSED state")


@asynccontextmanager
async def watched(page: Page) -> AsyncIterator[Page]:
    """A page that may not complain: an error on its console, the policy's included, fails the test."""
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.set_default_timeout(SETTLE_MS)
    expect.set_options(timeout=SETTLE_MS)
    yield page
    unexpected = [line for line in complaints if not line.startswith(_EXPECTED)]
    assert unexpected == [], unexpected


@asynccontextmanager
async def api(stack: Stack) -> AsyncIterator[httpx.AsyncClient]:
    """The API past the page, for what the page itself is not asked to do."""
    key = {"Authorization": f"Bearer {stack.addresses.api_key}"}
    async with httpx.AsyncClient(base_url=stack.addresses.api_url, headers=key, timeout=30) as http:
        yield http


async def created(stack: Stack) -> dict[str, Any]:
    """A session that nobody has connected to."""
    async with api(stack) as http:
        session: dict[str, Any] = (await http.post("/sessions", json=SESSION)).raise_for_status().json()
        return session


async def give_key(page: Page, key: str) -> None:
    await page.get_by_label("Your API key").fill(key)
    await page.get_by_role("button", name="Use this key").click()


async def enter(page: Page, key: str, hash: str = "#/") -> None:
    """From the start page, with this key, to that place."""
    await page.goto("/")
    await give_key(page, key)
    await expect(page.get_by_role("button", name="Forget key")).to_be_visible()
    await page.evaluate("place => { location.hash = place }", hash)


@asynccontextmanager
async def opened(browser: Browser, stack: Stack, **options: Any) -> AsyncIterator[Page]:
    """A page of a browser profile of its own, by default in English."""
    context = await browser.new_context(base_url=stack.addresses.console_url, **{"locale": "en-GB", **options})
    async with context, watched(await context.new_page()) as page:
        yield page


async def until(page: Page, expression: str, within_s: float = SETTLE_MS / 1000) -> None:
    """Playwright's own waiting evaluates inside the page, where the policy forbids it."""
    async with asyncio.timeout(within_s):
        while not await page.evaluate(expression):
            await asyncio.sleep(0.05)


async def faults(page: Page) -> list[str]:
    """What axe finds that keeps people out. Evaluated past the page's policy, which lets no such script in."""
    await page.evaluate(AXE.read_text())
    found: dict[str, Any] = await page.evaluate("axe.run()")
    return [
        f"{violation['id']}: {violation['nodes'][0]['html'][:200]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
