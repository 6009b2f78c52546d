"""API keys of the deployed stack: made, used, revoked, and repeated by many at once."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import pytest_asyncio

from core.domain.access import Scope
from core.domain.organizations import Organization
from local.stack import Stack
from tests.integration.test_rest import error_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORGANIZATION = "org_keys"


@pytest_asyncio.fixture(loop_scope="session")
async def manager(stack: Stack, http: httpx.AsyncClient) -> httpx.AsyncClient:
    stack.seeder.organization(Organization(ORGANIZATION, "Keys"))
    http.headers["Authorization"] = f"Bearer {stack.seeder.key(ORGANIZATION)}"
    return http


async def create(http: httpx.AsyncClient, *, key: str | None = None, **fields: Any) -> dict[str, Any]:
    response = await http.post("/api_keys", json=fields, headers={"Idempotency-Key": key} if key else {})
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


def bearing(made: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {made['key']}"}


async def test_a_key_opens_what_it_was_granted_until_it_is_revoked(manager: httpx.AsyncClient) -> None:
    made = await create(manager, name="reader", scopes=["sessions:read"])
    assert (await manager.get("/sessions", headers=bearing(made))).status_code == 200
    error_of(await manager.get("/api_keys", headers=bearing(made)), 403, "insufficient_permissions")

    revoked = await manager.delete(f"/api_keys/{made['id']}")
    assert revoked.json()["revoked_at"]
    error_of(await manager.get("/sessions", headers=bearing(made)), 401, "revoked_api_key")
    listed = (await manager.get("/api_keys")).json()["data"]
    assert revoked.json() in listed
    assert made["key"] not in str(listed)


async def test_many_at_once_with_one_key_make_one_and_are_told_the_same(manager: httpx.AsyncClient) -> None:
    async def one() -> httpx.Response:
        return await manager.post("/api_keys", json={"name": "once"}, headers={"Idempotency-Key": "many"})

    answers = await asyncio.gather(*(one() for _ in range(12)))
    for refused in (answer for answer in answers if answer.status_code != 201):
        error_of(refused, 409, "idempotency_conflict")
        assert int(refused.headers["Retry-After"]) > 0
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert made
    assert all(each == made[0] for each in [*made, (await one()).json()])
    named = [key for key in (await manager.get("/api_keys", params={"limit": 100})).json()["data"] if key["name"]]
    assert [key["name"] for key in named].count("once") == 1


async def test_two_that_revoke_each_other_leave_one(manager: httpx.AsyncClient, stack: Stack) -> None:
    stack.seeder.organization(Organization("org_two_keys", "Two keys"))
    first = stack.seeder.key("org_two_keys", [Scope.KEYS_MANAGE])
    manager.headers["Authorization"] = f"Bearer {first}"
    mine = (await manager.get("/api_keys")).json()["data"][0]["id"]
    other = await create(manager)

    answers = await asyncio.gather(
        manager.delete(f"/api_keys/{other['id']}"), manager.delete(f"/api_keys/{mine}", headers=bearing(other))
    )

    codes = sorted(answer.status_code for answer in answers)
    assert codes in ([200, 401], [200, 409]), [answer.text for answer in answers]
    still = [
        (await manager.get("/api_keys", headers=headers)).status_code
        for headers in ({"Authorization": f"Bearer {first}"}, bearing(other))
    ]
    assert sorted(still) == [200, 401]
