from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.audio.resample import Resampler

PAIRS = [
    (8000, 16000), (16000, 8000), (24000, 8000), (24000, 16000), (48000, 8000), (48000, 16000),
    (8000, 24000), (8000, 48000), (16000, 24000), (16000, 48000),
]  # fmt: skip


def sine(pitch_hz: float, rate_hz: int, seconds: float = 1.0) -> bytes:
    at = np.arange(int(rate_hz * seconds)) / rate_hz
    return (10_000 * np.sin(2 * np.pi * pitch_hz * at)).astype("<i2").tobytes()


def resampled(pcm: bytes, from_hz: int, to_hz: int, piece_ms: int = 20) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    resampler = Resampler(from_hz, to_hz)
    step = from_hz * piece_ms // 1000 * 2
    made = b"".join(resampler.push(pcm[start : start + step]) for start in range(0, len(pcm), step))
    return np.frombuffer(made, "<i2").astype(np.float64)


@pytest.mark.parametrize(("from_hz", "to_hz"), PAIRS)
def test_a_tone_keeps_its_length_pitch_and_level(from_hz: int, to_hz: int) -> None:
    out = resampled(sine(440, from_hz), from_hz, to_hz)
    assert len(out) == to_hz
    steady = out[to_hz // 10 :]
    assert np.argmax(np.abs(np.fft.rfft(out, to_hz))) == 440
    assert np.abs(steady).max() == pytest.approx(10_000, rel=0.02)


@pytest.mark.parametrize(("from_hz", "to_hz"), PAIRS)
def test_the_delay_is_at_most_two_milliseconds(from_hz: int, to_hz: int) -> None:
    click = np.zeros(from_hz // 10, "<i2")
    click[from_hz // 20] = 20_000
    out = resampled(click.tobytes(), from_hz, to_hz)
    assert 0 <= np.argmax(np.abs(out)) / to_hz - 0.05 <= 0.002


@pytest.mark.parametrize(("from_hz", "to_hz"), [pair for pair in PAIRS if pair[0] > pair[1]])
def test_what_does_not_fit_below_the_new_rate_is_taken_out(from_hz: int, to_hz: int) -> None:
    out = resampled(sine(to_hz * 0.7, from_hz), from_hz, to_hz)
    assert np.abs(out[to_hz // 10 :]).max() < 200


@given(st.lists(st.integers(0, 700), min_size=1, max_size=30), st.sampled_from(PAIRS))
def test_the_cut_of_the_stream_makes_no_difference(sizes: list[int], pair: tuple[int, int]) -> None:
    pcm = sine(300, pair[0], 1.0)[: sum(sizes) * 2]
    whole = Resampler(*pair).push(pcm)
    resampler, start, parts = Resampler(*pair), 0, b""
    for size in sizes:
        parts += resampler.push(pcm[start : start + size * 2])
        start += size * 2
    assert (
        parts == whole
        or np.abs(np.frombuffer(parts, "<i2").astype(int) - np.frombuffer(whole, "<i2").astype(int)).max(initial=0) <= 1
    )
