import itertools

from media_worker.engines.heartbeat import BeatRules, Heartbeat, Sign

RULES = BeatRules(every_s=1.0, silent_s=5.0, stuck_s=20.0)


def test_one_that_answers_is_asked_again() -> None:
    beat = Heartbeat(RULES)
    assert [beat.look(now, now - 0.5, None) for now in (0.0, 1.0, 2.0)] == [Sign.ASK] * 3


def test_one_that_does_not_answer_for_so_long_is_dead() -> None:
    beat = Heartbeat(RULES)
    signs = [beat.look(float(now), -1.0, None) for now in range(6)]
    assert signs == [Sign.ASK, *[Sign.ALIVE] * 4, Sign.DEAD]


def test_whatever_it_says_is_an_answer() -> None:
    beat = Heartbeat(RULES)
    beat.look(0.0, -1.0, None)
    for now in itertools.takewhile(lambda now: now < 5, itertools.count(1)):
        beat.look(float(now), -1.0, None)
    assert beat.look(5.0, 4.9, None) is Sign.ASK


def test_after_a_pause_of_our_own_it_is_asked_anew() -> None:
    beat = Heartbeat(RULES)
    beat.look(0.0, -1.0, None)
    assert beat.look(60.0, -1.0, 1.0) is Sign.ASK
    assert [beat.look(60.0 + now, -1.0, None) for now in range(1, 6)][-1] is Sign.DEAD


def test_one_that_answers_and_works_nothing_off_is_stuck() -> None:
    beat = Heartbeat(RULES)
    signs = [beat.look(float(now), now - 0.1, 0.5) for now in range(22)]
    assert Sign.DEAD not in signs[:21]
    assert signs[21] is Sign.DEAD
