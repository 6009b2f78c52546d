"""What one speaker has still to say.

Two ways in, with two policies: speech that was recorded (`queue`) waits, however long a connection is away; live sound
(`feed`) is worth nothing when it is old, so only its last two seconds are kept.
"""

from __future__ import annotations

import asyncio
from collections import deque

from kallglot.stream.sound import SoundFormat

_LIVE_MS = 2000
_AHEAD_MS = 400


class Microphone:
    """Open: where nothing is said, silence is. `sent` counts frames.

    `silent` is set when everything has been said, `low` already a moment before, when more may be brought.
    """

    def __init__(self, format: SoundFormat, frame_ms: int) -> None:
        self._frame_ms = frame_ms
        self._silence = format.silence(format.frame_bytes(frame_ms))
        self._waiting: deque[bytes] = deque()
        self._rest = b""
        self._due: bytes | None = None
        self.sent = 0
        self.is_closed = False
        self.silent = asyncio.Event()
        self.low = asyncio.Event()

    def queue(self, sound: bytes, *, more_follows: bool = False) -> None:
        """Behind what is still waiting. What does not fill a frame waits for more, or is filled up with silence."""
        size = len(self._silence)
        self._rest += sound
        if not more_follows:
            self._rest += self._silence[len(self._rest) % size or size :]
        whole = len(self._rest) // size * size
        self._waiting.extend(self._rest[at : at + size] for at in range(0, whole, size))
        self._rest = self._rest[whole:]
        self._tell()

    def feed(self, sound: bytes) -> None:
        """Pieces of any size, as they come from a device."""
        self.queue(sound, more_follows=True)
        for _ in range(len(self._waiting) - _LIVE_MS // self._frame_ms):
            self._waiting.popleft()

    @property
    def has_more(self) -> bool:
        return bool(self._waiting) or self._due not in (None, self._silence)

    def next(self) -> bytes:
        """The frame that is due; the same one until `done`, so that a break of the connection loses none."""
        if self._due is None:
            self._due = self._waiting.popleft() if self._waiting else self._silence
        return self._due

    def done(self) -> None:
        self.sent += 1
        self._due = None
        self._tell()

    def close(self) -> None:
        """Nobody will send anything any more: whoever waits need not."""
        self.is_closed = True
        self.silent.set()
        self.low.set()

    def _tell(self) -> None:
        if self.is_closed:
            return
        for event, most in ((self.silent, 0), (self.low, _AHEAD_MS // self._frame_ms)):
            if len(self._waiting) > most:
                event.clear()
            elif self._due is None:
                event.set()
