from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_worker.engines.translation.figures import lost


@pytest.mark.parametrize(
    ("source", "translation"),
    [
        ("that is 1,234.50 euros", "das sind 1.234,50 Euro"),
        ("call 030 1234 567", "rufen Sie 030 1234 567 an"),
        ("on 12/05 at 9:30", "am 12.05 um 9:30"),
        ("no figures here", "keine Zahlen 5 hier"),
    ],
)
def test_figures_that_came_through_however_they_are_written(source: str, translation: str) -> None:
    assert not lost(source, translation)


@pytest.mark.parametrize(
    ("source", "translation", "missing"),
    [
        ("it costs 50", "es kostet 15", {"50": 1}),
        ("two times 7 and 7", "zweimal 7", {"7": 1}),
        ("order 48213", "Bestellung achtundvierzig", {"48213": 1}),
    ],
)
def test_figures_that_did_not(source: str, translation: str, missing: dict[str, int]) -> None:
    assert lost(source, translation) == Counter(missing)


@given(st.text(max_size=200))
def test_a_text_loses_nothing_to_itself(text: str) -> None:
    assert not lost(text, text)
