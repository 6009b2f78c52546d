"""A key is made, used and revoked."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from local.stack import Stack
from tests.browser.pages import enter, give_key

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_key_is_made_used_and_revoked(page: Page, stack: Stack) -> None:
    await enter(page, stack.addresses.api_key, "#/keys")
    await page.get_by_text("Create a key").first.click()
    await page.get_by_label("What it is for").fill("reporting")
    await page.get_by_role("button", name="Create a key").click()
    secret = await page.locator(".secret").inner_text()
    assert secret.startswith("sk_test_")
    row = page.get_by_role("row").filter(has_text=secret[-4:])
    await row.get_by_role("button", name="Revoke: reporting").click()
    await page.get_by_role("button", name="Revoke", exact=True).click()
    await expect(row).to_contain_text("revoked")
    await page.get_by_role("button", name="Forget key").click()
    await give_key(page, secret)
    await expect(page.get_by_role("alert")).to_contain_text("revoked_api_key")
