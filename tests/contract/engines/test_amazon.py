"""What AWS may answer, played on loopback: each becomes an error of the right kind, and the next call works."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from media_worker.engines import registry
from media_worker.engines.aws import recogniser
from media_worker.engines.base import (
    EngineError,
    EngineSet,
    Recognition,
    SpeechRequest,
    StreamSpec,
    TranslationRequest,
)
from media_worker.engines.registry import EngineSettings, EnginesNotAvailable
from media_worker.engines.scripted import utterance
from tests.fakes.amazon import Amazon

SPEC = StreamSpec("en", 8000)
PCM = utterance("en", 1, 8000)


@pytest.fixture(scope="module")
def running() -> Iterator[Amazon]:
    amazon = Amazon().start()
    yield amazon
    amazon.stop()


@pytest.fixture
def amazon(running: Amazon) -> Amazon:
    running.faults.clear()
    for seen in (running.streams, running.spoken, running.translated):
        seen.clear()
    return running


def build(amazon: Amazon, **options: str) -> EngineSet:
    return registry.build("aws", EngineSettings(Path("unused"), amazon.options | options))


def hear(engines: EngineSet, spec: StreamSpec = SPEC, pcm: bytes = PCM) -> Recognition:
    engine = engines.speech_to_text
    stream = engine.open(spec)
    engine.begin(stream)
    try:
        engine.advance([(stream, pcm)])
        return engine.finish([stream])[0]
    finally:
        engine.close(stream)


def test_a_stream_is_asked_for_at_the_rate_and_in_the_variety_that_was_chosen(amazon: Amazon) -> None:
    engines = build(amazon, dialects="en=en-GB,pt=pt-PT", stability="low")
    assert hear(engines).text == "where is my order"
    wide = StreamSpec("de", 16000)
    assert hear(engines, wide, utterance("de", 1, 16000)).text == "wo ist meine Bestellung"
    first, second = amazon.streams
    assert (first["language-code"], first["sample-rate"], first["media-encoding"]) == ("en-GB", "8000", "pcm")
    assert (second["language-code"], second["sample-rate"]) == ("de-DE", "16000")
    assert first["partial-results-stability"] == "low"


def test_confidence_is_that_of_the_words(amazon: Amazon) -> None:
    assert hear(build(amazon)).confidence == pytest.approx(0.9)


def test_nothing_is_opened_for_an_utterance_without_sound(amazon: Amazon) -> None:
    engine = build(amazon).speech_to_text
    stream = engine.open(SPEC)
    engine.begin(stream)
    assert not engine.finish([stream])[0].understood
    assert amazon.streams == []


@pytest.mark.parametrize(
    ("fault", "code", "retryable"),
    [
        (503, "recogniser_busy", True),
        (429, "recogniser_busy", True),
        (403, "recogniser_refused", False),
        ("LimitExceededException", "service_unavailable", True),
        ("BadRequestException", "service_refused", False),
    ],
)
def test_what_transcribe_does_not_do_is_an_error_of_its_kind(
    amazon: Amazon, fault: int | str, code: str, retryable: bool
) -> None:
    engines = build(amazon)
    amazon.faults["transcribe"] = [fault]
    with pytest.raises(EngineError, match=code) as caught:
        hear(engines)
    assert caught.value.retryable is retryable
    assert hear(engines).text == "where is my order"


def test_a_stream_that_says_nothing_is_given_up(amazon: Amazon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recogniser, "FINISH_S", 0.2)
    engines = build(amazon)
    amazon.faults["transcribe"] = ["hang"]
    with pytest.raises(EngineError, match="recogniser_timeout") as caught:
        hear(engines)
    assert caught.value.retryable


def test_a_service_that_cannot_be_reached_may_be_tried_again(amazon: Amazon) -> None:
    engines = build(amazon, transcribe_url="ws://127.0.0.1:9", endpoint_url="http://127.0.0.1:9")
    for work in (
        lambda: hear(engines),
        lambda: engines.translator.translate([TranslationRequest("hello", "en", "es")]),
        lambda: list(engines.text_to_speech.speak(SpeechRequest("hello", "en"))),
    ):
        with pytest.raises(EngineError) as caught:
            work()
        assert caught.value.retryable


@pytest.mark.parametrize(
    ("status", "code", "retryable"), [(429, "TooManyRequestsException", True), (400, "AccessDeniedException", False)]
)
def test_translate_and_polly_say_whether_it_may_pass(amazon: Amazon, status: int, code: str, retryable: bool) -> None:
    engines = build(amazon)
    amazon.faults |= {"translate": [(status, code)], "polly": [(status, code)]}
    with pytest.raises(EngineError) as caught:
        engines.translator.translate([TranslationRequest("hello", "en", "es")])
    assert caught.value.retryable is retryable
    with pytest.raises(EngineError) as caught:
        list(engines.text_to_speech.speak(SpeechRequest("hello", "en")))
    assert caught.value.retryable is retryable
    # Once each, and not again behind our back.
    assert (len(amazon.translated), len(amazon.spoken)) == (1, 1)


def test_a_voice_is_neural_in_the_language_itself_and_may_be_chosen(amazon: Amazon) -> None:
    engines = build(amazon, voices="en=Amy")
    for request in (SpeechRequest("hi", "de"), SpeechRequest("hi", "en"), SpeechRequest("hi", "en", voice="Olivia")):
        list(engines.text_to_speech.speak(request))
    asked = [(sound["VoiceId"], sound["LanguageCode"], sound["Engine"]) for sound in amazon.spoken]
    assert asked == [("Vicki", "de-DE", "neural"), ("Amy", "en-GB", "neural"), ("Olivia", "en-AU", "neural")]
    with pytest.raises(EngineError, match="voice_unknown"):
        list(engines.text_to_speech.speak(SpeechRequest("hi", "en", voice="Vicki")))


def test_a_rate_that_polly_has_not_is_made_from_its_best(amazon: Amazon) -> None:
    engines = build(amazon)
    narrow, wide = (
        b"".join(engines.text_to_speech.speak(SpeechRequest("one two three", "en", rate))) for rate in (8000, 48000)
    )
    assert len(wide) == pytest.approx(6 * len(narrow), rel=0.01)
    assert amazon.spoken[-1]["SampleRate"] == "16000"


@pytest.mark.parametrize("option", [{"dialects": "en=en-XX"}, {"voices": "de=Joanna"}, {"stability": "some"}])
def test_an_option_that_means_nothing_stops_the_worker(amazon: Amazon, option: dict[str, str]) -> None:
    with pytest.raises(EnginesNotAvailable, match=next(iter(option))):
        build(amazon, **option)


def test_nothing_that_is_said_gets_into_a_log(amazon: Amazon, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    engines = build(amazon)
    amazon.faults |= {"translate": [(400, "InvalidRequestException")], "transcribe": ["BadRequestException"]}
    with pytest.raises(EngineError):
        engines.translator.translate([TranslationRequest("my number is 4711", "en", "es")])
    with pytest.raises(EngineError):
        hear(engines)
    assert "refused" in caplog.text
    assert "4711" not in caplog.text
    assert "Signature" not in caplog.text
