from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from media_worker.audio.tempo import Tempo
from tests.sounds import tone, voice

FACTORS = pytest.mark.parametrize("factor", [1.05, 1.125, 1.25])
RATES = pytest.mark.parametrize("rate_hz", [8000, 16000])


def faster(pcm: bytes, rate_hz: int, factor: float, piece_ms: int = 100) -> NDArray[np.float64]:
    tempo = Tempo(rate_hz, factor)
    step = rate_hz * piece_ms // 1000 * 2
    made = b"".join(tempo.push(pcm[at : at + step]) for at in range(0, len(pcm), step)) + tempo.flush()
    return np.frombuffer(made, "<i2").astype(np.float64)


@FACTORS
@RATES
def test_speech_becomes_shorter_by_the_factor(factor: float, rate_hz: int) -> None:
    pcm = voice(rate_hz, 4.0)
    assert len(faster(pcm, rate_hz, factor)) == pytest.approx(len(pcm) / 2 / factor, abs=rate_hz * 0.03)


@FACTORS
@RATES
def test_the_pitch_and_the_level_stay(factor: float, rate_hz: int) -> None:
    for pitch_hz in (110.0, 440.0, 1234.0):
        out = faster(tone(pitch_hz, rate_hz, 2.0), rate_hz, factor)
        spectrum = np.abs(np.fft.rfft(out * np.hanning(len(out))))
        assert np.argmax(spectrum) * rate_hz / len(out) == pytest.approx(pitch_hz, abs=1.5)
        assert np.sqrt((out[400:-400] ** 2).mean()) == pytest.approx(10_000 / np.sqrt(2), rel=0.03)


@FACTORS
@RATES
def test_nothing_clicks_where_windows_meet(factor: float, rate_hz: int) -> None:
    pcm = voice(rate_hz, 3.0)
    before = np.abs(np.diff(np.frombuffer(pcm, "<i2").astype(np.float64))).max()
    assert np.abs(np.diff(faster(pcm, rate_hz, factor))).max() <= before * 1.1


@given(st.lists(st.integers(0, 2500), min_size=1, max_size=20))
def test_the_cut_of_the_stream_makes_no_difference(sizes: list[int]) -> None:
    pcm = voice(8000, 4.0)[: sum(sizes) * 2]
    whole, parts = Tempo(8000, 1.2), Tempo(8000, 1.2)
    edges = list(itertools.accumulate(sizes, initial=0))
    pieces = [parts.push(pcm[a * 2 : b * 2]) for a, b in itertools.pairwise(edges)]
    assert b"".join(pieces) + parts.flush() == whole.push(pcm) + whole.flush()


def test_a_sentence_shorter_than_a_window_stays_as_it_is() -> None:
    pcm = voice(8000, 0.02)
    tempo = Tempo(8000, 1.25)
    assert tempo.push(pcm) + tempo.flush() == pcm


def test_what_is_held_back_is_less_than_a_tenth_of_a_second() -> None:
    tempo, made = Tempo(8000, 1.25), 0
    pcm = voice(8000, 3.0)
    for number, at in enumerate(range(0, len(pcm), 1600), 1):
        made += len(tempo.push(pcm[at : at + 1600])) // 2
        assert number * 800 - made * 1.25 < 800
