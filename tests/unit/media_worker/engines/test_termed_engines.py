"""Translation that is held to terms, over translators that do and do not keep them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from core.domain.terminology import Terminology
from media_worker.engines.base import EngineError, StreamSpec
from media_worker.engines.termed_engines import MOST_HINTS, TermedEngines
from media_worker.engines.vocabulary import Vocabulary
from tests.fakes.engines import FakeEngines

TERMS = Terminology(({"de": "Girokonto", "en": "current account"},), ("Kallglot",))


class Translator(FakeEngines):
    def __init__(self, translate: Callable[[str], str]) -> None:
        super().__init__()
        self._translate = translate
        self.asked: list[str] = []

    async def translate(self, text: str, source: str, target: str) -> str:
        self.asked.append(text)
        return self._translate(text)


def termed(engines: FakeEngines) -> TermedEngines:
    return TermedEngines(engines, Vocabulary(TERMS))


async def test_without_a_term_the_translator_is_asked_once() -> None:
    engines = Translator(str.upper)
    assert await termed(engines).translate("guten Tag", "de", "en") == "GUTEN TAG"
    assert engines.asked == ["guten Tag"]


async def test_a_translation_that_holds_its_terms_is_taken_as_it_is() -> None:
    engines = Translator(lambda text: "It is a Current Account with kallglot." if "Giro" in text else f"[{text}]")
    assert (
        await termed(engines).translate("Girokonto bei Kallglot", "de", "en")
        == "It is a Current Account with kallglot."
    )


async def test_where_a_term_got_lost_the_marked_translation_is_taken() -> None:
    engines = Translator(lambda text: text.replace("Girokonto", "giro").replace("bei", "with"))
    told = await termed(engines).translate("Girokonto bei Kallglot", "de", "en")
    assert told == "current account with Kallglot"
    assert engines.asked == ["Girokonto bei Kallglot", "QX-100 bei QX-101"]


async def test_where_marks_get_lost_too_the_plain_translation_is_told() -> None:
    engines = Translator(lambda text: "giro with Kallglot" if "Giro" in text else "QX with QX-101")
    assert await termed(engines).translate("Girokonto bei Kallglot", "de", "en") == "giro with Kallglot"


async def test_a_marked_translation_that_fails_costs_nothing() -> None:
    def translate(text: str) -> str:
        if "QX-" in text:
            raise EngineError("refused")
        return "giro"

    assert await termed(Translator(translate)).translate("Girokonto", "de", "en") == "giro"


async def test_a_plain_translation_that_fails_is_a_failure() -> None:
    def translate(text: str) -> str:
        raise EngineError("refused")

    with pytest.raises(EngineError, match="refused"):
        await termed(Translator(translate)).translate("Girokonto", "de", "en")


async def test_recognition_is_told_the_sessions_hints_first_and_as_many_as_it_may() -> None:
    engines = FakeEngines()
    many = Terminology(names=tuple(f"name{number}" for number in range(100)))
    TermedEngines(engines, Vocabulary(many)).listen(StreamSpec("de", 8000, ("Frau Weiß",)), lambda _: None)
    (listener,) = engines.listeners
    assert listener.spec.hints[:2] == ("Frau Weiß", "name0") and len(listener.spec.hints) == MOST_HINTS
