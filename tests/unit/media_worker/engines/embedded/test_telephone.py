import numpy as np
import pytest

from media_worker.engines.embedded.bandwidth import NARROW_HZ, WIDE_HZ, Signal
from media_worker.engines.embedded.telephone import Line, carry, from_pcm, in_a_quiet_room, to_pcm


def tone(hertz: int) -> Signal:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(WIDE_HZ) / WIDE_HZ)).astype(np.float32)


def level(signal: Signal) -> float:
    return float(np.sqrt(np.mean(signal[1000:-1000] ** 2)))


def test_a_line_halves_the_rate_and_keeps_the_speech() -> None:
    heard = carry(tone(1000))

    assert len(heard) == NARROW_HZ
    assert level(heard) == pytest.approx(level(tone(1000)), rel=0.02)


@pytest.mark.parametrize("hertz", [100, 3800])
def test_a_narrow_line_takes_what_is_outside_its_band(hertz: int) -> None:
    line = Line(band_hz=(250, 3450))

    assert level(carry(tone(hertz), line)) < 0.01
    assert level(carry(tone(1000), line)) == pytest.approx(level(tone(1000)), rel=0.02)


def test_noise_stands_as_far_under_the_speech_as_the_line_says() -> None:
    clean, noisy = carry(tone(1000)), carry(tone(1000), Line(noise_db=20), seed=1)

    below_db = 20 * np.log10(level(clean) / level(noisy - clean))
    assert 16 < below_db < 20


def test_pcm_clips_and_comes_back() -> None:
    assert from_pcm(to_pcm(np.array([0.0, 0.5, 2.0, -2.0], np.float32))) == pytest.approx([0, 0.5, 1, -1], abs=1e-4)


def test_a_quiet_room_adds_silence_on_both_sides_and_little_noise() -> None:
    room = in_a_quiet_room(tone(1000))

    assert len(room) == WIDE_HZ + 2 * 4800
    assert 0 < level(room[:4800]) < 0.001
    assert level(room[4800:-4800]) == pytest.approx(level(tone(1000)), rel=0.01)
