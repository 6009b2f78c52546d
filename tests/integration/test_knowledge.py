"""Knowledge bases of the deployed stack: documents go in, passages come out, and what is deleted is gone."""

from __future__ import annotations

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from core.adapters import clients
from core.adapters.dynamodb.knowledge import DynamoKnowledge
from core.adapters.dynamodb.transactions import Tables
from core.adapters.s3_documents import S3Documents
from core.adapters.system import SystemClock
from core.domain.access import Tenant
from core.domain.knowledge_bases import PASSAGES, UPLOADS, base_prefix
from core.domain.organizations import Organization
from kallglot import AsyncKallglot
from local.stack import Stack
from media_worker.knowledge.libraries import Libraries
from media_worker.pipeline.offload import ThreadOffload
from tests.integration.command import Command
from tests.integration.test_rest import error_of
from tests.pdfs import pdf_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORGANIZATION = "org_knowledge"
HANDBOOK = "# Brightwater\n\n## Opening hours\nWe are open Monday to Friday from nine to five.\n"
PDF = pdf_of(["Refunds\nIf you cancel within fourteen days we pay back everything.", "Moving house is free of charge."])
_READ_WITHIN_S = 60.0


@pytest_asyncio.fixture(loop_scope="session")
async def http(stack: Stack, http: httpx.AsyncClient) -> httpx.AsyncClient:
    stack.seeder.organization(Organization(ORGANIZATION, "Knowledge"))
    http.headers["Authorization"] = f"Bearer {stack.seeder.key(ORGANIZATION)}"
    return http


async def a_base(http: httpx.AsyncClient) -> str:
    made = await http.post("/knowledge_bases", json={"name": "Help", "language": "en"})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def add(http: httpx.AsyncClient, base: str, name: str, kind: str, content: bytes | str) -> dict[str, Any]:
    """As text with the request, or by the upload that its answer shows."""
    given = {"text": content} if isinstance(content, str) else {"size": len(content)}
    made = await http.post(f"/knowledge_bases/{base}/documents", json={"name": name, "content_type": kind, **given})
    assert made.status_code == 201, made.text
    body: dict[str, Any] = made.json()
    if isinstance(content, bytes):
        upload = body.pop("upload")
        async with httpx.AsyncClient() as elsewhere:
            sent = await elsewhere.request(upload["method"], upload["url"], headers=upload["headers"], content=content)
        assert sent.status_code == 200, sent.text
    return body


async def read(http: httpx.AsyncClient, base: str, document: dict[str, Any]) -> dict[str, Any]:
    """The document once it is over with it."""
    deadline = time.monotonic() + _READ_WITHIN_S
    while time.monotonic() < deadline:
        shown: dict[str, Any] = (await http.get(f"/knowledge_bases/{base}/documents/{document['id']}")).json()
        if shown["status"] in ("ready", "failed"):
            return shown
        await asyncio.sleep(0.2)
    raise AssertionError(f"not read within {_READ_WITHIN_S} s: {shown}")


async def test_documents_of_every_kind_become_what_a_worker_finds(http: httpx.AsyncClient, stack: Stack) -> None:
    base = await a_base(http)
    documents = [
        await add(http, base, "Handbook", "text/markdown", HANDBOOK),
        await add(http, base, "Prices", "text/plain", b"The basic plan costs nineteen euros a month."),
        await add(http, base, "Terms.pdf", "application/pdf", PDF),
    ]
    for document in documents:
        shown = await read(http, base, document)
        assert (shown["status"], shown["error"]) == ("ready", None)
    whole = (await http.get(f"/knowledge_bases/{base}")).json()
    assert (whole["status"], whole["document_count"], whole["passage_count"]) == ("ready", 3, 4)

    with ThreadPoolExecutor(2) as threads:
        library = await libraries(stack, threads).of(Tenant(ORGANIZATION, False), base)
        found = {
            question: library.search(question, 1)[0].passage.source
            for question in ("When are you open?", "What does the basic plan cost?", "Can I cancel and get paid back?")
        }
        assert [(source.title, source.place) for source in found.values()] == [
            ("Handbook", "Brightwater > Opening hours"),
            ("Prices", None),
            ("Terms.pdf", "page 1"),
        ]
        assert library.search("Who won the football game?", 1) == []


def libraries(stack: Stack, threads: ThreadPoolExecutor) -> Libraries:
    outputs = stack.outputs
    store = DynamoKnowledge(
        clients.dynamodb(), Tables(outputs.sessions_table, outputs.access_table, outputs.outbox_table), SystemClock()
    )
    return Libraries(store, S3Documents(clients.s3(), outputs.knowledge_bucket), ThreadOffload(threads))


async def test_the_client_and_the_command_bring_files(stack: Stack, http: httpx.AsyncClient, tmp_path: Path) -> None:
    (tmp_path / "terms.pdf").write_bytes(PDF)
    (tmp_path / "hours.md").write_text(HANDBOOK)
    key = http.headers["Authorization"].removeprefix("Bearer ")
    async with AsyncKallglot(stack.addresses.api_url, key) as client:
        base = await client.knowledge_bases.create(name="Help", language="en")
        document = await client.knowledge_bases.add_document(base.id, tmp_path / "terms.pdf")
        document = await client.knowledge_bases.wait_until_read(base.id, document.id)
        assert (document.status, document.passage_count) == ("ready", 2)

        said = await Command(stack, tmp_path)("knowledge", "add", base.id, "hours.md", "--api-key", key, "--json")
        assert said.code == 0, said.err
        assert [each["status"] for each in json.loads(said.out)["data"]] == ["ready"]
        assert [each.name async for each in client.knowledge_bases.documents(base.id)] == ["hours.md", "terms.pdf"]


@pytest.mark.parametrize(
    ("kind", "content", "why"),
    [
        ("application/pdf", PDF[:200], "The PDF is damaged."),
        ("application/pdf", b"Hello", "The document is no PDF."),
        ("text/plain", b"\xff\xfe\xff", "The document is not text in UTF-8."),
    ],
    ids=["cut off", "no pdf", "no text"],
)
async def test_what_cannot_be_read_says_why(http: httpx.AsyncClient, kind: str, content: bytes, why: str) -> None:
    base = await a_base(http)
    shown = await read(http, base, await add(http, base, "Broken", kind, content))
    assert (shown["status"], shown["error"]) == ("failed", why)
    assert (await http.get(f"/knowledge_bases/{base}")).json()["status"] == "empty"


async def test_nobody_else_sees_it(http: httpx.AsyncClient, stack: Stack) -> None:
    base = await a_base(http)
    document = await add(http, base, "Handbook", "text/markdown", HANDBOOK)
    stack.seeder.organization(Organization("org_strangers", "Strangers"))
    stranger = {"Authorization": f"Bearer {stack.seeder.key('org_strangers')}"}
    for path in (f"/knowledge_bases/{base}", f"/knowledge_bases/{base}/documents"):
        error_of(await http.get(path, headers=stranger), 404, "knowledge_base_not_found")
    error_of(
        await http.get(f"/knowledge_bases/{base}/documents/{document['id']}", headers=stranger),
        404,
        "document_not_found",
    )
    error_of(await http.delete(f"/knowledge_bases/{base}", headers=stranger), 404, "knowledge_base_not_found")
    assert (await http.get("/knowledge_bases", headers=stranger)).json()["data"] == []
    assert (await http.get(f"/knowledge_bases/{base}")).status_code == 200


async def test_what_is_deleted_is_gone_with_its_bytes(http: httpx.AsyncClient, stack: Stack) -> None:
    base = await a_base(http)
    first = await add(http, base, "Handbook", "text/markdown", HANDBOOK)
    second = await add(http, base, "Terms.pdf", "application/pdf", PDF)
    for document in (first, second):
        await read(http, base, document)
    assert len(objects(stack, base)) == 4

    assert (await http.delete(f"/knowledge_bases/{base}/documents/{first['id']}")).json()["deleted"] is True
    assert all(second["id"] in key for key in objects(stack, base))
    assert (await http.get(f"/knowledge_bases/{base}")).json()["passage_count"] == 2

    assert (await http.delete(f"/knowledge_bases/{base}")).json()["deleted"] is True
    assert objects(stack, base) == []
    error_of(await http.get(f"/knowledge_bases/{base}/documents"), 404, "knowledge_base_not_found")


def objects(stack: Stack, base: str) -> list[str]:
    tenant, s3 = Tenant(ORGANIZATION, False), clients.s3()
    found = [
        s3.list_objects_v2(Bucket=stack.outputs.knowledge_bucket, Prefix=base_prefix(kind, tenant, base))
        for kind in (UPLOADS, PASSAGES)
    ]
    return [item["Key"] for page in found for item in page.get("Contents", [])]
