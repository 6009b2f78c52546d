"""What participants type: translated and spoken in the order in which it was written."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from core.domain import ids
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.latency import Stopwatch
from media_worker.pipeline.party import Party
from media_worker.pipeline.utterance import Said

_log = logging.getLogger(__name__)


class Typist:
    """A bounded queue of texts; a text that finds it full is refused. `lost` is told of one that made `final` fail."""

    def __init__(
        self, final: Callable[[Said], Awaitable[None]], lost: Callable[[Said], None], equipment: Equipment
    ) -> None:
        self._final = final
        self._lost = lost
        self._equipment = equipment
        self._waiting: asyncio.Queue[Said] = asyncio.Queue(equipment.limits.waiting_texts)
        self._task: asyncio.Task[None] | None = None

    def write(self, party: Party, text: str, at_s: float) -> bool:
        """False when it was refused."""
        if self._waiting.full() or party.language is None:
            return False
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="typist")
        segment_id = self._equipment.ids.new(ids.SEGMENT)
        watch = Stopwatch(self._equipment.time())
        self._waiting.put_nowait(Said(segment_id, party, party.language, text, at_s, at_s, 1.0, watch))
        return True

    async def drain(self) -> None:
        await self._waiting.join()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            said = await self._waiting.get()
            try:
                await self._final(said)
            except Exception:
                # One text is lost, and said so; those behind it are not.
                _log.exception("a text was lost", extra={"segment_id": said.segment_id})
                self._lost(said)
            finally:
                self._waiting.task_done()
