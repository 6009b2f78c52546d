"""espeak-ng (GPL, from Debian) at arm's length: one run of the program per clause, text on its standard input.

The first clause is short, so that a listener hears something after some 15 ms; the rest follows clause by clause.
espeak speaks at 22.05 kHz; a finished clause is resampled in one go, without the lag of a streaming resampler.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import numpy as np
import soxr

from media_worker.audio.loudness import levelled
from media_worker.engines.base import EngineError, LanguageNotServed, SpeechRequest
from media_worker.engines.registry import EnginesNotAvailable
from media_worker.engines.spoken_text import clauses, speakable

PROGRAM = "espeak-ng"
CLAUSE_TIMEOUT_S = 5.0
MAX_CHARACTERS = 5000
WORDS_PER_MINUTE = 165
PAUSE_S = 0.12

_WAV_HEADER_BYTES = 44

# Voices by language of the product, the default first. Not served: Japanese (espeak reads kana only), Hebrew (it is
# silent about digits), Galician and Tagalog (it has none).
_OWN_NAME = (
    "af ar az be bg bn bs ca cs cy da de el et eu fa fi ga gu hi hr hu hy id is it ka kk kn ko lt lv mk ml mr ms ne "
    "nl pa pl ro ru sk sl sq sr sv sw ta te th tr uk ur vi"
)
VOICES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {code: (code,) for code in _OWN_NAME.split()}
    | {
        "en": ("en-us", "en-gb"),
        "es": ("es", "es-419"),
        "fr": ("fr-fr", "fr-be", "fr-ch"),
        "no": ("nb",),
        "pt": ("pt", "pt-br"),
        "zh": ("cmn",),
    }
)


class EspeakTextToSpeech:
    def __init__(self) -> None:
        available = _installed_voices()
        self._voices = {
            language: tuple(voice for voice in voices if voice in available)
            for language, voices in VOICES.items()
            if voices[0] in available
        }

    def languages(self) -> frozenset[str]:
        return frozenset(self._voices)

    def speak(self, request: SpeechRequest) -> Iterator[bytes]:
        voice = self._voice(request)
        if len(request.text) > MAX_CHARACTERS:
            raise EngineError("text_too_long")
        return _clauses_spoken(clauses(speakable(request.text)), voice, request.rate_hz)

    def _voice(self, request: SpeechRequest) -> str:
        voices = self._voices.get(request.language)
        if voices is None:
            raise LanguageNotServed("speech_unavailable")
        if request.voice is not None and request.voice not in voices:
            raise EngineError("voice_unknown")
        return request.voice or voices[0]


def _clauses_spoken(texts: list[str], voice: str, rate_hz: int) -> Iterator[bytes]:
    for number, text in enumerate(texts):
        pause = bytes(int(PAUSE_S * rate_hz) * 2) if number else b""
        yield pause + _to_rate(_run(text, voice), rate_hz)


def _run(text: str, voice: str) -> bytes:
    """The WAV that espeak writes for one clause. `voice` is from our table; the text is never an argument."""
    command = [PROGRAM, "-v", voice, "-s", str(WORDS_PER_MINUTE), "-b", "1", "-z", "--stdin", "--stdout"]
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=CLAUSE_TIMEOUT_S, check=True)
    except subprocess.TimeoutExpired:
        raise EngineError("voice_timed_out", retryable=True) from None
    except subprocess.CalledProcessError:
        raise EngineError("voice_failed", retryable=True) from None
    return done.stdout


def _to_rate(wav: bytes, rate_hz: int) -> bytes:
    if len(wav) < _WAV_HEADER_BYTES:
        raise EngineError("voice_failed", retryable=True)
    (own_rate_hz,) = struct.unpack_from("<I", wav, 24)
    samples = np.frombuffer(wav, dtype="<i2", offset=_WAV_HEADER_BYTES).astype(np.float32)
    resampled = soxr.resample(samples, own_rate_hz, rate_hz) if own_rate_hz != rate_hz else samples
    return levelled(resampled).astype("<i2").tobytes()


def _installed_voices() -> frozenset[str]:
    if shutil.which(PROGRAM) is None:
        raise EnginesNotAvailable(f"{PROGRAM} is not installed (Debian package espeak-ng)")
    listing = subprocess.run(
        [PROGRAM, "--voices"], capture_output=True, timeout=CLAUSE_TIMEOUT_S, check=True, text=True
    )
    return frozenset(line.split()[1] for line in listing.stdout.splitlines()[1:])
