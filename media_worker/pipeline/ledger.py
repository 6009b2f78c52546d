"""The only writer of a session's state: one write at a time, in order, off the event loop, never given up lightly.

Finals are written at once, chunks and meters when they come. While the tables do not answer they wait here, up to
a limit: the oldest chunks are lost first, and turns beyond theirs are refused. Losing the fence ends it all.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from core.domain.recordings import Chunk, chunk_key
from core.domain.sessions import EndReason, Session, Usage
from core.domain.transcripts import Turn
from core.errors import FenceLost, KallglotError
from core.services.streams import Progress
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.recorder import Piece

_log = logging.getLogger(__name__)
_WAITS_S = (0.2, 0.5, 1.0, 2.0, 5.0)
# One DynamoDB transaction holds a hundred items; a turn is two, with its event.
_TURNS_A_WRITE = 10
_CHUNKS_A_WRITE = 6

T = TypeVar("T")
Q = TypeVar("Q")


class Ledger:
    """`lost` is called once, when another worker has taken the session; `stored` after every write.

    `written` is told which turns nothing more will happen to: stored, or given up with a word in the log.
    """

    def __init__(
        self,
        session: Session,
        equipment: Equipment,
        lost: Callable[[], None],
        stored: Callable[[Session], None],
        written: Callable[[Sequence[Turn]], None],
    ) -> None:
        self.session = session
        self._equipment = equipment
        self._service = equipment.service
        self._lost = lost
        self._stored = stored
        self._written = written
        self._serial = asyncio.Lock()
        self._turns: deque[Turn] = deque()
        self._pieces: deque[Piece] = deque()
        self._next_chunk: int | None = None
        self._usage: Usage | None = None
        self._last_audio_at: datetime | None = None
        self._due = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._gone = False
        self._writer: asyncio.Task[None] | None = None

    async def attach(self) -> Session:
        """Own the session and count a leg in. Errors are the caller's: a socket is waiting for the answer."""
        async with self._serial:
            self.session = await self._equipment.offload(self._service.attach, self.session)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_for_ever(), name="ledger")
        return self.session

    async def turns(self) -> list[Turn]:
        """All that are stored. Errors are the caller's."""
        return await self._equipment.offload(self._service.turns, self.session)

    def turn(self, turn: Turn) -> bool:
        """False when so many wait already that this one is refused."""
        if len(self._turns) >= self._equipment.limits.unsaved_turns:
            return False
        self._turns.append(turn)
        self._wake()
        return True

    def piece(self, piece: Piece) -> None:
        self._pieces.append(piece)
        if len(self._pieces) > self._equipment.limits.unsaved_chunks:
            lost = self._pieces.popleft()
            _log.error("recording lost", extra={"session_id": self.session.id, "offset_s": lost.offset_s})
        self._wake()

    def checkpoint(self, usage: Usage, last_audio_at: datetime | None) -> None:
        self._usage, self._last_audio_at = usage, last_audio_at
        self._wake()

    async def first_audio(self) -> None:
        await self._write(self._service.first_audio)
        self._wake()

    async def leave(self, still_empty: Callable[[], bool]) -> None:
        """Asked when its turn has come: a new leg may have come in between, and then nobody has left."""
        await self._write(lambda session: self._service.leave(session) if still_empty() else session)

    async def end(self, reason: EndReason) -> None:
        await self._write(lambda session: self._service.end(session, reason))

    async def agent_left(self) -> None:
        await self._write(self._service.agent_left)

    async def change(self, call: Callable[[Session], Session]) -> bool:
        """A write of somebody else's, in its turn among ours. False when it was not to be."""
        return await self._write(call)

    async def refresh(self) -> None:
        await self._write(self._service.refresh)

    async def flush(self) -> None:
        """Until everything handed in so far is written, or the fence is lost."""
        await self._idle.wait()

    async def flushed(self) -> None:
        await self._write(self._service.flushed)

    async def close(self) -> None:
        self._gone = True
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.gather(self._writer, return_exceptions=True)

    def _wake(self) -> None:
        if not self._gone and self._has_work():
            self._idle.clear()
            self._due.set()

    def _has_work(self) -> bool:
        return bool(self._turns or self._usage or (self._pieces and self._can_record()))

    def _can_record(self) -> bool:
        """Chunks lie under the recording's id, which the first audio's write gives."""
        return self.session.recording.id is not None

    async def _write_for_ever(self) -> None:
        while True:
            await self._due.wait()
            self._due.clear()
            while self._has_work() and not self._gone:
                await self._write_some()
            self._idle.set()

    async def _write_some(self) -> None:
        """Turns do not wait for sound to be stored."""
        turns = _take(self._turns, _TURNS_A_WRITE)
        pieces = _take(self._pieces, _CHUNKS_A_WRITE) if self._can_record() and not turns else ()
        usage, self._usage = self._usage, None
        chunks = tuple([chunk for piece in pieces if (chunk := await self._store(piece))])
        made = Progress(self._last_audio_at, usage, turns, chunks)
        await self._write(lambda session: self._service.progress(session, made))
        if turns and not self._gone:
            self._written(turns)

    async def _store(self, piece: Piece) -> Chunk | None:
        """None while nobody can say which numbers are taken: a guess would write over what is there."""
        if self._next_chunk is None:
            self._next_chunk = await self._insist(lambda: self._service.next_chunk(self.session))
        if self._next_chunk is None:
            return None
        index, self._next_chunk = self._next_chunk, self._next_chunk + 1
        key = chunk_key(self.session, index)
        await self._insist(lambda: self._equipment.recordings.put_chunk(key, piece.pcm))
        return Chunk(index, key, piece.offset_s, piece.duration_s)

    async def _write(self, call: Callable[[Session], Session]) -> bool:
        async with self._serial:
            written = await self._insist(lambda: call(self.session))
            self.session = written or self.session
        if written is not None:
            self._stored(written)
        return written is not None

    async def _insist(self, call: Callable[[], T]) -> T | None:
        """Until it is done; None when the session is no longer ours or the call can never succeed."""
        attempt = 0
        while not self._gone:
            try:
                return await self._equipment.offload(call)
            except FenceLost:
                self._lose()
            except KallglotError as error:
                _log.warning("a write failed", extra={"session_id": self.session.id, "code": error.code})
                if not (error.retryable or error.retry_after_s):
                    return None
                await asyncio.sleep(_WAITS_S[min(attempt, len(_WAITS_S) - 1)])
                attempt += 1
            except Exception:
                # Refused for good, or a fault of ours: one write is lost, the call and its other writes are not.
                _log.exception("a write was given up", extra={"session_id": self.session.id})
                return None
        return None

    def _lose(self) -> None:
        if not self._gone:
            self._gone = True
            self._idle.set()
            self._lost()


def _take(queue: deque[Q], most: int) -> tuple[Q, ...]:
    return tuple(queue.popleft() for _ in range(min(most, len(queue))))
