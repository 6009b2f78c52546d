"""From the chunks a worker stored to one file, after the session has ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.domain.access import Tenant
from core.domain.events import EventType
from core.domain.recordings import (
    RATE_HZ,
    SAMPLE_BYTES,
    Placed,
    channel_count,
    file_key,
    frame_count,
    layout,
    recording_object,
    wav_header,
)
from core.domain.sessions import Session
from core.errors import NotFound
from core.ports import Commit, RecordingStore
from core.services.changes import Changes

_SILENCE = bytes(64 * 1024)


@dataclass(frozen=True, slots=True)
class RecordingService:
    changes: Changes
    recordings: RecordingStore

    def finalize(self, tenant: Tenant, session_id: str) -> Session | None:
        """Make the file and tell of it, once: a recording that has its duration is finished.

        None when there is nothing to do. The file is written before the session says so; twice does no harm.
        """
        session = self.changes.sessions.find(tenant, session_id)
        if session is None or not _is_open(session):
            return None
        channels = channel_count(session.recording.channels)
        placed = layout(self.changes.sessions.chunks(tenant, session_id), channels)
        if not placed:
            return self._tell(session, EventType.RECORDING_FAILED, 0, 0)
        frames = frame_count(placed)
        size_bytes = self.recordings.put_file(file_key(session), self._wav(placed, frames, channels))
        return self._tell(session, EventType.RECORDING_READY, frames, size_bytes)

    def _wav(self, placed: list[Placed], frames: int, channels: int) -> Iterator[bytes]:
        frame_bytes = channels * SAMPLE_BYTES
        yield wav_header(frames * frame_bytes, channels)
        for piece in placed:
            yield from _silence(piece.gap * frame_bytes)
            pcm = self._read(piece.chunk.key)[piece.skip * frame_bytes :][: piece.frames * frame_bytes]
            yield pcm
            yield from _silence(piece.frames * frame_bytes - len(pcm))

    def _read(self, key: str) -> bytes:
        """A chunk that a dying worker announced but never stored is silence, not the end of the recording."""
        try:
            return self.recordings.read_chunk(key)
        except NotFound:
            return b""

    def _tell(self, session: Session, kind: EventType, frames: int, size_bytes: int) -> Session:
        status = "ready" if kind is EventType.RECORDING_READY else "failed"

        def decide(current: Session) -> Commit | None:
            if not _is_open(current):
                return None
            after = replace(current, recording=replace(current.recording, duration_s=frames / RATE_HZ))
            return self.changes.commit_of(current, after, (kind, recording_object(after, status, size_bytes)))

        return self.changes.apply(session, decide)


def _is_open(session: Session) -> bool:
    recording = session.recording
    return recording.enabled and recording.id is not None and recording.duration_s is None


def _silence(length: int) -> Iterator[bytes]:
    for start in range(0, length, len(_SILENCE)):
        yield _SILENCE[: length - start]
