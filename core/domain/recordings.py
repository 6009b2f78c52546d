"""A recording: chunks on one wall-clock timeline, left customer, right agent, and the files made of them.

Samples are 16-bit little-endian PCM at 8 kHz, two channels interleaved (dual) or one mixed (mono).
A chunk is at most ten seconds, so that a lost worker loses no more.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from core.domain.access import Tenant
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


class Format(StrEnum):
    WAV = "wav"
    MP3 = "mp3"


class RecordingStatus(StrEnum):
    """`deleted` is never shown: it stays so that nothing late brings a recording back."""

    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Recorded:
    """What is kept of a recording beside its bytes. Every change of it is part of a change of its session.

    `sizes` are bytes by format. `chunk_count` says of how many chunks the files were made: chunks are only ever
    added, so more of them make another file, and the same number the same one.
    """

    id: str
    tenant: Tenant
    session_id: str
    channels: Channels
    created_at: datetime
    status: RecordingStatus = RecordingStatus.PROCESSING
    duration_s: float | None = None
    sizes: Mapping[Format, int] = field(default_factory=dict)
    chunk_count: int = 0
    expires_at: datetime | None = None

    @property
    def is_finished(self) -> bool:
        return self.status in (RecordingStatus.READY, RecordingStatus.FAILED)

    def is_there(self, now: datetime) -> bool:
        """Neither deleted nor expired."""
        expired = self.expires_at is not None and self.expires_at <= now
        return self.status is not RecordingStatus.DELETED and not expired


def begun(session: Session) -> Recorded | None:
    """The recording of a session that has heard its first audio, before there is a file; None without one."""
    if session.recording.id is None:
        return None
    created_at = session.started_at or session.created_at
    return Recorded(session.recording.id, session.tenant, session.id, session.recording.channels, created_at)


def finished(
    recorded: Recorded, frames: int, sizes: Mapping[Format, int], chunk_count: int, kept: timedelta
) -> Recorded:
    """Ready, or failed when there is nothing to hear. It expires by its beginning, so no file outlives its word."""
    return replace(
        recorded,
        status=RecordingStatus.READY if sizes else RecordingStatus.FAILED,
        duration_s=frames / RATE_HZ,
        sizes=sizes,
        chunk_count=chunk_count,
        expires_at=recorded.created_at + kept,
    )


def deleted(recorded: Recorded) -> Recorded:
    return replace(recorded, status=RecordingStatus.DELETED, sizes={})


def channel_count(channels: Channels) -> int:
    return 2 if channels is Channels.DUAL else 1


def chunks_prefix(tenant: Tenant, session_id: str, recording_id: str) -> str:
    """Chunks and files lie apart, because the bucket forgets them after different times; the tenant is in both."""
    return f"chunks/{_place(tenant, session_id, recording_id)}"


def files_prefix(recorded: Recorded) -> str:
    return f"recordings/{_place(recorded.tenant, recorded.session_id, recorded.id)}"


def chunk_key(session: Session, index: int) -> str:
    """Of the worker that holds the session: objects know no fence, so the epoch keeps a paused one's apart."""
    return f"{chunks_prefix(session.tenant, session.id, str(session.recording.id))}{session.epoch:06d}-{index:06d}.pcm"


def file_key(recorded: Recorded, form: Format) -> str:
    """Another number of chunks, another key: files are never overwritten by others."""
    return f"{generation_prefix(recorded)}{form}"


def generation_prefix(recorded: Recorded) -> str:
    return f"{files_prefix(recorded)}{recorded.chunk_count:06d}."


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


def recording_object(recorded: Recorded, download_url: str | None = None) -> dict[str, Any]:
    """The recording as the API shows it (contract section 5); events go without a URL, which would not live long."""
    return {
        "id": recorded.id,
        "object": "recording",
        "session_id": recorded.session_id,
        "channel": "mixed",
        "channels": channel_count(recorded.channels),
        "duration": recorded.duration_s,
        "format": Format.WAV.value,
        "size": recorded.sizes.get(Format.WAV),
        "sample_rate": RATE_HZ,
        "bit_depth": SAMPLE_BYTES * 8,
        "status": recorded.status.value,
        "download_url": download_url,
        "created_at": timestamp(recorded.created_at),
        "expires_at": timestamp(recorded.expires_at),
    }


def _place(tenant: Tenant, session_id: str, recording_id: str) -> str:
    environment = "live" if tenant.livemode else "test"
    return f"{tenant.organization_id}/{environment}/{session_id}/{recording_id}/"
