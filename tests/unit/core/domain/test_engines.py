"""What the engine sets serve, as the API tells it."""

from __future__ import annotations

import pytest

from core.domain.engines import ENGINE_SETS, language_list
from core.domain.languages import LANGUAGES


@pytest.mark.parametrize("name", list(ENGINE_SETS))
def test_every_product_language_is_listed_with_what_runs(name: str) -> None:
    engines = ENGINE_SETS[name]

    listed = language_list(engines)

    assert listed["object"] == "list"
    assert [language["code"] for language in listed["data"]] == list(LANGUAGES)
    assert {language["code"] for language in listed["data"] if language["speech_in"]} == engines.speech_in
    assert {language["code"] for language in listed["data"] if language["speech_out"]} == engines.speech_out


def test_a_language_that_can_only_be_written_says_so() -> None:
    french = next(language for language in language_list(ENGINE_SETS["scripted"])["data"] if language["code"] == "fr")

    assert (french["speech_in"], french["text"], french["speech_out"]) == (False, True, False)


@pytest.mark.parametrize("name", list(ENGINE_SETS))
def test_an_engine_set_serves_only_languages_of_the_product(name: str) -> None:
    engines = ENGINE_SETS[name]
    written = {code for pair in engines.pairs for code in pair}

    assert engines.speech_in | engines.speech_out | written <= set(LANGUAGES)
