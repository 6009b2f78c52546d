"""What every voice does: `base.TextToSpeech`."""

from collections.abc import Iterator

import numpy as np
import pytest

from media_worker.engines.base import EngineError, EngineSet, LanguageNotServed, SpeechRequest
from tests.contract.engines.kinds import Kind

LONG = "thank you for calling, how can I help you today? one moment please, I will look for your order. " * 8


def speak(engines: EngineSet, text: str, language: str = "en", rate_hz: int = 8000) -> bytes:
    return b"".join(engines.text_to_speech.speak(SpeechRequest(text, language, rate_hz)))


def test_every_language_it_declares_is_audible(engines: EngineSet) -> None:
    for language in engines.text_to_speech.languages():
        samples = np.frombuffer(speak(engines, "123", language), "<i2")
        assert len(samples) > 800, language
        assert np.abs(samples).max() > 2000, language


@pytest.mark.parametrize("rate_hz", [8000, 16000])
def test_speech_comes_at_the_rate_that_was_asked_for(kind: Kind, engines: EngineSet, rate_hz: int) -> None:
    text = "one two three four five"
    for language in {"en"} | kind.adds:
        narrow, asked = (len(speak(engines, text, language, rate)) for rate in (8000, rate_hz))
        assert asked == pytest.approx(narrow * rate_hz / 8000, rel=0.02)


def test_longer_text_takes_longer(engines: EngineSet) -> None:
    assert len(speak(engines, "hello hello hello hello")) > 2 * len(speak(engines, "hello"))


def test_long_text_comes_in_pieces_of_whole_samples(engines: EngineSet) -> None:
    pieces = list(engines.text_to_speech.speak(SpeechRequest(LONG, "en")))
    assert len(pieces) > 4
    assert all(len(piece) % 2 == 0 for piece in pieces)


def test_speech_can_be_stopped_half_way(kind: Kind, engines: EngineSet) -> None:
    for language in {"en"} | kind.adds:
        pieces = engines.text_to_speech.speak(SpeechRequest(LONG, language))
        assert isinstance(pieces, Iterator)
        assert next(pieces)
        close = getattr(pieces, "close", None)
        assert close is not None
        close()
        assert next(pieces, None) is None
        assert speak(engines, "hello", language)


@pytest.mark.parametrize("text", ["", "  ", "...", "\0\x1b", "<speak></speak>"])
def test_text_without_words_is_silence(engines: EngineSet, text: str) -> None:
    samples = np.frombuffer(speak(engines, text), "<i2")
    assert len(samples) < 8000


@pytest.mark.parametrize("text", ["-v de --stdout", "$(reboot) `id` ; rm", "a\nb", "<b>x</b> & [[h@]]", "日本 👍"])
def test_no_text_is_taken_for_a_command(kind: Kind, engines: EngineSet, text: str) -> None:
    for language in {"en"} | kind.adds:
        speak(engines, text, language)
        assert speak(engines, "hello", language)


def test_a_language_it_does_not_declare_is_refused(engines: EngineSet) -> None:
    with pytest.raises(LanguageNotServed):
        speak(engines, "hello", "qq")


def test_a_voice_that_it_does_not_have_is_refused_before_any_work(kind: Kind, engines: EngineSet) -> None:
    for language in {"en"} | kind.adds:
        with pytest.raises(EngineError, match="voice_unknown"):
            engines.text_to_speech.speak(SpeechRequest("hello", language, voice="nobody"))
