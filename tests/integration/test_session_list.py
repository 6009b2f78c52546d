"""GET /v1/sessions of the deployed stack: its indexes, and pages that are turned while sessions come in."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import pytest_asyncio

from core.domain.organizations import Organization
from local.stack import Stack
from tests.integration.test_rest import SESSION, error_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORGANIZATION = "org_lists"


@pytest_asyncio.fixture(loop_scope="session")
async def lists(stack: Stack, http: httpx.AsyncClient) -> httpx.AsyncClient:
    """An organization of its own, so that nobody else's sessions are in its list."""
    stack.seeder.organization(Organization(ORGANIZATION, "Lists"))
    http.headers["Authorization"] = f"Bearer {stack.seeder.key(ORGANIZATION)}"
    return http


async def create(http: httpx.AsyncClient) -> str:
    response = await http.post("/sessions", json=SESSION)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def page(http: httpx.AsyncClient, **query: Any) -> dict[str, Any]:
    response = await http.get("/sessions", params=query)
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def ids(listed: dict[str, Any]) -> list[str]:
    return [session["id"] for session in listed["data"]]


async def test_pages_turned_while_sessions_come_in_show_each_once(lists: httpx.AsyncClient) -> None:
    before = [await create(lists) for _ in range(7)]
    first = await page(lists, limit=3)
    assert ids(first) == before[:-4:-1]

    seen, more, came = ids(first), first["has_more"], list[str]()
    while more:
        listed, *made = await asyncio.gather(
            page(lists, limit=2, starting_after=seen[-1]), create(lists), create(lists)
        )
        seen, more, came = seen + ids(listed), listed["has_more"], came + made
    assert seen == before[::-1]

    newer, more = list[str](), True
    while more:
        listed = await page(lists, limit=3, ending_before=newer[0] if newer else before[-1])
        newer, more = ids(listed) + newer, listed["has_more"]
    assert set(newer) == set(came)
    assert newer == ids(await page(lists, limit=len(came)))


async def test_a_status_finds_what_has_it_now(lists: httpx.AsyncClient) -> None:
    ended = await create(lists)
    assert (await lists.post(f"/sessions/{ended}/end")).status_code == 200

    assert ended in ids(await page(lists, status="ended"))
    assert ended not in ids(await page(lists, status="created"))


async def test_another_organizations_list_and_cursor_are_not_ours(lists: httpx.AsyncClient, stack: Stack) -> None:
    mine = await create(lists)
    other = {"Authorization": f"Bearer {stack.addresses.api_key}"}

    listed = await lists.get("/sessions", params={"limit": 100}, headers=other)
    assert mine not in ids(listed.json())
    refused = await lists.get("/sessions", params={"starting_after": mine}, headers=other)
    error_of(refused, 404, "session_not_found")
