"""Every page as it looks, light and dark, into docs/screenshots, and what axe has to say about it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from local.stack import Stack
from tests.browser.pages import enter, faults, opened
from tests.browser.test_call import HEARD, end, loud, start

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOLDER = Path("docs/screenshots")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZE = {"width": 1100, "height": 760}
PHONE = {"width": 390, "height": 780}


async def shot(page: Page, name: str, problems: list[str]) -> None:
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        problems += [f"{name} {scheme} {fault}" for fault in await faults(page)]
        await page.screenshot(path=FOLDER / f"{name}-{scheme}.png")


async def test_every_page_light_and_dark(browser: Browser, stack: Stack) -> None:
    problems: list[str] = []
    async with opened(browser, stack, viewport=SIZE) as page:
        await page.goto("/")
        await expect(page.get_by_text("curl -X POST")).to_be_visible()
        await shot(page, "start", problems)
        await enter(page, stack.addresses.api_key, "#/talk")
        await expect(page.get_by_label("I speak")).to_be_visible()
        await shot(page, "talk", problems)
        await start(page)
        said = page.locator(".captions .final").filter(has_text=re.compile("question about my order", re.I))
        await expect(said.first).to_be_visible(timeout=HEARD)
        await loud(page, "voice")
        await shot(page, "call", problems)
        await end(page)
        await page.get_by_role("link", name="Transcript and recording of this call").click()
        await expect(page.locator("audio")).to_be_visible(timeout=HEARD)
        await shot(page, "session", problems)
        await page.get_by_role("link", name="All sessions").click()
        await expect(page.get_by_text("Sessions, newest first")).to_be_visible()
        await shot(page, "sessions", problems)
        await page.get_by_role("link", name="Usage").click()
        await expect(page.get_by_role("img", name="Connected and translated time by day")).to_be_visible()
        await shot(page, "usage", problems)
        await page.get_by_role("link", name="API keys").click()
        await expect(page.get_by_text("in use here")).to_be_visible()
        await shot(page, "keys", problems)
    assert problems == []


async def test_on_a_telephone_nothing_is_wider_than_the_screen(browser: Browser, stack: Stack) -> None:
    async with opened(browser, stack, viewport=PHONE) as page:
        await enter(page, stack.addresses.api_key)
        for place in ("#/", "#/talk", "#/sessions", "#/usage", "#/keys"):
            await page.evaluate("place => { location.hash = place }", place)
            await page.wait_for_load_state("networkidle")
            assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], place
        await page.evaluate("place => { location.hash = place }", "#/sessions")
        await expect(page.get_by_role("row").nth(1)).to_be_visible()
        await page.screenshot(path=FOLDER / "sessions-narrow.png")
