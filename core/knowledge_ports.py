"""What knowledge bases need of the world; the rules of `core.ports` hold here too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from core.domain.access import Tenant
from core.domain.knowledge_bases import Document, KnowledgeBase
from core.ports import IdempotencyRecord


class NoRoom(Exception):
    """As many as there may be: of bases, of documents, or of passages."""


class BaseGone(Exception):
    """The knowledge base that the write was for is not there."""


class KnowledgeStore(Protocol):
    """Strongly consistent; another tenant's base is simply not there."""

    def add_base(self, base: KnowledgeBase, most: int, idempotency: IdempotencyRecord | None = None) -> None:
        """Raises NoRoom or IdempotencyKeyTaken; then nothing was written."""
        ...

    def change_base(self, base: KnowledgeBase) -> bool:
        """Name and language, whatever its counts are. False when it is not there."""
        ...

    def find_base(self, tenant: Tenant, base_id: str) -> KnowledgeBase | None: ...

    def bases(
        self, tenant: Tenant, newer_than: str | None, older_than: str | None, limit: int, *, oldest_first: bool
    ) -> list[KnowledgeBase]:
        """At most `limit` of those whose ids lie between the two, without them, from the newest or the oldest end."""
        ...

    def remove_base(self, tenant: Tenant, base_id: str) -> bool:
        """From now on nothing is added to it. False when it is not there."""
        ...

    def add_document(self, document: Document, most: int, idempotency: IdempotencyRecord | None = None) -> None:
        """Raises BaseGone, NoRoom or IdempotencyKeyTaken; then nothing was written."""
        ...

    def replace_document(self, before: Document, after: Document, most_passages: int) -> Document:
        """Over the version that `before` was read as; where its passages change, with the base's counts.

        Raises WriteConflict when it has changed or is gone, BaseGone, or NoRoom for more passages than `most_passages`.
        """
        ...

    def find_document(self, tenant: Tenant, base_id: str, document_id: str) -> Document | None: ...

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
        """As `bases`."""
        ...

    def remove_document(self, document: Document) -> None:
        """With what it had counted. Raises WriteConflict when it has changed or is gone."""
        ...

    def forget_documents(self, tenant: Tenant, base_id: str) -> None:
        """All of a base that is gone; again is harmless."""
        ...


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it lies there; `content` names its bytes (S3's ETag without quotes)."""

    content: str
    size: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A request that whoever has it may make, once or more, until `expires_at`."""

    url: str
    method: str
    headers: dict[str, str]
    expires_at: datetime


class DocumentFiles(Protocol):
    """The bytes of documents, and of their passages."""

    def put(self, key: str, content: bytes, content_type: str) -> None: ...

    def look(self, key: str) -> Stored | None: ...

    def read(self, key: str, content: str | None = None) -> bytes | None:
        """None when nothing lies there, or other bytes than `content` names. Whoever reads has looked at the size."""
        ...

    def upload(self, key: str, content_type: str, size: int, now: datetime, lifetime: timedelta) -> Upload:
        """For exactly `size` bytes."""
        ...

    def remove(self, prefix: str) -> None:
        """Everything whose key begins so."""
        ...


class UnreadableDocument(Exception):
    """Its text is a sentence for whoever uploaded the document, and quotes nothing of it."""


class PageReader(Protocol):
    def __call__(self, content: bytes, /) -> Sequence[str]:
        """The text of each page of a PDF. Raises UnreadableDocument, also when reading takes too long or too much."""
        ...
