"""Bytes → passages: statuses, counts, and whatever may happen meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from core.domain.knowledge_bases import (
    MOST_BYTES,
    MOST_PASSAGES,
    ContentType,
    Counts,
    Document,
    DocumentStatus,
    begun,
    indexed,
    passages_key,
    upload_key,
)
from core.domain.stored_passages import unpacked
from core.errors import Unavailable
from core.knowledge_ports import UnreadableDocument
from core.services.indexing import Indexing
from tests.builders import ACME, a_base, a_document
from tests.fakes.clocks import FakeClock
from tests.fakes.knowledge import MemoryDocuments, MemoryKnowledge
from tests.fakes.stores import MemorySessions


@dataclass
class World:
    store: MemoryKnowledge = field(default_factory=lambda: MemoryKnowledge(MemorySessions(FakeClock())))
    files: MemoryDocuments = field(default_factory=MemoryDocuments)
    page: str | Exception = "Seite"

    def __post_init__(self) -> None:
        self.store.add_base(a_base(), 10)
        self.service = Indexing(self.store, self.files, self._pages)

    def _pages(self, _content: bytes) -> Sequence[str]:
        if isinstance(self.page, Exception):
            raise self.page
        return [self.page]

    def upload(self, content: bytes, kind: ContentType = ContentType.TEXT, document_id: str = "doc_1") -> None:
        document = a_document(document_id, content_type=kind)
        if self.store.find_document(ACME, "kb_1", document_id) is None:
            self.store.add_document(document, 500)
        self.files.put(upload_key(document), content, kind.value)

    def index(self, document_id: str = "doc_1") -> Document:
        document = self.service.index(ACME, "kb_1", document_id)
        assert document is not None
        return document

    def texts(self, document: Document) -> list[str]:
        stored = self.files.read(passages_key(document))
        assert stored is not None
        return [passage.text for passage in unpacked(stored, document.id, document.name)]

    @property
    def counts(self) -> Counts:
        base = self.store.find_base(ACME, "kb_1")
        assert base is not None
        return base.counts


@pytest.fixture
def world() -> World:
    return World()


@pytest.mark.parametrize(
    ("content", "kind", "texts"),
    [
        (b"We open at nine.", ContentType.TEXT, ["We open at nine."]),
        (b"# Hours\nWe open at *nine*.", ContentType.MARKDOWN, ["We open at nine."]),
        ("\ufeffGrüße".encode(), ContentType.TEXT, ["Grüße"]),
        ("Grüße".encode("utf-16"), ContentType.TEXT, ["Grüße"]),
        (b"%PDF-", ContentType.PDF, ["Seite"]),
    ],
)
def test_a_document_becomes_ready_with_its_passages(
    world: World, content: bytes, kind: ContentType, texts: list[str]
) -> None:
    world.upload(content, kind)
    document = world.index()
    assert (document.status, document.error) == (DocumentStatus.READY, None)
    assert world.texts(document) == texts
    assert world.counts == Counts(1, 1, 1)


@pytest.mark.parametrize(
    ("content", "kind", "why"),
    [
        (b"\xff\xfe\xff", ContentType.TEXT, "The document is not text in UTF-8."),
        (b"Gr\xfc\xdfe", ContentType.MARKDOWN, "The document is not text in UTF-8."),
        (b" \n", ContentType.TEXT, "The document has no text. Text in pictures is not read."),
        (b"x" * (MOST_BYTES + 1), ContentType.TEXT, "The document is larger than 10 MiB."),
        (b"# a\n" * (MOST_PASSAGES + 1), ContentType.MARKDOWN, "The document has more than 10000 passages."),
    ],
)
def test_what_cannot_be_read_fails_with_a_sentence(world: World, content: bytes, kind: ContentType, why: str) -> None:
    world.upload(content, kind)
    document = world.index()
    assert (document.status, document.error) == (DocumentStatus.FAILED, why)
    assert world.counts == Counts(1, 0, 1)


def test_a_pdf_that_is_refused_fails_with_its_sentence(world: World) -> None:
    world.page = UnreadableDocument("The PDF is damaged.")
    world.upload(b"%PDF-", ContentType.PDF)
    assert world.index().error == "The PDF is damaged."


def test_the_same_event_again_changes_nothing(world: World) -> None:
    world.upload(b"We open at nine.")
    first = world.index()
    assert world.index() == first
    assert world.counts.revision == 1


def test_other_bytes_take_the_place_of_the_first(world: World) -> None:
    world.upload(b"We open at nine.")
    first = world.index()
    world.upload(b"We open at ten.\n\n" + b"word " * 100)
    second = world.index()
    assert world.texts(second)[0].startswith("We open at ten.")
    assert world.files.read(passages_key(first)) is None
    assert world.counts == Counts(1, second.passages, 2)


def test_a_function_that_died_in_the_middle_is_made_up_for(world: World) -> None:
    world.upload(b"We open at nine.")
    document = world.store.find_document(ACME, "kb_1", "doc_1")
    assert document is not None
    world.store.replace_document(document, begun(document), MOST_PASSAGES)
    assert world.index().status is DocumentStatus.READY


def test_a_base_takes_only_so_many_passages(world: World) -> None:
    world.store.add_document(a_document("doc_0"), 500)
    full = a_document("doc_0", version=1)
    world.store.replace_document(full, indexed(full, "etag", MOST_PASSAGES), MOST_PASSAGES)
    world.upload(b"One too many.")
    document = world.index()
    assert document.status is DocumentStatus.FAILED
    assert "more than 10000 passages" in str(document.error)


def test_a_document_that_was_deleted_stays_deleted_and_leaves_nothing(world: World) -> None:
    world.files.put(upload_key(a_document()), b"late", "text/plain")
    assert world.service.index(ACME, "kb_1", "doc_1") is None
    assert world.files.objects == {}


def test_one_that_is_deleted_while_it_is_read_leaves_nothing(world: World) -> None:
    world.upload(b"%PDF-", ContentType.PDF)

    def delete_it(_content: bytes) -> Sequence[str]:
        held = world.store.find_document(ACME, "kb_1", "doc_1")
        assert held is not None
        world.store.remove_document(held)
        return ["Seite"]

    assert replace(world.service, pages=delete_it).index(ACME, "kb_1", "doc_1") is None
    assert world.files.objects == {}
    assert world.counts == Counts(0, 0, 1)


def test_a_base_that_is_deleted_while_its_document_is_read_leaves_nothing(world: World) -> None:
    world.upload(b"%PDF-", ContentType.PDF)

    def delete_base(_content: bytes) -> Sequence[str]:
        world.store.remove_base(ACME, "kb_1")
        return ["Seite"]

    assert replace(world.service, pages=delete_base).index(ACME, "kb_1", "doc_1") is None
    assert world.files.objects == {}


def test_bytes_that_change_while_they_are_read_are_read_again(world: World) -> None:
    world.upload(b"%PDF-1", ContentType.PDF)
    seen: list[bytes] = []

    def another_upload(content: bytes) -> Sequence[str]:
        seen.append(content)
        if len(seen) == 1:
            world.upload(b"%PDF-2", ContentType.PDF)
            assert world.index().status is DocumentStatus.READY
        return [content.decode()]

    document = replace(world.service, pages=another_upload).index(ACME, "kb_1", "doc_1")
    held = world.store.find_document(ACME, "kb_1", "doc_1")
    assert document == held
    assert held is not None
    assert held.content == world.files.look(upload_key(held)).content  # type: ignore[union-attr]


def test_one_that_never_holds_still_is_left_for_another_time(world: World) -> None:
    world.upload(b"%PDF-", ContentType.PDF)

    def touch(_content: bytes) -> Sequence[str]:
        held = world.store.find_document(ACME, "kb_1", "doc_1")
        assert held is not None
        world.store.replace_document(held, held, MOST_PASSAGES)
        return ["Seite"]

    with pytest.raises(Unavailable):
        replace(world.service, pages=touch).index(ACME, "kb_1", "doc_1")


def test_bytes_that_have_not_come_are_waited_for(world: World) -> None:
    world.store.add_document(a_document(), 500)
    assert world.index().status is DocumentStatus.PENDING
