"""Every page as it looks, light and dark, into docs/screenshots, and what axe has to say about it and its dialogs."""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from local.stack import Stack
from tests.browser.pages import enter, faults, opened
from tests.browser.test_call import HEARD, end, loud, start
from tests.browser.test_webhooks import make, remove
from tests.integration.webhooks import customers

pytestmark = pytest.mark.asyncio(loop_scope="session")

FOLDER = Path("docs/screenshots")
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZE = {"width": 1100, "height": 760}
PHONE = {"width": 390, "height": 780}
QUALITY = 80
SAID = re.compile("question about my order", re.I)
ANSWER = "¿Cuál es su número de pedido?"


class Album:
    """Pictures, and what axe found on the way."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    async def add(self, page: Page, name: str) -> None:
        for scheme in SCHEMES:
            await self._look(page, name, scheme)
            await picture(page, f"{name}-{scheme}")

    async def dialog(self, page: Page, button: Locator, name: str) -> None:
        """Opened, looked at, and closed with the key that closes dialogs."""
        await button.click()
        await expect(page.get_by_role("dialog")).to_be_visible()
        for scheme in SCHEMES:
            await self._look(page, name, scheme)
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)

    async def _look(self, page: Page, name: str, scheme: Literal["light", "dark"]) -> None:
        await page.emulate_media(color_scheme=scheme)
        self.problems += [f"{name} {scheme} {fault}" for fault in await faults(page)]


async def picture(page: Page, name: str) -> None:
    """As WebP, a third of what PNG takes: they are written anew with every change, and all of them are kept."""
    devtools = await page.context.new_cdp_session(page)
    taken = await devtools.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    (FOLDER / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))
    await devtools.detach()


async def test_a_call_and_what_it_leaves_behind(browser: Browser, stack: Stack) -> None:
    album = Album()
    async with opened(browser, stack, viewport=SIZE) as page, opened(browser, stack, viewport=SIZE) as other:
        await page.goto("/")
        await expect(page.get_by_text("curl -X POST")).to_be_visible()
        await album.add(page, "start")
        await enter(page, stack.addresses.api_key, "#/talk")
        await expect(page.get_by_label("I speak")).to_be_visible()
        await album.add(page, "talk")
        await page.get_by_label("Somebody else joins by a link").check()
        await start(page)
        await other.goto(await page.get_by_label("Link for the second person").input_value())
        await expect(other.get_by_role("button", name="Join the call")).to_be_visible()
        await album.add(other, "join")
        await other.get_by_role("button", name="Join the call").click()
        await other.get_by_role("button", name="Mute").click()
        await expect(page.locator(".captions .final").filter(has_text=SAID).first).to_be_visible(timeout=HEARD)
        await other.get_by_label("Type to speak").fill(ANSWER)
        await other.get_by_role("button", name="Say it").click()
        await loud(page, "voice")
        await album.add(page, "call")
        await other.get_by_role("button", name="Leave the call").click()

        await enter(other, stack.addresses.api_key, "#/live")
        await other.locator(".cards a").first.click()
        await expect(other.locator(".captions .final").filter(has_text=ANSWER)).to_be_visible()
        await album.add(other, "live")
        await album.dialog(other, other.get_by_role("button", name="End this session"), "ending")

        await end(page)
        await page.get_by_role("link", name="Transcript and recording of this call").click()
        await expect(page.locator("audio")).to_be_visible(timeout=HEARD)
        await expect(page.locator(".line").filter(has_text=ANSWER)).to_be_visible()
        await album.add(page, "session")
        await page.get_by_role("link", name="All sessions").click()
        await expect(page.get_by_text("Sessions, newest first")).to_be_visible()
        await album.add(page, "sessions")
    assert album.problems == []


async def test_what_an_operator_keeps(browser: Browser, stack: Stack) -> None:
    album = Album()
    async with opened(browser, stack, viewport=SIZE) as page:
        with customers() as served:
            await enter(page, stack.addresses.api_key, "#/webhooks")
            await make(page, served.url + "/hook", "session.*", "transcript.segment")
            await page.get_by_role("button", name="Send a test").click()
            delivery = page.locator(".delivery").first
            await expect(delivery.get_by_text("arrived")).to_be_visible()
            await delivery.locator("summary").click()
            await expect(delivery.locator(".payload")).to_be_visible()
            await album.add(page, "endpoint")
            await album.dialog(page, page.get_by_role("button", name="New secret"), "rotating")
            await page.get_by_role("link", name="All endpoints").click()
            await page.get_by_text("Create an endpoint").first.click()
            await album.add(page, "webhooks")
            await page.get_by_role("link", name=served.url + "/hook").click()
            await remove(page)
        await page.get_by_role("link", name="Usage").click()
        await expect(page.get_by_role("img", name="Connected and translated time by day")).to_be_visible()
        await album.add(page, "usage")
        await page.get_by_role("link", name="API keys").click()
        await expect(page.get_by_text("in use here")).to_be_visible()
        await album.add(page, "keys")
        await album.dialog(page, page.get_by_role("button", name="Revoke:").first, "revoking")
    assert album.problems == []


async def test_on_a_telephone_nothing_is_wider_than_the_screen(browser: Browser, stack: Stack) -> None:
    async with opened(browser, stack, viewport=PHONE) as page:
        await enter(page, stack.addresses.api_key)
        await page.evaluate("place => { location.hash = place }", "#/sessions?status=ended")
        await page.locator("tbody a").first.click()
        await expect(page.locator(".timeline")).to_be_visible()
        detail = await page.evaluate("location.hash")
        problems = []
        join = "#/join/sess_1?stream=ws://h&token=kst&language=es"
        for place in ("#/", "#/talk", "#/live", detail, join, "#/webhooks", "#/usage", "#/keys", "#/sessions"):
            await page.evaluate("place => { location.hash = place }", place)
            await page.wait_for_load_state("networkidle")
            assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], place
            problems += [f"{place} {fault}" for fault in await faults(page)]
        assert problems == []
        await expect(page.get_by_role("row").nth(1)).to_be_visible()
        await picture(page, "sessions-narrow")
