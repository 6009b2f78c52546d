"""Two speakers on one stream: left customer, right agent."""

from __future__ import annotations

import audioop

from media_worker.audio.formats import SAMPLE_BYTES


def split(stereo: bytes) -> tuple[bytes, bytes]:
    """(left, right) of interleaved 16-bit PCM."""
    return audioop.tomono(stereo, SAMPLE_BYTES, 1, 0), audioop.tomono(stereo, SAMPLE_BYTES, 0, 1)
