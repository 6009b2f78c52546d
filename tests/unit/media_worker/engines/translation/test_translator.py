from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from media_worker.engines.base import EngineError, LanguageNotServed, TranslationRequest
from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.translation.translator import MAX_CHARACTERS, BatchTranslator, Model


@dataclass
class Family:
    """A family without tokens: words are tokens."""

    pairs: frozenset[tuple[str, str]]

    def source(self, text: str, pair: tuple[str, str]) -> list[str]:
        return text.split()

    def prefix(self, language: str) -> list[str]:
        return [language]

    def text(self, tokens: Sequence[str]) -> str:
        return " ".join(tokens)


@dataclass
class Answer:
    hypotheses: list[list[str]]


@dataclass
class Engine:
    """Repeats the source behind the prefix; loses figures unless asked to be careful."""

    name: str
    forgetful: bool = False
    batches: list[tuple[int, int]] = field(default_factory=list)

    def translate_batch(
        self, sources: list[list[str]], target_prefix: list[list[str]], beam_size: int, **_: object
    ) -> list[Answer]:
        self.batches.append((len(sources), beam_size))
        return [
            Answer([[self.name, *prefix, *self._said(source, beam_size)]])
            for source, prefix in zip(sources, target_prefix, strict=True)
        ]

    def _said(self, source: list[str], beams: int) -> list[str]:
        careless = self.forgetful and beams == 1
        return [word for word in source if not (careless and word.isdigit())]


def model(name: str, *pairs: tuple[str, str], forgetful: bool = False) -> tuple[Model, Engine]:
    engine = Engine(name, forgetful)
    return Model(engine, Family(frozenset(pairs))), engine


def ask(translator: BatchTranslator, *texts: str, pair: tuple[str, str] = ("en", "de")) -> list[str]:
    return translator.translate([TranslationRequest(text, *pair) for text in texts])


def test_sentences_of_all_requests_are_one_batch_and_come_back_where_they_belong() -> None:
    only, engine = model("m", ("en", "de"))
    assert ask(BatchTranslator([only]), "One. Two.", "three", "") == ["m de One. m de Two.", "m de three", ""]
    assert engine.batches == [(3, 1)]


def test_each_pair_goes_to_the_first_model_that_serves_it() -> None:
    (first, _), (second, _) = model("a", ("en", "de")), model("b", ("en", "de"), ("en", "es"))
    translator = BatchTranslator([first, second])
    requests = [TranslationRequest("x", "en", target) for target in ("es", "de", "es")]
    assert translator.translate(requests) == ["b es x", "a de x", "b es x"]


def test_a_lost_figure_is_asked_for_again_with_care() -> None:
    only, engine = model("m", ("en", "de"), forgetful=True)
    assert ask(BatchTranslator([only]), "order 48213", "hello") == ["m de order 48213", "m de hello"]
    assert engine.batches == [(2, 1), (1, 4)]


def test_marks_alone_are_not_translated() -> None:
    only, engine = model("m", ("en", "de"))
    assert ask(BatchTranslator([only]), "... ?!") == ["... ?!"]
    assert engine.batches == []


def test_a_sentence_too_long_for_one_pass_is_cut_at_a_space() -> None:
    only, engine = model("m", ("en", "de"))
    (text,) = ask(BatchTranslator([only]), "word " * 180)
    assert text.split().count("word") == 180
    assert engine.batches == [(3, 1)]


def test_what_is_not_served_or_too_long_is_refused() -> None:
    translator = BatchTranslator([model("m", ("en", "de"))[0]])
    with pytest.raises(LanguageNotServed):
        ask(translator, "x", pair=("de", "en"))
    with pytest.raises(EngineError, match="text_too_long"):
        ask(translator, "x" * (MAX_CHARACTERS + 1))
    with pytest.raises(EnginesNotAvailable):
        BatchTranslator([])
