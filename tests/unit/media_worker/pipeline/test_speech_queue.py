from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.pipeline.speech_queue import BacklogRules, SpeechQueue

RULES = BacklogRules()


@dataclass(frozen=True)
class Line:
    text: str
    language: str = "es"
    joins: bool = True


def queue(*lines: Line, at: float = 0.0) -> SpeechQueue[Line]:
    made = SpeechQueue[Line](RULES, 8)
    for line in lines:
        made.put(line, at)
    return made


def test_fresh_sentences_are_spoken_one_by_one_and_at_their_own_pace() -> None:
    waiting = queue(Line("a"), Line("b"))
    for text in ("a", "b"):
        portion = waiting.take(1.9)
        assert portion is not None
        assert ([line.text for line in portion.sentences], portion.tempo) == ([text], 1.0)
    assert waiting.take(1.9) is None


def test_sentences_that_wait_are_joined_but_not_across_languages_or_without_end() -> None:
    portion = queue(Line("a"), Line("b"), Line("c", "en")).take(2.0)
    assert portion is not None and [line.text for line in portion.sentences] == ["a", "b"]
    portion = queue(Line("a" * 300), Line("b" * 150)).take(2.0)
    assert portion is not None and len(portion.sentences) == 1


@pytest.mark.parametrize(
    ("waited_s", "tempo"), [(0.0, 1.0), (5.0, 1.0), (6.5, 1.125), (8.0, 1.25), (14.0, 1.25), (100.0, 1.25)]
)
def test_the_pace_rises_with_the_wait(waited_s: float, tempo: float) -> None:
    assert queue().tempo(waited_s) == pytest.approx(tempo)


def test_the_oldest_gives_way_when_there_is_no_more_room() -> None:
    waiting = SpeechQueue[Line](RULES, 2)
    assert waiting.put(Line("a"), 0.0) is None
    assert waiting.put(Line("b"), 1.0) is None
    assert waiting.put(Line("c"), 4.0) == (4.0, Line("a"))
    assert len(waiting) == 2


def test_what_is_too_old_is_taken_out_but_never_the_newest() -> None:
    waiting = queue(Line("a"), Line("b"), Line("c"))
    assert [line.text for _, line in waiting.too_old(15.0)] == []
    assert [line.text for _, line in waiting.too_old(16.0)] == ["a", "b"]
    assert len(waiting) == 1


@given(st.lists(st.tuples(st.floats(0, 20), st.booleans()), max_size=60))
def test_whatever_happens_each_sentence_is_spoken_or_said_to_be_skipped_in_order(
    steps: list[tuple[float, bool]],
) -> None:
    waiting, now, given_in, out = SpeechQueue[Line](RULES, 8), 0.0, 0, list[int]()
    for passed_s, is_taken in steps:
        now += passed_s
        if is_taken:
            out += [int(line.text) for _, line in waiting.too_old(now)]
            portion = waiting.take(now)
            out += [int(line.text) for line in portion.sentences] if portion else []
        else:
            pushed = waiting.put(Line(str(given_in)), now)
            given_in += 1
            out += [int(pushed[1].text)] if pushed else []
        assert len(waiting) <= 8
    assert out == list(range(given_in - len(waiting)))


def test_what_is_still_being_made_is_spoken_by_itself_and_at_its_own_pace() -> None:
    waiting = queue(Line("a"), Line("b", joins=False), Line("c"), at=0.0)
    taken = [waiting.take(9.0), waiting.take(9.0), waiting.take(9.0)]
    assert [[line.text for line in portion.sentences] for portion in taken if portion] == [["a"], ["b"], ["c"]]
    assert [portion.tempo for portion in taken if portion] == [1.25, 1.0, 1.25]
