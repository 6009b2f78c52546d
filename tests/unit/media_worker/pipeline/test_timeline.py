from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.pipeline.timeline import Timeline


def test_pieces_that_follow_each_other_stay_joined() -> None:
    timeline = Timeline()
    assert [timeline.place(n * 0.02, 160) for n in range(5)] == [0, 160, 320, 480, 640]


def test_a_speaker_who_comes_later_lies_later() -> None:
    assert Timeline().place(5.0, 160) == 5 * 8000 - 160


def test_silence_that_was_not_sent_is_silence() -> None:
    timeline = Timeline()
    timeline.place(0.02, 160)
    assert timeline.place(2.0, 160) == 2 * 8000 - 160


def test_jitter_does_not_cut_a_word() -> None:
    timeline = Timeline()
    timeline.place(0.02, 160)
    assert timeline.place(0.30, 160) == 160
    assert [timeline.place(0.30, 160) for _ in range(5)] == [320, 480, 640, 800, 960]


def test_audio_that_comes_faster_than_time_runs_ahead() -> None:
    timeline = Timeline()
    for _ in range(10):
        timeline.place(0.0, 8000)
    assert timeline.ahead_s(0.0) == 10.0
    assert timeline.ahead_s(4.0) == 6.0


@given(st.lists(st.tuples(st.floats(0, 3), st.integers(0, 16000)), max_size=50))
def test_no_piece_ever_lies_on_another(steps: list[tuple[float, int]]) -> None:
    timeline, elapsed_s, end = Timeline(), 0.0, 0
    for wait_s, samples in steps:
        elapsed_s += wait_s
        position = timeline.place(elapsed_s, samples)
        assert position >= end
        end = position + samples


def settled(steps: list[tuple[float, bool]]) -> Timeline:
    """A second of 20 ms pieces and more: (how late each came, whether the speaker was silent)."""
    timeline = Timeline()
    for number, (late_s, silent) in enumerate(steps, 1):
        timeline.place(number * 0.02 + late_s, 160, silent=silent)
    return timeline


def test_a_place_that_is_late_or_early_is_put_right_in_silence() -> None:
    late_at_first = settled([(0.25, True)] + [(0.0, True)] * 200)
    assert late_at_first.cursor == 201 * 160
    slow_clock = settled([(0.0, True)] * 150 + [(0.05, True)] * 300)
    assert slow_clock.cursor == pytest.approx((450 * 0.02 + 0.05) * 8000, abs=1)


def test_nothing_moves_while_the_speaker_speaks_or_for_jitter() -> None:
    speaking = settled([(0.0, False)] * 150 + [(0.05, False)] * 300)
    assert speaking.cursor == 450 * 160
    jittery = settled([(0.06 * (number % 3), True) for number in range(600)])
    assert jittery.cursor == 600 * 160


def test_a_file_that_is_sent_ahead_of_time_keeps_its_place() -> None:
    timeline = Timeline()
    positions = [timeline.place(n * 0.01, 160, silent=True) for n in range(1, 400)]
    assert positions == [160 * n for n in range(399)]
