from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media_worker.audio.turns import Edge, Stir, TurnDetector, TurnRules

LOUD, QUIET, MURMUR = 0.9, 0.1, 0.4


def edges(*probabilities: float, rules: TurnRules | None = None) -> list[tuple[int, Edge]]:
    detector = TurnDetector(rules or TurnRules())
    found = [(n, detector.update(probability)) for n, probability in enumerate(probabilities)]
    return [(n, edge) for n, edge in found if edge is not None]


def test_three_loud_windows_begin_a_turn_and_twelve_quiet_ones_end_it() -> None:
    assert edges(*[QUIET] * 5, *[LOUD] * 10, *[QUIET] * 20) == [(7, Edge.BEGIN), (26, Edge.END)]


def test_a_click_begins_nothing() -> None:
    assert edges(LOUD, LOUD, QUIET, LOUD, LOUD, QUIET) == []


def test_a_murmur_keeps_a_turn_open_but_begins_none() -> None:
    assert edges(*[MURMUR] * 50) == []
    assert edges(*[LOUD] * 3, *[MURMUR] * 50) == [(2, Edge.BEGIN)]


def test_a_pause_shorter_than_the_endpoint_does_not_end_a_turn() -> None:
    assert edges(*[LOUD] * 5, *[QUIET] * 11, *[LOUD] * 5) == [(2, Edge.BEGIN)]


def test_a_turn_that_is_too_long_is_broken_and_goes_on_at_once() -> None:
    rules = TurnRules(longest_ms=320)
    assert edges(*[LOUD] * 14, rules=rules) == [(2, Edge.BEGIN), (12, Edge.END), (13, Edge.BEGIN)]


def test_a_turn_that_was_cut_takes_a_whole_beginning_to_open_again() -> None:
    detector = TurnDetector(TurnRules())
    for _ in range(3):
        detector.update(LOUD)
    detector.cut()
    assert [detector.update(LOUD) for _ in range(3)] == [None, None, Edge.BEGIN]


@given(st.lists(st.floats(0, 1), max_size=300))
def test_turns_begin_and_end_in_turn(probabilities: list[float]) -> None:
    found = [edge for _, edge in edges(*probabilities, rules=TurnRules(longest_ms=640))]
    assert found[::2] == [Edge.BEGIN] * len(found[::2])
    assert found[1::2] == [Edge.END] * len(found[1::2])


def test_a_stir_is_noticed_before_a_turn_begins_and_once() -> None:
    stir, detector = Stir(TurnRules()), TurnDetector(TurnRules())
    probabilities = [0.1, 0.4, 0.6, 0.9, 0.9, 0.9]
    assert [stir.update(p) for p in probabilities] == [None, None, Edge.BEGIN, None, None, None]
    assert [detector.update(p) for p in probabilities].index(Edge.BEGIN) == 4


def test_a_stir_that_comes_to_nothing_ends() -> None:
    stir = Stir(TurnRules())
    assert [stir.update(p) for p in (0.4, 0.1, 0.4, 0.4, 0.1, 0.1)] == [None, None, None, Edge.BEGIN, Edge.END, None]
