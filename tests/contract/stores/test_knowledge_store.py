"""KnowledgeStore and DocumentFiles."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.domain.knowledge_bases import Counts, begun, failed, indexed
from core.errors import IdempotencyKeyTaken, WriteConflict
from core.knowledge_ports import BaseGone, NoRoom, Stored
from tests.builders import ACME, ACME_TEST, OTHER, a_base, a_document, a_record
from tests.contract.stores.knowledge_kinds import KnowledgeStores
from tests.fakes.clocks import START


def test_a_base_is_found_as_it_was_created_and_by_its_tenant_only(knowledge: KnowledgeStores) -> None:
    base = a_base(name="Hilfe für Anrufer", language="de")
    knowledge.store.add_base(base, 2)

    assert knowledge.store.find_base(ACME, "kb_1") == base
    for stranger in (OTHER, ACME_TEST):
        assert knowledge.store.find_base(stranger, "kb_1") is None
        assert knowledge.store.bases(stranger, None, None, 10, oldest_first=True) == []
        assert not knowledge.store.change_base(replace(base, tenant=stranger))
        assert not knowledge.store.remove_base(stranger, "kb_1")


def test_bases_lie_between_ids_from_either_end(knowledge: KnowledgeStores) -> None:
    for number in range(5):
        knowledge.store.add_base(a_base(f"kb_{number}"), 10)

    def names(newer: str | None, older: str | None, limit: int, oldest_first: bool) -> list[str]:
        return [base.id for base in knowledge.store.bases(ACME, newer, older, limit, oldest_first=oldest_first)]

    assert names(None, None, 10, False) == ["kb_4", "kb_3", "kb_2", "kb_1", "kb_0"]
    assert names(None, "kb_3", 2, False) == ["kb_2", "kb_1"]
    assert names("kb_1", None, 2, True) == ["kb_2", "kb_3"]


def test_a_tenant_has_room_for_so_many_bases_and_for_another_when_one_is_removed(knowledge: KnowledgeStores) -> None:
    for number in range(2):
        knowledge.store.add_base(a_base(f"kb_{number}"), 2)
    with pytest.raises(NoRoom):
        knowledge.store.add_base(a_base("kb_2"), 2)
    assert knowledge.store.remove_base(ACME, "kb_0")
    assert not knowledge.store.remove_base(ACME, "kb_0")
    knowledge.store.add_base(a_base("kb_2"), 2)


def test_a_taken_key_creates_nothing(knowledge: KnowledgeStores) -> None:
    knowledge.store.add_base(a_base(), 10, a_record("first"))
    with pytest.raises(IdempotencyKeyTaken):
        knowledge.store.add_base(a_base("kb_2"), 10, a_record("first"))
    with pytest.raises(IdempotencyKeyTaken):
        knowledge.store.add_document(a_document(), 10, a_record("first"))
    assert knowledge.store.find_base(ACME, "kb_2") is None
    assert knowledge.store.find_document(ACME, "kb_1", "doc_1") is None


def test_a_change_of_a_base_leaves_its_counts(knowledge: KnowledgeStores) -> None:
    knowledge.store.add_base(a_base(), 10)
    knowledge.store.add_document(a_document(), 10)

    assert knowledge.store.change_base(a_base(name="Other", language="fr"))

    assert knowledge.store.find_base(ACME, "kb_1") == a_base(name="Other", language="fr", counts=Counts(documents=1))


def test_a_document_is_counted_from_its_upload_to_its_removal(knowledge: KnowledgeStores) -> None:
    knowledge.store.add_base(a_base(), 10)
    knowledge.store.add_document(a_document(), 10)
    first = knowledge.store.find_document(ACME, "kb_1", "doc_1")
    assert first == a_document(version=1)

    reading = knowledge.store.replace_document(first, begun(first), 100)
    ready = knowledge.store.replace_document(reading, indexed(reading, "etag", 7), 100)

    assert (ready.version, knowledge.store.find_document(ACME, "kb_1", "doc_1")) == (3, ready)
    assert counts(knowledge) == Counts(1, 7, 1)
    knowledge.store.replace_document(ready, failed(ready, "other", "No."), 100)
    assert counts(knowledge) == Counts(1, 0, 2)
    last = knowledge.store.find_document(ACME, "kb_1", "doc_1")
    assert last is not None
    knowledge.store.remove_document(last)
    assert counts(knowledge) == Counts(0, 0, 3)


def counts(knowledge: KnowledgeStores) -> Counts:
    base = knowledge.store.find_base(ACME, "kb_1")
    assert base is not None
    return base.counts


def test_a_base_has_room_for_so_many_documents_and_passages(knowledge: KnowledgeStores) -> None:
    knowledge.store.add_base(a_base(), 10)
    for number in range(2):
        knowledge.store.add_document(a_document(f"doc_{number}"), 2)
    with pytest.raises(NoRoom):
        knowledge.store.add_document(a_document("doc_2"), 2)
    one = knowledge.store.find_document(ACME, "kb_1", "doc_0")
    other = knowledge.store.find_document(ACME, "kb_1", "doc_1")
    assert one is not None
    assert other is not None
    knowledge.store.replace_document(one, indexed(one, "a", 6), 10)
    with pytest.raises(NoRoom):
        knowledge.store.replace_document(other, indexed(other, "b", 5), 10)
    knowledge.store.replace_document(other, indexed(other, "b", 4), 10)
    assert counts(knowledge) == Counts(2, 10, 2)


def test_a_write_over_another_version_is_refused(knowledge: KnowledgeStores) -> None:
    knowledge.store.add_base(a_base(), 10)
    knowledge.store.add_document(a_document(), 10)
    read = a_document(version=1)
    knowledge.store.replace_document(read, begun(read), 10)

    with pytest.raises(WriteConflict):
        knowledge.store.replace_document(read, indexed(read, "etag", 1), 10)
    with pytest.raises(WriteConflict):
        knowledge.store.remove_document(read)
    assert counts(knowledge) == Counts(1, 0, 0)


def test_nothing_is_added_to_a_base_that_is_gone(knowledge: KnowledgeStores) -> None:
    with pytest.raises(BaseGone):
        knowledge.store.add_document(a_document(), 10)
    knowledge.store.add_base(a_base(), 10)
    knowledge.store.add_document(a_document(), 10)
    knowledge.store.remove_base(ACME, "kb_1")
    read = a_document(version=1)
    with pytest.raises(BaseGone):
        knowledge.store.replace_document(read, indexed(read, "etag", 1), 10)

    knowledge.store.forget_documents(ACME, "kb_1")
    knowledge.store.forget_documents(ACME, "kb_1")

    assert knowledge.store.find_document(ACME, "kb_1", "doc_1") is None


def test_documents_are_forgotten_however_many(knowledge: KnowledgeStores) -> None:
    knowledge.store.add_base(a_base(), 10)
    for number in range(120):
        knowledge.store.add_document(a_document(f"doc_{number:03d}"), 500)
    assert len(knowledge.store.documents(ACME, "kb_1", None, "doc_100", 200, oldest_first=False)) == 100
    knowledge.store.forget_documents(ACME, "kb_1")
    assert knowledge.store.documents(ACME, "kb_1", None, None, 10, oldest_first=True) == []


def test_bytes_are_read_as_they_were_looked_at(knowledge: KnowledgeStores) -> None:
    assert knowledge.files.look("documents/a/content") is None
    assert knowledge.files.read("documents/a/content") is None
    knowledge.files.put("documents/a/content", b"one", "text/plain")
    found = knowledge.files.look("documents/a/content")
    assert found is not None
    assert found.size == 3

    assert knowledge.files.read("documents/a/content", found.content) == b"one"
    knowledge.files.put("documents/a/content", b"two", "text/plain")
    assert knowledge.files.read("documents/a/content", found.content) is None
    assert knowledge.files.read("documents/a/content") == b"two"
    assert knowledge.files.look("documents/a/content") != Stored(found.content, 3)

    knowledge.files.remove("documents/a/")
    assert knowledge.files.look("documents/a/content") is None


def test_an_upload_is_a_request_that_ends(knowledge: KnowledgeStores) -> None:
    upload = knowledge.files.upload("documents/a/content", "text/plain", 5, START, timedelta(minutes=15))
    assert upload.method == "PUT"
    assert upload.headers == {"Content-Type": "text/plain", "Content-Length": "5"}
    assert upload.expires_at == START + timedelta(minutes=15)
    assert "documents/a/content" in upload.url
