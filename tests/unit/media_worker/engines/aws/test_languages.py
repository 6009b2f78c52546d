"""The tables against what botocore knows of Polly; nothing on this machine knows Transcribe's or Translate's lists."""

from typing import Any

import botocore.session
import pytest

from core.domain.languages import LANGUAGES
from media_worker.engines.aws.languages import HEARD, VOICES, WRITTEN

POLLY: Any = botocore.session.get_session().get_service_model("polly")


def test_they_are_languages_of_the_product() -> None:
    assert HEARD.keys() | WRITTEN | VOICES.keys() <= LANGUAGES.keys()


@pytest.mark.parametrize("code", VOICES)
def test_every_voice_is_one_of_pollys_in_a_language_and_by_an_engine_that_it_has(code: str) -> None:
    for voice in VOICES[code]:
        assert voice.name in POLLY.shape_for("VoiceId").enum
        assert voice.language in POLLY.shape_for("LanguageCode").enum
        assert voice.engine in POLLY.shape_for("Engine").enum


@pytest.mark.parametrize("code", VOICES)
def test_a_default_is_neural_where_there_is_such_a_voice(code: str) -> None:
    engines = [voice.engine for voice in VOICES[code]]
    assert engines[0] == ("neural" if "neural" in engines else "standard")


def test_voices_and_recognition_speak_the_same_variety_by_default() -> None:
    for code in ("en", "es", "pt", "fr", "de"):
        assert HEARD[code][0] == VOICES[code][0].language
