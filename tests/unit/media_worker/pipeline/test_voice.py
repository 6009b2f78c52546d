from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import replace

import pytest

from core.domain.sessions import Role
from media_worker.engines.base import EngineError, SpeechRequest
from media_worker.messages import Clear, Lag, LagAction, Latency, Speech
from media_worker.pipeline.latency import Stopwatch
from media_worker.pipeline.party import Party
from media_worker.pipeline.sentence import Sentence
from media_worker.pipeline.unfolding import Clause
from media_worker.pipeline.utterance import Said
from media_worker.pipeline.voice import Voice
from tests.fakes.engines import FakeEngines
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import plant

CUSTOMER, AGENT = Party(Role.CUSTOMER, "en"), Party(Role.AGENT, "es")


class Room:
    """Listeners that note when they hear what."""

    def __init__(self, rate_hz: int | None = 8000) -> None:
        self.rate_hz = rate_hz
        self.heard: list[tuple[float, Speech]] = []
        self.latencies: list[Latency] = []
        self.complaints: list[tuple[str, str]] = []
        self.lags: list[Lag] = []
        self.stopped: list[tuple[float, str]] = []
        self.told_s: float | None = None

    def speech_rate_hz(self, target: Party) -> int | None:
        return self.rate_hz

    def play(self, target: Party, speech: Speech) -> None:
        self.heard.append((asyncio.get_running_loop().time(), speech))

    def measured(self, latency: Latency) -> None:
        self.latencies.append(latency)

    def stop(self, target: Party, clear: Clear) -> None:
        self.stopped.append((asyncio.get_running_loop().time(), clear.segment_id))

    def heard_s(self, target: Party, segment_id: str) -> float | None:
        return self.told_s

    def lagging(self, lag: Lag) -> None:
        self.lags.append(lag)

    def unspoken(self, sentence: Sentence, code: str) -> None:
        self.complaints.append((sentence.text, code))


def sentence(number: int) -> Sentence:
    now = asyncio.get_running_loop().time()
    said = Said(f"seg_{number}", CUSTOMER, "en", "x", 0.0, 1.0, 0.9, Stopwatch(now))
    return Sentence(said, f"sentence {number}", "es")


@virtual_time
async def test_speech_comes_in_pieces_of_whole_frames_and_the_last_is_marked() -> None:
    engines = FakeEngines()
    engines.speech_s = 0.25 + 0.003
    room = Room()
    voice = Voice(AGENT, plant(engines).equipment, room)
    voice.say(sentence(1))
    await asyncio.sleep(1)
    assert [len(speech.pcm) // 2 for _, speech in room.heard] == [800, 800, 480]
    assert [speech.mark for _, speech in room.heard] == [None, None, "seg_1"]
    assert [speech.sequence for _, speech in room.heard] == [1, 2, 3]
    await voice.close()


@virtual_time
async def test_at_most_a_second_of_speech_is_sent_ahead_of_its_time() -> None:
    engines = FakeEngines()
    engines.speech_s = 5.0
    room = Room()
    voice = Voice(AGENT, plant(engines).equipment, room)
    voice.say(sentence(1))
    voice.say(sentence(2))
    await asyncio.sleep(20)
    played_s = 0.0
    for at, speech in room.heard:
        assert played_s - at <= 1.0 + 1e-6
        played_s += len(speech.pcm) / 16000
    assert played_s == pytest.approx(10.0)
    assert room.heard[0][0] == 0.0
    await voice.close()


@virtual_time
async def test_sentences_are_spoken_in_order_and_the_waiting_is_measured() -> None:
    engines = FakeEngines(tts_s=0.02)
    engines.speech_s = 3.0
    room = Room()
    voice = Voice(AGENT, plant(engines).equipment, room)
    voice.say(sentence(1))
    voice.say(sentence(2))
    await asyncio.sleep(10)
    assert [speech.segment_id for _, speech in room.heard if speech.mark] == ["seg_1", "seg_2"]
    assert room.latencies[0].parts_ms["queue_ms"] == 0.0
    assert room.latencies[0].parts_ms["tts_ms"] == 20.0
    assert room.latencies[1].parts_ms["queue_ms"] == pytest.approx(3000, abs=25), "until the first is spoken to its end"
    await voice.close()


@virtual_time
async def test_when_too_much_waits_the_oldest_stays_unspoken_and_that_is_said() -> None:
    engines = FakeEngines()
    engines.speech_s = 60.0
    equipment = plant(engines).equipment
    room = Room()
    voice = Voice(AGENT, equipment, room)
    voice.say(sentence(0))
    await asyncio.sleep(1)
    for number in range(1, equipment.limits.waiting_sentences + 3):
        voice.say(sentence(number))
    assert room.complaints == [("sentence 1", "speech_skipped"), ("sentence 2", "speech_skipped")]
    assert [(lag.segment_id, lag.action) for lag in room.lags] == [
        ("seg_1", LagAction.SKIPPED),
        ("seg_2", LagAction.SKIPPED),
    ]
    await voice.close()


@virtual_time
async def test_closing_in_the_middle_of_a_sentence_stops_the_engine() -> None:
    engines = FakeEngines()
    engines.speech_s = 60.0
    room = Room()
    voice = Voice(AGENT, plant(engines).equipment, room)
    voice.say(sentence(1))
    await asyncio.sleep(1)
    assert engines.open_speech == 1
    await voice.close()
    assert engines.open_speech == 0


@virtual_time
async def test_nothing_is_spoken_when_nobody_listens() -> None:
    engines, room = FakeEngines(), Room(rate_hz=None)
    voice = Voice(AGENT, plant(engines).equipment, room)
    voice.say(sentence(1))
    await asyncio.sleep(1)
    assert engines.spoken == []
    assert len(room.latencies) == 1
    await voice.close()


@virtual_time
async def test_wideband_listeners_get_wideband_speech() -> None:
    engines, room = FakeEngines(), Room(rate_hz=16000)
    voice = Voice(AGENT, plant(engines).equipment, room)
    voice.say(sentence(1))
    await asyncio.sleep(1)
    assert engines.spoken[0].rate_hz == 16000
    assert len(room.heard[0][1].pcm) == 3200
    await voice.close()


@virtual_time
async def test_a_voice_that_fails_costs_one_sentence() -> None:
    room = Room()

    class Hoarse(FakeEngines):
        def speak(self, request: SpeechRequest) -> AsyncIterator[bytes]:
            if request.text == "sentence 1":
                raise EngineError("voice_failed")
            return super().speak(request)

    voice = Voice(AGENT, plant(Hoarse()).equipment, room)
    voice.say(sentence(1))
    voice.say(sentence(2))
    await asyncio.sleep(1)
    assert room.complaints == [("sentence 1", "speech_failed")]
    assert room.heard != []
    await voice.close()


@virtual_time
async def test_neighbours_that_wait_are_spoken_in_one_go() -> None:
    engines, room = FakeEngines(), Room()
    engines.speech_s = 4.0
    voice = Voice(AGENT, plant(engines).equipment, room)
    voice.say(sentence(1))
    await asyncio.sleep(0.5)
    voice.say(sentence(2))
    voice.say(sentence(3))
    await asyncio.sleep(10)
    assert [request.text for request in engines.spoken] == ["sentence 1", "sentence 2 sentence 3"]
    assert [speech.mark for _, speech in room.heard if speech.mark] == ["seg_1", "seg_2"]
    assert [(lag.segment_id, lag.action, lag.into) for lag in room.lags] == [("seg_3", LagAction.MERGED, "seg_2")]
    assert [latency.segment_id for latency in room.latencies] == ["seg_1", "seg_2", "seg_3"]
    await voice.close()


@virtual_time
async def test_who_waited_long_is_spoken_faster_but_never_more_than_a_quarter() -> None:
    engines, room = FakeEngines(), Room()
    engines.speech_s = 11.0
    voice = Voice(AGENT, plant(engines).equipment, room)
    voice.say(sentence(1))
    await asyncio.sleep(0.5)
    voice.say(sentence(2))
    await asyncio.sleep(30)
    (lag,) = room.lags
    assert (lag.segment_id, lag.action, lag.tempo) == ("seg_2", LagAction.FASTER, 1.25)
    assert lag.waited_ms == pytest.approx(9450, abs=60)
    samples = sum(len(speech.pcm) // 2 for _, speech in room.heard if speech.segment_id == "seg_2")
    assert samples / 8000 == pytest.approx(11.0 / 1.25, abs=0.05)
    await voice.close()


@virtual_time
async def test_what_waited_too_long_is_skipped_except_the_newest() -> None:
    engines, room = FakeEngines(), Room()
    engines.speech_s = 20.0
    voice = Voice(AGENT, plant(engines).equipment, room)
    voice.say(sentence(1))
    await asyncio.sleep(0.1)
    voice.say(sentence(2))
    voice.say(sentence(3))
    await asyncio.sleep(40)
    assert [request.text for request in engines.spoken] == ["sentence 1", "sentence 3"]
    assert room.complaints == [("sentence 2", "speech_skipped")]
    assert (room.lags[0].segment_id, room.lags[0].action) == ("seg_2", LagAction.SKIPPED)
    await voice.close()


@virtual_time
async def test_an_interruption_stops_the_engine_and_everything_that_is_at_the_listener() -> None:
    engines, room = FakeEngines(), Room()
    engines.speech_s = 1.5
    voice = Voice(AGENT, plant(engines).equipment, room)
    voice.say(sentence(1))
    voice.say(sentence(2))
    await asyncio.sleep(1.0)
    assert {speech.segment_id for _, speech in room.heard} == {"seg_1", "seg_2"}
    voice.interrupt()
    voice.interrupt()
    await asyncio.sleep(0)
    assert room.stopped == [(1.0, "seg_1"), (1.0, "seg_2")]
    assert engines.open_speech == 0
    heard = len(room.heard)
    await asyncio.sleep(10)
    assert len(room.heard) == heard
    await voice.close()


@virtual_time
async def test_after_an_interruption_the_next_sentence_waits_for_silence_or_five_seconds() -> None:
    for silent_after_s, begins_s in ((2.0, 2.0), (60.0, 5.0)):
        engines, room = FakeEngines(), Room()
        engines.speech_s = 3.0
        voice = Voice(AGENT, plant(engines).equipment, room)
        voice.say(sentence(1))
        await asyncio.sleep(0.5)
        interrupted = asyncio.get_running_loop().time()
        voice.interrupt()
        voice.say(sentence(2))
        asyncio.get_running_loop().call_later(silent_after_s, voice.go_on)
        await asyncio.sleep(8)
        second = [at for at, speech in room.heard if speech.segment_id == "seg_2"]
        assert second[0] - interrupted == pytest.approx(begins_s)
        await voice.close()


@virtual_time
async def test_speaking_when_nothing_is_played_interrupts_nothing() -> None:
    engines, room = FakeEngines(tts_s=1.0), Room()
    voice = Voice(AGENT, plant(engines).equipment, room)
    voice.interrupt()
    voice.say(sentence(1))
    await asyncio.sleep(0.5)
    voice.interrupt()
    await asyncio.sleep(5)
    voice.interrupt()
    assert (room.stopped, [speech.mark for _, speech in room.heard if speech.mark]) == ([], ["seg_1"])
    await voice.close()


class Story:
    """Clauses that come `every_s` seconds."""

    def __init__(self, clauses: int, every_s: float = 0.0) -> None:
        self.made = [Clause(f"clause {number}") for number in range(clauses)]
        self.every_s = every_s
        self.ends: list[tuple[float, float]] = []
        self.beginnings: list[float] = []

    async def clauses(self) -> AsyncGenerator[Clause, None]:
        for clause in self.made:
            await asyncio.sleep(self.every_s)
            yield clause

    def began(self) -> None:
        self.beginnings.append(asyncio.get_running_loop().time())

    def over(self, heard_s: float) -> None:
        self.ends.append((round(asyncio.get_running_loop().time(), 3), round(heard_s, 3)))


@virtual_time
async def test_what_unfolds_is_over_when_it_was_heard_to_its_end() -> None:
    room, story = Room(), Story(3, every_s=0.1)
    voice = Voice(CUSTOMER, plant(FakeEngines()).equipment, room, yields=True)
    voice.say(replace(sentence(1), unfolding=story))
    await asyncio.sleep(5)
    assert story.beginnings == [0.1]
    # With 20 ms of silence, which carry the mark.
    assert story.ends == [(1.62, 1.52)]
    assert [speech.mark for _, speech in room.heard if speech.mark] == ["seg_1"]
    assert [clause.length_s for clause in story.made] == [0.5, 0.5, 0.5]
    await voice.close()


@virtual_time
async def test_what_unfolds_says_how_much_was_heard_when_it_is_cut() -> None:
    room, story = Room(), Story(3)
    voice = Voice(CUSTOMER, plant(FakeEngines()).equipment, room, yields=True)
    voice.say(replace(sentence(1), unfolding=story))
    await asyncio.sleep(0.75)
    voice.interrupt()
    assert story.ends == [(0.75, 0.75)]
    await asyncio.sleep(5)
    assert len(story.ends) == 1 and room.stopped == [(0.75, "seg_1")]
    await voice.close()


@virtual_time
async def test_a_client_that_tells_what_was_heard_is_believed() -> None:
    room, story = Room(), Story(3)
    room.told_s = 0.4
    voice = Voice(CUSTOMER, plant(FakeEngines()).equipment, room, yields=True)
    voice.say(replace(sentence(1), unfolding=story))
    await asyncio.sleep(0.75)
    voice.cut()
    assert story.ends == [(0.75, 0.4)]
    await voice.close()


@virtual_time
async def test_one_that_yields_does_not_begin_while_its_listener_speaks() -> None:
    room, story = Room(), Story(1)
    voice = Voice(CUSTOMER, plant(FakeEngines()).equipment, room, yields=True)
    voice.interrupt()
    voice.say(replace(sentence(1), unfolding=story))
    await asyncio.sleep(3)
    assert room.heard == []
    voice.go_on()
    await asyncio.sleep(1)
    assert story.ends == [(3.52, 0.52)]
    await voice.close()


@virtual_time
async def test_what_unfolds_to_nobody_is_over_at_once() -> None:
    story = Story(2)
    voice = Voice(CUSTOMER, plant(FakeEngines()).equipment, Room(rate_hz=None))
    voice.say(replace(sentence(1), unfolding=story))
    await asyncio.sleep(1)
    assert story.ends == [(0.0, 0.0)]
    await voice.close()
