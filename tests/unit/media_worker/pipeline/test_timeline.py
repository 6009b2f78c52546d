from __future__ import annotations

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
