"""The recording of one conversation: two voices on one clock, cut into chunks of at most ten seconds.

Left is the customer, right the agent; mono mixes both. Where nobody was heard there is silence. The first chunk
is shorter by a share of its own, so that calls that began together do not flush together.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.domain.recordings import CHUNK_S, RATE_HZ, SAMPLE_BYTES
from core.domain.sessions import Channels, Role
from media_worker.pipeline.party import Party

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
        self._voices: dict[Role, dict[Party, bytearray]] = {role: {} for role in Role}
        share = zlib.crc32(session_id.encode()) % 1000 / 2000
        self._length = int(_CHUNK * (1 - share))

    def write(self, party: Party, position: int, pcm: bytes) -> None:
        """Positions of one party never go back; what lies before the open chunk came too late and is left out."""
        voice = self._voices[party.role].get(party)
        if voice is None:
            voice = self._voices[party.role][party] = bytearray()
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
        lengths = (len(voice) for side in self._voices.values() for voice in side.values())
        heard = max(lengths, default=0) // SAMPLE_BYTES
        left = max(heard, now - self._start)
        while left > 0:
            yield self._cut(min(left, _CHUNK))
            left -= _CHUNK

    def _cut(self, samples: int) -> Piece:
        offset_s = self._start / RATE_HZ
        customer, agent = (self._side(role, samples) for role in (Role.CUSTOMER, Role.AGENT))
        self._start += samples
        return Piece(offset_s, samples / RATE_HZ, self._combined(customer, agent))

    def _side(self, role: Role, samples: int) -> NDArray[np.int16]:
        """Whoever spoke on it: one voice as it is, several together."""
        voices = [self._take(voice, samples) for voice in self._voices[role].values()]
        if not voices:
            return np.zeros(samples, np.int16)
        return voices[0] if len(voices) == 1 else _mixed(voices)

    def _take(self, voice: bytearray, samples: int) -> NDArray[np.int16]:
        taken = bytes(voice[: samples * SAMPLE_BYTES])
        del voice[: samples * SAMPLE_BYTES]
        return np.frombuffer(taken.ljust(samples * SAMPLE_BYTES, b"\0"), "<i2")

    def _combined(self, customer: NDArray[np.int16], agent: NDArray[np.int16]) -> bytes:
        if self._channels is Channels.DUAL:
            return np.stack((customer, agent), axis=1).tobytes()
        return _mixed([customer, agent]).tobytes()


def _mixed(voices: Sequence[NDArray[np.int16]]) -> NDArray[np.int16]:
    mixed: NDArray[np.int16] = np.clip(np.sum(voices, axis=0, dtype=np.int32), -32768, 32767).astype("<i2")
    return mixed
