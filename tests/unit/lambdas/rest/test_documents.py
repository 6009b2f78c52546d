"""What the API says of itself, to anybody."""

from __future__ import annotations

import re

import pytest

from lambdas.rest.documents import FOLDER, PAGES
from tests.fakes.rest import RestWorld

NOBODY: dict[str, str] = {}
WRITTEN = [name for name in PAGES if name != "redoc.js"]


@pytest.fixture
def world() -> RestWorld:
    return RestWorld()


def test_the_document_is_served_to_anybody_as_it_is_kept(world: RestWorld) -> None:
    answer = world.ask("GET", "/v1/openapi.json", authorizer=NOBODY)

    assert (answer.status, answer.text) == (200, (FOLDER / "openapi.json").read_text())


@pytest.mark.parametrize("path", ["/v1/docs", *(f"/v1/docs/{name}" for name in WRITTEN)])
def test_a_page_may_fetch_nothing_from_elsewhere(world: RestWorld, path: str) -> None:
    answer = world.ask("GET", path, authorizer=NOBODY)

    assert answer.status == 200
    policy = answer.headers["Content-Security-Policy"][0]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "http" not in policy
    assert not re.search("""(src|href)=["']?(https?:)?//|<script>|onload=""", answer.text)


def test_there_is_no_other_page(world: RestWorld) -> None:
    assert world.ask("GET", "/v1/docs/..%2Fopenapi.json", authorizer=NOBODY).status == 404
    assert world.ask("GET", "/v1/docs/index.html", authorizer=NOBODY).error["code"] == "route_not_found"


def test_the_link_of_an_error_leads_to_its_explanation(world: RestWorld) -> None:
    error = world.get("/v1/sessions/sess_nope").error
    place, _, anchor = error["doc_url"].partition("#")

    page = world.ask("GET", place.removeprefix("https://api.example.com"), authorizer=NOBODY)

    assert f'id="{anchor}"' in page.text
