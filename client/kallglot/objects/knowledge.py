"""Knowledge bases and their documents, as the API shows them (docs/knowledge.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from kallglot.objects.reading import Object, Shape


@dataclass(frozen=True, kw_only=True)
class KnowledgeBase(Object):
    """`status` is "ready" once there is a passage to be found, "empty" before."""

    name: str = ""
    language: str | None = None
    status: str = ""
    document_count: int = 0
    passage_count: int = 0
    created_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Upload(Shape):
    """A request that brings a document's bytes; whoever has it may make it."""

    url: str = field(default="", repr=False)
    method: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Document(Object):
    """`status` is pending, processing, ready or failed; `error` says why, in a sentence. `size` is in bytes."""

    knowledge_base_id: str = ""
    name: str = ""
    content_type: str = ""
    size: int = 0
    status: str = ""
    error: str | None = None
    passage_count: int = 0
    created_at: datetime | None = None
    upload: Upload | None = None
