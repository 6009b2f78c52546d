"""A call held in the browser: spoken into its microphone, read, heard, found again among the sessions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Playwright, Route, WebSocketRoute, expect

from local.stack import Stack
from tests.browser.conftest import chromium
from tests.browser.pages import created, enter, opened, until

pytestmark = pytest.mark.asyncio(loop_scope="session")

LOUD = 0.05
HEARD = 30_000
"""Milliseconds: the sentence comes every seven seconds, and the first time may be cut."""


async def start(page: Page) -> None:
    await page.get_by_label("I speak").select_option("en")
    await page.get_by_label("Translate into").select_option("es")
    await page.get_by_role("button", name="Start the call").click()
    await expect(page.get_by_text("Connected", exact=True)).to_be_visible()


async def end(page: Page) -> None:
    await page.get_by_role("button", name="End the call").click()
    await expect(page.get_by_text("The call has ended.")).to_be_visible()


async def loud(page: Page, meter: str) -> None:
    """Waits until that meter shows sound."""
    await until(page, f"document.getElementById('{meter}').value > {LOUD}", HEARD / 1000)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def held(browser: Browser, stack: Stack) -> AsyncIterator[Page]:
    """After one whole call, on the page that shows its end."""
    async with opened(browser, stack) as page:
        await enter(page, stack.addresses.api_key, "#/talk")
        await start(page)
        await expect(page.locator(".captions .partial").first).to_be_attached(timeout=HEARD)
        row = page.locator(".captions .final").filter(has_text=re.compile("question about my order", re.I)).first
        await expect(row).to_be_visible(timeout=HEARD)
        await expect(row.locator(".translation")).to_contain_text("pedido")
        await loud(page, "voice")
        await expect(row.get_by_role("img")).to_have_accessible_name(re.compile(r"\d+ ms: end of phrase \d+"))
        await page.get_by_label("Type to speak").fill("Thank you.")
        await page.get_by_role("button", name="Say it").click()
        await expect(page.locator(".captions .final").filter(has_text="Thank you.")).to_be_visible()
        await end(page)
        yield page


async def test_an_agent_of_the_deployment_answers(browser: Browser, stack: Stack) -> None:
    """By the embedded model, which has nothing to say to it and says so."""
    async with opened(browser, stack) as page:
        await enter(page, stack.addresses.api_key, "#/talk")
        await page.get_by_label("Kind of call").select_option("ai_agent")
        await page.get_by_label("I speak").select_option("en")
        await page.get_by_label("The agent thinks in").select_option("en")
        await page.get_by_label("What the agent is told to be").fill("You are a shop.")
        await page.get_by_role("button", name="Start the call").click()
        question = page.locator(".captions .final").filter(has_text=re.compile("question about my order", re.I)).first
        await expect(question).to_be_visible(timeout=HEARD)
        await loud(page, "voice")
        answer = page.locator(".captions .final").filter(has_text="The other side").first
        await expect(answer).to_be_visible(timeout=HEARD)
        await end(page)


async def test_the_call_is_found_with_its_transcript(held: Page) -> None:
    await held.get_by_role("link", name="Transcript and recording of this call").click()
    await expect(held.locator(".mark")).to_have_text("ended")
    line = held.locator(".line").filter(has_text=re.compile("question about my order", re.I)).first
    # The page asks two things at once, and the function's second process starts cold: seconds on a busy machine.
    await expect(line).to_contain_text("pedido", timeout=2 * HEARD)
    await held.get_by_role("link", name="All sessions").click()
    await held.get_by_label("Status").select_option("ended")
    await expect(held.get_by_role("row").filter(has_text="English → Spanish").first).to_be_visible()
    await held.get_by_label("Status").select_option("connecting")
    await expect(held.get_by_text("There is no session here.")).to_be_visible()
    await held.get_by_label("Status").select_option("ended")


async def test_a_line_is_heard_where_it_was_said(held: Page) -> None:
    await held.get_by_role("row").filter(has_text="English → Spanish").first.get_by_role("link").click()
    audio = held.locator("audio")
    await expect(audio).to_be_visible(timeout=HEARD)
    await expect(held.get_by_text("Left the customer, right the agent.")).to_be_visible()
    await held.locator(".segment.customer").first.click()
    await until(held, "!document.querySelector('audio').paused")
    await audio.evaluate("element => element.pause()")
    line = held.locator(".line").filter(has_text=re.compile("question about my order", re.I)).first
    await line.get_by_role("button", name="Listen from").click()
    await until(held, "!document.querySelector('audio').paused")
    await until(held, "document.querySelector('audio').currentTime > 1")
    await expect(line).to_have_attribute("aria-current", "true")
    await audio.evaluate("element => element.pause()")


@pytest.mark.parametrize(("ending", "begins"), [("srt", "1\n"), ("vtt", "WEBVTT"), ("txt", ""), ("json", "{")])
async def test_the_transcript_is_downloaded(held: Page, ending: str, begins: str, tmp_path: Path) -> None:
    async with held.expect_download() as started:
        await held.get_by_role("button", name=ending, exact=True).click()
    download = await started.value
    assert re.fullmatch(rf"sess_\w+\.{ending}", download.suggested_filename)
    await download.save_as(tmp_path / "transcript")
    text = (tmp_path / "transcript").read_text()
    assert text.startswith(begins)
    assert "question about my order" in text.lower()


async def test_a_connection_that_breaks_is_made_again(page: Page, stack: Stack) -> None:
    sockets: list[WebSocketRoute] = []

    def between(route: WebSocketRoute) -> None:
        sockets.append(route)
        route.connect_to_server()

    await page.route_web_socket(re.compile("/connect"), between)
    await enter(page, stack.addresses.api_key, "#/talk")
    await start(page)
    await loud(page, "heard")
    await sockets[0].close(code=1012, reason="going away")
    await expect(page.locator(".captions .final").first).to_be_visible(timeout=HEARD)
    await expect(page.get_by_text("Connected", exact=True)).to_be_visible()
    assert len(sockets) == 2
    await end(page)


async def test_two_people_hear_each_other_translated(playwright: Playwright, page: Page, stack: Stack) -> None:
    await enter(page, stack.addresses.api_key, "#/talk")
    await page.get_by_label("Somebody else joins by a link").check()
    await start(page)
    link = await page.get_by_label("Link for the second person").input_value()
    assert stack.addresses.api_key not in link
    silent = chromium(playwright, "--deny-permission-prompts")
    async with silent as elsewhere, opened(elsewhere, stack) as guest:
        await guest.goto(link)
        await expect(guest.get_by_text("You speak and hear: Spanish")).to_be_visible()
        await guest.get_by_role("button", name="Join the call").click()
        await guest.get_by_role("button", name="Start without a microphone").click()
        said = re.compile("question about my order", re.I)
        await expect(guest.locator(".captions .final").filter(has_text=said).first).to_be_visible(timeout=HEARD)
        await loud(guest, "voice")
        assert await page.evaluate("document.getElementById('voice').value") == 0, "one's own translation was heard"
        await guest.get_by_label("Type to speak").fill("¿Cuál es su número de pedido?")
        await guest.get_by_role("button", name="Say it").click()
        answer = page.locator(".captions .final").filter(has_text="número de pedido")
        await expect(answer.locator(".translation")).to_contain_text("order number")
        await expect(answer).to_contain_text("The other side")
        await loud(page, "voice")
        await guest.get_by_role("button", name="Leave the call").click()
        await expect(guest.get_by_text("The call has ended.")).to_be_visible()
        await expect(page.get_by_text("Connected", exact=True)).to_be_visible()
        await end(page)


async def test_as_subtitles_the_other_side_hears_the_voice_itself(
    playwright: Playwright, page: Page, stack: Stack
) -> None:
    await enter(page, stack.addresses.api_key, "#/talk")
    await page.get_by_label("Kind of call").select_option("assistive_translation")
    await page.get_by_label("Somebody else joins by a link").check()
    await start(page)
    link = await page.get_by_label("Link for the second person").input_value()
    silent = chromium(playwright, "--deny-permission-prompts")
    async with silent as elsewhere, opened(elsewhere, stack) as guest:
        await guest.goto(link)
        await guest.get_by_role("button", name="Join the call").click()
        await guest.get_by_role("button", name="Start without a microphone").click()
        await loud(guest, "voice")
        said = guest.locator(".captions .final").filter(has_text=re.compile("question about my order", re.I))
        await expect(said.first.locator(".translation")).to_contain_text("pedido", timeout=HEARD)
        assert await page.evaluate("document.getElementById('voice').value") == 0, "one's own voice was heard"
        await guest.get_by_label("Type to speak").fill("¿Cuál es su número de pedido?")
        await guest.get_by_role("button", name="Say it").click()
        await loud(page, "voice")
        await end(page)


async def test_what_is_not_recognised_is_said_before_the_call(page: Page, stack: Stack) -> None:
    await enter(page, stack.addresses.api_key, "#/talk")
    await page.get_by_label("I speak").select_option("ca")
    await expect(page.get_by_text("What is spoken in Catalan is not recognised")).to_be_visible()


async def test_a_link_that_is_not_whole_is_said(page: Page) -> None:
    await page.goto("/#/join/sess_1?token=kst_test_1")
    await expect(page.get_by_role("alert")).to_contain_text("This link is not whole")


@pytest.mark.parametrize("is_there", [True, False], ids=["wrong token", "no session"])
async def test_a_link_that_is_not_valid_any_more_is_said(page: Page, stack: Stack, is_there: bool) -> None:
    session = (await created(stack))["id"] if is_there else "sess_01HXYZ123456789"
    address = f"{stack.addresses.stream_url}/v1/sessions/{session}/connect"
    await page.goto(f"/#/join/{session}?stream={address}&token=kst_test_old&language=es")
    await page.get_by_role("button", name="Join the call").click()
    await expect(page.get_by_role("alert")).to_contain_text("This link is not valid any more")


async def test_a_microphone_that_stops_is_said(page: Page, stack: Stack) -> None:
    await page.add_init_script(
        """const asked = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
        navigator.mediaDevices.getUserMedia = async (wanted) => (window.heard = await asked(wanted));"""
    )
    await enter(page, stack.addresses.api_key, "#/talk")
    await start(page)
    await page.evaluate("heard.getTracks()[0].dispatchEvent(new Event('ended'))")
    await expect(page.get_by_role("alert")).to_contain_text("The microphone has stopped")
    await end(page)


async def test_muted_nothing_is_heard(page: Page, stack: Stack) -> None:
    await enter(page, stack.addresses.api_key, "#/talk")
    await start(page)
    await loud(page, "heard")
    await page.get_by_role("button", name="Mute").click()
    await until(page, "document.getElementById('heard').value === 0")
    await expect(page.get_by_role("button", name="Unmute")).to_have_attribute("aria-pressed", "true")
    await end(page)


async def test_a_running_session_is_ended_from_its_page(page: Page, stack: Stack) -> None:
    await enter(page, stack.addresses.api_key, "#/talk")
    await start(page)
    await page.get_by_role("link", name="Sessions").click()
    await page.get_by_role("row").filter(has_text="English → Spanish").first.get_by_role("link").click()
    await page.get_by_role("button", name="End this session").click()
    await page.get_by_role("button", name="End it").click()
    await expect(page.locator(".mark")).to_have_text("ended")


async def test_a_running_call_is_watched_word_by_word(browser: Browser, page: Page, stack: Stack) -> None:
    await enter(page, stack.addresses.api_key, "#/talk")
    await start(page)
    async with opened(browser, stack) as watcher:
        await enter(watcher, stack.addresses.api_key, "#/sessions")
        await watcher.get_by_role("row").filter(has_text="English → Spanish").first.get_by_role("link").click()
        await expect(watcher.locator(".captions .partial").first).to_be_attached(timeout=HEARD)
        said = watcher.locator(".line").filter(has_text=re.compile("question about my order", re.I))
        await expect(said.first).to_be_visible(timeout=HEARD)
        await end(page)
        await expect(watcher.locator(".mark")).to_have_text("ended")


async def test_an_api_slower_than_the_page_asks_is_heard(page: Page, stack: Stack) -> None:
    async def late(route: Route) -> None:
        await asyncio.sleep(4)
        await route.continue_()

    session = (await created(stack))["id"]
    await page.route(re.compile("/transcript$"), late)
    await enter(page, stack.addresses.api_key, f"#/sessions/{session}")
    await expect(page.get_by_text("Nothing has been said yet.")).to_be_visible()
    await page.unroute_all(behavior="ignoreErrors")


async def test_without_the_microphone_one_can_type(playwright: Playwright, stack: Stack) -> None:
    denying = chromium(playwright, "--deny-permission-prompts")
    async with denying as browser, opened(browser, stack) as page:
        await enter(page, stack.addresses.api_key, "#/talk")
        await page.get_by_label("I speak").select_option("en")
        await page.get_by_label("Translate into").select_option("es")
        await page.get_by_role("button", name="Start the call").click()
        await expect(page.get_by_role("alert")).to_contain_text("does not let this page use the microphone")
        await page.get_by_role("button", name="Start without a microphone").click()
        await page.get_by_label("Type to speak").fill("I have a question.")
        await page.get_by_role("button", name="Say it").click()
        await expect(page.locator(".captions .translation").first).to_contain_text("pregunta")
        await end(page)
