"""A file into a knowledge base: announced, brought, and our key stays at home."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest

from kallglot import ConnectionFailed, Retrying, TimedOut
from kallglot.uploading import content_type_of
from tests.fakes.api import Clock, drive

BYTES = b"%PDF-1.4 \x00\xff"
PLACE = "https://bucket.example/documents/content?signature=secret"
DOCUMENT = {"id": "doc_1", "object": "document", "knowledge_base_id": "kb_1", "name": "a.pdf", "status": "pending"}
MADE = httpx.Response(
    201,
    json={
        **DOCUMENT,
        "upload": {
            "url": PLACE,
            "method": "PUT",
            "headers": {"Content-Type": "application/pdf", "Content-Length": str(len(BYTES))},
            "expires_at": "2026-03-26T11:15:00Z",
        },
    },
)
TAKEN = httpx.Response(200)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "a.pdf").write_bytes(BYTES)
    return tmp_path / "a.pdf"


async def test_a_file_is_announced_and_brought_without_our_key(kind: str, file: Path) -> None:
    driven, api = drive(kind, MADE, TAKEN)
    document = await driven(lambda client: client.knowledge_bases.add_document("kb_1", file))
    announced, brought = api.seen
    assert json.loads(announced.content) == {
        "name": "a.pdf",
        "content_type": "application/pdf",
        "size": len(BYTES),
    }
    assert (brought.method, str(brought.url), brought.content) == ("PUT", PLACE, BYTES)
    assert brought.headers["Content-Type"] == "application/pdf"
    assert "Authorization" not in brought.headers
    assert (document.id, document.upload) == ("doc_1", None)


async def test_bytes_that_do_not_arrive_are_brought_again(kind: str, file: Path) -> None:
    clock = Clock()
    driven, api = drive(kind, MADE, httpx.Response(503), httpx.ConnectError("no"), TAKEN, clock=clock)
    await driven(lambda client: client.knowledge_bases.add_document("kb_1", file, name="Terms"))
    assert [request.method for request in api.seen] == ["POST", "PUT", "PUT", "PUT"]
    assert len(clock.slept) == 2


async def test_a_refusal_is_told_at_once_and_a_lasting_silence_at_last(kind: str, file: Path) -> None:
    driven, api = drive(kind, MADE, httpx.Response(403))
    with pytest.raises(ConnectionFailed, match="403") as refused:
        await driven(lambda client: client.knowledge_bases.add_document("kb_1", file))
    assert len(api.seen) == 2
    assert "secret" not in str(refused.value)

    driven, api = drive(kind, MADE, httpx.ConnectError("no"), retrying=Retrying(max_attempts=3))
    with pytest.raises(ConnectionFailed):
        await driven(lambda client: client.knowledge_bases.add_document("kb_1", file))
    assert len(api.seen) == 4


async def test_it_is_waited_for_until_it_is_read(kind: str) -> None:
    reading = httpx.Response(200, json={**DOCUMENT, "status": "processing"})
    failed = httpx.Response(200, json={**DOCUMENT, "status": "failed", "error": "The PDF is damaged."})
    driven, _ = drive(kind, reading, reading, failed)
    document = await driven(lambda client: client.knowledge_bases.wait_until_read("kb_1", "doc_1"))
    assert (document.status, document.error) == ("failed", "The PDF is damaged.")

    driven, _ = drive(kind, reading)
    with pytest.raises(TimedOut, match="doc_1 is not read"):
        await driven(lambda client: client.knowledge_bases.wait_until_read("kb_1", "doc_1", timeout_s=3))


def test_the_kind_of_a_file_is_its_ending(tmp_path: Path) -> None:
    assert content_type_of(Path("A.MD")) == "text/markdown"
    with pytest.raises(ValueError, match=r"a\.docx: a knowledge base takes"):
        content_type_of(tmp_path / "a.docx")
