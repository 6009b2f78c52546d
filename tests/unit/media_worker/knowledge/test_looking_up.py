"""What one session looks up."""

from __future__ import annotations

import asyncio

from core.domain.access import Tenant
from core.domain.knowledge import Passage, Source
from media_worker.knowledge.library import Library
from media_worker.knowledge.looking_up import LookingUp, nothing
from tests.builders import ACME
from tests.unit.media_worker.knowledge.test_libraries import at_once

HOURS = Passage("We open at nine.", Source("doc_1", "Hours"))


async def test_a_base_is_opened_once_and_searched_for_every_question() -> None:
    opened: list[tuple[Tenant, str]] = []

    async def open_it(tenant: Tenant, base_id: str) -> Library:
        opened.append((tenant, base_id))
        await asyncio.sleep(0)
        return Library([HOURS], "en")

    looking_up = LookingUp(open_it, at_once, ACME, "kb_1")
    looking_up.begin()
    found = await asyncio.gather(looking_up.find("When do you open?"), looking_up.find("Who won?"))
    assert [*map(list, found)] == [[HOURS], []]
    assert opened == [(ACME, "kb_1")]
    await looking_up.close()


async def test_an_agent_without_a_base_finds_nothing() -> None:
    looking_up = LookingUp(nothing, at_once, ACME, None)
    looking_up.begin()
    assert await looking_up.find("When do you open?") == ()
    await looking_up.close()


async def test_a_deployment_without_knowledge_finds_nothing() -> None:
    assert await LookingUp(nothing, at_once, ACME, "kb_1").find("When do you open?") == ()


async def test_an_answer_that_is_broken_off_does_not_break_off_the_reading() -> None:
    go_on = asyncio.Event()

    async def open_slowly(_tenant: Tenant, _base_id: str) -> Library:
        await go_on.wait()
        return Library([HOURS], "en")

    looking_up = LookingUp(open_slowly, at_once, ACME, "kb_1")
    first = asyncio.ensure_future(looking_up.find("When do you open?"))
    await asyncio.sleep(0)
    first.cancel()
    go_on.set()
    assert await looking_up.find("When do you open?") == (HOURS,)
