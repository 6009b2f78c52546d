"""Running sessions, seen by somebody who is not in them."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Browser, Page, expect

from local.stack import Stack
from tests.browser.pages import enter, faults, opened, until
from tests.browser.test_call import HEARD, start

pytestmark = pytest.mark.asyncio(loop_scope="session")

SAID = re.compile("question about my order", re.I)


async def test_a_running_call_is_read_along_and_ended(browser: Browser, page: Page, stack: Stack) -> None:
    async with opened(browser, stack) as watcher:
        await enter(watcher, stack.addresses.api_key, "#/live")
        await expect(watcher.get_by_role("heading", name="Running sessions")).to_be_visible()
        await enter(page, stack.addresses.api_key, "#/talk")
        await start(page)
        # Nothing is reloaded: the list is kept fresh, and says what was said last.
        card = watcher.locator(".cards li").filter(has_text=SAID)
        await expect(card.first).to_be_visible(timeout=HEARD)
        await expect(card.first.locator(".mark")).to_have_text("active")
        await card.first.get_by_role("link").focus()
        await watcher.keyboard.press("Enter")
        await expect(watcher.locator(".watching h2").nth(1)).to_be_focused()
        row = watcher.locator(".captions .final").filter(has_text=SAID).first
        await expect(row).to_contain_text("pedido")
        await expect(watcher.locator(".captions .partial").first).to_be_attached(timeout=HEARD)
        await expect(watcher.locator(".facts")).to_contain_text(re.compile(r"Customer: English, \d+ lines?"))
        await until(watcher, "document.querySelector('.facts .elapsed').textContent > '0:02'")
        assert await faults(watcher) == []
        await watcher.get_by_role("button", name="End this session").click()
        assert await faults(watcher) == []
        await watcher.get_by_role("button", name="End it").click()
        await expect(watcher.get_by_text("This session does not run any more.")).to_be_visible()
        await expect(card).to_have_count(0)
        await expect(row).to_be_visible()
        await expect(page.get_by_text("The call has ended.")).to_be_visible()
        await watcher.get_by_role("link", name="Transcript, recording and all else").click()
        await expect(watcher.locator(".line").filter(has_text=SAID).first).to_be_visible()


async def test_a_session_that_does_not_exist_is_said(page: Page, stack: Stack) -> None:
    await enter(page, stack.addresses.api_key, "#/live/sess_01HXYZ123456789")
    await expect(page.get_by_role("alert")).to_contain_text("There is no such session for this key.")
