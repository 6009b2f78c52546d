import math
import re
from pathlib import Path

import pytest

from media_worker.engines.embedded.language_model import BEGIN, END, LanguageModel, write_arpa

SENTENCES = ["yes please", "yes it is", "no it is not", "is it not", "please"]
HISTORIES = [(), (BEGIN,), ("it",), (BEGIN, "yes"), ("it", "is"), ("never", "seen"), ("please", "no")]


@pytest.fixture
def model() -> LanguageModel:
    return LanguageModel(SENTENCES)


@pytest.mark.parametrize("history", HISTORIES)
def test_the_probabilities_after_any_history_sum_to_one(model: LanguageModel, history: tuple[str, ...]) -> None:
    assert math.isclose(sum(model.probability(word, history) for word in model.vocabulary), 1.0)


def test_words_that_followed_are_likelier_than_words_that_never_did(model: LanguageModel) -> None:
    assert model.probability("is", ("it",)) > model.probability("please", ("it",)) > 0


def test_a_history_of_two_words_tells_more_than_one(model: LanguageModel) -> None:
    assert model.probability("not", ("it", "is")) != model.probability("not", ("is",))


def test_the_sentence_end_is_a_word_and_its_beginning_is_not(model: LanguageModel) -> None:
    assert END in model.vocabulary
    assert BEGIN not in model.vocabulary


def read_arpa(text: str) -> tuple[dict[int, int], dict[tuple[str, ...], tuple[float, float]]]:
    """The counts that the header announces, and log10 probability and back-off of each n-gram."""
    announced = {int(n): int(count) for n, count in re.findall(r"^ngram (\d)=(\d+)$", text, re.MULTILINE)}
    grams = {}
    for order, body in re.findall(r"\\(\d)-grams:\n(.*?)\n(?=\n)", text, re.DOTALL):
        for line in body.split("\n"):
            log10, *words = line.split(" ")
            backoff = float(words.pop()) if len(words) > int(order) else 0.0
            grams[tuple(words)] = (float(log10), backoff)
    return announced, grams


def test_the_arpa_file_announces_what_it_holds(model: LanguageModel, tmp_path: Path) -> None:
    write_arpa(model, tmp_path / "lm.arpa")
    text = (tmp_path / "lm.arpa").read_text()

    announced, grams = read_arpa(text)

    assert text.startswith("\\data\\\n") and text.endswith("\n\\end\\\n")
    assert announced == {order: sum(len(gram) == order for gram in grams) for order in (1, 2, 3)}
    assert {gram[0] for gram in grams if len(gram) == 1} == model.vocabulary | {BEGIN}


@pytest.mark.parametrize("history", HISTORIES[:5])
def test_a_reader_of_the_arpa_file_computes_the_same_probabilities(
    model: LanguageModel, history: tuple[str, ...]
) -> None:
    _, grams = read_arpa("\n".join(model.arpa()))

    def log10(word: str, before: tuple[str, ...]) -> float:
        if (*before, word) in grams:
            return grams[(*before, word)][0]
        return grams.get(before, (0.0, 0.0))[1] + log10(word, before[1:])

    for word in model.vocabulary:
        assert math.isclose(10 ** log10(word, history), model.probability(word, history), rel_tol=1e-3)
