"""How a conversation leaves this worker: ended, handed over, or taken by another. Each happens at most once."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from core.domain.sessions import EndReason
from media_worker.closing import CloseCode
from media_worker.messages import Ended
from media_worker.pipeline.audience import Audience
from media_worker.pipeline.booth import Booth
from media_worker.pipeline.equipment import Equipment
from media_worker.pipeline.ledger import Ledger

_log = logging.getLogger(__name__)


class Ending:
    """`write_down` hands the ledger what is still only in memory; `over` is called at the very end."""

    def __init__(
        self,
        audience: Audience,
        booth: Booth,
        ledger: Ledger,
        equipment: Equipment,
        write_down: Callable[[], None],
        over: Callable[[], None],
    ) -> None:
        self._audience = audience
        self._booth = booth
        self._ledger = ledger
        self._limits = equipment.limits
        self._write_down = write_down
        self._over = over
        self._tasks: set[asyncio.Task[None]] = set()
        self.began = False

    def end(self, reason: EndReason | None, told: str) -> None:
        """`reason` None when the session has been ended elsewhere. `told` is what the clients read."""
        self.began = True
        self.spawn(self._end(reason, told))

    def abandon(self) -> None:
        if not self.began:
            self.began = True
            self.spawn(self.dismiss())

    async def hand_over(self) -> None:
        if not self.began:
            self.began = True
            await self._within_limit(self._settle())
            await self._within_limit(self._ledger.leave(lambda: True))

    async def dismiss(self) -> None:
        self.began = True
        self._hang_up(CloseCode.GOING_AWAY, "reconnect")
        await self._close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Work that nobody waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def _end(self, reason: EndReason | None, told: str) -> None:
        """The clocks are fixed first; then the last words, the rest of the recording, the meters; then farewell."""
        if reason is not None:
            await self._within_limit(self._ledger.end(reason))
        await self._within_limit(self._settle())
        await self._within_limit(self._ledger.flushed())
        self._audience.tell(Ended(told))
        self._hang_up(CloseCode.ENDED, told)
        await self._close()

    async def _settle(self) -> None:
        try:
            await asyncio.wait_for(self._booth.drain(), self._limits.finish_utterance_s)
        except TimeoutError:
            _log.warning("the last words were not recognised in time", extra={"session_id": self._ledger.session.id})
        self._write_down()
        await self._ledger.flush()

    async def _within_limit(self, work: Coroutine[Any, Any, None]) -> None:
        """What is not written by then is the sweep's to close."""
        try:
            await asyncio.wait_for(work, self._limits.flush_s)
        except TimeoutError:
            _log.error("a conversation was not written in time", extra={"session_id": self._ledger.session.id})

    def _hang_up(self, code: CloseCode, reason: str) -> None:
        for leg in self._audience:
            leg.close(code, reason)

    async def _close(self) -> None:
        self._over()
        await self._booth.close()
        await self._ledger.close()

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            _log.error("work on a conversation failed", exc_info=task.exception())
