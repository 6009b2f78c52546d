"""/v1/knowledge_bases and their documents (`agents:read`, `agents:write`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kallglot.exchange.exchanging import until
from kallglot.exchange.requests import Repeat, Request, given, path, query
from kallglot.exchange.steps import Plan
from kallglot.objects.bodies import one
from kallglot.objects.knowledge import Document, KnowledgeBase
from kallglot.objects.lists import Page, page_of
from kallglot.objects.recordings import Deleted
from kallglot.routes.route import Client, Errand, Listing, Resource, Route
from kallglot.uploading import added, content_type_of

_NOUN = "knowledge_bases"


class KnowledgeBases(Resource[Client]):
    @Route
    def create(
        self,
        *,
        name: str,
        language: str | None = None,
        extra_body: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Request[KnowledgeBase]:
        """An empty one. `language` is what its documents are written in; left out, it is guessed."""
        body = {**given(name=name, language=language), **(extra_body or {})}
        return Request("POST", path(_NOUN), one(KnowledgeBase), {}, body, Repeat.BY_KEY, idempotency_key)

    @Route
    def get(self, base_id: str) -> Request[KnowledgeBase]:
        return Request("GET", path(_NOUN, base_id), one(KnowledgeBase))

    @Listing
    def list(
        self, *, limit: int | None = None, starting_after: str | None = None, ending_before: str | None = None
    ) -> Request[Page[KnowledgeBase]]:
        asked = query(limit=limit, starting_after=starting_after, ending_before=ending_before)
        return Request("GET", path(_NOUN), page_of(KnowledgeBase), asked)

    @Route
    def update(self, base_id: str, *, name: str | None = None, language: str | None = None) -> Request[KnowledgeBase]:
        """What is not given stays as it is."""
        return Request("PATCH", path(_NOUN, base_id), one(KnowledgeBase), {}, given(name=name, language=language))

    @Route
    def delete(self, base_id: str) -> Request[Deleted]:
        """With all of its documents."""
        return Request("DELETE", path(_NOUN, base_id), one(Deleted))

    @Route
    def add_text(
        self,
        base_id: str,
        *,
        name: str,
        text: str,
        content_type: str = "text/plain",
        idempotency_key: str | None = None,
    ) -> Request[Document]:
        """At most 200,000 characters, of "text/plain" or "text/markdown"."""
        body = given(name=name, content_type=content_type, text=text)
        where = path(_NOUN, base_id, "documents")
        return Request("POST", where, one(Document), {}, body, Repeat.BY_KEY, idempotency_key)

    @Errand
    def add_document(
        self, base_id: str, file: str | Path, *, name: str | None = None, content_type: str | None = None
    ) -> Plan[Document]:
        """A file of text, markdown or PDF, up to 10 MiB; its name and kind are those of the file unless given.

        Raises ValueError for a kind that is not taken, ConnectionFailed when the bytes were not taken.
        """
        place = Path(file)
        fields = given(name=name or place.name, content_type=content_type or content_type_of(place))

        def announced(size: int) -> Request[Document]:
            where, body = path(_NOUN, base_id, "documents"), {**fields, "size": size}
            return Request("POST", where, one(Document), {}, body, Repeat.BY_KEY, None)

        return added(announced, place.read_bytes(), self._terms)

    @Errand
    def wait_until_read(self, base_id: str, document_id: str, *, timeout_s: float = 60.0) -> Plan[Document]:
        """Ask until it is `ready`, or `failed` with an `error`. Raises TimedOut."""
        return until(
            KnowledgeBases.document.build(self, base_id, document_id),
            lambda document: document.status in ("ready", "failed"),
            self._terms,
            timeout_s,
            f"the document {document_id} is not read",
        )

    @Route
    def document(self, base_id: str, document_id: str) -> Request[Document]:
        return Request("GET", path(_NOUN, base_id, "documents", document_id), one(Document))

    @Listing
    def documents(
        self,
        base_id: str,
        *,
        limit: int | None = None,
        starting_after: str | None = None,
        ending_before: str | None = None,
    ) -> Request[Page[Document]]:
        asked = query(limit=limit, starting_after=starting_after, ending_before=ending_before)
        return Request("GET", path(_NOUN, base_id, "documents"), page_of(Document), asked)

    @Route
    def delete_document(self, base_id: str, document_id: str) -> Request[Deleted]:
        return Request("DELETE", path(_NOUN, base_id, "documents", document_id), one(Deleted))
