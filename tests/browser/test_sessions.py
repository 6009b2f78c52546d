"""The list of sessions: its pages and its filters, and that an address keeps them."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from playwright.async_api import Page, expect

from local.stack import Stack
from tests.browser.pages import created, enter, give_key

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE_ROWS = 20


async def shows(page: Page, ids: list[str]) -> None:
    await expect(page.locator("tbody th code")).to_have_text(ids)


async def test_older_and_newer_sessions_are_pages(page: Page, stack: Stack) -> None:
    made = [(await created(stack))["id"] for _ in range(2 * PAGE_ROWS + 5)]
    newest, middle = made[: -PAGE_ROWS - 1 : -1], made[-PAGE_ROWS - 1 : -2 * PAGE_ROWS - 1 : -1]
    await enter(page, stack.addresses.api_key, "#/sessions")
    await page.get_by_label("Status").select_option("created")
    await shows(page, newest)
    await expect(page.get_by_role("button", name="Newer")).to_be_disabled()
    await page.get_by_role("button", name="Older").click()
    await shows(page, middle)
    await page.get_by_role("button", name="Older").click()
    await expect(page.get_by_text(made[0])).to_be_visible()
    await page.get_by_role("button", name="Newer").click()
    await shows(page, middle)
    # Page and filter are in the address.
    await page.reload()
    await give_key(page, stack.addresses.api_key)
    await shows(page, middle)
    await expect(page.get_by_label("Status")).to_have_value("created")
    await page.get_by_role("button", name="Newer").click()
    await shows(page, newest)
    await expect(page.get_by_role("button", name="Newer")).to_be_disabled()


async def test_sessions_since_a_day(page: Page, stack: Stack) -> None:
    session = (await created(stack))["id"]
    await enter(page, stack.addresses.api_key, "#/sessions")
    today = datetime.now().astimezone().date()
    await page.get_by_label("Created since").fill(str(today))
    await expect(page.get_by_role("link", name=session)).to_be_visible()
    await page.get_by_label("Created since").fill(str(today + timedelta(days=1)))
    await expect(page.get_by_text("There is no session here.")).to_be_visible()
    await shows(page, [])
