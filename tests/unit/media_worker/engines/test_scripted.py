import pytest

from media_worker.audio import g711
from media_worker.engines import scripted
from media_worker.engines.base import SpeechRequest, StreamSpec
from media_worker.engines.scripted import LINES, ScriptedSpeechToText, ScriptedTextToSpeech


def heard(pcm: bytes, language: str = "en", rate_hz: int = 8000) -> str:
    engine = ScriptedSpeechToText()
    stream = engine.open(StreamSpec(language, rate_hz))
    engine.begin(stream)
    engine.advance([(stream, pcm)])
    return engine.finish([stream])[0].text


@pytest.mark.parametrize("rate_hz", [8000, 16000])
@pytest.mark.parametrize(("language", "line"), [(language, n) for language in LINES for n in range(4)])
def test_the_pitch_chooses_the_line(language: str, line: int, rate_hz: int) -> None:
    assert heard(scripted.utterance(language, line, rate_hz), language, rate_hz) == LINES[language][line]


def test_mu_law_and_a_cut_beginning_change_nothing() -> None:
    pcm = bytes(3200) + scripted.utterance("en", 2, 8000)
    assert heard(g711.mulaw_to_pcm(g711.pcm_to_mulaw(pcm))) == LINES["en"][2]


def test_the_text_is_as_long_as_the_sound() -> None:
    assert heard(scripted.tone(0, 0.6, 8000)) == "hello how"


def test_partials_grow_word_by_word() -> None:
    engine = ScriptedSpeechToText()
    stream = engine.open(StreamSpec("es", 8000))
    engine.begin(stream)
    pcm = scripted.utterance("es", 1, 8000)
    partials = [engine.advance([(stream, pcm[start : start + 320])])[0] for start in range(0, len(pcm), 320)]
    assert [partial for partial in partials if partial is not None] == [
        "dónde",
        "dónde está",
        "dónde está mi",
        "dónde está mi pedido",
    ]


def test_silence_is_not_understood() -> None:
    engine = ScriptedSpeechToText()
    stream = engine.open(StreamSpec("en", 8000))
    engine.begin(stream)
    engine.advance([(stream, bytes(16000))])
    result = engine.finish([stream])[0]
    assert (result.text, result.understood) == ("", False)


def test_speech_is_as_long_as_the_text() -> None:
    short, long = (
        sum(len(pcm) for pcm in ScriptedTextToSpeech().speak(SpeechRequest(text, "en"))) for text in ("hi", "hi hi hi")
    )
    assert long == 3 * short
