"""The documents of a knowledge base: add, list, read, remove. What becomes of their bytes is `indexing`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.domain import ids
from core.domain.access import Tenant
from core.domain.knowledge_bases import (
    MOST_DOCUMENTS,
    PASSAGES,
    UPLOADS,
    ContentType,
    Document,
    DocumentStatus,
    document_object,
    document_prefix,
    upload_key,
)
from core.domain.paging import Page, Paged, cut
from core.domain.views import timestamp
from core.errors import Conflict, IdempotencyKeyTaken, NotFound, WriteConflict
from core.knowledge_ports import BaseGone, DocumentFiles, KnowledgeStore, NoRoom
from core.ports import Clock, IdempotencyStore, Ids
from core.services.idempotency import Answer, RequestKey, first_answer, record_of, running
from core.services.knowledge_bases import KnowledgeBaseService, base_not_found

UPLOAD_LIFETIME = timedelta(minutes=15)
_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class NewDocument:
    """With its bytes, or with their number and an upload to come."""

    name: str
    content_type: ContentType
    size: int
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class DocumentService:
    bases: KnowledgeBaseService
    store: KnowledgeStore
    files: DocumentFiles
    idempotency: IdempotencyStore
    clock: Clock
    ids: Ids

    def create(self, tenant: Tenant, base_id: str, new: NewDocument, request: RequestKey | None = None) -> Answer:
        """Raises NotFound for the base, Conflict when it has too many documents."""
        base = self.bases.find(tenant, base_id)
        if record := first_answer(self.idempotency, tenant, request):
            return self._replayed(tenant, base_id, new, record.status, record.body)
        document = Document(
            self.ids.new(ids.DOCUMENT), base.id, tenant, new.name, new.content_type, new.size, self.clock.now()
        )
        shown = document_object(document)
        try:
            self.store.add_document(document, MOST_DOCUMENTS, record_of(self.clock, tenant, request, 201, shown))
        except NoRoom:
            raise Conflict("document_limit_reached", f"there may be {MOST_DOCUMENTS} documents in a base") from None
        except BaseGone:
            raise base_not_found() from None
        except (IdempotencyKeyTaken, WriteConflict):
            record = first_answer(self.idempotency, tenant, request)
            if record is None:
                raise running() from None
            return self._replayed(tenant, base_id, new, record.status, record.body)
        return Answer(201, self._with_bytes(document, new, shown))

    def page(self, tenant: Tenant, base_id: str, page: Page) -> Paged[dict[str, Any]]:
        """Newest first. Raises NotFound, also for a cursor that is no document of the base."""
        self.bases.find(tenant, base_id)
        if page.cursor is not None:
            self.find(tenant, base_id, page.cursor, page.cursor_name)
        found = self.store.documents(
            tenant, base_id, page.ending_before, page.starting_after, page.limit + 1, oldest_first=page.is_backwards
        )
        return cut([document_object(document) for document in found], page)

    def get(self, tenant: Tenant, base_id: str, document_id: str) -> dict[str, Any]:
        return document_object(self.find(tenant, base_id, document_id))

    def remove(self, tenant: Tenant, base_id: str, document_id: str) -> dict[str, Any]:
        """The record last, so that whoever tries again after a break finds it; who is just indexing it finds it gone,
        and removes what it wrote. Raises NotFound."""
        for _ in range(_ATTEMPTS):
            document = self.find(tenant, base_id, document_id)
            for kind in (UPLOADS, PASSAGES):
                self.files.remove(document_prefix(kind, tenant, base_id, document_id))
            try:
                self.store.remove_document(document)
            except WriteConflict:
                continue
            return {"id": document_id, "object": "document", "deleted": True}
        raise Conflict("document_busy", "the document is changing too fast", retry_after_s=1)

    def find(self, tenant: Tenant, base_id: str, document_id: str, param: str | None = None) -> Document:
        known = ids.is_one(base_id, ids.KNOWLEDGE_BASE) and ids.is_one(document_id, ids.DOCUMENT)
        document = self.store.find_document(tenant, base_id, document_id) if known else None
        if document is None:
            raise NotFound("document_not_found", "no such document", param=param)
        return document

    def _replayed(self, tenant: Tenant, base_id: str, new: NewDocument, status: int, body: Mapping[str, Any]) -> Answer:
        """The first request may have ended between the record and the bytes, and its upload may be over."""
        document = self.store.find_document(tenant, base_id, str(body["id"]))
        waits = document is not None and document.status is DocumentStatus.PENDING
        shown = self._with_bytes(document, new, body) if document and waits else dict(body)
        return Answer(status, shown, replayed=True)

    def _with_bytes(self, document: Document, new: NewDocument, shown: Mapping[str, Any]) -> dict[str, Any]:
        """Stored, when they came with the request, else with the way to bring them."""
        key, kind = upload_key(document), document.content_type.value
        if new.content is not None:
            self.files.put(key, new.content, kind)
            return dict(shown)
        upload = self.files.upload(key, kind, new.size, self.clock.now(), UPLOAD_LIFETIME)
        told = {
            "url": upload.url,
            "method": upload.method,
            "headers": upload.headers,
            "expires_at": timestamp(upload.expires_at),
        }
        return {**shown, "upload": told}
