import pytest

from media_worker.language_models.embedded.numbers import written
from media_worker.language_models.embedded.phrases import phrases


@pytest.mark.parametrize(
    ("language", "said", "expected"),
    [
        ("en", "order four seven one one please", "order 4711 please"),
        ("en", "four seven eleven", "4711"),
        ("en", "oh three oh", "030"),
        ("en", "twenty five people", "25 people"),
        ("en", "gate B 1 2", "gate B12"),
        ("en", "a 4 pack", "a 4 pack"),
        ("en", "at 7 30", "at 7 30"),
        ("en", "it costs 3.50 now", "it costs 3.50 now"),
        ("de", "fünfundzwanzig Gäste", "25 Gäste"),
        ("de", "einundzwanzig", "21"),
        ("de", "vier sieben elf", "4711"),
        ("es", "treinta y cinco", "35"),
        ("es", "cuatro siete uno uno", "4711"),
        ("es", "tres y cuatro", "3 y 4"),
    ],
)
def test_spoken_numbers_become_figures(language: str, said: str, expected: str) -> None:
    assert written(said, phrases(language)) == expected
