from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media_worker.pipeline.latency import Stage, Stopwatch


def test_each_part_lasts_from_the_end_of_the_part_before_it() -> None:
    watch = Stopwatch(10.0)
    for stage, at in zip(Stage, (10.4, 10.45, 10.46, 10.47, 10.5, 10.52), strict=True):
        watch.lap(stage, at)
    report = watch.report("seg_1")
    assert dict(report.parts_ms) == {
        "endpoint_ms": 400.0,
        "asr_ms": 50.0,
        "mt_ms": 10.0,
        "model_ms": 10.0,
        "queue_ms": 30.0,
        "tts_ms": 20.0,
    }
    assert report.total_ms == 520.0


@given(st.lists(st.floats(0, 30), min_size=6, max_size=6), st.floats(0, 1e6))
def test_the_shown_parts_sum_to_the_shown_total_exactly(lasted_s: list[float], began_at: float) -> None:
    watch, now = Stopwatch(began_at), began_at
    for stage, seconds in zip(Stage, lasted_s, strict=True):
        now += seconds
        watch.lap(stage, now)
    report = watch.report("seg_1")
    assert round(sum(report.parts_ms.values()), 1) == report.total_ms


def test_a_part_that_never_happened_took_no_time() -> None:
    watch = Stopwatch(0.0)
    watch.lap(Stage.MT, 0.002)
    assert watch.report("seg_1").parts_ms["tts_ms"] == 0.0
    assert watch.report("seg_1").total_ms == 2.0


def test_a_language_model_has_a_part_only_where_there_was_one() -> None:
    assert "model_ms" not in Stopwatch(0.0).report("seg_1").parts_ms
