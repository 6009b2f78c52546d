from __future__ import annotations

import audioop

from hypothesis import given
from hypothesis import strategies as st

from media_worker.audio.sequence import Sequencer


def pcm(number: int) -> bytes:
    return number.to_bytes(2, "little") * 160


def played(*numbers: int) -> list[bytes]:
    sequencer = Sequencer()
    return [piece for number in numbers for piece in sequencer.accept("customer", number, pcm(number))]


def test_numbered_messages_in_order_pass_as_they_are() -> None:
    assert played(7, 8, 9) == [pcm(7), pcm(8), pcm(9)]


def test_duplicates_and_late_messages_are_dropped() -> None:
    assert played(1, 2, 2, 1, 3) == [pcm(1), pcm(2), pcm(3)]


def test_two_messages_that_changed_places_change_back() -> None:
    assert played(1, 3, 2, 4) == [pcm(1), pcm(2), pcm(3), pcm(4)]


def test_a_small_gap_is_concealed_by_the_last_message_faded_and_silence() -> None:
    faded = audioop.mul(pcm(1), 2, 0.5)
    assert played(1, 4, 5, 6) == [pcm(1), faded + bytes(320), pcm(4), pcm(5), pcm(6)]


def test_a_large_gap_is_a_pause_and_nothing_is_made_up() -> None:
    assert played(1, 50, 51, 52) == [pcm(1), pcm(50), pcm(51), pcm(52)]


def test_a_counter_that_starts_over_is_followed() -> None:
    assert played(500, 501, 0, 1) == [pcm(500), pcm(501), pcm(0), pcm(1)]


def test_two_speakers_may_share_one_counter() -> None:
    sequencer = Sequencer()
    heard = [
        sequencer.accept(speaker, number, pcm(number))
        for number, speaker in enumerate(["customer", "agent", "customer", "customer", "agent"])
    ]
    assert heard == [[pcm(number)] for number in range(5)]


def test_two_speakers_may_each_count_for_themselves() -> None:
    sequencer = Sequencer()
    heard = [sequencer.accept(speaker, n, pcm(n)) for n in range(5) for speaker in ("customer", "agent")]
    assert heard == [[pcm(number // 2)] for number in range(10)]


@given(st.lists(st.integers(0, 40), max_size=60))
def test_whatever_comes_nothing_is_played_twice_or_out_of_order(numbers: list[int]) -> None:
    pieces = played(*numbers)
    originals = [piece for piece in pieces if piece in {pcm(n) for n in numbers}]
    assert len(pieces) <= 2 * len(numbers)
    assert all(len(piece) % 2 == 0 for piece in pieces)
    assert originals or not numbers
