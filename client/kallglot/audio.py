"""mu-law at 8 kHz, and WAV files: what a client needs of audio, in the standard library.

Samples are 16-bit; the tables follow G.711 (bias 132, eight segments of sixteen steps).
"""

from __future__ import annotations

import sys
import wave
from array import array
from functools import cache
from pathlib import Path

RATE_HZ = 8000
_BIAS = 132
_CLIP = 32635


def decode(mulaw: bytes) -> array[int]:
    table = _decoded()
    return array("h", [table[code] for code in mulaw])


def encode(samples: array[int]) -> bytes:
    table = _encoded()
    return bytes(table[sample >> 2 & 0x3FFF] for sample in samples)


def read_wav(path: Path) -> array[int]:
    """The first channel; the file must be 16-bit at 8 kHz (ValueError otherwise)."""
    return read_wav_channels(path)[0]


def read_wav_channels(path: Path) -> list[array[int]]:
    with wave.open(str(path), "rb") as file:
        if (file.getframerate(), file.getsampwidth()) != (RATE_HZ, 2):
            raise ValueError(f"{path} must be 16-bit at {RATE_HZ} Hz")
        samples = native(array("h", file.readframes(file.getnframes())))
        channels = file.getnchannels()
        return [samples[number::channels] for number in range(channels)]


def write_wav(path: Path, *channels: array[int], rate_hz: int = RATE_HZ) -> None:
    """Interleave equally long channels into a 16-bit file."""
    interleaved = array("h", bytes(2 * len(channels) * len(channels[0])))
    for number, channel in enumerate(channels):
        interleaved[number :: len(channels)] = channel
    with wave.open(str(path), "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(native(interleaved).tobytes())


def native(samples: array[int]) -> array[int]:
    """Little endian, as in files and on the wire, ↔ this machine's order."""
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _expand(code: int) -> int:
    code = ~code & 0xFF
    magnitude = ((code & 0x0F) << 3 | 0x84) << (code >> 4 & 7)
    return _BIAS - magnitude if code & 0x80 else magnitude - _BIAS


def _compress(sample: int) -> int:
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), _CLIP) + _BIAS
    segment = magnitude.bit_length() - 8
    return ~(sign | segment << 4 | magnitude >> segment + 3 & 0x0F) & 0xFF


@cache
def _decoded() -> tuple[int, ...]:
    return tuple(_expand(code) for code in range(256))


@cache
def _encoded() -> bytes:
    """By the upper 14 bits of a sample in two's complement."""
    return bytes(_compress((index if index < 0x2000 else index - 0x4000) << 2) for index in range(0x4000))
