"""Endpoints made, tried, rotated, disabled and deleted in the console, and what became of their deliveries."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest
import stripe
from playwright.async_api import Locator, Page, expect

from local.stack import Stack
from tests.browser.pages import api, created, enter, faults
from tests.integration.webhooks import PATIENCE_S, Served, customers, says

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Answers:
    """What customers answer now."""

    status = 200

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        says(self.status)(handler)


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def served(answers: Answers) -> Iterator[Served]:
    with customers(lambda _: answers) as running:
        yield running


async def make(page: Page, url: str, *filters: str) -> str:
    """An endpoint that is told these events. Its secret; the page is then the endpoint's own."""
    await page.get_by_text("Create an endpoint").first.click()
    await page.get_by_role("textbox", name="Address").fill(url)
    await page.get_by_label("all", exact=True).uncheck()
    for name in filters:
        await page.get_by_label(name, exact=True).check()
    await page.get_by_role("button", name="Create an endpoint").click()
    secret = str(await page.locator(".secret").inner_text())
    assert await faults(page) == []
    await page.get_by_role("link", name=url).click()
    await expect(page.get_by_role("heading", name="Endpoint", exact=True)).to_be_focused()
    return secret


async def happen(stack: Stack) -> None:
    """A session is created, and ended again: endpoints are told."""
    session = await created(stack)
    async with api(stack) as http:
        (await http.post(f"/sessions/{session['id']}/end")).raise_for_status()


async def refreshed(page: Page, wanted: Locator) -> None:
    """Nothing tells the page that something has happened elsewhere: a reader asks."""
    async with asyncio.timeout(PATIENCE_S):
        while not await wanted.is_visible():
            await page.get_by_role("button", name="Refresh").click()
            await asyncio.sleep(0.2)


async def remove(page: Page) -> None:
    await page.get_by_role("button", name="Delete").click()
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.get_by_role("button", name="Delete")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", name="Webhooks")).to_be_visible()


async def test_an_endpoint_from_its_first_test_to_its_end(page: Page, stack: Stack, served: Served) -> None:
    url = served.url + "/console"
    await enter(page, stack.addresses.api_key, "#/webhooks")
    secret = await make(page, url, "webhook.*", "session.ended")
    await expect(
        page.get_by_text("session.ended, webhook.*").or_(page.get_by_text("webhook.*, session.ended"))
    ).to_be_visible()

    await page.get_by_role("button", name="Send a test").click()
    delivery = page.locator(".delivery").filter(has_text="webhook.test")
    await expect(delivery.get_by_text("arrived")).to_be_visible()
    await delivery.locator("summary").click()
    await expect(delivery.get_by_role("row").filter(has_text="taken (200)")).to_be_visible()
    await expect(delivery.locator(".payload")).to_contain_text('"type": "webhook.test"')
    _, headers, body = served.at("/console")[0]
    assert stripe.WebhookSignature.verify_header(body.decode(), headers["Kallglot-Signature"], secret, 300)

    await delivery.get_by_role("button", name="Send the event to everybody again").click()
    await expect(delivery.get_by_text("On its way to 1 endpoint.")).to_be_visible()
    await expect(delivery.get_by_text("2 attempts")).to_be_visible()
    assert served.event_ids("/console") == {json.loads(body)["id"]: 2}

    await page.get_by_role("button", name="New secret").click()
    assert await faults(page) == []
    await page.get_by_label("The old one signs too for").select_option("an hour")
    await page.get_by_role("button", name="Make it").click()
    fresh = await page.locator(".secret").inner_text()
    assert fresh != secret
    await expect(page.get_by_text("the one before it signs too")).to_be_visible()
    await page.get_by_role("button", name="Send a test").click()
    await expect(page.locator(".delivery")).to_have_count(2)
    await expect(page.locator(".delivery").get_by_text("arrived")).to_have_count(2)
    _, headers, body = served.at("/console")[-1]
    for valid in (secret, fresh):
        assert stripe.WebhookSignature.verify_header(body.decode(), headers["Kallglot-Signature"], valid, 300)

    await page.get_by_text("Change this endpoint").click()
    assert await faults(page) == []
    await page.get_by_label("What it is for").fill("of the console")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_text("Saved.")).to_be_visible()
    await expect(page.locator(".facts").get_by_text("of the console")).to_be_visible()
    await page.get_by_role("button", name="Disable").click()
    await expect(page.locator(".facts .mark")).to_have_text("disabled")
    await remove(page)
    await expect(page.get_by_role("link", name=url)).to_have_count(0)


async def test_what_was_refused_is_found_and_sent_again(
    page: Page, stack: Stack, served: Served, answers: Answers
) -> None:
    answers.status = 410
    await enter(page, stack.addresses.api_key, "#/webhooks")
    await make(page, served.url + "/gone", "session.created")
    await happen(stack)
    delivery = page.locator(".delivery").filter(has_text="session.created")
    await refreshed(page, delivery.get_by_text("failed"))
    # What the API did with an endpoint that is gone comes by itself.
    await expect(page.locator(".facts .mark")).to_have_text("disabled")
    await page.get_by_label("Status").select_option("arrived")
    await expect(page.get_by_text("None among the 1 that were looked at.")).to_be_visible()
    await page.get_by_label("Status").select_option("failed")
    await page.reload()
    await page.get_by_label("Your API key").fill(stack.addresses.api_key)
    await page.get_by_role("button", name="Use this key").click()
    await expect(page.locator(".facts .mark")).to_have_text("disabled")
    await expect(page.get_by_text("because it answered 410")).to_be_visible()
    await delivery.locator("summary").click()
    await expect(delivery.get_by_role("row").filter(has_text="(410)")).to_be_visible()

    await delivery.get_by_role("button", name="Send again", exact=True).click()
    await expect(delivery.get_by_role("alert")).to_contain_text("The endpoint is disabled. Enable it first.")
    answers.status = 200
    await page.get_by_role("button", name="Enable").click()
    await expect(page.locator(".facts .mark")).to_have_text("enabled")
    await delivery.get_by_role("button", name="Send again", exact=True).click()
    await page.get_by_label("Status").select_option("any")
    await expect(delivery.get_by_text("arrived")).to_be_visible()
    assert len(served.at("/gone")) == 2

    await page.get_by_text("Send a stretch of time again").click()
    await page.get_by_role("button", name="Send it again").click()
    await expect(page.get_by_text("In that time")).to_be_visible()
    await refreshed(page, delivery.get_by_text("3 attempts"))
    await remove(page)


async def test_an_address_that_is_not_taken_is_said_at_the_form(page: Page, stack: Stack) -> None:
    await enter(page, stack.addresses.api_key, "#/webhooks")
    await page.get_by_text("Create an endpoint").first.click()
    await page.get_by_role("textbox", name="Address").fill("http://example.com/hook")
    await page.get_by_role("button", name="Create an endpoint").click()
    await expect(page.get_by_role("alert")).to_contain_text("https")
    await expect(page.get_by_role("textbox", name="Address")).to_have_value("http://example.com/hook")


async def test_the_secret_of_sessions_own_addresses_is_shown_once(page: Page, stack: Stack) -> None:
    await enter(page, stack.addresses.api_key, "#/webhooks")
    await page.get_by_role("button", name="New secret").click()
    await page.get_by_role("button", name="Make it").click()
    assert (await page.locator(".secret").inner_text()).startswith("whsec_")
    await page.get_by_role("link", name="Usage").click()
    await page.get_by_role("link", name="Webhooks").click()
    await expect(page.get_by_text("the one before it signs too")).to_be_visible()
    await expect(page.locator(".secret")).to_have_count(0)
