"""What every translator does: `base.Translator`."""

import pytest

from core.domain.terminology import Terminology
from media_worker.engines.base import EngineSet, LanguageNotServed, TranslationRequest
from tests.contract.engines.kinds import Kind

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


def translate(engines: EngineSet, *texts: str, source: str = "en", target: str = "es") -> list[str]:
    return engines.translator.translate([TranslationRequest(text, source, target) for text in texts])


def test_a_known_text_is_translated(kind: Kind, engines: EngineSet) -> None:
    text, mark = kind.written
    assert mark in translate(engines, text)[0]


def test_every_pair_it_declares_answers(engines: EngineSet) -> None:
    pairs = sorted(engines.translator.pairs())
    answers = engines.translator.translate([TranslationRequest("no", source, target) for source, target in pairs])
    assert [pair for pair, answer in zip(pairs, answers, strict=True) if not answer.strip()] == []


def test_a_batch_is_answered_in_its_order(engines: EngineSet) -> None:
    texts = [f"number {number}" for number in range(20)]
    answers = translate(engines, *texts)
    assert len(answers) == len(texts)
    assert all(str(number) in answer for number, answer in enumerate(answers))


@pytest.mark.parametrize("text", HARD, ids=range(len(HARD)))
def test_no_text_breaks_it_or_what_comes_after(kind: Kind, engines: EngineSet, text: str) -> None:
    assert isinstance(translate(engines, text)[0], str)
    known, mark = kind.written
    assert mark in translate(engines, known)[0]


def test_digits_are_kept(engines: EngineSet) -> None:
    assert "48213" in translate(engines, "the reference of the other box is 48213")[0]


def test_the_marks_that_stand_for_terms_are_handed_through(engines: EngineSet) -> None:
    marked = Terminology(names=("Back Office", "Kallglot")).between("en", "es").marked("the Back Office of Kallglot")
    restored = marked.restored(translate(engines, marked.text)[0])
    assert restored is not None and "Back Office" in restored and "Kallglot" in restored


def test_a_pair_it_does_not_declare_is_refused(engines: EngineSet) -> None:
    with pytest.raises(LanguageNotServed):
        translate(engines, "hello", target="qq")
