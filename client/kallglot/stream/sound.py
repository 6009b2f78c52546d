"""What goes over a stream as sound, and how much of it is a frame."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ENCODINGS: Mapping[str, tuple[int, bytes]] = {"mulaw": (1, b"\xff"), "alaw": (1, b"\xd5"), "pcm_16": (2, b"\0\0")}
"""Bytes of a sample, and a silent one."""

RATES_HZ = (8000, 16000, 24000, 48000)
SHORTEST_FRAME_MS, LONGEST_FRAME_MS = 20, 100


@dataclass(frozen=True, slots=True)
class SoundFormat:
    """`pcm_16` is little endian. Of two channels the left is the customer, the right the agent."""

    encoding: str = "mulaw"
    rate_hz: int = 8000
    channels: int = 1

    def __post_init__(self) -> None:
        if self.encoding not in ENCODINGS or self.rate_hz not in RATES_HZ or self.channels not in (1, 2):
            raise ValueError(f"no stream takes {self.channels} channels of {self.encoding} at {self.rate_hz} Hz")

    @property
    def moment_bytes(self) -> int:
        """Of one sample on every channel."""
        return ENCODINGS[self.encoding][0] * self.channels

    def frame_bytes(self, frame_ms: int) -> int:
        """Raises ValueError for frames that are too short to be worth it or too long to be live."""
        if not SHORTEST_FRAME_MS <= frame_ms <= LONGEST_FRAME_MS:
            raise ValueError(f"a frame takes {SHORTEST_FRAME_MS} to {LONGEST_FRAME_MS} ms, not {frame_ms}")
        return self.rate_hz * frame_ms // 1000 * self.moment_bytes

    def silence(self, size: int) -> bytes:
        return ENCODINGS[self.encoding][1] * (size // ENCODINGS[self.encoding][0])


TELEPHONE = SoundFormat()
WIDE = SoundFormat("pcm_16", 16000)
