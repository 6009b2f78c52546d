import math

import pytest

from media_worker.engines.embedded.gate import THRESHOLDS, Evidence, confidence, score, understood

CERTAIN = Evidence(language_score=-2.0, posterior=-0.1)
UNLIKELY = Evidence(language_score=-8.0, posterior=-0.1)
CONTESTED = Evidence(language_score=-4.0, posterior=-4.0)


def test_likely_words_without_rivals_are_understood() -> None:
    assert understood([CERTAIN] * 3, "en")
    assert confidence([CERTAIN] * 3, "en") > 0.9


@pytest.mark.parametrize("doubtful", [UNLIKELY, CONTESTED])
def test_words_that_nobody_says_in_that_order_or_that_rivals_contest_are_not(doubtful: Evidence) -> None:
    assert not understood([doubtful] * 3, "en")
    assert confidence([doubtful] * 3, "en") < 0.5


def test_one_odd_word_does_not_condemn_a_sentence() -> None:
    assert understood([CERTAIN, CERTAIN, UNLIKELY, CERTAIN], "en")


@pytest.mark.parametrize("language", THRESHOLDS)
def test_nothing_heard_is_not_understood(language: str) -> None:
    assert score([]) == -math.inf
    assert not understood([], language)
    assert confidence([], language) == 0.0


@pytest.mark.parametrize("language", THRESHOLDS)
def test_confidence_is_one_half_at_the_threshold(language: str) -> None:
    at_threshold = Evidence(THRESHOLDS[language], 0.0)

    assert confidence([at_threshold], language) == pytest.approx(0.5)
    assert understood([at_threshold], language)
