import numpy as np
import pytest

from media_worker.audio.turns import TurnRules
from media_worker.engines.whisper.windows import LONGEST_S, RATE_HZ, padded, window_s


@pytest.mark.parametrize(("speech_s", "window"), [(0.1, 10), (8.0, 10), (8.1, 15), (13.0, 15), (27.0, 30), (60.0, 30)])
def test_a_window_holds_the_speech_and_a_margin_and_is_never_short(speech_s: float, window: int) -> None:
    assert window_s(int(speech_s * RATE_HZ)) == window


def test_the_longest_turn_fits_a_window() -> None:
    rules = TurnRules()
    assert rules.longest_ms + rules.preroll_ms <= LONGEST_S * 1000


def test_shorter_speech_gets_silence_behind_it_and_longer_is_cut() -> None:
    assert padded(np.ones(3, np.float32), 1).tolist()[:4] == [1, 1, 1, 0]
    assert len(padded(np.ones(5 * RATE_HZ, np.float32), 1)) == RATE_HZ
