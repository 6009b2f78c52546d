from __future__ import annotations

import audioop
from struct import pack

from media_worker.sip.rtp.outgoing import Outgoing


def frame(level: int) -> bytes:
    return pack("<h", level) * 160


def taken(outgoing: Outgoing, times: int) -> list[int | None]:
    """The level of each piece, None for silence."""
    return [None if (pcm := outgoing.take()) is None else audioop.avg(pcm, 2) for _ in range(times)]


def test_a_first_piece_alone_waits_for_a_second_or_forty_milliseconds() -> None:
    outgoing = Outgoing()
    outgoing.add(frame(1))
    assert taken(outgoing, 4) == [None, None, 1, None]


def test_what_comes_ahead_goes_out_at_once() -> None:
    outgoing = Outgoing()
    outgoing.add(frame(1) * 5)
    assert taken(outgoing, 6) == [1, 1, 1, 1, 1, None]


def test_one_a_tick_that_comes_late_once_does_not_click() -> None:
    outgoing = Outgoing()
    got: list[int | None] = []
    for tick in range(10):
        # The fifth comes with the sixth.
        for number in {4: (), 5: (4, 5)}.get(tick, (tick,)):
            outgoing.add(frame(number + 1))
        got += taken(outgoing, 1)
    assert got == [None, 1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_the_cushion_grows_where_the_way_is_uneven_and_is_bounded() -> None:
    outgoing = Outgoing()
    for _ in range(10):
        outgoing.add(frame(1) * 5)
        taken(outgoing, 7)
    assert outgoing._cushion == 5
    outgoing.add(frame(1))
    assert taken(outgoing, 6) == [None] * 5 + [1]


def test_the_end_of_a_sentence_makes_no_larger_cushion() -> None:
    outgoing = Outgoing()
    for _ in range(10):
        outgoing.add(frame(1) * 5)
        taken(outgoing, 30)
    assert outgoing._cushion == 2


def test_a_last_piece_is_filled_up_with_silence() -> None:
    outgoing = Outgoing()
    outgoing.add(frame(400) + frame(400)[:160])
    assert taken(outgoing, 2) == [400, 200]


def test_more_than_two_seconds_drop_the_oldest_and_reach_their_marks() -> None:
    outgoing = Outgoing()
    reached: list[str] = []
    outgoing.add(frame(1000))
    outgoing.mark("first", reached.append)
    for level in range(1001, 1101):
        outgoing.add(frame(level))
    assert (len(outgoing), reached) == (100, ["first"])
    assert taken(outgoing, 1) == [1001]


def test_a_backlog_is_shortened_where_it_is_quiet() -> None:
    outgoing = Outgoing()
    outgoing.add(b"".join(frame(level) for level in [5000] * 5 + [10] * 20 + [6000] * 8))
    assert taken(outgoing, 16) == [5000] * 5 + [10] * 3 + [6000] * 8


def test_marks_are_reached_in_their_order_when_what_was_before_has_been_taken() -> None:
    outgoing = Outgoing()
    reached: list[str] = []
    outgoing.mark("at once", reached.append)
    outgoing.add(frame(1) * 2)
    outgoing.mark("a", reached.append)
    outgoing.mark("b", reached.append)
    outgoing.add(frame(1))
    assert reached == ["at once"]
    taken(outgoing, 2)
    assert reached == ["at once", "a", "b"]


def test_clearing_reaches_every_mark_and_leaves_nothing() -> None:
    outgoing = Outgoing()
    reached: list[str] = []
    outgoing.add(frame(1) * 4)
    outgoing.mark("a", reached.append)
    outgoing.clear()
    assert (reached, len(outgoing), taken(outgoing, 1)) == (["a"], 0, [None])


def test_who_is_told_of_a_mark_may_clear_and_play() -> None:
    outgoing = Outgoing()

    def again(_name: str) -> None:
        outgoing.clear()
        outgoing.add(frame(7) * 2)

    outgoing.add(frame(1))
    outgoing.add(frame(2))
    outgoing.mark("a", again)
    outgoing.add(frame(3))
    assert taken(outgoing, 4) == [1, 2, 7, 7]


def test_marks_without_end_are_bounded() -> None:
    outgoing = Outgoing()
    reached: list[str] = []
    outgoing.add(frame(1) * 100)
    for number in range(1000):
        outgoing.mark(str(number), reached.append)
    assert len(outgoing._waiting) <= 200
