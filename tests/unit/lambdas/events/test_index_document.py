"""An object that came → the document it belongs to."""

from __future__ import annotations

import pytest

from core.domain.knowledge_bases import DocumentStatus, upload_key
from core.services.indexing import Indexing
from lambdas.events import index_document
from lambdas.runtime import indexing_wiring
from tests.builders import ACME, a_base, a_document
from tests.fakes.clocks import FakeClock
from tests.fakes.knowledge import MemoryDocuments, MemoryKnowledge
from tests.fakes.stores import MemorySessions


def test_it_is_read_however_often_the_event_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    store, files = MemoryKnowledge(MemorySessions(FakeClock())), MemoryDocuments()
    monkeypatch.setattr(indexing_wiring, "indexing", lambda: Indexing(store, files, lambda content: []))
    store.add_base(a_base(), 1)
    store.add_document(a_document(), 1)
    key = upload_key(a_document())
    files.put(key, b"We open at nine.", "text/plain")

    for _ in range(2):
        index_document.handler({"detail": {"bucket": {"name": "knowledge"}, "object": {"key": key}}}, None)

    document = store.find_document(ACME, "kb_1", "doc_1")
    assert document is not None
    assert (document.status, document.passages, document.version) == (DocumentStatus.READY, 1, 3)


def test_a_document_that_is_gone_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    store, files = MemoryKnowledge(MemorySessions(FakeClock())), MemoryDocuments()
    monkeypatch.setattr(indexing_wiring, "indexing", lambda: Indexing(store, files, lambda content: []))
    index_document.handler({"detail": {"object": {"key": upload_key(a_document())}}}, None)


def test_a_key_that_is_no_upload_is_a_bug() -> None:
    with pytest.raises(ValueError, match="not an upload"):
        index_document.handler({"detail": {"object": {"key": "a/org:live/kb_1/doc_1/content"}}}, None)
