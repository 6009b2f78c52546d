"""/v1/knowledge_bases and their documents: bodies, statuses, limits, uploads, repeats."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.domain.access import Scope
from core.domain.knowledge_bases import (
    MOST_BASES,
    MOST_BYTES,
    MOST_DOCUMENTS,
    MOST_INLINE_CHARACTERS,
    MOST_PASSAGES,
    indexed,
    upload_key,
)
from tests.builders import ACME
from tests.fakes.rest import Answer, RestWorld

PATH = "/v1/knowledge_bases"
CALLER = {"org": "org_acme", "livemode": "true", "scopes": " ".join(Scope), "key_id": "key_1"}
TEXT = {"name": "Hours", "content_type": "text/plain", "text": "We open at nine."}
PDF = {"name": "Terms.pdf", "content_type": "application/pdf", "size": 5000}


@pytest.fixture
def world() -> RestWorld:
    return RestWorld()


def ask(world: RestWorld, method: str, path: str, body: Any = None, **headers: str) -> Answer:
    sent = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
    return world.ask(method, path, None if body is None else json.dumps(body), headers=sent, authorizer=CALLER)


def a_base(world: RestWorld, **more: Any) -> dict[str, Any]:
    answer = ask(world, "POST", PATH, {"name": "Help"} | more)
    assert answer.status == 201
    body: dict[str, Any] = answer.body
    return body


def documents_of(base: dict[str, Any]) -> str:
    return f"{PATH}/{base['id']}/documents"


def test_a_base_is_made_listed_changed_and_deleted(world: RestWorld) -> None:
    made = a_base(world, language="de")
    assert (made["name"], made["language"], made["status"]) == ("Help", "de", "empty")
    assert (made["document_count"], made["passage_count"]) == (0, 0)
    assert ask(world, "GET", f"{PATH}/{made['id']}").body == made
    assert ask(world, "GET", PATH).body["data"] == [made]

    changed = ask(world, "PATCH", f"{PATH}/{made['id']}", {"name": "Other"})
    assert changed.body == made | {"name": "Other"}

    ask(world, "POST", documents_of(made), TEXT)
    assert ask(world, "DELETE", f"{PATH}/{made['id']}").body["deleted"] is True
    assert world.documents.objects == {}
    for method in ("GET", "DELETE"):
        assert ask(world, method, f"{PATH}/{made['id']}").error["code"] == "knowledge_base_not_found"
    assert ask(world, "GET", documents_of(made)).error["code"] == "knowledge_base_not_found"


def test_the_newest_come_first_and_page_by_page(world: RestWorld) -> None:
    base = a_base(world)
    names = []
    for _ in range(3):
        names.append(ask(world, "POST", documents_of(base), TEXT).body["id"])
        world.clock.advance(1)
    for path, newest_first in ((documents_of(base), names[::-1]), (PATH, [base["id"]])):
        first = world.ask("GET", path, query={"limit": "2"}, authorizer=CALLER).body
        assert [each["id"] for each in first["data"]] == newest_first[:2]
        more = world.ask("GET", path, query={"starting_after": newest_first[-1]}, authorizer=CALLER).body
        assert (more["data"], more["has_more"]) == ([], False)
        strange = world.ask("GET", path, query={"starting_after": "doc_none"}, authorizer=CALLER)
        assert (strange.status, strange.error["param"]) == (404, "starting_after")


def test_a_text_is_stored_at_once_and_waits_to_be_read(world: RestWorld) -> None:
    base = a_base(world)
    made = ask(world, "POST", documents_of(base), TEXT | {"text": "Grüße"}).body
    assert (made["status"], made["size"], made["knowledge_base_id"]) == ("pending", 7, base["id"])
    assert "upload" not in made
    held = world.knowledge.find_document(ACME, base["id"], made["id"])
    assert held is not None
    assert world.documents.objects == {upload_key(held): ("Grüße".encode(), "text/plain")}
    assert ask(world, "GET", f"{PATH}/{base['id']}").body["document_count"] == 1
    assert ask(world, "GET", f"{documents_of(base)}/{made['id']}").body == made


def test_a_larger_one_is_uploaded_by_a_request_that_ends(world: RestWorld) -> None:
    base = a_base(world)
    made = ask(world, "POST", documents_of(base), PDF).body
    upload = made.pop("upload")
    assert (upload["method"], upload["headers"]["Content-Length"]) == ("PUT", "5000")
    assert made["id"] in upload["url"]
    assert ask(world, "GET", f"{documents_of(base)}/{made['id']}").body == made


def test_a_deleted_document_leaves_nothing_and_is_counted_no_more(world: RestWorld) -> None:
    base = a_base(world)
    made = ask(world, "POST", documents_of(base), TEXT).body
    held = world.knowledge.find_document(ACME, base["id"], made["id"])
    assert held is not None
    world.knowledge.replace_document(held, indexed(held, "etag", 3), MOST_PASSAGES)
    assert ask(world, "GET", f"{PATH}/{base['id']}").body["status"] == "ready"

    assert ask(world, "DELETE", f"{documents_of(base)}/{made['id']}").body["deleted"] is True

    assert world.documents.objects == {}
    after = ask(world, "GET", f"{PATH}/{base['id']}").body
    assert (after["document_count"], after["passage_count"], after["status"]) == (0, 0, "empty")
    assert ask(world, "DELETE", f"{documents_of(base)}/{made['id']}").error["code"] == "document_not_found"


@pytest.mark.parametrize(
    ("body", "param"),
    [
        (TEXT | {"size": 5}, "size"),
        (PDF | {"text": "%PDF", "size": None}, "text"),
        ({"name": "Hours", "content_type": "text/plain"}, "text"),
        (PDF | {"size": MOST_BYTES + 1}, "size"),
        (PDF | {"size": 0}, "size"),
        (TEXT | {"text": ""}, "text"),
        (TEXT | {"text": "x" * (MOST_INLINE_CHARACTERS + 1)}, "text"),
        (TEXT | {"content_type": "text/html"}, "content_type"),
        (TEXT | {"name": "a\nb"}, "name"),
        (TEXT | {"name": " "}, "name"),
        (TEXT | {"more": 1}, "more"),
    ],
)
def test_a_document_that_is_not_taken_names_the_field(world: RestWorld, body: dict[str, Any], param: str) -> None:
    answer = ask(world, "POST", documents_of(a_base(world)), body)
    assert (answer.status, answer.error["param"]) == (422, param)
    assert world.documents.objects == {}


@pytest.mark.parametrize(("body", "code"), [({}, "missing_required_field"), ({"name": ""}, "invalid_field_value")])
def test_a_base_needs_a_name(world: RestWorld, body: dict[str, Any], code: str) -> None:
    assert ask(world, "POST", PATH, body).error["code"] == code


def test_its_language_is_one_that_we_know(world: RestWorld) -> None:
    assert ask(world, "POST", PATH, {"name": "Help", "language": "xx"}).error["code"] == "invalid_language_code"


def test_there_may_be_so_many_bases_and_documents(world: RestWorld) -> None:
    for _ in range(MOST_BASES):
        base = a_base(world)
    assert ask(world, "POST", PATH, {"name": "Help"}).error["code"] == "knowledge_base_limit_reached"
    for _ in range(MOST_DOCUMENTS):
        assert ask(world, "POST", documents_of(base), TEXT).status == 201
    assert ask(world, "POST", documents_of(base), TEXT).error["code"] == "document_limit_reached"


def test_a_repeat_makes_nothing_and_is_shown_a_way_to_upload_again(world: RestWorld) -> None:
    first = ask(world, "POST", PATH, {"name": "Help"}, Idempotency_Key="k")
    again = ask(world, "POST", PATH, {"name": "Help"}, Idempotency_Key="k")
    assert (again.body, again.headers["Idempotency-Replayed"]) == (first.body, ["true"])

    path = documents_of(first.body)
    made = ask(world, "POST", path, PDF, Idempotency_Key="d").body
    world.clock.advance(60)
    repeated = ask(world, "POST", path, PDF, Idempotency_Key="d").body
    assert repeated["id"] == made["id"]
    assert repeated["upload"]["expires_at"] > made["upload"]["expires_at"]
    assert len(ask(world, "GET", path).body["data"]) == 1


def test_a_repeat_brings_the_text_that_the_first_request_lost(world: RestWorld) -> None:
    path = documents_of(a_base(world))
    ask(world, "POST", path, TEXT, Idempotency_Key="d")
    world.documents.objects.clear()
    ask(world, "POST", path, TEXT, Idempotency_Key="d")
    assert [content for content, _ in world.documents.objects.values()] == [b"We open at nine."]
