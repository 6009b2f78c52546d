from __future__ import annotations

from array import array
from pathlib import Path

from kallglot import audio
from local.ear import Ear, is_speech, loudness

LOUD = audio.encode(array("h", [8000, -8000] * 400))
SILENT = b"\xff" * 800


class Clock:
    def __init__(self) -> None:
        self.now_s = 50.0

    def __call__(self) -> float:
        return self.now_s


def test_sound_is_placed_where_it_arrived(tmp_path: Path) -> None:
    clock = Clock()
    ear = Ear(now=clock)
    clock.now_s += 1.0
    ear.hear_mulaw("agent", LOUD)
    ear.write(tmp_path / "heard.wav")
    customer, agent = audio.read_wav_channels(tmp_path / "heard.wav")
    assert len(customer) == len(agent) == audio.RATE_HZ + len(LOUD)
    assert not any(customer)
    assert not any(agent[: audio.RATE_HZ])
    assert is_speech(agent[audio.RATE_HZ :])


def test_sound_that_comes_faster_than_it_plays_waits_its_turn() -> None:
    clock = Clock()
    ear = Ear(now=clock)
    ear.hear_mulaw("customer", LOUD)
    ear.hear_mulaw("customer", LOUD)
    assert ear.remaining_s("customer") == 2 * len(LOUD) / audio.RATE_HZ
    clock.now_s += 0.5
    assert ear.remaining_s("customer") == 2 * len(LOUD) / audio.RATE_HZ - 0.5


def test_silence_is_not_heard() -> None:
    ear = Ear(now=Clock())
    ear.hear_mulaw("agent", SILENT)
    assert not ear.has_heard("agent")
    assert not ear.has_heard("customer")
    ear.hear_mulaw("agent", LOUD)
    assert ear.has_heard("agent")


def test_long_silence_does_not_hide_a_word() -> None:
    samples = array("h", bytes(2 * 60 * audio.RATE_HZ)) + array("h", [5000] * audio.RATE_HZ)
    assert is_speech(samples)
    assert loudness(array("h")) == 0
