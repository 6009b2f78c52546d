"""A recording: chunks on one wall-clock timeline, left customer, right agent, and the file made of them.

Samples are 16-bit little-endian PCM at 8 kHz, two channels interleaved (dual) or one mixed (mono).
A chunk is at most ten seconds, so that a lost worker loses no more.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.domain.sessions import Channels, Session
from core.domain.views import timestamp

RATE_HZ = 8000
SAMPLE_BYTES = 2
CHUNK_S = 10.0
_MAX_RIFF_BYTES = 0xFFFFFFFF - 36


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
    """Of the worker that holds the session: objects know no fence, so the epoch keeps a paused one's apart."""
    return f"{prefix(session)}/chunks/{session.epoch:04d}-{index:06d}.pcm"


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


@dataclass(frozen=True, slots=True)
class Placed:
    """A chunk on the file's timeline: `gap` frames of silence, then `frames` of it after its first `skip`."""

    chunk: Chunk
    gap: int
    skip: int
    frames: int


def layout(chunks: Sequence[Chunk], channels: int) -> list[Placed]:
    """Where each chunk goes; what overlaps an earlier chunk is skipped, what RIFF cannot count is cut off."""
    placed: list[Placed] = []
    position, longest = 0, _MAX_RIFF_BYTES // (channels * SAMPLE_BYTES)
    for chunk in sorted(chunks, key=lambda chunk: chunk.offset_s):
        start = round(chunk.offset_s * RATE_HZ)
        end = min(start + round(chunk.duration_s * RATE_HZ), longest)
        begin = max(start, position)
        if end > begin:
            placed.append(Placed(chunk, begin - position, begin - start, end - begin))
            position = end
    return placed


def frame_count(placed: Sequence[Placed]) -> int:
    return sum(piece.gap + piece.frames for piece in placed)


def recording_object(session: Session, status: str, size_bytes: int) -> dict[str, Any]:
    """The recording as the API shows it (contract section 5). `status` is `ready` or `failed`."""
    return {
        "id": session.recording.id,
        "object": "recording",
        "session_id": session.id,
        "channel": "mixed",
        "channels": channel_count(session.recording.channels),
        "duration": session.recording.duration_s,
        "format": "wav",
        "size": size_bytes,
        "sample_rate": RATE_HZ,
        "bit_depth": SAMPLE_BYTES * 8,
        "status": status,
        "created_at": timestamp(session.started_at),
    }


def _environment(session: Session) -> str:
    return "live" if session.tenant.livemode else "test"
