"""What every translator does: `base.Translator`."""

from collections.abc import Iterator

import pytest

from core.domain.terminology import Terminology
from media_worker.engines.base import LanguageNotServed, TranslationRequest, Translator
from tests.contract.engines.kinds import FAMILIES, KINDS, Family, Kind

Translating = Kind | Family

HARD = (
    "a\0b",
    "^$/<>{}[]@\\ [][ ] end",
    "line one\nline two\r\n\tthree",
    "\x1b[31mred\x1b[0m \ufeff\u200b\u202e",
    "a 👍 b \U0001d4b3 日本 c",
    "a\uffffb",
    "1a. etc.",
    "^",
    "...",
    "a" * 900,
    "word " * 180,
)


@pytest.fixture(scope="module", params=(*KINDS, *FAMILIES), ids=lambda kind: kind.name)
def kind(request: pytest.FixtureRequest) -> Translating:
    assert isinstance(request.param, Kind | Family)
    return request.param


@pytest.fixture(scope="module")
def translator(kind: Translating) -> Iterator[Translator]:
    if isinstance(kind, Family):
        yield kind.build()
        return
    engines = kind.build()
    yield engines.translator
    engines.close()


def translate(translator: Translator, *texts: str, source: str = "en", target: str = "es") -> list[str]:
    return translator.translate([TranslationRequest(text, source, target) for text in texts])


def test_a_known_text_is_translated(kind: Translating, translator: Translator) -> None:
    text, mark = kind.written
    assert mark in translate(translator, text)[0]


def test_every_pair_it_declares_answers(translator: Translator) -> None:
    pairs = sorted(translator.pairs())
    answers = translator.translate([TranslationRequest("no", source, target) for source, target in pairs])
    assert [pair for pair, answer in zip(pairs, answers, strict=True) if not answer.strip()] == []


def test_a_batch_is_answered_in_its_order(translator: Translator) -> None:
    texts = [f"number {number}" for number in range(20)]
    answers = translate(translator, *texts)
    assert len(answers) == len(texts)
    assert all(str(number) in answer for number, answer in enumerate(answers))


@pytest.mark.parametrize("text", HARD, ids=range(len(HARD)))
def test_no_text_breaks_it_or_what_comes_after(kind: Translating, translator: Translator, text: str) -> None:
    assert isinstance(translate(translator, text)[0], str)
    known, mark = kind.written
    assert mark in translate(translator, known)[0]


def test_digits_are_kept(translator: Translator) -> None:
    assert "48213" in translate(translator, "the reference of the other box is 48213")[0]


def test_the_marks_that_stand_for_terms_are_handed_through(translator: Translator) -> None:
    marked = Terminology(names=("Back Office", "Kallglot")).between("en", "es").marked("the Back Office of Kallglot")
    restored = marked.restored(translate(translator, marked.text)[0])
    assert restored is not None and "Back Office" in restored and "Kallglot" in restored


def test_a_pair_it_does_not_declare_is_refused(translator: Translator) -> None:
    with pytest.raises(LanguageNotServed):
        translate(translator, "hello", target="qq")
