"""The console in a browser, as far as every change is held to it: a call, a wrong key, and what keeps people out.

All of it, each page and dialog and what may go wrong, is in tests/browser (`make test-browser`).
"""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from local.stack import Stack
from tests.browser.conftest import browser, microphone, page, playwright  # noqa: F401 - fixtures
from tests.browser.pages import enter, faults, give_key
from tests.browser.test_call import HEARD, end, loud, start

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGES = ("#/", "#/talk", "#/live", "#/sessions", "#/webhooks", "#/usage", "#/keys")


async def test_a_call_is_held(page: Page, stack: Stack) -> None:  # noqa: F811
    """Whatever is understood of the microphone's sentence on a busy machine; what is typed is always the same."""
    await enter(page, stack.addresses.api_key, "#/talk")
    await start(page)
    await expect(page.locator(".captions .final").first).to_be_visible(timeout=2 * HEARD)
    await page.get_by_label("Type to speak").fill("I have a question about my order.")
    await page.get_by_role("button", name="Say it").click()
    typed = page.locator(".captions .final").filter(has_text="I have a question about my order.").first
    await expect(typed.locator(".translation")).to_contain_text("pedido")
    await loud(page, "voice")
    assert await faults(page) == []
    await end(page)
    await page.get_by_role("link", name="Transcript and recording of this call").click()
    await expect(page.locator(".line").filter(has_text="pedido").first).to_be_visible()
    assert await faults(page) == []


async def test_a_wrong_key_is_said(page: Page) -> None:  # noqa: F811
    await page.goto("/#/sessions")
    await give_key(page, "sk_test_not_a_key")
    await expect(page.get_by_role("alert")).to_contain_text("invalid_api_key")


async def test_no_page_keeps_people_out(page: Page, stack: Stack) -> None:  # noqa: F811
    await enter(page, stack.addresses.api_key)
    found = []
    for place in PAGES:
        await page.evaluate("place => { location.hash = place }", place)
        await page.wait_for_load_state("networkidle")
        found += [f"{place} {fault}" for fault in await faults(page)]
    assert found == []
