"""Promised calls, one after the other, as long as there is room for them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

from core.errors import DependencyRefused, KallglotError
from core.services.sip_dialing import Left, SipDialing, SipOrder
from core.sip_ports import SipPromise, SipPromises
from media_worker.pipeline.offload import Offload

_log = logging.getLogger(__name__)
_WAIT_S = 10
_AGAIN_S = 1.0
_TROUBLES = (KallglotError, DependencyRefused)


@dataclass(frozen=True, slots=True)
class PromiseReader:
    """`wait` runs what waits for the queue, on a thread of its own; `start` begins a call and keeps its promise when
    that is over. A promise that was not kept comes again."""

    promises: SipPromises
    service: SipDialing
    wait: Offload
    offload: Offload
    word: Callable[[], str]
    has_room: Callable[[], bool]
    start: Callable[[SipOrder, SipPromise], None]

    async def run(self) -> None:
        while True:
            if not self.has_room():
                await asyncio.sleep(_AGAIN_S)
                continue
            try:
                promise = await self.wait(self.promises.take, _WAIT_S)
                # A gateway that was told to stop meanwhile leaves it to another one.
                if promise is not None and self.has_room():
                    await self._do(promise)
            except _TROUBLES as error:
                _log.warning("promised calls could not be read", extra={"code": type(error).__name__})
                await asyncio.sleep(_AGAIN_S)

    async def keep(self, promise: SipPromise) -> None:
        try:
            await self.offload(self.promises.keep, promise)
        except _TROUBLES as error:
            # Whoever finds it again sees that there is nothing to do.
            _log.info("a promise was not taken away", extra={"code": type(error).__name__})

    async def _do(self, promise: SipPromise) -> None:
        place = promise.place
        claimed = await self.offload(self.service.claim, place.tenant, place.session_id, place.leg_id, self.word())
        if isinstance(claimed, SipOrder):
            self.start(claimed, promise)
        elif claimed is Left.NOTHING:
            await self.keep(promise)
