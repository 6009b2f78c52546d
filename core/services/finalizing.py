"""From the chunks a worker stored to one WAV and one MP3, after the session has ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from core.domain.access import Tenant
from core.domain.events import EventType
from core.domain.recordings import (
    SAMPLE_BYTES,
    Format,
    Placed,
    Recorded,
    RecordingStatus,
    begun,
    channel_count,
    chunks_prefix,
    file_key,
    files_prefix,
    finished,
    frame_count,
    generation_prefix,
    layout,
    recording_object,
    wav_header,
)
from core.domain.sessions import Session
from core.errors import NotFound
from core.ports import AudioEncoder, Commit, RecordingStore
from core.services.changes import Changes

_SILENCE = bytes(64 * 1024)


class _NothingToHear(Exception):
    """Of all chunks that were announced, not a single sample could be read."""


@dataclass(frozen=True, slots=True)
class Finalizer:
    """`mp3` makes an encoder for a number of channels; recordings are kept for `kept`."""

    changes: Changes
    recordings: RecordingStore
    mp3: Callable[[int], AudioEncoder]
    kept: timedelta

    def finalize(self, tenant: Tenant, session_id: str) -> Recorded | None:
        """Make the files and tell of them; again when a worker's last chunks came after the first time.

        None when there is nothing to do: told twice, it finds files made of as many chunks as there are. The files
        are stored before the session says so, under a key of their own, so that two at once do no harm.
        """
        session = self.changes.sessions.find(tenant, session_id)
        before = self._held(session) if session else None
        if session is None or before is None:
            return None
        chunks = self.changes.sessions.chunks(tenant, session_id)
        if not _is_news(before, len(chunks)):
            self._clear(before)
            return None
        placed = layout(chunks, channel_count(before.channels))
        made = replace(before, chunk_count=len(chunks))
        sizes = self._write(made, placed)
        made = finished(made, frame_count(placed) if sizes else 0, sizes, len(chunks), self.kept)
        return self._settle(before, made, self._tell(session, made))

    def _held(self, session: Session) -> Recorded | None:
        fresh = begun(session)
        return self.changes.sessions.recorded(session.tenant, fresh.id) or fresh if fresh else None

    def _write(self, made: Recorded, placed: Sequence[Placed]) -> Mapping[Format, int]:
        """The bytes of each file; none when there was nothing to hear, and then no file either."""
        channels = channel_count(made.channels)
        try:
            with (
                self.recordings.create_file(file_key(made, Format.WAV), Format.WAV) as wav,
                self.recordings.create_file(file_key(made, Format.MP3), Format.MP3) as mp3,
            ):
                encoder = self.mp3(channels)
                wav.write(wav_header(frame_count(placed) * channels * SAMPLE_BYTES, channels))
                for pcm in self._timeline(placed, channels * SAMPLE_BYTES):
                    wav.write(pcm)
                    mp3.write(encoder.encode(pcm))
                mp3.write(encoder.finish())
        except _NothingToHear:
            return {}
        return {Format.WAV: wav.size, Format.MP3: mp3.size}

    def _timeline(self, placed: Sequence[Placed], frame_bytes: int) -> Iterator[bytes]:
        heard = False
        for piece in placed:
            yield from _silence(piece.gap * frame_bytes)
            pcm = self._read(piece.chunk.key)[piece.skip * frame_bytes :][: piece.frames * frame_bytes]
            heard = heard or bool(pcm)
            yield pcm
            yield from _silence(piece.frames * frame_bytes - len(pcm))
        if not heard:
            raise _NothingToHear

    def _read(self, key: str) -> bytes:
        """A chunk that is not there any more is silence, not the end of the recording."""
        try:
            return self.recordings.read_chunk(key)
        except NotFound:
            return b""

    def _tell(self, session: Session, made: Recorded) -> Recorded | None:
        """None when somebody else had told as much, or the recording was deleted meanwhile."""
        kind = EventType.RECORDING_READY if made.status is RecordingStatus.READY else EventType.RECORDING_FAILED
        told: list[Recorded] = []

        def decide(current: Session) -> Commit | None:
            held = self._held(current)
            told.clear()
            if held is None or not _is_news(held, made.chunk_count):
                return None
            told.append(made)
            after = replace(current, recording=replace(current.recording, duration_s=made.duration_s))
            return replace(self.changes.commit_of(current, after, (kind, recording_object(made))), recorded=made)

        self.changes.apply(session, decide)
        return told[0] if told else None

    def _settle(self, before: Recorded, made: Recorded, told: Recorded | None) -> Recorded | None:
        """Remove the files that nobody is told of any more: those of fewer chunks, or all of a deleted recording."""
        if told is not None:
            if before.status is RecordingStatus.READY:
                self.recordings.remove(generation_prefix(before))
            return told
        held = self.changes.sessions.recorded(made.tenant, made.id)
        if held is not None and held.chunk_count != made.chunk_count:
            self.recordings.remove(generation_prefix(made))
        if held is not None:
            self._clear(held)
        return None

    def _clear(self, held: Recorded) -> None:
        if held.status is RecordingStatus.DELETED:
            self.recordings.remove(files_prefix(held))
            self.recordings.remove(chunks_prefix(held.tenant, held.session_id, held.id))


def _is_news(held: Recorded, chunk_count: int) -> bool:
    if held.status is RecordingStatus.DELETED:
        return False
    return not held.is_finished or held.chunk_count < chunk_count


def _silence(length: int) -> Iterator[bytes]:
    for start in range(0, length, len(_SILENCE)):
        yield _SILENCE[: length - start]
