from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from core.domain.sessions import Role
from media_worker.engines.base import EngineError, SpeechRequest
from media_worker.messages import Clear, Lag, LagAction, Latency, Speech
from media_worker.pipeline.latency import Stopwatch
from media_worker.pipeline.utterance import Said
from media_worker.pipeline.voice import Sentence, Voice
from tests.fakes.engines import FakeEngines
from tests.fakes.virtual_time import virtual_time
from tests.fakes.worker import plant


class Room:
    """Listeners that note when they hear what."""

    def __init__(self, rate_hz: int | None = 8000) -> None:
        self.rate_hz = rate_hz
        self.heard: list[tuple[float, Speech]] = []
        self.latencies: list[Latency] = []
        self.complaints: list[tuple[str, str]] = []
        self.lags: list[Lag] = []
        self.stopped: list[tuple[float, str]] = []

    def speech_rate_hz(self, target: Role) -> int | None:
        return self.rate_hz

    def play(self, speech: Speech) -> None:
        self.heard.append((asyncio.get_running_loop().time(), speech))

    def measured(self, latency: Latency) -> None:
        self.latencies.append(latency)

    def stop(self, clear: Clear) -> None:
        self.stopped.append((asyncio.get_running_loop().time(), clear.segment_id))

    def lagging(self, lag: Lag) -> None:
        self.lags.append(lag)

    def unspoken(self, sentence: Sentence, code: str) -> None:
        self.complaints.append((sentence.text, code))


def sentence(number: int) -> Sentence:
    now = asyncio.get_running_loop().time()
    said = Said(f"seg_{number}", Role.CUSTOMER, "en", "x", 0.0, 1.0, 0.9, Stopwatch(now))
    return Sentence(said, f"sentence {number}", "es")


@virtual_time
async def test_speech_comes_in_pieces_of_whole_frames_and_the_last_is_marked() -> None:
    engines = FakeEngines()
    engines.speech_s = 0.25 + 0.003
    room = Room()
    voice = Voice(Role.AGENT, plant(engines).equipment, room)
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
    voice = Voice(Role.AGENT, plant(engines).equipment, room)
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
    voice = Voice(Role.AGENT, plant(engines).equipment, room)
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
    voice = Voice(Role.AGENT, equipment, room)
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
    voice = Voice(Role.AGENT, plant(engines).equipment, room)
    voice.say(sentence(1))
    await asyncio.sleep(1)
    assert engines.open_speech == 1
    await voice.close()
    assert engines.open_speech == 0


@virtual_time
async def test_nothing_is_spoken_when_nobody_listens() -> None:
    engines, room = FakeEngines(), Room(rate_hz=None)
    voice = Voice(Role.AGENT, plant(engines).equipment, room)
    voice.say(sentence(1))
    await asyncio.sleep(1)
    assert engines.spoken == []
    assert len(room.latencies) == 1
    await voice.close()


@virtual_time
async def test_wideband_listeners_get_wideband_speech() -> None:
    engines, room = FakeEngines(), Room(rate_hz=16000)
    voice = Voice(Role.AGENT, plant(engines).equipment, room)
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

    voice = Voice(Role.AGENT, plant(Hoarse()).equipment, room)
    voice.say(sentence(1))
    voice.say(sentence(2))
    await asyncio.sleep(1)
    assert room.complaints == [("sentence 1", "speech_failed")]
    assert room.heard != []
    await voice.close()
