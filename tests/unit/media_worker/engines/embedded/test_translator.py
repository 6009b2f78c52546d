"""Which way a text takes; the programs themselves are in the contract suite."""

import pytest

from media_worker.engines.base import EngineError, LanguageNotServed, TranslationRequest
from media_worker.engines.embedded.apertium import Pipeline
from media_worker.engines.embedded.translator import MAX_CHARACTERS, ApertiumTranslator
from media_worker.engines.registry import EnginesNotAvailable

DEBIAN = {"eng-cat", "cat-spa", "spa-eng"}


class Marked(Pipeline):
    """A pipeline that only marks what went through it."""

    def __init__(self, mode: str) -> None:
        self.mode = mode

    def translate(self, text: str, timeout_s: float = 0.0) -> str:
        return f"{text} ({self.mode})"

    def close(self) -> None:
        pass


@pytest.fixture
def translator() -> ApertiumTranslator:
    return ApertiumTranslator(DEBIAN.__contains__, Marked)


def translated(translator: ApertiumTranslator, text: str, source: str = "en", target: str = "es") -> str:
    return translator.translate([TranslationRequest(text, source, target)])[0]


def test_only_pairs_whose_pipelines_are_all_installed_are_served(translator: ApertiumTranslator) -> None:
    assert translator.pairs() == {("en", "es"), ("es", "en"), ("en", "ca"), ("ca", "es")}
    with pytest.raises(LanguageNotServed):
        translated(translator, "hello", "en", "fr")


def test_english_goes_to_spanish_by_catalan(translator: ApertiumTranslator) -> None:
    assert translated(translator, "the moon is blue") == "The moon is blue (eng-cat) (cat-spa)."


def test_a_set_phrase_never_meets_the_machine(translator: ApertiumTranslator) -> None:
    assert translated(translator, "where is my order") == "¿Dónde está mi pedido?"


def test_after_a_known_opening_only_the_rest_goes_to_the_machine(translator: ApertiumTranslator) -> None:
    assert translated(translator, "hola la luna es azul", "es", "en") == "Hello, la luna es azul (spa-eng)."


def test_sentences_are_translated_one_by_one(translator: ApertiumTranslator) -> None:
    assert translated(translator, "Thank you. The moon is blue!") == "Gracias. ¡The moon is blue! (eng-cat) (cat-spa)!"


def test_what_has_no_words_stays(translator: ApertiumTranslator) -> None:
    assert translated(translator, "👍 ...") == "👍 ..."
    assert translated(translator, "\0") == ""


def test_a_text_beyond_the_limit_is_refused(translator: ApertiumTranslator) -> None:
    with pytest.raises(EngineError, match="text_too_long"):
        translated(translator, "a" * (MAX_CHARACTERS + 1))


def test_without_any_pair_there_is_no_translator() -> None:
    with pytest.raises(EnginesNotAvailable, match="apertium-eng-cat"):
        ApertiumTranslator(lambda mode: False, Marked)
