"""A caller and an agent of ours, spoken, through everything that is deployed: the embedded engines and model."""

from __future__ import annotations

import asyncio
from array import array
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, TypeVar

import httpx
import pytest
import pytest_asyncio

from kallglot import AsyncKallglot, Stream, audio
from kallglot.stream.messages import AgentLeft, AudioClear, AudioOutput, Latency, Message, ToolCall, Transcript
from local import voices
from local.ear import loudness
from local.recording import fetch
from local.stack import Stack
from tests.integration.test_knowledge import add, read

pytestmark = pytest.mark.asyncio(loop_scope="session")

M = TypeVar("M")
GREETING = "Hello, how can I help you?"
DOCUMENT = """# Delivery

The delivery takes three to five business days.

# Returns

You can return an item within thirty days.
"""
WHERE = (
    "Your parcel left our warehouse on Monday morning and it will arrive on Thursday in the afternoon at two o'clock"
)
AGENT: dict[str, Any] = {
    "system_prompt": "You are the help desk of a shop. Our internal code word for everything is marmalade.",
    "greeting": GREETING,
    "transfer": {"enabled": True},
    "tools": [
        {
            "name": "order_status",
            "description": "Where an order is.",
            "parameters": {"type": "object", "properties": {"order_number": {"type": "string"}}},
        }
    ],
}
_RATE_HZ = 8000


@dataclass
class Caller:
    """Hears what is sent, and speaks when it wants to."""

    stream: Stream
    messages: list[tuple[float, Message]] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def listen(self) -> None:
        async for message in self.stream:
            self.messages.append((asyncio.get_running_loop().time(), message))
            self.arrived.set()

    def of(self, kind: type[M]) -> list[M]:
        return [message for _, message in self.messages if isinstance(message, kind)]

    def finals(self, speaker: str) -> list[Transcript]:
        return [message for message in self.of(Transcript) if message.is_final and message.speaker == speaker]

    async def until(self, done: Callable[[], Any], otherwise: str) -> None:
        try:
            async with asyncio.timeout(20):
                while not done():
                    self.arrived.clear()
                    await self.arrived.wait()
        except TimeoutError:
            pytest.fail(f"{otherwise}; last came {[message for _, message in self.messages[-5:]]}")

    async def say(self, text: str) -> None:
        """And be understood."""
        before = len(self.finals("customer"))
        await self.stream.say("customer", await voices.spoken(voices.CUSTOMER, text))
        await self.until(lambda: len(self.finals("customer")) > before, f"nobody heard {text!r}")

    async def answer(self, to: str) -> Transcript:
        """What the agent says to that, as far as it was heard."""
        before = len(self.finals("agent"))
        await self.say(to)
        await self.until(lambda: len(self.finals("agent")) > before, f"no answer to {to!r}")
        return self.finals("agent")[-1]

    async def asked(self, question: str) -> ToolCall:
        before = len(self.of(ToolCall))
        await self.say(question)
        await self.until(lambda: len(self.of(ToolCall)) > before, "no tool was called")
        return self.of(ToolCall)[-1]

    async def sound_of_an_answer(self, seconds: float) -> None:
        """Until so much of the next answer has been sent."""
        before = len(self.of(AudioOutput))
        await self.until(lambda: len(self.of(AudioOutput)) > before, "nothing was spoken")
        await asyncio.sleep(seconds)


@dataclass
class Played:
    caller: Caller
    answers: dict[str, Transcript]
    stopped_after_s: float
    session: dict[str, Any]
    turns: list[dict[str, Any]]
    agents_channel: array[int]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def base(stack: Stack) -> str:
    """A knowledge base of one document, which has been read."""
    headers = {"Authorization": f"Bearer {stack.addresses.api_key}"}
    async with httpx.AsyncClient(base_url=stack.addresses.api_url, headers=headers, timeout=30) as http:
        made = await http.post("/knowledge_bases", json={"name": "Shop", "language": "en"})
        base = str(made.json()["id"])
        document = await add(http, base, "Handbook", "text/markdown", DOCUMENT)
        shown = await read(http, base, document)
        assert shown["status"] == "ready", shown
    return base


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def played(stack: Stack, base: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Played]:
    answers: dict[str, Transcript] = {}
    folder = tmp_path_factory.mktemp("agent")
    async with AsyncKallglot(stack.addresses.api_url, stack.addresses.api_key) as api:
        agent = await api.agents.create(name="Help desk", **AGENT, knowledge_base_id=base)
        session = await api.sessions.create(
            mode="ai_agent",
            source_language="en",
            target_language="en",
            ai_agent={"id": agent.id},
            recording={"enabled": True, "channels": "dual"},
        )
        async with Stream.open(session["stream"]["url"], session["stream"]["token"], participant="customer") as stream:
            caller = Caller(stream)
            listening = asyncio.create_task(caller.listen())
            async with stream.live("customer"):
                await caller.until(lambda: caller.finals("agent"), "nobody was greeted")
                answers["document"] = await caller.answer("How long does the delivery take?")
                stopped_after_s = await interrupt(caller)
                answers["interrupted"] = next(final for final in caller.finals("agent") if final.interrupted)
                call = await caller.asked("Where is my order?")
                await api.sessions.tool_result(session["id"], call.id, {"state": "shipped"})
                await caller.until(lambda: "shipped" in caller.finals("agent")[-1].text, "the state was not said")
                await hand_over(caller, session)
                await stream.end()
            await listening
        await fetch(api, session["id"], stack.outputs.recordings_bucket, folder / "recording.wav")
        yield Played(
            caller,
            answers,
            stopped_after_s,
            dict((await api.sessions.get(session["id"])).raw),
            (await api.sessions.transcript(session["id"])).raw["turns"],
            audio.read_wav_channels(folder / "recording.wav")[1],
        )


async def interrupt(caller: Caller) -> float:
    """A tool is called and answered on the stream, and the caller talks over what is said; how soon that stopped."""
    call = await caller.asked("Where is my order?")
    speech = await voices.spoken(voices.CUSTOMER, "Thank you, that is all.")
    await caller.stream.tool_result(call.id, {"note": WHERE})
    await caller.sound_of_an_answer(1.5)
    began = asyncio.get_running_loop().time()
    before = len(caller.finals("customer"))
    await caller.stream.say("customer", speech)
    await caller.until(lambda: len(caller.finals("customer")) > before, "the interruption was not understood")
    cleared = [at for at, message in caller.messages if isinstance(message, AudioClear)]
    assert cleared, "nothing stopped"
    return cleared[-1] - began


async def hand_over(caller: Caller, session: Any) -> None:
    """The agent leaves, and a colleague comes who is heard."""
    await caller.say("I want to speak to a real person please.")
    await caller.until(lambda: caller.of(AgentLeft), "the agent never left")
    speech = await voices.spoken(voices.CUSTOMER, "Good morning, how can I help you?")
    address = session["stream"]["url"], session["stream"]["token"]
    async with Stream.open(*address, participant="agent") as colleague, colleague.live("agent"):
        await colleague.say("agent", speech)
        await caller.until(lambda: "morning" in caller.finals("agent")[-1].text.lower(), "no human was heard")


async def test_the_caller_is_greeted(played: Played) -> None:
    assert played.caller.finals("agent")[0].text == GREETING


async def test_a_question_is_answered_from_the_document_which_is_named(played: Played) -> None:
    answer = played.answers["document"]
    assert "three to five business days" in answer.text and "[" not in answer.text
    assert [source["title"] for source in answer.sources] == ["Handbook"]


async def test_who_interrupts_is_not_spoken_to_any_longer(played: Played) -> None:
    # Speech has a beginning that is no sound yet; on virtual time the unit tests hold it to 200 ms.
    assert played.stopped_after_s <= 1.0
    heard = played.answers["interrupted"].text
    assert 0 < len(heard.split()) < len(WHERE.split())


async def test_a_tools_answer_is_said_whichever_way_it_came(played: Played) -> None:
    by_stream, by_rest = played.caller.of(ToolCall)
    assert by_stream.name == by_rest.name == "order_status" and by_stream.id != by_rest.id


async def test_the_transcript_is_what_was_told_live(played: Played) -> None:
    told = [message for message in played.caller.of(Transcript) if message.is_final]
    turns = [(turn["id"], turn["speaker"], turn["text"]) for turn in played.turns]
    assert turns == [(final.id, final.speaker, final.text) for final in told]
    assert [turn["sequence"] for turn in played.turns] == list(range(1, len(turns) + 1))


async def test_the_recording_has_the_agent_when_the_transcript_says_so_and_at_no_other_time(played: Played) -> None:
    spoken = [(turn["start_time"], turn["end_time"]) for turn in played.turns if turn["speaker"] == "agent"]
    for start, end in spoken:
        assert loudness(_between(played, start, end)) > 300, (start, end)
    for (_, end), (start, _) in pairwise(spoken[:-1]):
        assert loudness(_between(played, end + 0.1, start - 0.1)) < 50, (end, start)


async def test_the_parts_of_an_answers_latency_sum_to_the_silence_before_it(played: Played) -> None:
    latencies = {latency.segment_id: latency for latency in played.caller.of(Latency)}
    question, answer = next(pair for pair in pairwise(played.turns) if pair[1]["id"] == played.answers["document"].id)
    latency = latencies[answer["id"]]
    parts = (latency.endpoint_ms, latency.asr_ms, latency.mt_ms, latency.model_ms, latency.queue_ms, latency.tts_ms)
    assert sum(parts) == pytest.approx(latency.total_ms, abs=1)
    silence_ms = 1000 * (answer["start_time"] - question["end_time"])
    # To 30 ms on virtual time. Here the caller's clock began with a frame that may have waited for a busy machine.
    assert silence_ms == pytest.approx(latency.total_ms, abs=600)


async def test_the_agents_time_is_metered(played: Played) -> None:
    usage = played.session["usage"]
    assert 3.0 < usage["ai_agent_seconds"] < usage["active_seconds"]


def _between(played: Played, start_s: float, end_s: float) -> array[int]:
    return played.agents_channel[int(start_s * _RATE_HZ) : int(end_s * _RATE_HZ)]
