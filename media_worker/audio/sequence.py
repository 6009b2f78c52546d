"""Putting numbered audio messages in order: late duplicates dropped, small swaps undone, small gaps concealed.

A WebSocket neither loses nor swaps, but what feeds it may. Two speakers on one socket may count together
or each for themselves; a number that the *other* speaker has used is therefore not a gap.
"""

from __future__ import annotations

import audioop
from collections import deque
from dataclasses import dataclass, field

from media_worker.audio.formats import SAMPLE_BYTES

_HELD = 3
_CONCEALED = 10
_CONCEALED_BYTES = 48_000
_RESTART = 64
_REMEMBERED = 256


@dataclass(slots=True)
class _Track:
    next: int
    last_pcm: bytes = b""
    held: dict[int, bytes] = field(default_factory=dict)


class Sequencer:
    """One socket's messages. `speaker` is whatever tells its tracks apart."""

    def __init__(self) -> None:
        self._tracks: dict[object, _Track] = {}
        self._seen: deque[int] = deque(maxlen=_REMEMBERED)

    def accept(self, speaker: object, number: int, pcm: bytes) -> list[bytes]:
        """The PCM that may be played on now, in order; empty for a duplicate or while a gap may still fill."""
        track = self._tracks.get(speaker)
        if track is None or number < track.next - _RESTART:
            track = self._tracks[speaker] = _Track(number)
        self._seen.append(number)
        if number == track.next and not track.held:
            return [self._take(track, pcm)]
        if number < track.next:
            return []
        track.held[number] = pcm
        return self._release(track)

    def _take(self, track: _Track, pcm: bytes) -> bytes:
        track.next += 1
        track.last_pcm = pcm
        return pcm

    def _release(self, track: _Track) -> list[bytes]:
        out: list[bytes] = []
        while track.held:
            first = min(track.held)
            missing = [n for n in range(track.next, min(first, track.next + _CONCEALED + 1)) if n not in self._seen]
            if missing and len(track.held) < _HELD:
                break
            if missing and len(missing) <= _CONCEALED:
                out.append(_concealed(track.last_pcm, len(missing)))
            track.next = first
            out.append(self._take(track, track.held.pop(first)))
        return out


def _concealed(last_pcm: bytes, messages: int) -> bytes:
    """The last message once more at half its level, then silence."""
    faded = audioop.mul(last_pcm, SAMPLE_BYTES, 0.5)
    silent_bytes = min((messages - 1) * len(last_pcm), _CONCEALED_BYTES)
    return faded + bytes(silent_bytes)
