"""Knowledge bases as sessions ask for them: each is read once, and stays while there is room and it does not change."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from core.domain.access import Tenant
from core.domain.knowledge import Passage
from core.domain.knowledge_bases import MOST_PASSAGES, Document, KnowledgeBase, passages_key
from core.domain.stored_passages import unpacked
from core.knowledge_ports import DocumentFiles, KnowledgeStore
from media_worker.knowledge.library import Library
from media_worker.pipeline.offload import Offload

_log = logging.getLogger(__name__)
_PAGE = 100

Key = tuple[Tenant, str]


@dataclass(frozen=True, slots=True)
class _Held:
    base: KnowledgeBase
    loading: asyncio.Task[Library]

    @property
    def passages(self) -> int:
        return self.base.counts.passages

    def is_of(self, base: KnowledgeBase) -> bool:
        return (self.base.counts.revision, self.base.language) == (base.counts.revision, base.language)


@dataclass(slots=True)
class Libraries:
    """`offload` reads and indexes, both of which block. `wait_s` is how long a session waits at most, and
    `most_passages` how many are held for all of them: a hundred megabytes or two."""

    store: KnowledgeStore
    files: DocumentFiles
    offload: Offload
    wait_s: float = 10.0
    most_passages: int = 4 * MOST_PASSAGES
    _held: OrderedDict[Key, _Held] = field(default_factory=OrderedDict)

    async def of(self, tenant: Tenant, base_id: str) -> Library:
        """As it is now. An empty one, and a line in the log, when it is gone or cannot be read in time: a call goes on
        without what it would have looked up."""
        about = {"knowledge_base_id": base_id}
        try:
            async with asyncio.timeout(self.wait_s):
                base = await self.offload(self.store.find_base, tenant, base_id)
                if base is not None:
                    return await asyncio.shield(self._loading(base))
            _log.warning("the knowledge base is gone", extra=about)
        except TimeoutError:
            _log.warning("the knowledge base is not read yet", extra=about)
        except Exception as error:
            _log.error("the knowledge base cannot be read", extra={**about, "error": type(error).__name__})
        return Library()

    def _loading(self, base: KnowledgeBase) -> asyncio.Task[Library]:
        key = base.tenant, base.id
        held = self._held.get(key)
        if held is None or not held.is_of(base):
            held = _Held(base, asyncio.create_task(self.offload(self._read, base)))
            held.loading.add_done_callback(lambda task: self._drop_failed(key, task))
            self._held[key] = held
        self._held.move_to_end(key)
        while len(self._held) > 1 and sum(each.passages for each in self._held.values()) > self.most_passages:
            self._held.popitem(last=False)
        return held.loading

    def _drop_failed(self, key: Key, task: asyncio.Task[Library]) -> None:
        """So that the next session tries again. Asking for the exception also keeps asyncio from reporting it."""
        if task.cancelled() or task.exception() is not None:
            held = self._held.get(key)
            if held is not None and held.loading is task:
                del self._held[key]

    def _read(self, base: KnowledgeBase) -> Library:
        passages = (passage for document in self._documents(base) for passage in self._passages(document))
        return Library(islice(passages, MOST_PASSAGES), base.language)

    def _documents(self, base: KnowledgeBase) -> Iterator[Document]:
        last: str | None = None
        while found := self.store.documents(base.tenant, base.id, last, None, _PAGE, oldest_first=True):
            yield from found
            last = found[-1].id

    def _passages(self, document: Document) -> list[Passage]:
        """Also of one that is being read anew: what it had stays until the new ones are there. None of one that was
        deleted since it was listed."""
        stored = self.files.read(passages_key(document)) if document.passages else None
        return unpacked(stored, document.id, document.name) if stored else []
