"""Knowledge bases and their documents, as a tenant keeps them: what they are, how many, where their bytes lie. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.domain.access import Tenant
from core.domain.views import timestamp

MOST_BASES = 100
MOST_DOCUMENTS = 500
MOST_PASSAGES = 10_000
"""Of one base, which a worker holds in memory and searches while somebody waits for an answer."""
MOST_BYTES = 10 * 1024 * 1024
MOST_INLINE_CHARACTERS = 200_000
MOST_PAGES = 1_000
UPLOADS = "documents"
PASSAGES = "passages"


class DocumentStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    READY = "ready"
    FAILED = "failed"


class ContentType(StrEnum):
    TEXT = "text/plain"
    MARKDOWN = "text/markdown"
    PDF = "application/pdf"


@dataclass(frozen=True, slots=True)
class Counts:
    """`revision` grows whenever what a search could find has changed."""

    documents: int = 0
    passages: int = 0
    revision: int = 0


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """`language` is the one its documents are written in; None where nobody said."""

    id: str
    tenant: Tenant
    name: str
    created_at: datetime
    language: str | None = None
    counts: Counts = Counts()

    @property
    def status(self) -> str:
        return "ready" if self.counts.passages else "empty"


@dataclass(frozen=True, slots=True)
class Document:
    """`size` in bytes, as it was announced. `content` names the bytes that were read last, and so its passages.
    `version` grows with every stored write."""

    id: str
    knowledge_base_id: str
    tenant: Tenant
    name: str
    content_type: ContentType
    size: int
    created_at: datetime
    status: DocumentStatus = DocumentStatus.PENDING
    error: str | None = None
    content: str | None = None
    passages: int = 0
    version: int = 0


def begun(document: Document) -> Document:
    return replace(document, status=DocumentStatus.PROCESSING, error=None)


def indexed(document: Document, content: str, passages: int) -> Document:
    return replace(document, status=DocumentStatus.READY, error=None, content=content, passages=passages)


def failed(document: Document, content: str, why: str) -> Document:
    """`why` is a sentence for whoever uploaded it. What an earlier upload had given is gone."""
    return replace(document, status=DocumentStatus.FAILED, error=why, content=content, passages=0)


def base_prefix(kind: str, tenant: Tenant, base_id: str) -> str:
    """`kind` is UPLOADS or PASSAGES."""
    return f"{kind}/{tenant}/{base_id}/"


def document_prefix(kind: str, tenant: Tenant, base_id: str, document_id: str) -> str:
    return f"{base_prefix(kind, tenant, base_id)}{document_id}/"


def upload_key(document: Document) -> str:
    return f"{document_prefix(UPLOADS, document.tenant, document.knowledge_base_id, document.id)}content"


def passages_key(document: Document) -> str:
    """Of the bytes that were read last: those of another upload lie beside them until it is ready."""
    prefix = document_prefix(PASSAGES, document.tenant, document.knowledge_base_id, document.id)
    return f"{prefix}{document.content}.json.gz"


def parse_upload_key(key: str) -> tuple[Tenant, str, str]:
    """The tenant, the base's id, the document's id. Raises ValueError for what is no such key."""
    kind, tenant, base_id, document_id, name = key.split("/")
    if (kind, name) != (UPLOADS, "content"):
        raise ValueError("not an upload's key")
    return Tenant.parse(tenant), base_id, document_id


def base_object(base: KnowledgeBase) -> dict[str, Any]:
    return {
        "id": base.id,
        "object": "knowledge_base",
        "name": base.name,
        "language": base.language,
        "status": base.status,
        "document_count": base.counts.documents,
        "passage_count": base.counts.passages,
        "livemode": base.tenant.livemode,
        "created_at": timestamp(base.created_at),
    }


def document_object(document: Document) -> dict[str, Any]:
    return {
        "id": document.id,
        "object": "document",
        "knowledge_base_id": document.knowledge_base_id,
        "name": document.name,
        "content_type": document.content_type.value,
        "size": document.size,
        "status": document.status.value,
        "error": document.error,
        "passage_count": document.passages,
        "created_at": timestamp(document.created_at),
    }
