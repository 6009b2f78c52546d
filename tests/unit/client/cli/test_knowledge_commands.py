from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.fakes.terminal import Shell
from tests.unit.client.cli.test_commands import listed, ok

BASE = {
    "id": "kb_1",
    "object": "knowledge_base",
    "name": "Help",
    "language": "en",
    "status": "ready",
    "document_count": 2,
    "passage_count": 40,
}
DOCUMENT = {"id": "doc_1", "name": "a.md", "status": "ready", "passage_count": 3, "size": 10}
UPLOAD = {"url": "https://bucket.example/a", "method": "PUT", "headers": {"Content-Type": "text/markdown"}}
MADE = ok({**DOCUMENT, "status": "pending", "upload": UPLOAD}, 201)
TAKEN = httpx.Response(200)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "a.md").write_text("# Hours\nAt nine.")
    return tmp_path / "a.md"


def test_a_base_is_made_listed_and_deleted(shell: Shell) -> None:
    said = shell("knowledge create Help --language en", ok(BASE, 201))
    assert said.api.bodies == [{"name": "Help", "language": "en"}]
    assert said.rows[:2] == [["base", "kb_1"], ["name", "Help"]]
    assert shell("knowledge list", listed(BASE)).rows[0][:6] == ["kb_1", "Help", "en", "ready", "2", "40"]
    gone = shell("knowledge delete kb_1", ok({"id": "kb_1", "deleted": True}))
    assert gone.out == "deleted\tkb_1\n"
    assert [request.url.path for request in gone.api.seen] == ["/v1/knowledge_bases/kb_1"]


def test_files_are_added_one_after_the_other_and_waited_for(shell: Shell, file: Path) -> None:
    said = shell(f"knowledge add kb_1 {file} {file}", MADE, TAKEN, ok(DOCUMENT), MADE, TAKEN, ok(DOCUMENT))
    assert said.code == 0
    assert [request.method for request in said.api.seen] == ["POST", "PUT", "GET"] * 2
    assert [row[:4] for row in said.rows] == [["doc_1", "a.md", "ready", "3"]] * 2
    assert "2 of 2: a.md" in said.err


def test_one_that_is_not_waited_for_is_pending(shell: Shell, file: Path) -> None:
    said = shell(f"knowledge add kb_1 {file} --wait 0", MADE, TAKEN)
    assert said.rows[0][:3] == ["doc_1", "a.md", "pending"]


def test_one_that_cannot_be_read_is_shown_and_fails_the_command(shell: Shell, file: Path) -> None:
    failed = ok({**DOCUMENT, "status": "failed", "error": "The document has no text."})
    said = shell(f"knowledge add kb_1 {file}", MADE, TAKEN, failed)
    assert said.code == 1
    assert "The document has no text." in said.out
    assert "could not be read: a.md" in said.err


def test_a_kind_of_file_that_is_not_taken_is_told_without_asking(shell: Shell, tmp_path: Path) -> None:
    said = shell(f"knowledge add kb_1 {tmp_path / 'a.docx'}")
    assert (said.code, said.api.seen) == (1, [])
    assert "a.docx" in said.err


def test_documents_are_shown_and_deleted_alone(shell: Shell) -> None:
    assert shell("knowledge show kb_1", listed(DOCUMENT)).rows[0][:4] == ["doc_1", "a.md", "ready", "3"]
    gone = shell("knowledge delete kb_1 doc_1 --json", ok({"id": "doc_1", "deleted": True}))
    assert [request.url.path for request in gone.api.seen] == ["/v1/knowledge_bases/kb_1/documents/doc_1"]
