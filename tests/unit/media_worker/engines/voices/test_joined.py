from collections.abc import Iterator
from pathlib import Path

import pytest

from media_worker.engines.base import EngineError, LanguageNotServed, SpeechRequest
from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.voices.joined import JoinedVoices, voices_below
from tests.models import buzzing, chanting

KNOWN = frozenset({"de", "en", "es"})


class Family:
    """Says its own name, the language and the voice."""

    def __init__(self, name: str, voices: dict[str, str]) -> None:
        self.name, self.voices = name, voices

    def languages(self) -> frozenset[str]:
        return frozenset(self.voices)

    def speak(self, request: SpeechRequest) -> Iterator[bytes]:
        if request.language not in self.voices:
            raise LanguageNotServed("speech_unavailable")
        if len(request.text) > 10:
            raise EngineError("text_too_long")
        if request.voice not in (None, self.voices[request.language]):
            raise EngineError("voice_unknown")
        return iter([f"{self.name} {request.language} {request.voice}".encode()])


VOICES = JoinedVoices([Family("first", {"en": "heart", "es": "dora"}), Family("second", {"en": "amy", "de": "eva"})])


@pytest.mark.parametrize(
    ("language", "voice", "said"),
    [
        ("en", None, b"first en None"),
        ("de", None, b"second de None"),
        ("es", "dora", b"first es dora"),
        ("en", "amy", b"second en amy"),
        ("de", "eva", b"second de eva"),
    ],
)
def test_a_language_is_spoken_by_the_first_that_has_it_or_by_who_is_named(
    language: str, voice: str | None, said: bytes
) -> None:
    assert list(VOICES.speak(SpeechRequest("hello", language, voice=voice))) == [said]


def test_all_their_languages_are_served() -> None:
    assert VOICES.languages() == KNOWN


@pytest.mark.parametrize(("language", "voice"), [("en", "eva"), ("de", "heart"), ("es", "nobody")])
def test_a_name_that_nobody_has_in_this_language_is_unknown(language: str, voice: str) -> None:
    with pytest.raises(EngineError, match="voice_unknown"):
        VOICES.speak(SpeechRequest("hello", language, voice=voice))


def test_what_the_first_refuses_for_another_reason_is_not_asked_of_the_next() -> None:
    with pytest.raises(EngineError, match="text_too_long"):
        VOICES.speak(SpeechRequest("hello hello", "en"))
    with pytest.raises(LanguageNotServed):
        VOICES.speak(SpeechRequest("hello", "fr"))


@pytest.mark.parametrize("families", [{"kokoro"}, {"piper"}, {"kokoro", "piper"}])
def test_either_family_is_enough(tmp_path: Path, families: set[str]) -> None:
    served = set()
    if "kokoro" in families:
        buzzing.build(tmp_path / "kokoro")
        served |= {"en", "es", "fr", "hi", "it", "pt"}
    if "piper" in families:
        chanting.build(tmp_path / "piper")
        served |= {"de"}
    voices = voices_below(tmp_path, KNOWN, 1)
    assert voices.languages() == served
    voices.close()


def test_without_any_voice_the_worker_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(EnginesNotAvailable, match="has no voice"):
        voices_below(tmp_path, KNOWN, 1)
