from __future__ import annotations

import numpy as np

from core.domain.sessions import Channels, Role
from media_worker.pipeline.party import Party
from media_worker.pipeline.recorder import Piece, Recorder

SECOND = 8000
CUSTOMER, AGENT = Party(Role.CUSTOMER, "en"), Party(Role.AGENT, "es")


def tone(value: int, samples: int) -> bytes:
    return value.to_bytes(2, "little", signed=True) * samples


def columns(pieces: list[Piece]) -> np.ndarray[tuple[int, int], np.dtype[np.int16]]:
    return np.frombuffer(b"".join(piece.pcm for piece in pieces), "<i2").reshape(-1, 2)


def test_customer_is_left_agent_is_right_to_the_sample() -> None:
    recorder = Recorder("sess_1", Channels.DUAL)
    recorder.write(CUSTOMER, 0, tone(1, 160))
    recorder.write(AGENT, 77, tone(2, 160))
    recorder.write(CUSTOMER, 1001, tone(3, 160))
    left, right = columns(list(recorder.rest(0))).T
    assert list(np.flatnonzero(left)) == [*range(160), *range(1001, 1161)]
    assert list(np.flatnonzero(right)) == list(range(77, 237))
    assert set(left[1001:1161]) == {3}


def test_chunks_are_at_most_ten_seconds_and_leave_no_gap() -> None:
    recorder = Recorder("sess_1", Channels.DUAL)
    pieces: list[Piece] = []
    for second in range(60):
        recorder.write(CUSTOMER, second * SECOND, tone(second + 1, SECOND))
        pieces += recorder.due((second + 1) * SECOND)
    pieces += recorder.rest(60 * SECOND)
    assert max(piece.duration_s for piece in pieces) <= 10.0
    assert len(pieces) >= 6
    offset_s = 0.0
    for piece in pieces:
        assert piece.offset_s == offset_s
        assert len(piece.pcm) == round(piece.duration_s * SECOND) * 4
        offset_s += piece.duration_s
    left = columns(pieces)[:, 0]
    assert np.array_equal(left, np.repeat(np.arange(1, 61), SECOND))


def test_calls_that_begin_together_do_not_flush_together() -> None:
    lengths = set()
    for number in range(20):
        recorder = Recorder(f"sess_{number}", Channels.DUAL)
        lengths.add(next(recorder.due(11 * SECOND)).duration_s)
    assert len(lengths) > 15
    assert all(5.0 <= length <= 10.0 for length in lengths)


def test_a_chunk_waits_a_little_for_audio_that_is_late() -> None:
    recorder = Recorder("sess_1", Channels.DUAL)
    length = round(next(Recorder("sess_1", Channels.DUAL).due(11 * SECOND)).duration_s * SECOND)
    assert list(recorder.due(length)) == []
    recorder.write(AGENT, length - 160, tone(5, 160))
    (piece,) = recorder.due(length + 4 * SECOND // 10)
    assert set(columns([piece])[-160:, 1]) == {5}


def test_what_comes_after_its_chunk_was_written_is_left_out_and_moves_nothing() -> None:
    recorder = Recorder("sess_1", Channels.DUAL)
    first = next(recorder.due(11 * SECOND))
    start = round(first.duration_s * SECOND)
    recorder.write(AGENT, start - 100, tone(7, 160))
    (rest,) = recorder.rest(start)
    assert list(np.flatnonzero(columns([rest])[:, 1])) == list(range(60))


def test_a_recording_that_goes_on_elsewhere_begins_where_its_clock_stands() -> None:
    recorder = Recorder("sess_1", Channels.DUAL, begins_at=62 * SECOND)
    recorder.write(AGENT, 62 * SECOND + 10, tone(7, 10))
    (piece,) = recorder.rest(63 * SECOND)
    assert (piece.offset_s, piece.duration_s) == (62.0, 1.0)
    assert list(np.flatnonzero(columns([piece])[:, 1])) == list(range(10, 20))


def test_mono_mixes_both_voices_without_overflow() -> None:
    recorder = Recorder("sess_1", Channels.MONO)
    recorder.write(CUSTOMER, 0, tone(30_000, 10))
    recorder.write(AGENT, 5, tone(10_000, 10))
    (piece,) = recorder.rest(0)
    assert list(np.frombuffer(piece.pcm, "<i2")) == [30_000] * 5 + [32_767] * 5 + [10_000] * 5


def test_nothing_heard_makes_silence_as_long_as_the_call() -> None:
    pieces = list(Recorder("sess_1", Channels.DUAL).rest(25 * SECOND))
    assert sum(piece.duration_s for piece in pieces) == 25.0
    assert not columns(pieces).any()


def test_two_who_speak_on_one_side_are_mixed_each_at_its_own_place() -> None:
    recorder = Recorder("sess_1", Channels.DUAL)
    other = Party(Role.CUSTOMER, "fr")
    recorder.write(CUSTOMER, 0, tone(1000, 160))
    recorder.write(other, 80, tone(200, 160))
    recorder.write(CUSTOMER, 160, tone(1000, 160))
    (piece,) = recorder.rest(320)
    left = np.frombuffer(piece.pcm, "<i2")[0::2]
    assert (left[40], left[100], left[200], left[300]) == (1000, 1200, 1200, 1000)
