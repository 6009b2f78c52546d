"""Sessions whose languages nobody said: what each party speaks is found out while it speaks."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from core.domain.sessions import Role
from media_worker.engines.base import UNDETERMINED
from media_worker.messages import TextIn
from media_worker.pipeline.detection import Tongue
from tests.fakes.engines import FakeEngines
from tests.fakes.talk import Running
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import plant


def detecting(*lines: str, detected: tuple[tuple[str, float], ...]) -> FakeEngines:
    engines = FakeEngines(*lines)
    engines.capabilities = replace(engines.capabilities, detects_language=True)
    engines.detected.extend(detected)
    return engines


@pytest.mark.parametrize(
    ("heard", "language", "settled"),
    [
        ([], None, False),
        ([("de", 0.9)], "de", True),
        ([("de", 0.5)], "de", False),
        ([("de", 0.5), ("de", 0.5)], "de", True),
        ([("de", 0.5), ("en", 0.5)], "en", False),
        ([("de", 0.5), ("en", 0.5), ("de", 0.5)], "de", False),
        ([("de", 0.5), ("en", 0.9), ("de", 1.0), ("de", 1.0)], "en", True),
    ],
)
def test_a_language_is_settled_once(heard: list[tuple[str, float]], language: str | None, settled: bool) -> None:
    tongue = Tongue(None)
    for one in heard:
        tongue.heard(*one)
    assert (tongue.language, tongue.settled) == (language, settled)


def test_one_that_was_given_is_settled() -> None:
    tongue = Tongue("de")
    tongue.heard("en", 1.0)
    assert tongue.language == "de"


@virtual_time
async def test_each_is_translated_for_the_other_from_when_both_have_spoken() -> None:
    engines = detecting("hola", "hello", "gracias", detected=(("es", 0.95), ("en", 0.95)))
    async with Running(plant(engines)) as worker:
        session = worker.plant.create(source_language=None, target_language=None)
        customer, agent = [await worker.client(session, role) for role in ("customer", "agent")]
        await customer.say(1.0)
        await agent.say(1.0)
        await customer.say(1.0)
        first, second, third = agent.of("transcript.final")
        assert ("es", "translation" in first) == (first["language"], False), "nobody knows what the agent speaks"
        assert second["translation"] == {"language": "es", "text": "[es] hello"}
        assert third["translation"] == {"language": "en", "text": "[en] gracias"}
        assert [listener.spec.language for listener in engines.listeners] == [UNDETERMINED, UNDETERMINED, "es"]
        played = [(piece["segment_id"], piece["language"]) for piece in agent.of("audio.output")]
        assert played[0] == (None, ""), "until then it hears the voice itself"
        assert played[-1][0] == third["id"] and played[-1][1] == "en"
        turns = worker.plant.sessions.turns(session.tenant, session.id)
        assert [turn.language for turn in turns] == ["es", "en", "es"]
        assert customer.errors() == agent.errors() == []


@virtual_time
async def test_a_guess_that_is_not_sure_is_made_again() -> None:
    engines = detecting("hola", "hello", "hello again", "hello", detected=(("es", 0.5), ("en", 0.6), ("en", 0.6)))
    async with Running(plant(engines)) as worker:
        session = worker.plant.create(source_language=None, target_language="de")
        client = await worker.client(session)
        for _ in range(4):
            await client.say(1.0, Role.CUSTOMER)
        assert [final["language"] for final in client.of("transcript.final")] == ["es", "en", "en", "en"]
        assert [listener.spec.language for listener in engines.listeners] == [UNDETERMINED, "en"]
        assert engines.listeners[0].closed


@virtual_time
async def test_nothing_is_shown_of_the_first_words_before_their_language_is_known() -> None:
    engines = detecting("hola", "hola", detected=(("es", 0.95),))
    engines.partial = "hol"
    async with Running(plant(engines)) as worker:
        client = await worker.client(worker.plant.create(source_language=None, target_language="en"))
        await client.say(1.0, Role.CUSTOMER)
        assert not client.of("transcript.partial")
        await client.say(1.0, Role.CUSTOMER)
        assert {partial["language"] for partial in client.of("transcript.partial")} == {"es"}


@virtual_time
async def test_what_somebody_types_who_has_not_spoken_is_refused_by_its_own_name() -> None:
    engines = detecting("hola", detected=(("es", 0.95),))
    async with Running(plant(engines)) as worker:
        client = await worker.client(worker.plant.create(source_language=None, target_language="en"))
        client.send(TextIn("hola", Role.CUSTOMER))
        await client.say(1.0, Role.CUSTOMER)
        client.send(TextIn("gracias", Role.CUSTOMER))
        await asyncio.sleep(1)
        assert client.errors() == ["language_unknown"]
        assert [final["text"] for final in client.of("transcript.final")] == ["hola", "gracias"]


@virtual_time
async def test_engines_that_cannot_detect_say_so_once() -> None:
    async with Running(plant(FakeEngines())) as worker:
        client = await worker.client(worker.plant.create(source_language=None, target_language="en"))
        await client.say(1.0, Role.CUSTOMER)
        await client.say(1.0, Role.CUSTOMER)
        assert client.errors() == ["speech_unavailable"]


@virtual_time
async def test_it_is_heard_in_its_language_even_if_the_next_words_came_before_it_was_known() -> None:
    engines = detecting("hola", "gracias", "adiós", detected=(("es", 0.95), ("es", 0.95)))
    engines.asr_s = 2.0
    async with Running(plant(engines)) as worker:
        client = await worker.client(worker.plant.create(source_language=None, target_language="en"))
        for _ in range(2):
            await client.say(1.0, Role.CUSTOMER)
        await asyncio.sleep(10)
        await client.say(1.0, Role.CUSTOMER)
        await asyncio.sleep(5)
        assert [final["text"] for final in client.of("transcript.final")] == ["hola", "gracias", "adiós"]
        assert [listener.spec.language for listener in engines.listeners] == [UNDETERMINED, "es"]
