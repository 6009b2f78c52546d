"""Knowledge bases as sessions ask for them: once for all, anew after a change, nothing where there is nothing."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

import pytest

from core.domain.knowledge_bases import MOST_PASSAGES, ContentType, upload_key
from core.errors import Unavailable
from core.services.indexing import Indexing
from media_worker.knowledge.libraries import Libraries
from media_worker.pipeline.offload import ThreadOffload
from tests.builders import ACME, ACME_TEST, a_base, a_document
from tests.fakes.clocks import FakeClock
from tests.fakes.knowledge import MemoryDocuments, MemoryKnowledge
from tests.fakes.stores import MemorySessions

P = ParamSpec("P")
T = TypeVar("T")


class Files(MemoryDocuments):
    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.failures = 0

    def read(self, key: str, content: str | None = None) -> bytes | None:
        self.reads += 1
        if self.failures:
            self.failures -= 1
            raise Unavailable("dependency_unavailable", "GetObject failed")
        return super().read(key, content)


async def at_once(call: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    await asyncio.sleep(0)
    return call(*args, **kwargs)


@dataclass
class World:
    store: MemoryKnowledge = field(default_factory=lambda: MemoryKnowledge(MemorySessions(FakeClock())))
    files: Files = field(default_factory=Files)

    def add(self, text: str, base_id: str = "kb_1", document_id: str = "doc_1") -> None:
        if self.store.find_base(ACME, base_id) is None:
            self.store.add_base(a_base(base_id), 100)
        document = a_document(document_id, knowledge_base_id=base_id, content_type=ContentType.MARKDOWN)
        if self.store.find_document(ACME, base_id, document_id) is None:
            self.store.add_document(document, 100)
        self.files.put(upload_key(document), text.encode(), "text/plain")
        Indexing(self.store, self.files, lambda content: []).index(ACME, base_id, document_id)
        self.files.reads = 0


@pytest.fixture
def world() -> World:
    return World()


async def test_what_was_uploaded_is_found_with_where_it_stands(world: World) -> None:
    world.add("# Hours\nWe open at nine.")
    world.add("# Prices\nThe plan costs five euros.", document_id="doc_2")
    libraries = Libraries(world.store, world.files, at_once)

    (found,) = (await libraries.of(ACME, "kb_1")).search("When do you open?", 3)

    assert found.passage.text == "We open at nine."
    assert (found.passage.source.document_id, found.passage.source.place) == ("doc_1", "Hours")


async def test_a_hundred_sessions_read_a_base_once(world: World) -> None:
    world.add("We open at nine.")
    libraries = Libraries(world.store, world.files, at_once)

    first, *others = await asyncio.gather(*(libraries.of(ACME, "kb_1") for _ in range(100)))

    assert world.files.reads == 1
    assert all(other is first for other in others)


async def test_a_base_that_has_changed_is_read_anew(world: World) -> None:
    world.add("We open at nine.")
    libraries = Libraries(world.store, world.files, at_once)
    before = await libraries.of(ACME, "kb_1")
    world.add("We open at ten.")

    after = await libraries.of(ACME, "kb_1")

    assert [passage.text for passage in after.passages] == ["We open at ten."]
    assert [passage.text for passage in before.passages] == ["We open at nine."]
    assert len(libraries._held) == 1


async def test_the_least_recently_used_make_room(world: World) -> None:
    for name in ("kb_1", "kb_2", "kb_3"):
        world.add("# A\nOne.\n# B\nTwo.", name)
    libraries = Libraries(world.store, world.files, at_once, most_passages=4)
    for name in ("kb_1", "kb_2", "kb_1", "kb_3"):
        await libraries.of(ACME, name)
    assert [base_id for _, base_id in libraries._held] == ["kb_1", "kb_3"]


async def test_a_base_that_is_gone_is_an_empty_library_and_a_line(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.add("We open at nine.")
    libraries = Libraries(world.store, world.files, at_once)
    for tenant, name in ((ACME, "kb_2"), (ACME_TEST, "kb_1")):
        assert (await libraries.of(tenant, name)).passages == ()
    assert [record.message for record in caplog.records] == ["the knowledge base is gone"] * 2


async def test_one_that_cannot_be_read_is_empty_and_tried_again(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.add("We open at nine.")
    world.files.failures = 1
    libraries = Libraries(world.store, world.files, at_once)

    assert (await libraries.of(ACME, "kb_1")).passages == ()
    assert caplog.records[-1].levelno == logging.ERROR
    assert len((await libraries.of(ACME, "kb_1")).passages) == 1


async def test_a_session_does_not_wait_for_ever_and_the_next_one_has_it(world: World) -> None:
    world.add("We open at nine.")
    go_on = threading.Event()
    slow_find = world.store.documents
    world.store.documents = lambda *args, **kwargs: (go_on.wait(10), slow_find(*args, **kwargs))[1]  # type: ignore[method-assign]
    with ThreadPoolExecutor(2) as threads:
        libraries = Libraries(world.store, world.files, ThreadOffload(threads), wait_s=0.05)
        assert (await libraries.of(ACME, "kb_1")).passages == ()
        go_on.set()
        await libraries._held[ACME, "kb_1"].loading
        assert len((await libraries.of(ACME, "kb_1")).passages) == 1


async def test_a_document_that_vanishes_while_it_is_listed_is_left_out(world: World) -> None:
    world.add("We open at nine.")
    world.files.objects.clear()
    assert (await Libraries(world.store, world.files, at_once).of(ACME, "kb_1")).passages == ()


def test_a_base_that_is_full_fits() -> None:
    assert Libraries(MemoryKnowledge(MemorySessions(FakeClock())), Files(), at_once).most_passages >= MOST_PASSAGES
