"""MP3, as a decoder would see it: frame by frame."""

from __future__ import annotations

import math
import struct
import subprocess
import sys
from collections.abc import Iterator

import pytest

from core.adapters.mp3 import KBIT_S, Mp3Encoder

RATE_HZ = 8000
FRAME_SAMPLES = 576
# MPEG 2.5, layer III: kbit/s by the index in a frame's header.
BITRATES = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


def tone(seconds: float, channels: int) -> bytes:
    samples = (int(8000 * math.sin(number * 0.35)) for number in range(int(seconds * RATE_HZ)))
    return b"".join(struct.pack("<h", sample) * channels for sample in samples)


def frames(mp3: bytes) -> Iterator[tuple[int, int, int]]:
    """Rate, kbit/s and channels of every frame; the stream must be nothing but frames."""
    at = 0
    while at < len(mp3):
        assert mp3[at] == 0xFF
        assert mp3[at + 1] & 0b11111110 == 0b11100010, "MPEG 2.5, layer III"
        kbit_s = BITRATES[mp3[at + 2] >> 4]
        rate_hz = (11_025, 12_000, 8_000)[mp3[at + 2] >> 2 & 3]
        yield rate_hz, kbit_s, 1 if mp3[at + 3] >> 6 == 3 else 2
        at += 72 * kbit_s * 1000 // rate_hz + (mp3[at + 2] >> 1 & 1)
    assert at == len(mp3)


@pytest.mark.parametrize("channels", [1, 2])
def test_every_frame_is_at_our_rate_and_they_last_as_long_as_the_sound(channels: int) -> None:
    encoder = Mp3Encoder(channels)
    pcm = tone(3.0, channels)

    parts = [encoder.encode(pcm[at : at + 6_400]) for at in range(0, len(pcm), 6_400)]
    found = list(frames(b"".join(parts) + encoder.finish()))

    assert set(found) == {(RATE_HZ, KBIT_S[channels], channels)}
    # Its own delay is played too: at most three frames more than the sound.
    assert 0 <= len(found) * FRAME_SAMPLES - 3.0 * RATE_HZ <= 3 * FRAME_SAMPLES


def test_it_is_the_same_in_one_piece_or_many() -> None:
    pcm = tone(1.0, 2)
    one, many = Mp3Encoder(2), Mp3Encoder(2)

    whole = one.encode(pcm) + one.finish()
    parts = b"".join(many.encode(pcm[at : at + 400]) for at in range(0, len(pcm), 400)) + many.finish()

    assert whole == parts


def test_nothing_in_may_be_nothing_out() -> None:
    assert Mp3Encoder(1).encode(b"") == b""


def test_the_library_is_loaded_with_the_first_encoder_only() -> None:
    script = "import sys, lambdas.runtime.wiring; print('lameenc' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "False"
