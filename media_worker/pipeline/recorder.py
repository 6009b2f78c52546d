"""The recording of one conversation: two voices on one clock, cut into chunks of at most ten seconds.

Left is the customer, right the agent; mono mixes both. Where nobody was heard there is silence. The first chunk
is shorter by a share of its own, so that calls that began together do not flush together.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.domain.recordings import CHUNK_S, RATE_HZ, SAMPLE_BYTES
from core.domain.sessions import Channels, Role

_CHUNK = int(CHUNK_S * RATE_HZ)
_LATE = RATE_HZ * 4 // 10


class Piece(NamedTuple):
    """Finished samples, interleaved, and where they begin on the session's clock."""

    offset_s: float
    duration_s: float
    pcm: bytes


class Recorder:
    """Holds at most one chunk and what clients have sent ahead of the clock."""

    def __init__(self, session_id: str, channels: Channels, begins_at: int = 0) -> None:
        self._channels = channels
        self._start = begins_at
        self._voices = {role: bytearray() for role in Role}
        share = zlib.crc32(session_id.encode()) % 1000 / 2000
        self._length = int(_CHUNK * (1 - share))

    def write(self, role: Role, position: int, pcm: bytes) -> None:
        """Positions of one role never go back; what lies before the open chunk came too late and is left out."""
        voice = self._voices[role]
        gap = (position - self._start) * SAMPLE_BYTES - len(voice)
        if gap > 0:
            voice += bytes(gap)
        elif gap < 0:
            pcm = pcm[-gap:]
        voice += pcm

    def due(self, now: int) -> Iterator[Piece]:
        """Chunks that are complete at `now` (samples on the session's clock), with some patience for late audio."""
        while now >= self._start + self._length + _LATE:
            yield self._cut(self._length)
            self._length = _CHUNK

    def rest(self, now: int) -> Iterator[Piece]:
        """Everything, at the end: to the last sample or to `now`, whichever is later."""
        heard = max(len(voice) for voice in self._voices.values()) // SAMPLE_BYTES
        left = max(heard, now - self._start)
        while left > 0:
            yield self._cut(min(left, _CHUNK))
            left -= _CHUNK

    def _cut(self, samples: int) -> Piece:
        offset_s = self._start / RATE_HZ
        customer, agent = (self._take(role, samples) for role in (Role.CUSTOMER, Role.AGENT))
        self._start += samples
        return Piece(offset_s, samples / RATE_HZ, self._combined(customer, agent))

    def _take(self, role: Role, samples: int) -> NDArray[np.int16]:
        voice = self._voices[role]
        taken = bytes(voice[: samples * SAMPLE_BYTES])
        del voice[: samples * SAMPLE_BYTES]
        return np.frombuffer(taken.ljust(samples * SAMPLE_BYTES, b"\0"), "<i2")

    def _combined(self, customer: NDArray[np.int16], agent: NDArray[np.int16]) -> bytes:
        if self._channels is Channels.DUAL:
            return np.stack((customer, agent), axis=1).tobytes()
        mixed = customer.astype(np.int32) + agent
        clipped: NDArray[np.int16] = np.clip(mixed, -32768, 32767).astype("<i2")
        return clipped.tobytes()
