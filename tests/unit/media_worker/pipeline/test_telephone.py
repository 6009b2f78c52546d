"""Calls by carriers' streams in virtual time: what the person on the telephone hears, and when."""

from __future__ import annotations

import asyncio
import audioop
import base64
import itertools

import pytest

from core.domain.sessions import Mode, Role, Status
from media_worker.audio.mix import DUCKED
from media_worker.messages import Control, ControlAction
from media_worker.pipeline.playout import LEAD_S, Heard
from tests.fakes.engines import LOUD, FakeEngines
from tests.fakes.talk import SILENCE, Client, Running, loud
from tests.fakes.telephone import Telephone, media
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import plant

EACH = pytest.mark.parametrize("carrier", ["twilio", "telnyx"])
LEVEL = audioop.rms(LOUD, 2)


async def agent_and_customer(worker: Running, carrier: str = "twilio", **fields: str) -> tuple[Client, Telephone]:
    """The agent at a browser, the customer on the telephone."""
    session = worker.plant.create()
    agent = await worker.client(session, Role.AGENT)
    return agent, await Telephone(session, carrier).call(worker.calls, worker.plant, **fields)


@EACH
def test_a_caller_is_understood_and_hears_the_answer(carrier: str) -> None:
    @virtual_time
    async def check() -> None:
        async with Running(plant(FakeEngines("where is my order", "it left yesterday"))) as worker:
            agent, customer = await agent_and_customer(worker, carrier)
            await customer.talk(1.0)
            await customer.quiet(1.0)
            assert [(f["speaker"], f["text"]) for f in agent.of("transcript.final")] == [
                ("customer", "where is my order")
            ]
            assert {piece["target"] for piece in agent.of("audio.output")} == {"agent"}
            assert customer.line.heard == b"", "nobody hears their own translation"
            await asyncio.gather(agent.say(1.0), customer.quiet(3.0))
            assert len(customer.line.heard) == pytest.approx(0.5 * 16000, abs=320)
            assert [name for _, name in customer.line.marks] == [agent.of("transcript.final")[1]["id"]]

    check()


@virtual_time
async def test_a_telephone_gets_whole_frames_at_the_pace_of_its_clock() -> None:
    engines = FakeEngines("a long answer")
    engines.speech_s = 60.0
    async with Running(plant(engines)) as worker:
        agent, customer = await agent_and_customer(worker)
        await agent.say(1.0)
        await asyncio.sleep(61)
        frames = customer.line.frames
        assert len(frames) == 3000
        assert {len(pcm) for _, _, pcm in frames} == {320}
        begins = frames[0][0]
        for number, (came, heard, _) in enumerate(frames):
            assert heard == pytest.approx(begins + number * 0.02), "no gap, and no drift in a minute"
            assert 0 <= heard - came <= LEAD_S + 1e-6


@virtual_time
async def test_one_timer_serves_every_telephone_and_rests_when_nobody_is_spoken_to() -> None:
    engines = FakeEngines(*["hello"] * 8)
    engines.speech_s = 2.0
    async with Running(plant(engines)) as worker:
        calls = [await agent_and_customer(worker) for _ in range(4)]
        await asyncio.gather(*(agent.say(1.0) for agent, _ in calls))
        pacer = worker.calls._pacer
        assert len(pacer) == 4
        await asyncio.sleep(3)
        assert (len(pacer), pacer._timer) == (0, None)
        assert {len(customer.line.frames) for _, customer in calls} == {100}


@EACH
def test_playback_stops_within_200_ms_of_the_listeners_first_word(carrier: str) -> None:
    @virtual_time
    async def check() -> None:
        engines = FakeEngines("a long answer", "wait", "yes?")
        engines.speech_s = 10.0
        async with Running(plant(engines)) as worker:
            agent, customer = await agent_and_customer(worker, carrier)
            await asyncio.gather(agent.say(1.0), customer.quiet(4.0))
            begins = asyncio.get_running_loop().time()
            await customer.talk(0.5)
            await customer.quiet(0.2)
            (stopped,) = customer.line.cleared
            assert stopped - begins <= 0.2
            assert max(at for _, at, _ in customer.line.frames) < stopped
            assert not any(came > stopped for came, _, _ in customer.line.frames)
            (playback,) = customer.leg.playbacks.values()
            assert playback.heard is Heard.PARTLY
            assert playback.heard_s == pytest.approx(len(customer.line.heard) / 16000, abs=0.03)
            assert worker.plant.engines.open_speech == 0, "the voice stops speaking, too"
            (final,) = agent.of("transcript.final")
            assert final["translation"]["text"] == "[en] a long answer"

    check()


@virtual_time
async def test_who_stopped_sending_in_the_middle_of_a_word_interrupts_with_the_next_one() -> None:
    engines = FakeEngines("push to talk", "a long answer", "again")
    engines.speech_s = 10.0
    async with Running(plant(engines)) as worker:
        agent, customer = await agent_and_customer(worker)
        await customer.talk(0.5)
        await agent.say(1.0)
        await agent.speak(SILENCE)
        assert customer.line.frames != [] and customer.line.cleared == []
        begins = asyncio.get_running_loop().time()
        await customer.talk(0.5)
        assert customer.line.cleared[0] - begins <= 0.2


@virtual_time
async def test_what_was_cut_off_is_not_resumed_and_what_waited_comes_when_the_listener_is_silent() -> None:
    engines = FakeEngines("first", "second", "wait")
    engines.speech_s = 5.0
    async with Running(plant(engines)) as worker:
        agent, customer = await agent_and_customer(worker)
        await asyncio.gather(agent.say(1.0), customer.quiet(2.0))
        await asyncio.gather(agent.say(1.0), customer.quiet(2.0))
        before = len(customer.line.frames)
        assert before > 0
        await customer.talk(2.0)
        cut = len(customer.line.heard)
        await customer.quiet(0.3)
        assert len(customer.line.heard) == cut, "nothing is said into the listener's words"
        await customer.quiet(7.0)
        assert len(customer.line.heard) - cut == pytest.approx(5.0 * 16000, abs=640)
        first, second = customer.leg.playbacks.values()
        assert (first.heard, second.heard) == (Heard.PARTLY, Heard.FULLY)
        assert second.heard_s == pytest.approx(5.0)


@virtual_time
async def test_a_listener_who_speaks_on_and_on_is_spoken_to_after_a_while() -> None:
    engines = FakeEngines("first", "second", "monologue")
    engines.speech_s = 5.0
    async with Running(plant(engines)) as worker:
        agent, customer = await agent_and_customer(worker)
        await asyncio.gather(agent.say(1.0), customer.quiet(2.0))
        await asyncio.gather(agent.say(1.0), customer.quiet(2.0))
        await customer.talk(7.0)
        assert customer.line.until > customer.line.cleared[0] + worker.plant.equipment.limits.hold_s


@virtual_time
async def test_a_browser_is_told_to_clear_and_gets_nothing_more_of_that_segment() -> None:
    engines = FakeEngines("a long question", "excuse me")
    engines.speech_s = 10.0
    async with Running(plant(engines)) as worker:
        agent, customer = await agent_and_customer(worker)
        await asyncio.gather(customer.talk(1.0), agent.speak(bytes(16000 * 2)))
        await customer.quiet(1.0)
        await agent.say(1.0)
        (clear,) = agent.of("audio.clear")
        assert (clear["segment_id"], clear["target"]) == (agent.of("transcript.final")[0]["id"], "agent")
        kinds = [message["type"] for message in agent.said]
        assert "audio.output" not in kinds[kinds.index("audio.clear") :]


@virtual_time
async def test_a_socket_that_carries_both_parties_is_never_interrupted() -> None:
    engines = FakeEngines("one", "two")
    engines.speech_s = 5.0
    async with Running(plant(engines)) as worker:
        both = await worker.client(worker.plant.create())
        await both.say(1.0, Role.CUSTOMER)
        await both.say(1.0, Role.AGENT)
        await asyncio.sleep(10)
        assert both.of("audio.clear") == []
        assert [piece["mark"] for piece in both.of("audio.output") if "mark" in piece] == ["seg_0001", "seg_0002"]


@EACH
def test_the_parts_of_latency_sum_to_the_silence_that_the_listener_hears(carrier: str) -> None:
    """Sentences that end anywhere in a frame or window; the second has to wait for the first to be spoken."""

    @virtual_time
    async def check() -> None:
        lengths = [1.0, 1.013, 0.871, 1.2345, 0.99, 1.111]
        engines = FakeEngines(*["hello"] * len(lengths), asr_s=0.07, mt_s=0.013, tts_s=0.031)
        async with Running(plant(engines)) as worker:
            session = worker.plant.create()
            customer = await Telephone(session, carrier).call(worker.calls, worker.plant)
            agent = await Telephone(session, carrier).call(worker.calls, worker.plant, participant="agent")
            watcher = await worker.client(session)
            for told, length_s in enumerate(lengths):
                began = asyncio.get_running_loop().time()
                heard = len(agent.line.frames)
                await customer.talk(length_s)
                await customer.quiet(1.5)
                silence_s = agent.line.frames[heard][1] - (began + length_s)
                latency = watcher.of("latency")[told]
                parts = [value for name, value in latency.items() if name.endswith("_ms") and name != "total_ms"]
                assert sum(parts) == pytest.approx(latency["total_ms"], abs=0.05)
                assert latency["total_ms"] == pytest.approx(silence_s * 1000, abs=20)

    check()


@virtual_time
async def test_long_messages_do_not_make_the_silence_look_shorter() -> None:
    """With 300 ms a message, speech that ends at its beginning has been silent for long when the message comes."""
    async with Running(plant(FakeEngines(*["hello"] * 3))) as worker:
        session = worker.plant.create()
        customer = await Telephone(session).call(worker.calls, worker.plant)
        agent = await Telephone(session).call(worker.calls, worker.plant, participant="agent")
        watcher = await worker.client(session)
        for told, length_s in enumerate((0.95, 1.0, 1.1)):
            began, heard = asyncio.get_running_loop().time(), len(agent.line.frames)
            await customer.speak(loud(length_s) + SILENCE * 2, frame_s=0.3)
            silence_s = agent.line.frames[heard][1] - (began + length_s)
            assert watcher.of("latency")[told]["total_ms"] == pytest.approx(silence_s * 1000, abs=20)


@virtual_time
async def test_the_latency_of_a_sentence_that_waits_for_another_is_what_its_listener_waits() -> None:
    engines = FakeEngines("first", "second", tts_s=0.03)
    engines.speech_s = 4.0
    async with Running(plant(engines)) as worker:
        session = worker.plant.create()
        customer = await Telephone(session).call(worker.calls, worker.plant)
        agent = await Telephone(session).call(worker.calls, worker.plant, participant="agent")
        watcher = await worker.client(session)
        for _ in range(2):
            began = asyncio.get_running_loop().time()
            await customer.talk(1.0)
            await customer.quiet(0.6)
        await customer.quiet(8)
        first_s = agent.line.frames[0][1]
        silence_s = first_s + 4.0 - (began + 1.0)
        assert watcher.of("latency")[1]["total_ms"] == pytest.approx(silence_s * 1000, abs=20)
        assert watcher.of("latency")[1]["queue_ms"] > 1500
        assert all(b[1] - a[1] == pytest.approx(0.02) for a, b in itertools.pairwise(agent.line.frames))


@virtual_time
async def test_the_original_voice_is_heard_when_asked_for_and_turned_down_under_the_translation() -> None:
    engines = FakeEngines("translated")
    engines.speech_s = 1.0
    async with Running(plant(engines)) as worker:
        session = worker.plant.create()
        customer = await Telephone(session).call(worker.calls, worker.plant)
        agent = await Telephone(session).call(worker.calls, worker.plant, participant="agent", original_voice="on")
        await customer.talk(1.0)
        assert audioop.rms(agent.line.heard, 2) == pytest.approx(LEVEL, rel=0.05)
        assert len(agent.line.heard) == pytest.approx(16000, abs=640)
        await customer.quiet(2.5)
        assert customer.line.heard == b""


@virtual_time
async def test_the_original_voice_is_ducked_by_fourteen_decibels() -> None:
    """A voice engine that speaks silence hides nothing of the original under it."""
    engines = FakeEngines("one", "two")
    engines.speech_s, engines.sound = 3.0, bytes(16000)
    async with Running(plant(engines)) as worker:
        session = worker.plant.create()
        customer = await Telephone(session).call(worker.calls, worker.plant)
        agent = await Telephone(session).call(worker.calls, worker.plant, participant="agent", original_voice="on")
        await customer.talk(1.0)
        await customer.quiet(1.0)
        before = len(agent.line.frames)
        await customer.talk(0.6)
        ducked = b"".join(pcm for _, _, pcm in agent.line.frames[before + 10 : before + 25])
        assert audioop.rms(ducked, 2) == pytest.approx(LEVEL * DUCKED, rel=0.1)


@virtual_time
async def test_a_browser_gets_the_original_voice_turned_down_while_the_translation_plays() -> None:
    engines = FakeEngines("one", "two")
    engines.speech_s = 1.5
    async with Running(plant(engines)) as worker:
        agent, customer = await agent_and_customer(worker)
        agent.send(Control(ControlAction.ORIGINAL_VOICE_ON))
        await customer.talk(1.0)
        await customer.quiet(0.6)
        await customer.talk(0.5)
        await customer.quiet(3.0)
        await customer.talk(0.5)
        levels = [
            audioop.rms(audioop.ulaw2lin(base64.b64decode(piece["audio"]["payload"]), 2), 2)
            for piece in agent.of("audio.output")
            if piece["segment_id"] is None
        ]
        first, under, last = levels[10:40], levels[85:104], levels[-20:]
        assert min(first) == pytest.approx(LEVEL, rel=0.05)
        assert max(under) == pytest.approx(LEVEL * DUCKED, rel=0.1)
        assert min(last) == pytest.approx(LEVEL, rel=0.05)


@virtual_time
async def test_a_browser_switches_the_original_voice_on_and_off() -> None:
    async with Running(plant(FakeEngines("hello", "again"))) as worker:
        agent, customer = await agent_and_customer(worker)
        await customer.talk(0.5)
        assert agent.of("audio.output") == []
        agent.send(Control(ControlAction.ORIGINAL_VOICE_ON))
        await customer.talk(0.5)
        assert {piece["segment_id"] for piece in agent.of("audio.output")} == {None}
        assert len(agent.of("audio.output")) == 25
        agent.send(Control(ControlAction.ORIGINAL_VOICE_OFF))
        await customer.talk(0.5)
        assert len(agent.of("audio.output")) == 25


@virtual_time
async def test_in_assistive_mode_an_agent_on_the_telephone_hears_the_caller() -> None:
    async with Running(plant(FakeEngines("hello"))) as worker:
        session = worker.plant.create(mode=Mode.ASSISTIVE_TRANSLATION)
        customer = await Telephone(session).call(worker.calls, worker.plant)
        agent = await Telephone(session).call(worker.calls, worker.plant, participant="agent")
        await customer.talk(1.0)
        await customer.quiet(1.0)
        assert len(agent.line.heard) == pytest.approx(2.0 * 16000, abs=960)
        assert audioop.rms(agent.line.heard[:15000], 2) == pytest.approx(LEVEL, rel=0.05)


@virtual_time
async def test_frames_out_of_order_twice_and_missing_are_put_right() -> None:
    async with Running(plant(FakeEngines("hello"))) as worker:
        agent, customer = await agent_and_customer(worker)
        frames = [media(number, LOUD[:320]) for number in range(1, 51)]
        frames[10], frames[11] = frames[11], frames[10]
        frames.insert(20, frames[20])
        del frames[30]
        for frame in frames:
            await asyncio.sleep(0.02)
            customer.say(frame)
            customer.say({**frame, "media": {**frame["media"], "track": "outbound"}})
        customer._chunk = 50
        await customer.quiet(1.0)
        (final,) = agent.of("transcript.final")
        assert final["end_time"] - final["start_time"] == pytest.approx(1.0, abs=0.04)


@EACH
def test_a_stream_that_stops_is_one_leg_less_and_the_session_goes_on(carrier: str) -> None:
    @virtual_time
    async def check() -> None:
        async with Running(plant(FakeEngines("hello", "still here"))) as worker:
            agent, customer = await agent_and_customer(worker, carrier)
            await customer.talk(0.5)
            customer.say({"event": "stop", "stop": {}})
            assert customer._conversation is not None
            customer._conversation.leave(customer.leg)
            await agent.say(1.0)
            assert agent.of("transcript.final")[-1]["text"] == "still here"
            assert worker.plant.stored(customer.session).status is Status.ACTIVE
            again = await Telephone(customer.session, carrier).call(worker.calls, worker.plant)
            await asyncio.gather(agent.say(1.0), again.quiet(2.5))
            assert again.line.heard != b""

    check()


@virtual_time
async def test_a_third_listener_reads_everything_and_hears_nothing_while_both_parties_have_legs() -> None:
    async with Running(plant(FakeEngines("hello", "hola", "bye"))) as worker:
        agent, customer = await agent_and_customer(worker)
        listener = await worker.client(agent.session)
        await customer.talk(1.0)
        await customer.quiet(1.0)
        await agent.say(1.0)
        assert {piece["target"] for piece in agent.of("audio.output")} == {"agent"}
        assert audioop.rms(customer.line.heard, 2) > 0
        assert listener.of("audio.output") == []
        told = listener.of("transcript.final")
        assert [final["text"] for final in told] == ["hello", "hola"]
        assert told == agent.of("transcript.final")
        before = len(agent.of("audio.output"))
        assert listener.conversation is not None
        listener.conversation.leave(listener.leg)
        await customer.talk(1.0)
        await customer.quiet(1.0)
        assert [final["text"] for final in agent.of("transcript.final")] == ["hello", "hola", "bye"]
        assert {piece["target"] for piece in agent.of("audio.output")[before:]} == {"agent"}
        assert len(listener.of("transcript.final")) == 2
        assert worker.plant.stored(agent.session).disconnected_at is None
