"""The embedded recogniser with real models and real (synthetic) speech. Needs flite and espeak-ng."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import jiwer
import numpy as np
import pytest

from media_worker.engines.base import EngineError, LanguageNotServed, Recognition, SpeechToText, StreamSpec
from media_worker.engines.embedded import telephone
from media_worker.engines.embedded.bandwidth import Signal
from media_worker.engines.embedded.build import build
from media_worker.engines.embedded.recogniser import SphinxSpeechToText
from media_worker.engines.embedded.synthesis import Speaker, espeak, flite, speak

MODELS = Path(".local/models/embedded")
ENGLISH = "i would like to return these shoes and get my money back"
SPANISH = "necesito cambiar mi cita para el viernes por la mañana"
FOREIGN = "photosynthesis converts sunlight into chemical energy inside a leaf"
VOICES = {"en": flite("rms"), "es": espeak("es-419+f2")}


@pytest.fixture(scope="session")
def recogniser() -> SpeechToText:
    build(MODELS)
    return SphinxSpeechToText(MODELS)


def spoken(speaker: Speaker, text: str) -> Signal:
    return telephone.in_a_quiet_room(speak(speaker, text))


def frames(signal: Signal, rate_hz: int) -> Iterator[bytes]:
    pcm = telephone.to_pcm(telephone.carry(signal) if rate_hz == 8000 else signal)
    step = rate_hz // 50 * 2
    return (pcm[start : start + step] for start in range(0, len(pcm), step))


def hear(recogniser: SpeechToText, language: str, text: str, rate_hz: int = 8000) -> tuple[Recognition, list[str]]:
    stream = recogniser.open(StreamSpec(language, rate_hz))
    recogniser.begin(stream)
    told = [recogniser.advance([(stream, frame)])[0] for frame in frames(spoken(VOICES[language], text), rate_hz)]
    [result] = recogniser.finish([stream])
    recogniser.close(stream)
    return result, [partial for partial in told if partial is not None]


@pytest.mark.parametrize("rate_hz", [8000, 16000])
def test_english_is_heard_at_both_rates(recogniser: SpeechToText, rate_hz: int) -> None:
    result, _ = hear(recogniser, "en", ENGLISH, rate_hz)

    assert jiwer.wer(ENGLISH, result.text) <= 0.2
    assert result.understood and result.confidence > 0.5


def test_spanish_is_heard_on_the_telephone(recogniser: SpeechToText) -> None:
    result, _ = hear(recogniser, "es", SPANISH)

    assert jiwer.wer(SPANISH, result.text) <= 0.3
    assert result.understood


def test_partials_come_while_the_caller_speaks_and_only_when_they_change(recogniser: SpeechToText) -> None:
    result, partials = hear(recogniser, "en", ENGLISH)

    assert len(partials) > 5
    assert all(earlier != later for earlier, later in pairwise(partials))
    assert jiwer.wer(result.text, partials[-1]) < 0.5


def test_words_lie_where_they_were_spoken(recogniser: SpeechToText) -> None:
    signal = spoken(VOICES["en"], ENGLISH)
    loud = np.flatnonzero(np.abs(signal) > 0.02) / 16000

    for rate_hz in (8000, 16000):
        words = hear(recogniser, "en", ENGLISH, rate_hz)[0].words
        assert words[0].start_s == pytest.approx(loud[0], abs=0.1)
        assert words[-1].end_s == pytest.approx(loud[-1], abs=0.1)
        assert all(a.end_s <= b.start_s for a, b in pairwise(words))


def test_speech_outside_the_domain_is_not_understood(recogniser: SpeechToText) -> None:
    assert not hear(recogniser, "en", FOREIGN)[0].understood


def test_silence_and_nothing_are_not_understood(recogniser: SpeechToText) -> None:
    stream = recogniser.open(StreamSpec("en", 8000))
    for pcm in (b"", bytes(16000)):
        recogniser.begin(stream)
        recogniser.advance([(stream, pcm)])
        [result] = recogniser.finish([stream])
        assert (result.text, result.understood) == ("", False)
    recogniser.close(stream)


def test_one_stream_hears_many_utterances_and_two_do_not_mix(recogniser: SpeechToText) -> None:
    english, spanish = (recogniser.open(StreamSpec(language, 8000)) for language in ("en", "es"))
    for _ in range(2):
        recogniser.begin(english)
        recogniser.begin(spanish)
        pairs = zip(
            frames(spoken(VOICES["en"], ENGLISH), 8000), frames(spoken(VOICES["es"], SPANISH), 8000), strict=False
        )
        for heard_en, heard_es in pairs:
            recogniser.advance([(english, heard_en), (spanish, heard_es)])
        results = recogniser.finish([english, spanish])
        assert [result.language for result in results] == ["en", "es"]
        assert jiwer.wer(SPANISH, results[1].text) <= 0.5
        assert results[0].text.startswith("i would like to return")


def test_beginning_again_drops_the_unfinished_utterance(recogniser: SpeechToText) -> None:
    stream = recogniser.open(StreamSpec("en", 8000))
    recogniser.begin(stream)
    for frame in frames(spoken(VOICES["en"], ENGLISH), 8000):
        recogniser.advance([(stream, frame)])
    recogniser.begin(stream)
    [result] = recogniser.finish([stream])

    assert result.text == ""
    with pytest.raises(EngineError, match="no_open_utterance"):
        recogniser.finish([stream])


def test_a_language_or_a_rate_that_is_not_served_is_refused(recogniser: SpeechToText) -> None:
    assert recogniser.languages() == {"en", "es"}
    with pytest.raises(LanguageNotServed):
        recogniser.open(StreamSpec("de", 8000))
    with pytest.raises(EngineError, match="rate_not_served"):
        recogniser.open(StreamSpec("en", 44100))


def test_the_decoder_prints_nothing(recogniser: SpeechToText, capfd: pytest.CaptureFixture[str]) -> None:
    hear(recogniser, "en", ENGLISH)

    assert capfd.readouterr() == ("", "")
