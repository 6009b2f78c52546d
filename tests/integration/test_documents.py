"""What the deployed API says of itself, and of what it does not know."""

from __future__ import annotations

import httpx
import pytest
from openapi_spec_validator import validate

from local.stack import Stack
from tests.integration.test_rest import error_of

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_anybody_reads_the_document(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.addresses.api_url) as nobody:
        response = await nobody.get("/openapi.json")
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/json"
    validate(response.json())


async def test_the_page_and_all_that_it_is_made_of_come_from_here(stack: Stack) -> None:
    async with httpx.AsyncClient(base_url=stack.addresses.console_url, follow_redirects=True) as nobody:
        page = await nobody.get("/docs")
        assert str(page.url).endswith("/v1/docs")
        assert page.headers["Content-Type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        for name, size, kind in (("page.js", 300, "javascript"), ("page.css", 300, "css"), ("redoc.js", 10**6, "java")):
            part = await nobody.get(f"/v1/docs/{name}")
            assert len(part.content) > size
            assert kind in part.headers["Content-Type"]


async def test_the_link_of_an_error_leads_somewhere(http: httpx.AsyncClient) -> None:
    error = error_of(await http.get("/sessions/sess_nope"), 404, "session_not_found")
    async with httpx.AsyncClient() as nobody:
        page = await nobody.get(error["doc_url"])
    assert 'id="session_not_found"' in page.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_a_method_that_a_path_does_not_know_is_told_those_it_does(http: httpx.AsyncClient, method: str) -> None:
    response = await http.request(method, "/languages")
    error_of(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "GET"


async def test_an_unknown_path_is_said_by_the_gateway_with_the_same_link(http: httpx.AsyncClient) -> None:
    error = error_of(await http.get("/nowhere"), 404, "route_not_found")
    async with httpx.AsyncClient() as nobody:
        assert 'id="route_not_found"' in (await nobody.get(error["doc_url"])).text
