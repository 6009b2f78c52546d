"""A recording: chunks on one wall-clock timeline, left customer, right agent, and the file made of them.

Samples are 16-bit little-endian PCM at 8 kHz, two channels interleaved (dual) or one mixed (mono).
A chunk is at most ten seconds, so that a lost worker loses no more.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from core.domain.sessions import Channels, Session

RATE_HZ = 8000
SAMPLE_BYTES = 2
CHUNK_S = 10.0


@dataclass(frozen=True, slots=True)
class Chunk:
    """`offset_s` is the chunk's place on the recording's clock, which starts with the first audio."""

    index: int
    key: str
    offset_s: float
    duration_s: float


def channel_count(channels: Channels) -> int:
    return 2 if channels is Channels.DUAL else 1


def prefix(session: Session) -> str:
    """Where everything of this recording lies; the tenant is part of the key."""
    return f"{session.tenant.organization_id}/{_environment(session)}/{session.id}/{session.recording.id}"


def chunk_key(session: Session, index: int) -> str:
    return f"{prefix(session)}/chunks/{index:06d}.pcm"


def file_key(session: Session) -> str:
    return f"{prefix(session)}/recording.wav"


def wav_header(data_bytes: int, channels: int) -> bytes:
    """44 bytes of RIFF in front of `data_bytes` of samples."""
    frame_bytes = channels * SAMPLE_BYTES
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", 36 + data_bytes, b"WAVE",
        b"fmt ", 16, 1, channels, RATE_HZ, RATE_HZ * frame_bytes, frame_bytes, SAMPLE_BYTES * 8,
        b"data", data_bytes,
    )  # fmt: skip


def _environment(session: Session) -> str:
    return "live" if session.tenant.livemode else "test"
