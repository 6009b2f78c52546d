"""What a telephone heard, judged: its words by recognition, its sound by laying it onto what was to be played."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import jiwer
import numpy as np

from local.stack import MODELS
from media_worker.engines.base import SpeechRequest, StreamSpec
from media_worker.engines.embedded.recogniser import SphinxSpeechToText
from media_worker.engines.embedded.voice import EspeakTextToSpeech
from tests.sounds import Samples

RATE_HZ = 8000
_FRAME = 160
_SOUND = 300
"""Of 16-bit samples; a telephone's silence is below ten."""
_AROUND_S = 0.5
_WINDOW_S = 0.25
_ASTRAY_S = 0.1


def stretches(heard: array[int], longest_pause_s: float = 1.0) -> Iterator[array[int]]:
    """The parts with sound in them, with a little silence around each."""
    loud = np.flatnonzero(np.abs(np.asarray(heard, dtype=np.int32)) > _SOUND)
    if not len(loud):
        return
    breaks = np.flatnonzero(np.diff(loud) > longest_pause_s * RATE_HZ)
    around = int(_AROUND_S * RATE_HZ)
    for first, last in zip([loud[0], *loud[breaks + 1]], [*loud[breaks], loud[-1]], strict=True):
        yield heard[max(0, int(first) - around) : int(last) + around]


def understood(heard: array[int], language: str) -> str:
    """Its words, by the embedded recogniser, which knows no other languages than the demo's."""
    recogniser = SphinxSpeechToText(MODELS)
    texts = []
    for stretch in stretches(heard):
        stream = recogniser.open(StreamSpec(language, RATE_HZ))
        recogniser.begin(stream)
        for at in range(0, len(stretch), _FRAME):
            recogniser.advance([(stream, stretch[at : at + _FRAME].tobytes())])
        [result] = recogniser.finish([stream])
        recogniser.close(stream)
        texts.append(result.text)
    return " ".join(text for text in texts if text)


def word_errors(said: str, heard: str) -> float:
    """Share of 1, without regard to case and punctuation."""
    return float(jiwer.wer(_plain(said), _plain(heard) or " "))


def alignment(played: array[int], heard: array[int]) -> float:
    """How much of `played` is in `heard`, a window after the other where the whole lies best, or a little astray.

    1 for all of it; a window that is missing, or full of something else, takes its share away.
    """
    reference, sound = _floats(played), _floats(heard)
    astray, window = int(_ASTRAY_S * RATE_HZ), int(_WINDOW_S * RATE_HZ)
    begins = _where(reference, np.pad(sound, (0, len(reference))))
    sound = np.pad(sound, (astray, len(reference) + astray))
    found = [
        (float(np.linalg.norm(piece)), _correlation(piece, sound[begins + at : begins + at + window + 2 * astray]))
        for at in range(0, len(reference) - window + 1, window)
        for piece in [reference[at : at + window]]
    ]
    return sum(weight * like for weight, like in found) / max(1.0, sum(weight for weight, _ in found))


def _where(reference: Samples, sound: Samples) -> int:
    size = len(reference) + len(sound)
    spectrum = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(reference, size))
    return int(np.argmax(np.fft.irfft(spectrum, size)[: len(sound) - len(reference) + 1]))


def _correlation(piece: Samples, around: Samples) -> float:
    """Of the best place."""
    at = int(np.argmax(np.correlate(around, piece, "valid")))
    there = around[at : at + len(piece)]
    return float(piece @ there / max(1.0, float(np.linalg.norm(piece)) * float(np.linalg.norm(there))))


def voiced(text: str, language: str) -> array[int]:
    """What the stack's own voice says, at 8 kHz: the sound that a listener is meant to hear."""
    pieces = EspeakTextToSpeech().speak(SpeechRequest(text, language, RATE_HZ))
    return array("h", b"".join(pieces))


def _floats(sound: array[int]) -> Samples:
    return np.asarray(sound, dtype=np.float64)


def _plain(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum() or letter == " ")
