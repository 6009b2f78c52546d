"""Speech made on the spot by Debian's synthesizers, at 16 kHz: what the extension is fitted on and benches listen to.

English comes from flite, whose recorded voices suit an acoustic model; espeak-ng, fine for people, does not.
"""

from __future__ import annotations

import io
import subprocess
import wave
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat

import numpy as np
import soxr

from media_worker.engines.embedded.bandwidth import WIDE_HZ, Signal

_PEAK = 0.5
_TIMEOUT_S = 30
_AT_ONCE = 2


class SynthesizerMissing(Exception):
    """A program that makes speech is not installed; the message names its Debian package."""


class SynthesisFailed(Exception):
    """The program ran and made no speech."""


@dataclass(frozen=True)
class Speaker:
    """A voice of a Debian package. `command` takes the text as its last argument and writes WAV to its output."""

    name: str
    language: str
    package: str
    command: tuple[str, ...]


def flite(voice: str) -> Speaker:
    return Speaker(f"flite-{voice}", "en", "flite", ("flite", "-voice", voice, "-o", "/dev/stdout", "-t"))


def espeak(voice: str, words_per_minute: int = 145) -> Speaker:
    command = ("espeak-ng", "-v", voice, "-s", str(words_per_minute), "--stdout")
    return Speaker(f"espeak-{voice}", "es", "espeak-ng", command)


def speak(speaker: Speaker, text: str) -> Signal:
    """Speech at 16 kHz with its peak at one half. Raises SynthesizerMissing or SynthesisFailed."""
    try:
        made = subprocess.run([*speaker.command, text], capture_output=True, timeout=_TIMEOUT_S, check=True)
    except FileNotFoundError:
        raise SynthesizerMissing(f"{speaker.command[0]} is not installed: apt-get install {speaker.package}") from None
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise SynthesisFailed(f"{speaker.name} made no speech of {text!r}: {error}") from error
    samples, rate_hz = _decode(made.stdout)
    wide = np.asarray(soxr.resample(samples, rate_hz, WIDE_HZ), np.float32)
    return wide * np.float32(_PEAK / max(float(np.abs(wide).max()), 1e-6))


def speak_all(speaker: Speaker, texts: Sequence[str]) -> list[Signal]:
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        return list(threads.map(speak, repeat(speaker), texts))


def _decode(data: bytes) -> tuple[Signal, int]:
    """16-bit mono WAV; a program that writes to a pipe leaves the lengths in the header wrong, so read to the end."""
    with wave.open(io.BytesIO(data)) as sound:
        rate_hz = sound.getframerate()
    pcm = data[data.index(b"data") + 8 :]
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32)
    return samples / np.float32(32768), rate_hz
