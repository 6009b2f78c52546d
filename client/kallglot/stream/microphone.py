"""What one speaker has still to say.

Two ways in, with two policies: speech that was recorded (`queue`) waits, however long a connection is away; live sound
(`feed`) is worth nothing when it is old, so only its last two seconds are kept.
"""

from __future__ import annotations

import asyncio
from collections import deque

from kallglot.stream.sound import SoundFormat

_LIVE_MS = 2000


class Microphone:
    """Open: where nothing is said, silence is. `sent` counts frames."""

    def __init__(self, format: SoundFormat, frame_ms: int) -> None:
        self._format = format
        self._frame_ms = frame_ms
        self._silence = format.silence(format.frame_bytes(frame_ms))
        self._waiting: deque[bytes] = deque()
        self._rest = b""
        self._due: bytes | None = None
        self.sent = 0
        self.silent = asyncio.Event()

    def queue(self, sound: bytes) -> None:
        """Behind what is still waiting."""
        self._waiting.extend(self._format.frames(sound, self._frame_ms))
        self.silent.clear()

    def feed(self, sound: bytes) -> None:
        """Pieces of any size, as they come from a device."""
        size = len(self._silence)
        self._rest += sound
        whole = len(self._rest) // size * size
        self.queue(self._rest[:whole])
        self._rest = self._rest[whole:]
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
        if not self._waiting:
            self.silent.set()
