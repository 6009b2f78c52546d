"""The way in: the start page, a key that is right, one that is wrong, the language of the page."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from local.stack import Stack
from tests.browser.pages import enter, give_key, opened

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_start_page_tells_where_everything_is(page: Page, stack: Stack) -> None:
    await page.goto("/")
    await expect(page.get_by_text(stack.addresses.api_url, exact=True)).to_be_visible()
    await expect(page.get_by_text(stack.addresses.events_url)).to_be_visible()
    await expect(page.get_by_text("curl -X POST")).to_be_visible()
    await page.get_by_role("link", name="its documents").click()
    await page.wait_for_url("**/v1/docs")


async def test_a_wrong_key_is_said(page: Page) -> None:
    await page.goto("/#/sessions")
    await give_key(page, "sk_test_not_a_key")
    await expect(page.get_by_role("alert")).to_contain_text("This key is not known here")
    await expect(page.get_by_role("alert")).to_contain_text("invalid_api_key")
    await expect(page.get_by_label("Your API key")).to_be_focused()


async def test_a_key_is_forgotten_with_the_page(page: Page, stack: Stack) -> None:
    await enter(page, stack.addresses.api_key, "#/sessions")
    await expect(page.get_by_label("Status")).to_be_visible()
    kept = "JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    assert stack.addresses.api_key not in await page.evaluate(kept)
    await page.reload()
    await expect(page.get_by_label("Your API key")).to_be_visible()


async def test_the_page_speaks_the_browsers_language_and_others(browser: Browser, stack: Stack) -> None:
    async with opened(browser, stack, locale="de-AT") as page:
        await page.goto("/")
        await expect(page.get_by_label("Ihr API-Schlüssel")).to_be_visible()
        await page.get_by_label("Sprache dieser Seite").select_option("es")
        await expect(page.get_by_label("Su clave de API")).to_be_visible()
        assert await page.evaluate("document.documentElement.lang") == "es"


async def test_no_word_of_a_stranger_runs(page: Page) -> None:
    """The policy, seen from inside: neither an inline script nor an address elsewhere."""
    answer = await page.goto("/")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
