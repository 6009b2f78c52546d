import pytest

from core.errors import DependencyRefused, Unavailable
from media_worker.engines.aws.translator import MAX_BYTES, AmazonTranslator
from media_worker.engines.base import EngineError, TranslationRequest


class Texts:
    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[str] = []
        self._error = error

    def translate(self, text: str, source: str, target: str) -> str:
        if self._error is not None:
            raise self._error
        self.asked.append(text)
        return text.upper()


def translate(texts: Texts, text: str) -> str:
    return AmazonTranslator(texts).translate([TranslationRequest(text, "en", "de")])[0]


def test_a_text_goes_as_it_is() -> None:
    texts = Texts()
    assert translate(texts, "one. two.") == "ONE. TWO."
    assert texts.asked == ["one. two."]


def test_nothing_is_not_asked_for() -> None:
    texts = Texts()
    assert translate(texts, "  ") == "  "
    assert texts.asked == []


@pytest.mark.parametrize("text", ["a sentence of words. " * 1200, "ä" * 12_000, "語" * 5000])
def test_what_is_too_long_goes_in_pieces_and_is_whole_afterwards(text: str) -> None:
    texts = Texts()
    answer = translate(texts, text.strip())
    assert len(texts.asked) > 1
    assert all(len(piece.encode()) <= MAX_BYTES for piece in texts.asked)
    assert answer.replace(" ", "") == text.upper().replace(" ", "")


def test_throttled_may_be_tried_again_and_refused_may_not() -> None:
    with pytest.raises(EngineError, match="service_unavailable") as caught:
        translate(Texts(Unavailable("dependency_unavailable", "throttled")), "hello")
    assert caught.value.retryable
    with pytest.raises(EngineError, match="service_refused") as caught:
        translate(Texts(DependencyRefused("no grant")), "hello")
    assert not caught.value.retryable
