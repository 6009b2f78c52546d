from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.figures import doubtful, lost


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


@pytest.mark.parametrize(
    ("source", "translation", "figures"),
    [
        ("it costs 50", "es kostet 15", ("50", "15")),
        ("my order is AB-1234", "mi pedido es AB-1243", ("AB1234", "AB1243")),
        ("my order is AB-1234", "mi pedido es AB1234", ()),
        ("the 15th at 3pm", "el 15 a las 3", ()),
        ("call 48213 and 48213", "llame al 48213", ("48213",)),
        ("two hundred and five", "205", ()),
        ("three boxes for order 48213", "3 cajas para el pedido 48213", ()),
        ("1,234.50 euros on 12/05", "1.234,50 euros el 12.05", ()),
        ("on 2026-03-26", "am 26.03.2026", ()),
        ("on 2026-03-26", "am 27.03.2026", ("2026", "03", "26", "27032026")),
        ("at 3:30 PM", "um 15:30 Uhr", ()),
        ("at 3:30 PM", "um 15:45 Uhr", ("330", "1545")),
        ("at 2 p.m.", "um 14 Uhr", ()),
        ("at 14:00", "at 2 pm", ()),
        ("at 12:00", "at 12 pm", ()),
        ("$500.00", "500 dólares", ()),
        ("$500.00", "5.00 dólares", ("50000", "500")),
        ("50", "", ("50",)),
        ("", "50", ()),
    ],
)
def test_what_somebody_should_look_at(source: str, translation: str, figures: tuple[str, ...]) -> None:
    assert doubtful(source, translation) == figures


@given(st.text(max_size=200))
def test_nothing_is_doubtful_about_a_text_that_stays_as_it_is(text: str) -> None:
    assert doubtful(text, text) == ()


@given(st.lists(st.integers(0, 99_999), min_size=1, max_size=5), st.integers(0, 4))
def test_a_figure_that_is_left_out_is_always_named(numbers: list[int], gone: int) -> None:
    said = " and ".join(map(str, numbers))
    left = numbers[:gone] + numbers[gone + 1 :]
    if left != numbers:
        assert str(numbers[gone]) in doubtful(said, " y ".join(map(str, left)))
