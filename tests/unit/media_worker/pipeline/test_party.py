"""More than two in one session: whose language is whose, and who hears what."""

from __future__ import annotations

import asyncio

import pytest

from core.domain.sessions import Mode, Participant, Role, Transcription
from core.errors import InvalidRequest
from media_worker.messages import TextIn
from media_worker.pipeline.party import Cast
from tests.fakes.engines import FakeEngines
from tests.fakes.talk import Client, Running
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import plant

THREE = (
    Participant(Role.AGENT, "en", id="agent_1"),
    Participant(Role.CUSTOMER, "es", id="cust_1"),
    Participant(Role.CUSTOMER, "de", id="cust_2"),
)


def heard(client: Client) -> set[tuple[str, str | None]]:
    """(language, segment) of what was played to it."""
    return {(piece["language"], piece["segment_id"]) for piece in client.of("audio.output")}


@virtual_time
async def test_a_participant_is_found_by_id_or_by_role_and_the_first_leads() -> None:
    cast = Cast(plant().create(participants=THREE))
    agent, first, second = cast
    assert [party.id for party in cast] == ["agent_1", "cust_1", "cust_2"]
    assert (cast.named("cust_2"), cast.named("customer"), cast.named("agent")) == (second, first, agent)
    assert cast.named("cust_3") is None
    assert [party.leads for party in cast] == [True, True, False]
    assert cast.others(second) == (agent, first) and cast.others(agent) == (first, second)


@virtual_time
async def test_a_side_that_nobody_was_named_for_speaks_the_sessions_language() -> None:
    customer, agent = Cast(plant().create(participants=(Participant(Role.CUSTOMER, "de"),)))
    assert (customer.role, customer.language, agent.role, agent.language) == (Role.CUSTOMER, "de", Role.AGENT, "es")


@virtual_time
async def test_each_of_three_hears_the_others_in_its_own_language() -> None:
    async with Running(plant(FakeEngines("hola", "hello"))) as worker:
        session = worker.plant.create(participants=THREE, source_language="es", target_language="en")
        agent, spanish, german = [await worker.client(session, name) for name in ("agent_1", "cust_1", "cust_2")]
        await spanish.say(1.0)
        assert (heard(agent), heard(german), heard(spanish)) == ({("en", "seg_0001")}, {("de", "seg_0001")}, set())
        await agent.say(1.0)
        assert heard(spanish) == {("es", "seg_0002")} and ("de", "seg_0002") in heard(german)
        (first, second) = german.of("transcript.final")
        assert (first["speaker"], first["participant"], first["language"]) == ("customer", "cust_1", "es")
        assert first["translation"] == {"language": "en", "text": "[en] hola"}
        assert first["further_translations"] == [{"language": "de", "text": "[de] hola"}]
        assert second["translation"] == {"language": "es", "text": "[es] hello"}
        assert [latency["segment_id"] for latency in german.of("latency")] == ["seg_0001", "seg_0002"], "one a segment"
        assert german.of("session.ready")[0]["participant_id"] == "cust_2"


@virtual_time
async def test_what_a_session_wants_of_recognition_reaches_both_recognisers() -> None:
    engines = FakeEngines("hola", "hello")
    async with Running(plant(engines)) as worker:
        wanted = Transcription(hints=("Kallglot",), policy="low")
        session = worker.plant.create(source_language="es", target_language="en", transcription=wanted)
        client = await worker.client(session)
        await client.say(1.0, Role.CUSTOMER)
        await client.say(1.0, Role.AGENT)
        assert [(each.spec.hints, each.spec.policy) for each in engines.listeners] == [(("Kallglot",), "low")] * 2


@virtual_time
async def test_each_listener_hears_the_voice_that_was_chosen_for_its_language() -> None:
    engines = FakeEngines("hola", "hallo")
    async with Running(plant(engines)) as worker:
        session = worker.plant.create(source_language="es", target_language="de", voices={"de": "thorsten"})
        client = await worker.client(session)
        await client.say(1.0, Role.CUSTOMER)
        await client.say(1.0, Role.AGENT)
        assert [(each.language, each.voice) for each in engines.spoken] == [("de", "thorsten"), ("es", None)]
        assert not client.of("session.error")


@virtual_time
async def test_a_voice_that_nobody_has_leaves_the_default_to_speak_and_is_told_once() -> None:
    engines = FakeEngines("hola", "hola", "hello")
    async with Running(plant(engines)) as worker:
        session = worker.plant.create(
            source_language="es", target_language="en", voices={"en": "alloy", "es": "Joanna", "fr": "nobody"}
        )
        client = await worker.client(session)
        for role in (Role.CUSTOMER, Role.CUSTOMER, Role.AGENT):
            await client.say(1.0, role)
        assert [(each.language, each.voice) for each in engines.spoken] == [
            *(("en", "alloy"), ("en", None)),
            *(("en", None), ("es", "Joanna")),
        ]
        assert {language for language, _ in heard(client)} == {"en", "es"}
        (error,) = client.of("session.error")
        assert (error["error"]["code"], error["fatal"]) == ("voice_unknown", False)


class Careless(FakeEngines):
    async def translate(self, text: str, source: str, target: str) -> str:
        return f"[{target}] order 48231"


@virtual_time
async def test_a_figure_that_the_translation_does_not_hold_is_named_to_everybody_and_kept() -> None:
    async with Running(plant(Careless("order 48213"))) as worker:
        session = worker.plant.create(source_language="es", target_language="en")
        client = await worker.client(session)
        await client.say(1.0, Role.CUSTOMER)
        (final,) = client.of("transcript.final")
        assert final["translation"]["figures_to_check"] == ["48213", "48231"]


@virtual_time
async def test_nothing_is_translated_for_a_further_participant_who_is_not_here() -> None:
    async with Running(plant(FakeEngines("hola"))) as worker:
        session = worker.plant.create(participants=THREE, source_language="es", target_language="en")
        both = await worker.client(session)
        await both.say(1.0, Role.CUSTOMER)
        (final,) = both.of("transcript.final")
        assert final["translation"]["language"] == "en" and "further_translations" not in final
        assert {language for language, _ in heard(both)} == {"en"}, "a socket for everybody hears each turn once"


@virtual_time
async def test_who_speaks_the_same_language_hears_the_voice_itself() -> None:
    people = (*THREE[:2], Participant(Role.CUSTOMER, "en", id="cust_2"))
    async with Running(plant(FakeEngines("hello"))) as worker:
        session = worker.plant.create(participants=people, source_language="es", target_language="en")
        agent, spanish, english = [await worker.client(session, name) for name in ("agent_1", "cust_1", "cust_2")]
        await agent.say(1.0)
        assert heard(english) == {("en", None)} and heard(spanish) == {("es", "seg_0001")}


@virtual_time
async def test_in_assistive_mode_the_agent_hears_everybody_as_they_are_and_reads() -> None:
    async with Running(plant(FakeEngines("guten tag"))) as worker:
        session = worker.plant.create(
            participants=THREE, source_language="es", target_language="en", mode=Mode.ASSISTIVE_TRANSLATION
        )
        agent, spanish, german = [await worker.client(session, name) for name in ("agent_1", "cust_1", "cust_2")]
        await german.say(1.0)
        assert heard(agent) == {("de", None)} and heard(spanish) == {("es", "seg_0001")}
        assert agent.of("transcript.final")[0]["translation"]["text"] == "[en] guten tag"


@virtual_time
async def test_what_a_further_participant_types_is_its_own() -> None:
    async with Running(plant(FakeEngines())) as worker:
        session = worker.plant.create(participants=THREE, source_language="es", target_language="en")
        german = await worker.client(session, "cust_2")
        german.send(TextIn("guten tag", None))
        await asyncio.sleep(1)
        (turn,) = worker.plant.sessions.turns(session.tenant, session.id)
        assert (turn.participant, turn.language, turn.translation and turn.translation.language) == (
            "cust_2",
            "de",
            "en",
        )


@virtual_time
async def test_both_customers_are_on_the_recording_when_they_speak_at_once() -> None:
    async with Running(plant(FakeEngines())) as worker:
        session = worker.plant.create(participants=THREE, source_language="es", target_language="en")
        spanish, german = [await worker.client(session, name) for name in ("cust_1", "cust_2")]
        await asyncio.gather(spanish.say(3.0), german.say(3.0))
        assert spanish.errors() == german.errors() == [], "two voices, not one that two legs quarrel about"


@virtual_time
async def test_a_name_that_nobody_has_is_refused() -> None:
    async with Running(plant(FakeEngines())) as worker:
        session = worker.plant.create(participants=THREE)
        with pytest.raises(InvalidRequest, match="participant"):
            await worker.client(session, "cust_3")
        assert len(worker.calls) == 0
