"""A document's bytes → its passages. Whatever event asks for it, what lies there now is read, once."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain.access import Tenant
from core.domain.knowledge import Passage
from core.domain.knowledge_bases import (
    MOST_BYTES,
    MOST_PASSAGES,
    PASSAGES,
    UPLOADS,
    ContentType,
    Document,
    DocumentStatus,
    begun,
    document_prefix,
    failed,
    indexed,
    passages_key,
    upload_key,
)
from core.domain.passages import cut
from core.domain.sections import Section, of_markdown, of_pages, of_text
from core.domain.stored_passages import packed
from core.errors import Unavailable, WriteConflict
from core.knowledge_ports import BaseGone, DocumentFiles, KnowledgeStore, NoRoom, PageReader, Stored, UnreadableDocument

_ATTEMPTS = 5
_OVER = (DocumentStatus.READY, DocumentStatus.FAILED)
_MARKED = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


class _Changed(Exception):
    """Other bytes lie there than those that were looked at."""


@dataclass(frozen=True, slots=True)
class Indexing:
    store: KnowledgeStore
    files: DocumentFiles
    pages: PageReader

    def index(self, tenant: Tenant, base_id: str, document_id: str) -> Document | None:
        """The document as it is afterwards; None when it is gone, and then its bytes are too.

        Each write is over the version that was read: of two that index at once the later bytes win, and a document that
        was deleted stays deleted. Raises Unavailable when it keeps changing.
        """
        for _ in range(_ATTEMPTS):
            document = self.store.find_document(tenant, base_id, document_id)
            if document is None:
                break
            stored = self.files.look(upload_key(document))
            if stored is None or (document.content == stored.content and document.status in _OVER):
                return document
            try:
                return self._indexed(document, stored)
            except BaseGone:
                break
            except (WriteConflict, _Changed):
                continue
        else:
            raise Unavailable("dependency_unavailable", "the document keeps changing", retry_after_s=1)
        for kind in (UPLOADS, PASSAGES):
            self.files.remove(document_prefix(kind, tenant, base_id, document_id))
        return None

    def _indexed(self, before: Document, stored: Stored) -> Document:
        """Sessions that begin meanwhile still find what an earlier upload has given."""
        reading = self.store.replace_document(before, begun(before), MOST_PASSAGES)
        try:
            done = self._stored(reading, stored)
            after = self.store.replace_document(reading, done, MOST_PASSAGES)
        except UnreadableDocument as error:
            after = self._failed(reading, stored, str(error))
        except NoRoom:
            why = f"With it, the knowledge base would have more than {MOST_PASSAGES} passages."
            after = self._failed(reading, stored, why)
        if before.content not in (None, stored.content):
            self.files.remove(passages_key(before))
        return after

    def _failed(self, reading: Document, stored: Stored, why: str) -> Document:
        return self.store.replace_document(reading, failed(reading, stored.content, why), MOST_PASSAGES)

    def _stored(self, reading: Document, stored: Stored) -> Document:
        passages = self._passages(reading, stored)
        done = indexed(reading, stored.content, len(passages))
        self.files.put(passages_key(done), packed(passages), "application/gzip")
        return done

    def _passages(self, document: Document, stored: Stored) -> list[Passage]:
        if stored.size > MOST_BYTES:
            raise UnreadableDocument(f"The document is larger than {MOST_BYTES // 1024 // 1024} MiB.")
        content = self.files.read(upload_key(document), stored.content)
        if content is None:
            raise _Changed
        passages: list[Passage] = []
        for passage in cut(self._sections(document.content_type, content), document.id, document.name):
            if len(passages) == MOST_PASSAGES:
                raise UnreadableDocument(f"The document has more than {MOST_PASSAGES} passages.")
            passages.append(passage)
        if not passages:
            raise UnreadableDocument("The document has no text. Text in pictures is not read.")
        return passages

    def _sections(self, kind: ContentType, content: bytes) -> list[Section]:
        if kind is ContentType.PDF:
            return of_pages(self.pages(content))
        text = _text(content)
        return of_markdown(text) if kind is ContentType.MARKDOWN else of_text(text)


def _text(content: bytes) -> str:
    encoding = next((name for start, name in _MARKED.items() if content.startswith(start)), "utf-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableDocument("The document is not text in UTF-8.") from None
