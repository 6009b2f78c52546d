"""What one session looks up in its knowledge base, which is read from the session's beginning on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from core.domain.access import Tenant
from core.domain.knowledge import Passage
from media_worker.knowledge.library import Library
from media_worker.pipeline.offload import Offload

Open = Callable[[Tenant, str], Awaitable[Library]]
MOST_FOUND = 4
"""As many as a model is shown for one question: about three hundred words."""


async def nothing(_tenant: Tenant, _base_id: str) -> Library:
    return Library()


class LookingUp:
    """`base_id` is None for an agent without a knowledge base, which finds nothing."""

    def __init__(self, opened: Open, offload: Offload, tenant: Tenant, base_id: str | None) -> None:
        self._open = opened
        self._offload = offload
        self._tenant, self._base_id = tenant, base_id
        self._library: asyncio.Task[Library] | None = None

    def begin(self) -> None:
        if self._base_id is not None and self._library is None:
            self._library = asyncio.ensure_future(self._opened(self._base_id))

    async def find(self, question: str) -> Sequence[Passage]:
        """The best first. Waits for the base if it is still being read, which its reader limits."""
        self.begin()
        if self._library is None:
            return ()
        library = await asyncio.shield(self._library)
        found = await self._offload(library.search, question, MOST_FOUND)
        return tuple(each.passage for each in found)

    async def close(self) -> None:
        if self._library is not None:
            self._library.cancel()

    async def _opened(self, base_id: str) -> Library:
        return await self._open(self._tenant, base_id)
