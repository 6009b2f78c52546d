"""A tenant's knowledge bases: create, list, read, change, remove."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from core.domain import ids
from core.domain.access import Tenant
from core.domain.knowledge_bases import MOST_BASES, PASSAGES, UPLOADS, KnowledgeBase, base_object, base_prefix
from core.domain.paging import Page, Paged, cut
from core.errors import Conflict, IdempotencyKeyTaken, NotFound, WriteConflict
from core.knowledge_ports import DocumentFiles, KnowledgeStore, NoRoom
from core.ports import Clock, IdempotencyStore, Ids
from core.services.idempotency import Answer, RequestKey, answer_of_the_first, record_of, replayed


@dataclass(frozen=True, slots=True)
class NewBase:
    name: str
    language: str | None = None


@dataclass(frozen=True, slots=True)
class BaseChange:
    """What is None stays as it is."""

    name: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class KnowledgeBaseService:
    store: KnowledgeStore
    files: DocumentFiles
    idempotency: IdempotencyStore
    clock: Clock
    ids: Ids

    def create(self, tenant: Tenant, new: NewBase, request: RequestKey | None = None) -> Answer:
        """Raises Conflict when there are too many already."""
        if answer := replayed(self.idempotency, tenant, request):
            return answer
        base = KnowledgeBase(self.ids.new(ids.KNOWLEDGE_BASE), tenant, new.name, self.clock.now(), new.language)
        shown = base_object(base)
        try:
            self.store.add_base(base, MOST_BASES, record_of(self.clock, tenant, request, 201, shown))
        except NoRoom:
            raise Conflict("knowledge_base_limit_reached", f"there may be {MOST_BASES} knowledge bases") from None
        except (IdempotencyKeyTaken, WriteConflict):
            return answer_of_the_first(self.idempotency, tenant, request)
        return Answer(201, shown)

    def page(self, tenant: Tenant, page: Page) -> Paged[dict[str, Any]]:
        """Newest first. Raises NotFound for a cursor that is no knowledge base of the tenant."""
        if page.cursor is not None:
            self.find(tenant, page.cursor, page.cursor_name)
        found = self.store.bases(
            tenant, page.ending_before, page.starting_after, page.limit + 1, oldest_first=page.is_backwards
        )
        return cut([base_object(base) for base in found], page)

    def get(self, tenant: Tenant, base_id: str) -> dict[str, Any]:
        return base_object(self.find(tenant, base_id))

    def change(self, tenant: Tenant, base_id: str, change: BaseChange) -> dict[str, Any]:
        base = self.find(tenant, base_id)
        changed = replace(base, name=change.name or base.name, language=change.language or base.language)
        if not self.store.change_base(changed):
            raise base_not_found()
        return base_object(changed)

    def remove(self, tenant: Tenant, base_id: str) -> dict[str, Any]:
        """With all of its documents. Calls that run keep what they have read. Asked again after a break, it removes
        what was left. Raises NotFound."""
        if not ids.is_one(base_id, ids.KNOWLEDGE_BASE):
            raise base_not_found()
        was_there = self.store.remove_base(tenant, base_id)
        for kind in (UPLOADS, PASSAGES):
            self.files.remove(base_prefix(kind, tenant, base_id))
        self.store.forget_documents(tenant, base_id)
        if not was_there:
            raise base_not_found()
        return {"id": base_id, "object": "knowledge_base", "deleted": True}

    def find(self, tenant: Tenant, base_id: str, param: str | None = None) -> KnowledgeBase:
        base = self.store.find_base(tenant, base_id) if ids.is_one(base_id, ids.KNOWLEDGE_BASE) else None
        if base is None:
            raise base_not_found(param)
        return base


def base_not_found(param: str | None = None) -> NotFound:
    return NotFound("knowledge_base_not_found", "no such knowledge base", param=param)
