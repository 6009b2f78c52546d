from __future__ import annotations

import io

from kallglot.stream.messages import Latency, StreamError, Transcript
from local.dialogue import Line
from local.progress import Progress
from local.report import LatencySummary, Screen, percentile


def latency(endpoint_ms: float, work_ms: float) -> Latency:
    return Latency("seg_1", endpoint_ms, work_ms, 0, 0, 0, endpoint_ms + work_ms)


def test_percentiles_interpolate_between_neighbours() -> None:
    assert percentile([10, 20, 30], 50) == 20
    assert percentile([10, 20], 95) == 19.5
    assert percentile([7], 95) == 7


def test_work_and_waiting_are_told_apart_and_typed_text_is_left_out() -> None:
    summary = LatencySummary.of([latency(400, 40), latency(380, 60), latency(0, 5)])
    assert summary == LatencySummary(2, 50, 59, 390, 399)
    assert "p50 50 ms, p95 59 ms" in str(summary)


def test_without_speech_there_is_no_summary() -> None:
    assert LatencySummary.of([latency(0, 5)]) is None


def test_a_log_keeps_partials_finals_and_their_translation() -> None:
    out = io.StringIO()
    screen = Screen(Progress(out))
    screen.spoken(Line("agent", "Hola"))
    screen.message(Transcript("seg_1", 1, "agent", "es", "ho", False, 0, 1, 1, None, None))
    screen.message(Transcript("seg_1", 1, "agent", "es", "hola", True, 0, 1, 1, "en", "hello"))
    out_text = out.getvalue()
    assert "agent says: Hola" in out_text and "… ho" in out_text
    assert "agent [es] hola\n  → [en] hello\n" in out_text
    assert "\033" not in out_text


def test_errors_are_shown() -> None:
    out = io.StringIO()
    Screen(Progress(out)).message(StreamError("invalid_audio_format", "no", False))
    assert "invalid_audio_format: no" in out.getvalue()
