"""Knowledge bases and the bytes of their documents in memory, with the same atomicity as the real ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from core.domain.access import Tenant
from core.domain.knowledge_bases import Counts, Document, KnowledgeBase
from core.errors import WriteConflict
from core.knowledge_ports import BaseGone, NoRoom, Stored, Upload
from core.ports import IdempotencyRecord
from tests.fakes.stores import MemorySessions

T = TypeVar("T", KnowledgeBase, Document)


class MemoryKnowledge:
    """Idempotency records lie with the sessions', as they do in the real tables."""

    def __init__(self, sessions: MemorySessions) -> None:
        self._sessions = sessions
        self._bases: dict[tuple[Tenant, str], KnowledgeBase] = {}
        self._documents: dict[tuple[Tenant, str, str], Document] = {}

    def add_base(self, base: KnowledgeBase, most: int, idempotency: IdempotencyRecord | None = None) -> None:
        with self._sessions._lock:
            if sum(tenant == base.tenant for tenant, _ in self._bases) >= most:
                raise NoRoom
            self._remember(idempotency)
            self._bases[base.tenant, base.id] = replace(base, counts=Counts())

    def change_base(self, base: KnowledgeBase) -> bool:
        with self._sessions._lock:
            held = self._bases.get((base.tenant, base.id))
            if held:
                self._bases[base.tenant, base.id] = replace(base, counts=held.counts)
            return held is not None

    def find_base(self, tenant: Tenant, base_id: str) -> KnowledgeBase | None:
        return self._bases.get((tenant, base_id))

    def bases(
        self, tenant: Tenant, newer_than: str | None, older_than: str | None, limit: int, *, oldest_first: bool
    ) -> list[KnowledgeBase]:
        of_tenant = (base for (owner, _), base in self._bases.items() if owner == tenant)
        return _between(of_tenant, newer_than, older_than, oldest_first)[:limit]

    def remove_base(self, tenant: Tenant, base_id: str) -> bool:
        with self._sessions._lock:
            return self._bases.pop((tenant, base_id), None) is not None

    def add_document(self, document: Document, most: int, idempotency: IdempotencyRecord | None = None) -> None:
        with self._sessions._lock:
            base = self._base(document)
            if base.counts.documents >= most:
                raise NoRoom
            self._remember(idempotency)
            self._count(base, documents=1)
            self._documents[_key(document)] = replace(document, version=1)

    def replace_document(self, before: Document, after: Document, most_passages: int) -> Document:
        with self._sessions._lock:
            self._check(before)
            if (before.content, before.passages) != (after.content, after.passages):
                base, more = self._base(after), after.passages - before.passages
                if base.counts.passages > most_passages - more:
                    raise NoRoom
                self._count(base, passages=more, revision=1)
            self._documents[_key(after)] = replace(after, version=before.version + 1)
            return self._documents[_key(after)]

    def find_document(self, tenant: Tenant, base_id: str, document_id: str) -> Document | None:
        return self._documents.get((tenant, base_id, document_id))

    def documents(
        self,
        tenant: Tenant,
        base_id: str,
        newer_than: str | None,
        older_than: str | None,
        limit: int,
        *,
        oldest_first: bool,
    ) -> list[Document]:
        of_base = (held for (owner, base, _), held in self._documents.items() if (owner, base) == (tenant, base_id))
        return _between(of_base, newer_than, older_than, oldest_first)[:limit]

    def remove_document(self, document: Document) -> None:
        with self._sessions._lock:
            self._check(document)
            self._count(self._base(document), documents=-1, passages=-document.passages, revision=1)
            del self._documents[_key(document)]

    def forget_documents(self, tenant: Tenant, base_id: str) -> None:
        for key in [key for key in self._documents if key[:2] == (tenant, base_id)]:
            del self._documents[key]

    def _check(self, document: Document) -> None:
        held = self._documents.get(_key(document))
        if held is None or held.version != document.version:
            raise WriteConflict(document.id)

    def _base(self, document: Document) -> KnowledgeBase:
        base = self._bases.get((document.tenant, document.knowledge_base_id))
        if base is None:
            raise BaseGone
        return base

    def _count(self, base: KnowledgeBase, documents: int = 0, passages: int = 0, revision: int = 0) -> None:
        was = base.counts
        counts = Counts(was.documents + documents, was.passages + passages, was.revision + revision)
        self._bases[base.tenant, base.id] = replace(base, counts=counts)

    def _remember(self, idempotency: IdempotencyRecord | None) -> None:
        if idempotency is not None:
            self._sessions._put_record(idempotency)


@dataclass
class MemoryDocuments:
    """`objects` by key, with their content type."""

    objects: dict[str, tuple[bytes, str]] = field(default_factory=dict)

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self.objects[key] = (content, content_type)

    def look(self, key: str) -> Stored | None:
        found = self.objects.get(key)
        return Stored(_name(found[0]), len(found[0])) if found else None

    def read(self, key: str, content: str | None = None) -> bytes | None:
        found = self.objects.get(key)
        return found[0] if found and content in (None, _name(found[0])) else None

    def upload(self, key: str, content_type: str, size: int, now: datetime, lifetime: timedelta) -> Upload:
        headers = {"Content-Type": content_type, "Content-Length": str(size)}
        return Upload(f"https://files.example.com/{key}", "PUT", headers, now + lifetime)

    def remove(self, prefix: str) -> None:
        for key in [key for key in self.objects if key.startswith(prefix)]:
            del self.objects[key]


def _name(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _key(document: Document) -> tuple[Tenant, str, str]:
    return document.tenant, document.knowledge_base_id, document.id


def _between(held: Iterable[T], newer_than: str | None, older_than: str | None, oldest_first: bool) -> list[T]:
    found = [each for each in held if (newer_than or "") < each.id < (older_than or "~")]
    return sorted(found, key=lambda each: each.id, reverse=not oldest_first)
