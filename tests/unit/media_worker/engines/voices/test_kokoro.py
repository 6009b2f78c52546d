import numpy as np
import pytest

from media_worker.engines.base import EngineError, LanguageNotServed, SpeechRequest
from media_worker.engines.voices.kokoro import MAX_CHARACTERS, TONGUES, KokoroTextToSpeech
from tests.models import buzzing


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> KokoroTextToSpeech:
    return KokoroTextToSpeech(buzzing.build(tmp_path_factory.mktemp("kokoro")))


def test_a_language_is_served_when_its_default_voice_is_there(voice: KokoroTextToSpeech) -> None:
    assert voice.languages() == set(TONGUES)


def test_the_first_clause_is_heard_while_the_rest_is_made(voice: KokoroTextToSpeech) -> None:
    text = "Thank you very much for calling, how can I help you? One moment please, I will look."
    assert len(list(voice.speak(SpeechRequest(text, "en")))) == 3


def test_speech_is_as_loud_as_speech_and_not_clipped(voice: KokoroTextToSpeech) -> None:
    pcm = b"".join(voice.speak(SpeechRequest("hello hello hello", "en")))
    samples = np.abs(np.frombuffer(pcm, "<i2").astype(np.int32))
    assert 2000 < samples.max() < 30_000


def test_a_voice_can_be_chosen_within_its_language(voice: KokoroTextToSpeech) -> None:
    for name in ("am_adam", "adam"):
        assert b"".join(voice.speak(SpeechRequest("hello", "en", voice=name)))
    for name in ("ef_dora", "dora", "af_nobody", "am_", "am"):
        with pytest.raises(EngineError, match="voice_unknown"):
            voice.speak(SpeechRequest("hello", "en", voice=name))


def test_what_is_not_served_or_too_long_is_refused(voice: KokoroTextToSpeech) -> None:
    with pytest.raises(LanguageNotServed):
        voice.speak(SpeechRequest("hallo", "de"))
    with pytest.raises(EngineError, match="text_too_long"):
        voice.speak(SpeechRequest("x" * (MAX_CHARACTERS + 1), "en"))
