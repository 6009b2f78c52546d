"""Knowledge bases and their documents: `core.domain.knowledge_bases`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from core.domain.knowledge_bases import ContentType, DocumentStatus
from reference.objects.base import ListOf, Maybe, Shown, Timestamp

BaseId = Annotated[str, Field(pattern="^kb_", examples=["kb_01KMN0XK80ABCDEFGHJKMNPQRS"])]
DocumentId = Annotated[str, Field(pattern="^doc_", examples=["doc_01KMN0XK80ABCDEFGHJKMNPQRS"])]
Count = Annotated[int, Field(ge=0)]


class KnowledgeBase(Shown):
    """What an agent may look up."""

    id: BaseId
    object: Literal["knowledge_base"]
    name: str
    language: Annotated[str | None, Field(description="What its documents are written in; null: it is guessed.")]
    status: Annotated[Literal["empty", "ready"], Field(description="`ready` once there is a passage to be found.")]
    document_count: Annotated[Count, Field(description="In any status.")]
    passage_count: Annotated[Count, Field(description="What its documents were cut into.")]
    livemode: bool
    created_at: Timestamp


class KnowledgeBaseList(ListOf):
    data: list[KnowledgeBase]


class DeletedKnowledgeBase(Shown):
    id: BaseId
    object: Literal["knowledge_base"]
    deleted: Literal[True]


class Document(Shown):
    """One document of a knowledge base."""

    id: DocumentId
    object: Literal["document"]
    knowledge_base_id: BaseId
    name: str
    content_type: ContentType
    size: Annotated[int, Field(ge=1, description="In bytes, as it was announced.")]
    status: DocumentStatus
    error: Annotated[str | None, Field(description="Why it `failed`, in a sentence.")]
    passage_count: Count
    created_at: Timestamp


class DocumentUpload(Shown):
    """A request that brings the bytes. It needs no API key: whoever has it may make it."""

    url: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    method: Literal["PUT"]
    headers: dict[str, str]
    expires_at: Timestamp


class NewDocument(Document):
    """A document with the way to bring its bytes, unless they came with the request."""

    upload: Maybe[DocumentUpload] = None


class DocumentList(ListOf):
    data: list[Document]


class DeletedDocument(Shown):
    id: DocumentId
    object: Literal["document"]
    deleted: Literal[True]
