"""Keeps asking whether a deployment has replaced this worker, and tells the others while it has room.

In a thread of its own: ECS may be slow, and neither heartbeats nor calls wait for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import DependencyRefused, KallglotError
from core.services.succession import Succession
from media_worker.pipeline.offload import Offload

_log = logging.getLogger(__name__)
TURN_S = 5.0
_LOOK_EVERY = 4


@dataclass(slots=True)
class Relief:
    """What fails is tried again at the next turn; until then all is as it was found before. A turn lasts `turn_s`, and
    ECS is asked at every fourth."""

    succession: Succession
    offload: Offload
    turn_s: float = TURN_S

    @property
    def has_come(self) -> bool:
        """Others take the new sessions; the calls that are here stay until they end."""
        return self.succession.is_relieved

    async def run(self, has_room: Callable[[], bool]) -> None:
        """ECS allows an account about twenty such questions a second, and there may be hundreds of workers."""
        turn = 0
        while True:
            if turn % _LOOK_EVERY == 0:
                await self._look()
            if has_room() and not self.has_come:
                await self._try("announce", self.succession.announce)
            turn += 1
            await asyncio.sleep(self.turn_s)

    async def _look(self) -> None:
        had_come = self.has_come
        await self._try("ask which release is in service", self.succession.look)
        if self.has_come != had_come:
            _log.warning(
                "superseded: others take new sessions" if self.has_come else "in service again",
                extra={"worker_id": self.succession.worker_id},
            )

    async def _try(self, what: str, work: Callable[[], None]) -> None:
        try:
            await self.offload(work)
        except (KallglotError, DependencyRefused) as error:
            _log.warning("could not %s", what, extra={"code": type(error).__name__})
