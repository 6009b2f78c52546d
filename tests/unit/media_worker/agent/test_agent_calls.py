"""A caller and an agent of ours on the whole media plane but for sockets, models and tables, in virtual time."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest

from core.domain.sessions import EndReason, Mode, Role, Session, Status
from core.ports import Commit
from media_worker.language_models.base import ModelError, ToolRequest
from tests.fakes.engines import FakeEngines
from tests.fakes.models import FakeModel
from tests.fakes.talk import SILENCE, Client, Running, loud
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import Plant, plant


def call(worker: Running, **agent: Any) -> Session:
    """English with English, unless it says otherwise."""
    languages = {"source_language": agent.pop("source", "en"), "target_language": agent.pop("target", "en")}
    return worker.plant.create(mode=Mode.AI_AGENT, ai_agent={"system_prompt": "Be kind.", **agent}, **languages)


def turns(plant: Plant, session: Session) -> list[tuple[str, str]]:
    return [(turn.speaker.value, turn.text) for turn in plant.sessions.turns(session.tenant, session.id)]


async def silence(client: Client, seconds: float) -> None:
    await client.speak(SILENCE[: int(seconds * 8000) * 2], Role.CUSTOMER)


async def quiet(client: Client, seconds: int) -> None:
    for _ in range(seconds):
        await client.speak(SILENCE, Role.CUSTOMER)


@virtual_time
async def test_a_caller_is_greeted_asks_and_is_answered() -> None:
    model = FakeModel("It left our house yesterday.")
    async with Running(plant(FakeEngines("where is my order"), language_model=model)) as worker:
        session = call(worker, greeting="Hello, how can I help?")
        client = await worker.client(session, "customer")
        await quiet(client, 2)
        await client.say(1.0, Role.CUSTOMER)
        await quiet(client, 2)
        assert turns(worker.plant, session) == [
            ("agent", "Hello, how can I help?"),
            ("customer", "where is my order"),
            ("agent", "It left our house yesterday."),
        ]
        assert [message.text for message in model.prompts[0].messages] == [
            "Hello, how can I help?",
            "where is my order",
        ]
        assert client.errors() == []
        finals = client.of("transcript.final")
        assert [final["speaker"] for final in finals] == ["agent", "customer", "agent"]
        assert {piece["segment_id"] for piece in client.of("audio.output")} == {finals[0]["id"], finals[2]["id"]}


@virtual_time
async def test_speech_begins_before_the_model_has_finished() -> None:
    model = FakeModel("One moment please. " + "Here is what I found about it. " * 3, piece_s=0.2)
    engines = FakeEngines("where is my order")
    async with Running(plant(engines, language_model=model)) as worker:
        client = await worker.client(call(worker), "customer")
        await client.speak(loud(1.0) + SILENCE, Role.CUSTOMER)
        await quiet(client, 1)
        assert [request.text for request in engines.spoken][:1] == ["One moment please."]
        assert model.open == 1
        await quiet(client, 8)
        assert engines.spoken[-1].text == "Here is what I found about it."


@virtual_time
async def test_the_parts_of_an_answers_latency_sum_to_the_silence_before_it() -> None:
    engines = FakeEngines("hello", asr_s=0.05, tts_s=0.03)
    async with Running(plant(engines, language_model=FakeModel("Good morning.", first_s=0.2))) as worker:
        session = call(worker)
        client = await worker.client(session, "customer")
        await client.speak(loud(1.0) + SILENCE, Role.CUSTOMER)
        await quiet(client, 2)
        latency = client.of("latency")[-1]
        assert (latency["asr_ms"], latency["model_ms"], latency["tts_ms"]) == (50.0, 200.0, 30.0)
        caller, agent = worker.plant.sessions.turns(session.tenant, session.id)
        assert latency["segment_id"] == agent.id
        assert agent.start_s - caller.end_s == pytest.approx(latency["total_ms"] / 1000, abs=0.03)


LONG = "The first part of it. The second part of it. The third part of it."


@virtual_time
async def test_who_interrupts_is_not_spoken_to_and_only_what_was_heard_is_remembered() -> None:
    engines = FakeEngines("tell me", "stop please")
    engines.speech_s = 1.0
    model = FakeModel(LONG, "Fine.")
    async with Running(plant(engines, language_model=model)) as worker:
        session = call(worker)
        client = await worker.client(session, "customer")
        await client.say(0.5, Role.CUSTOMER)
        await silence(client, 0.96)
        began = asyncio.get_running_loop().time()
        await client.say(1.0, Role.CUSTOMER)
        await quiet(client, 2)
        cleared = next(at for at, message in client.socket.sent if message["type"] == "audio.clear")
        assert cleared - began <= 0.2
        said = turns(worker.plant, session)
        assert said[0] == ("customer", "tell me")
        assert said[1][0] == "agent" and "The first part of it." in said[1][1] and "third" not in said[1][1]
        assert said[2:] == [("customer", "stop please"), ("agent", "Fine.")]
        agent = worker.plant.sessions.turns(session.tenant, session.id)[1]
        assert agent.interrupted
        assert [message.text for message in model.prompts[1].messages] == ["tell me", said[1][1], "stop please"]


@virtual_time
async def test_a_back_channel_does_not_take_the_floor() -> None:
    engines = FakeEngines("tell me", "uh-huh")
    engines.speech_s = 1.0
    model = FakeModel(LONG)
    async with Running(plant(engines, language_model=model)) as worker:
        session = call(worker)
        client = await worker.client(session, "customer")
        await client.say(0.5, Role.CUSTOMER)
        await silence(client, 0.96)
        await client.say(0.3, Role.CUSTOMER)
        await quiet(client, 5)
        spoken = " ".join(text for speaker, text in turns(worker.plant, session) if speaker == "agent")
        assert spoken == LONG
        assert len(model.prompts) == 1


@virtual_time
async def test_a_cough_does_not_take_the_floor() -> None:
    engines = FakeEngines("tell me")
    engines.speech_s = 1.0
    async with Running(plant(engines, language_model=FakeModel(LONG))) as worker:
        session = call(worker)
        client = await worker.client(session, "customer")
        await client.say(0.5, Role.CUSTOMER)
        await silence(client, 0.5)
        await client.speak(loud(0.04) + SILENCE, Role.CUSTOMER)
        await quiet(client, 5)
        spoken = " ".join(text for speaker, text in turns(worker.plant, session) if speaker == "agent")
        assert spoken == LONG


@virtual_time
async def test_yes_after_a_question_is_an_answer() -> None:
    model = FakeModel("It is done.")
    async with Running(plant(FakeEngines("yes"), language_model=model)) as worker:
        session = call(worker, greeting="Shall I do it?")
        client = await worker.client(session, "customer")
        await quiet(client, 2)
        await client.say(0.5, Role.CUSTOMER)
        await quiet(client, 2)
        assert turns(worker.plant, session)[-1] == ("agent", "It is done.")


@virtual_time
async def test_customer_and_agent_may_speak_different_languages() -> None:
    engines = FakeEngines("dónde está mi pedido")
    model = FakeModel("On its way.")
    async with Running(plant(engines, language_model=model)) as worker:
        session = call(worker, source="es", target="en")
        client = await worker.client(session, "customer")
        await client.say(1.0, Role.CUSTOMER)
        await quiet(client, 2)
        assert model.prompts[0].messages[-1].text == "[en] dónde está mi pedido"
        assert model.prompts[0].language == "en"
        assert [(request.text, request.language) for request in engines.spoken] == [("[es] On its way.", "es")]
        answer = client.of("transcript.final")[-1]
        assert (answer["text"], answer["translation"]["text"]) == ("On its way.", "[es] On its way.")


@virtual_time
async def test_an_agent_that_fails_says_so() -> None:
    model = FakeModel([ModelError("throttled", retryable=True)], "Better now.")
    async with Running(plant(FakeEngines("hello", "again"), language_model=model)) as worker:
        session = call(worker)
        client = await worker.client(session, "customer")
        await client.say(0.5, Role.CUSTOMER)
        await quiet(client, 2)
        assert client.errors() == ["agent_failed"]
        assert turns(worker.plant, session)[-1] == ("agent", "I am sorry, I cannot answer that just now.")
        await client.say(0.5, Role.CUSTOMER)
        await quiet(client, 2)
        assert turns(worker.plant, session)[-1] == ("agent", "Better now.")


@virtual_time
async def test_who_says_nothing_is_asked_and_in_the_end_let_go() -> None:
    async with Running(plant(FakeEngines(), language_model=FakeModel())) as worker:
        silence_prompt = {"text": "Are you still there?", "after_seconds": 5, "times": 2}
        session = call(worker, greeting="Hello.", silence_prompt=silence_prompt)
        client = await worker.client(session, "customer")
        for _ in range(30):
            if worker.plant.stored(session).is_closed:
                break
            await client.speak(SILENCE, Role.CUSTOMER)
        said = [text for _, text in turns(worker.plant, session)]
        assert said == ["Hello.", "Are you still there?", "Are you still there?"]
        stored = worker.plant.stored(session)
        assert stored.end_reason is EndReason.TIMEOUT
        assert 15 <= stored.duration_s(worker.plant.clock.now()) <= 20


@virtual_time
async def test_a_call_lasts_no_longer_than_it_may() -> None:
    async with Running(plant(FakeEngines(), language_model=FakeModel())) as worker:
        session = call(worker, limits={"duration_seconds": 4})
        client = await worker.client(session, "customer")
        await quiet(client, 4)
        for _ in range(6):
            if worker.plant.stored(session).is_closed:
                break
            await client.speak(SILENCE, Role.CUSTOMER)
        assert worker.plant.stored(session).end_reason is EndReason.COMPLETED
        assert "end our conversation" in turns(worker.plant, session)[-1][1]


@virtual_time
async def test_last_words_that_the_caller_does_not_let_us_finish_are_the_last() -> None:
    engines = FakeEngines()
    engines.speech_s = 3.0
    async with Running(plant(engines, language_model=FakeModel())) as worker:
        session = call(worker, limits={"duration_seconds": 2})
        client = await worker.client(session, "customer")
        await quiet(client, 3)
        assert not worker.plant.stored(session).is_closed
        await client.speak(loud(0.2), Role.CUSTOMER)
        await asyncio.sleep(2)
        assert worker.plant.stored(session).end_reason is EndReason.COMPLETED
        assert worker.plant.sessions.turns(session.tenant, session.id)[-1].interrupted


@virtual_time
async def test_the_agents_time_is_metered_while_it_works() -> None:
    engines = FakeEngines("hello")
    engines.speech_s = 2.0
    async with Running(plant(engines, language_model=FakeModel("Good morning.", first_s=0.5))) as worker:
        session = call(worker)
        client = await worker.client(session, "customer")
        await client.say(0.5, Role.CUSTOMER)
        await quiet(client, 20)
        used = worker.plant.stored(session).usage
        assert used.ai_agent_s == pytest.approx(2.5, abs=0.1)
        assert used.translation_s == 0.0


@virtual_time
async def test_what_is_said_when_the_call_ends_is_written_as_far_as_it_was_heard() -> None:
    engines = FakeEngines("tell me")
    engines.speech_s = 1.0
    async with Running(plant(engines, language_model=FakeModel(LONG))) as worker:
        session = call(worker)
        client = await worker.client(session, "customer")
        await client.say(0.5, Role.CUSTOMER)
        await silence(client, 0.7)
        client.text(b'{"type":"session.end"}')
        await asyncio.sleep(2)
        assert worker.plant.stored(session).status is Status.ENDED
        speaker, text = turns(worker.plant, session)[-1]
        assert speaker == "agent" and text.startswith("The first part") and "third" not in text


TOOL = {"name": "look_up", "parameters": {"type": "object", "required": ["order"]}, "timeout_seconds": 5}


@virtual_time
async def test_a_tool_call_is_told_stored_and_answered_on_the_stream() -> None:
    model = FakeModel(["One moment.", ToolRequest("r1", "look_up", {"order": 7})], "It was sent.")
    async with Running(plant(FakeEngines("where is my order"), language_model=model)) as worker:
        session = call(worker, tools=[TOOL])
        client = await worker.client(session, "customer")
        await client.say(1.0, Role.CUSTOMER)
        (asked,) = client.of("tool.call")
        assert (asked["name"], asked["arguments"]) == ("look_up", {"order": 7})
        told = [event for event in worker.plant.sessions.events if event.type == "agent.tool_call"]
        assert [event.data["id"] for event in told] == [asked["call_id"]]
        for result in ("sent", "lost"):
            client.text(json.dumps({"type": "tool.result", "call_id": asked["call_id"], "result": result}).encode())
            await asyncio.sleep(0.1)
        await quiet(client, 2)
        assert client.errors() == ["tool_call_closed"]
        assert model.prompts[1].messages[-1].text == '"sent"'
        assert turns(worker.plant, session)[-1] == ("agent", "One moment. It was sent.")


@virtual_time
async def test_a_tool_call_is_answered_through_the_control_plane() -> None:
    model = FakeModel([ToolRequest("r1", "look_up", {"order": 7})], "It was sent.")
    async with Running(plant(FakeEngines("where is my order"), language_model=model)) as worker:
        session = call(worker, tools=[TOOL])
        client = await worker.client(session, "customer")
        await client.say(1.0, Role.CUSTOMER)
        call_id = client.of("tool.call")[0]["call_id"]
        worker.plant.equipment.tool_calls.answer(session.tenant, session.id, call_id, "no such order", failed=True)
        worker.calls.command({"type": "tool_result", "session_id": session.id, "call_id": call_id})
        await quiet(client, 2)
        tool = model.prompts[1].messages[-1]
        assert (tool.text, tool.failed) == ('{"error": "no such order"}', True)


@virtual_time
async def test_a_tool_that_does_not_answer_is_given_up_in_the_stated_time() -> None:
    model = FakeModel([ToolRequest("r1", "look_up", {"order": 7})], "Nobody could tell me.")
    async with Running(plant(FakeEngines("where is my order"), language_model=model)) as worker:
        session = call(worker, tools=[TOOL])
        client = await worker.client(session, "customer")
        await client.say(1.0, Role.CUSTOMER)
        await quiet(client, 7)
        call_id = client.of("tool.call")[0]["call_id"]
        stored = worker.plant.equipment.tool_calls.find(session.tenant, session.id, call_id)
        assert stored.status == "timed_out"
        assert turns(worker.plant, session)[-1] == ("agent", "Nobody could tell me.")


@virtual_time
async def test_what_a_tool_did_is_known_although_the_caller_interrupted() -> None:
    model = FakeModel(["One moment.", ToolRequest("r1", "look_up", {"order": 7})], "Yes?", "It was sent.")
    engines = FakeEngines("where is my order", "hello are you there", "and my order")
    async with Running(plant(engines, language_model=model)) as worker:
        session = call(worker, tools=[TOOL])
        client = await worker.client(session, "customer")
        await client.say(1.0, Role.CUSTOMER)
        call_id = client.of("tool.call")[0]["call_id"]
        await client.say(1.0, Role.CUSTOMER)
        assert [message.text for message in model.prompts[1].messages if message.answers] == ['{"status": "running"}']
        client.text(json.dumps({"type": "tool.result", "call_id": call_id, "result": "sent"}).encode())
        await quiet(client, 1)
        await client.say(1.0, Role.CUSTOMER)
        assert [message.text for message in model.prompts[2].messages if message.answers] == ['"sent"']
        assert len(client.of("tool.call")) == 1


@virtual_time
async def test_a_human_takes_over_and_the_call_is_translated() -> None:
    model = FakeModel([ToolRequest("r1", "transfer_to_human", {})])
    engines = FakeEngines("una persona por favor", "good morning")
    async with Running(plant(engines, language_model=model)) as worker:
        session = call(worker, source="es", target="en", transfer={"enabled": True})
        client = await worker.client(session, "customer")
        await client.say(1.0, Role.CUSTOMER)
        await quiet(client, 2)
        assert len(client.of("agent.left")) == 1
        assert worker.plant.stored(session).agent_left_at is not None
        assert worker.plant.sessions.events[-1].type == "agent.transferred"
        human = await worker.client(session, "agent")
        await human.say(1.0, Role.AGENT)
        assert client.of("transcript.final")[-1]["text"] == "good morning"
        assert engines.spoken[-1].text == "[es] good morning"
        await quiet(client, 15)
        used = worker.plant.stored(session).usage
        assert used.ai_agent_s < 3 < used.translation_s
        assert len(model.prompts) == 1


@virtual_time
async def test_a_call_that_was_handed_over_stays_so_with_another_worker() -> None:
    first = plant(FakeEngines(), language_model=FakeModel())
    async with Running(first) as worker:
        session = call(worker, transfer={"enabled": True})
        first.sessions.commit(Commit(replace(first.stored(session), agent_left_at=first.clock.now()), 1, None))
        client = await worker.client(session, "customer")
        await client.say(1.0, Role.CUSTOMER)
        assert [speaker for speaker, _ in turns(first, session)] == ["customer"]


@virtual_time
async def test_an_agent_goes_on_with_another_worker_and_remembers() -> None:
    first = plant(FakeEngines("my name is Ada"), language_model=FakeModel("Hello Ada."))
    async with Running(first) as worker:
        session = call(worker, greeting="Hello.")
        client = await worker.client(session, "customer")
        await quiet(client, 1)
        await client.say(1.0, Role.CUSTOMER)
        await quiet(client, 1)
        await worker.calls.hand_over()
    model = FakeModel("You are Ada.")
    engines = FakeEngines("what is my name")
    first.workers.forget("worker_1")
    second = plant(engines, worker_id="worker_2", sessions=first.sessions, workers=first.workers, language_model=model)
    async with Running(second) as worker:
        client = await worker.client(session, "customer")
        await client.say(1.0, Role.CUSTOMER)
        await quiet(client, 1)
        said = [message.text for message in model.prompts[0].messages]
        assert said == ["Hello.", "my name is Ada", "Hello Ada.", "what is my name"]
        assert engines.spoken[0].text == "You are Ada."
