"""Lists of any length, in both directions, on both clients."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from kallglot import ServerFailed
from tests.fakes.api import ONE_TRY, Driven, drive, refused

NAMES = [f"sess_{number}" for number in range(1, 8)]


def served(request: httpx.Request) -> httpx.Response:
    """As the API pages: `starting_after` goes on behind an object, `ending_before` ends in front of one."""
    asked = request.url.params
    limit = int(asked.get("limit", 20))
    if before := asked.get("ending_before"):
        end = NAMES.index(before)
        start = max(0, end - limit)
        shown, more = NAMES[start:end], start > 0
    else:
        start = NAMES.index(asked["starting_after"]) + 1 if "starting_after" in asked else 0
        shown, more = NAMES[start : start + limit], start + limit < len(NAMES)
    data = [{"id": name, "object": "session"} for name in shown]
    return httpx.Response(200, json={"object": "list", "data": data, "has_more": more, "url": "/v1/sessions"})


def ids(objects: Any) -> list[str]:
    return [each.id for each in objects]


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100, None])
async def test_iterating_goes_on_to_the_last_page(kind: str, limit: int | None) -> None:
    driven, api = drive(kind, served)
    assert ids(await driven.items(lambda client: client.sessions.list(limit=limit))) == NAMES
    assert len(api.seen) == -(-len(NAMES) // (limit or 20))


async def test_pages_are_asked_for_as_they_are_needed(kind: str) -> None:
    driven, api = drive(kind, served)
    page = await driven(lambda client: client.sessions.list(limit=3).page())
    assert (ids(page.data), page.has_more, len(api.seen)) == (["sess_1", "sess_2", "sess_3"], True, 1)


async def test_filters_go_with_every_page(kind: str) -> None:
    driven, api = drive(kind, served)
    await driven.items(lambda client: client.sessions.list(status="active", limit=4))
    assert [request.url.params["status"] for request in api.seen] == ["active", "active"]


async def test_a_list_is_read_backwards_too(kind: str) -> None:
    driven, _ = drive(kind, served)
    found = await driven.items(lambda client: client.sessions.list(limit=2, ending_before="sess_6").pages())
    assert [ids(page.data) for page in found] == [["sess_4", "sess_5"], ["sess_2", "sess_3"], ["sess_1"]]


async def test_an_empty_list_has_nothing(kind: str) -> None:
    driven, _ = drive(kind, httpx.Response(200, json={"object": "list", "data": [], "has_more": False}))
    assert await driven.items(lambda client: client.sessions.list()) == []


@pytest.mark.parametrize("data", [[], [{"id": "sess_1"}], [{"object": "nameless"}]])
async def test_a_list_that_never_says_it_ends_is_left(kind: str, data: list[Any]) -> None:
    driven, api = drive(kind, httpx.Response(200, json={"object": "list", "data": data, "has_more": True}))
    assert len(await driven.items(lambda client: client.sessions.list())) <= 2
    assert len(api.seen) <= 2


async def test_a_page_that_fails_is_an_error_and_not_the_end(kind: str) -> None:
    driven, _ = drive(kind, served, refused(500), retrying=ONE_TRY)
    seen: list[str] = []
    with pytest.raises(ServerFailed):
        await _gather(driven, seen)
    assert seen == ["sess_1", "sess_2"]


async def _gather(driven: Driven, seen: list[str]) -> None:
    listed = driven.client.sessions.list(limit=2)
    if hasattr(listed, "__aiter__"):
        async for each in listed:
            seen.append(each.id)
    else:
        seen.extend(each.id for each in listed)
