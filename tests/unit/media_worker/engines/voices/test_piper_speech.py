import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media_worker.engines.base import EngineError, LanguageNotServed, SpeechRequest
from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.voices.piper_speech import MAX_CHARACTERS, PiperTextToSpeech
from tests.models import chanting

KNOWN = frozenset({"de", "pl"})
TEXT = "Guten Tag, wie kann ich Ihnen helfen? Einen Augenblick bitte, ich sehe nach."


@pytest.fixture(scope="module")
def voice(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PiperTextToSpeech]:
    folder = tmp_path_factory.mktemp("piper")
    for name, pitch_hz in (("de_DE-thorsten-medium", 140.0), ("de_DE-eva_k-low", 400.0), ("pl_PL-gosia-medium", 200.0)):
        chanting.build(folder, name, pitch_hz)
    voice = PiperTextToSpeech.of(folder, KNOWN, 1)
    assert voice is not None
    yield voice
    voice.close()


def said(voice: PiperTextToSpeech, request: SpeechRequest) -> bytes:
    return b"".join(voice.speak(request))


def strongest_hz(pcm: bytes, rate_hz: int = 8000) -> float:
    spectrum = np.abs(np.fft.rfft(np.frombuffer(pcm, "<i2")))
    return float(np.argmax(spectrum) * rate_hz / (len(pcm) // 2))


def test_a_language_is_served_when_it_has_a_voice(voice: PiperTextToSpeech) -> None:
    assert voice.languages() == KNOWN


def test_the_first_clause_is_heard_while_the_rest_is_made(voice: PiperTextToSpeech) -> None:
    assert len(list(voice.speak(SpeechRequest(TEXT, "de")))) == 2


def test_speech_is_as_loud_as_speech_and_not_clipped(voice: PiperTextToSpeech) -> None:
    samples = np.abs(np.frombuffer(said(voice, SpeechRequest(TEXT, "de")), "<i2").astype(np.int32))
    assert 2000 < samples.max() < 30_000


def test_a_voice_can_be_chosen_within_its_language(voice: PiperTextToSpeech) -> None:
    pitches = [
        strongest_hz(said(voice, SpeechRequest(TEXT, "de", voice=name)))
        for name in (None, "eva_k", "thorsten", "de_DE-thorsten-medium")
    ]
    assert pitches[0] == pitches[1] > 400 > pitches[2] == pitches[3]
    for name in ("gosia", "de_DE", "thor"):
        with pytest.raises(EngineError, match="voice_unknown"):
            voice.speak(SpeechRequest(TEXT, "de", voice=name))


def test_what_is_not_served_or_too_long_is_refused(voice: PiperTextToSpeech) -> None:
    with pytest.raises(LanguageNotServed):
        voice.speak(SpeechRequest("hello", "en"))
    with pytest.raises(EngineError, match="text_too_long"):
        voice.speak(SpeechRequest("x" * (MAX_CHARACTERS + 1), "de"))


def test_a_damaged_model_stops_the_worker_and_is_named(tmp_path: Path) -> None:
    chanting.build(tmp_path).write_bytes(b"not a model")
    with pytest.raises(EnginesNotAvailable, match=r"de_DE-thorsten-medium\.onnx cannot be loaded"):
        PiperTextToSpeech.of(tmp_path, KNOWN, 1)


def test_no_voice_is_no_engine_and_starts_no_program(tmp_path: Path) -> None:
    chanting.build(tmp_path, "lb_LU-marylux-medium")
    assert PiperTextToSpeech.of(tmp_path, KNOWN, 1) is None


def test_nothing_of_piper_is_in_the_process_that_speaks_with_it() -> None:
    ask = "import sys, media_worker.engines.whisper.engines; print([m for m in sys.modules if m.startswith('piper')])"
    done = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
