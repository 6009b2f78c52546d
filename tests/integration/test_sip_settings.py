"""What a tenant of the deployed stack sets for calls by SIP: its grants, its secret, and many at once."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import pytest_asyncio

from core.domain.organizations import Organization
from local.stack import Stack
from tests.integration.test_rest import error_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

ORGANIZATION = "org_sip_settings"


@pytest_asyncio.fixture(loop_scope="session")
async def manager(stack: Stack, http: httpx.AsyncClient) -> httpx.AsyncClient:
    stack.seeder.organization(Organization(ORGANIZATION, "Sip"))
    http.headers["Authorization"] = f"Bearer {stack.seeder.key(ORGANIZATION)}"
    return http


async def test_the_uri_is_the_one_that_the_stack_is_called_by(stack: Stack, manager: httpx.AsyncClient) -> None:
    shown = (await manager.get("/sip")).json()
    assert shown["uri"] == stack.addresses.sip_uri


async def test_a_trunk_with_its_password_comes_changes_and_goes(manager: httpx.AsyncClient) -> None:
    trunk = {"uri": "sip:trunk.example.com", "username": "us", "password": "a-secret-word"}
    for sent in (trunk, trunk | {"password": "another-word"}):
        made = await manager.patch("/sip", json={"trunk": sent, "max_calls": 3})
        assert made.status_code == 200, made.text
        assert made.json()["trunk"]["username"] == "us"
        assert sent["password"] not in made.text
    gone = await manager.patch("/sip", json={"trunk": None, "max_calls": None})
    assert (gone.status_code, gone.json()["trunk"]) == (200, None)


async def test_many_at_once_make_a_credential_each_and_of_one_name_one(manager: httpx.AsyncClient) -> None:
    async def make(name: str) -> httpx.Response:
        return await manager.post("/sip_credentials", json={"username": name})

    answers = await asyncio.gather(*(make("same") for _ in range(4)))
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert len(made) == 1
    assert {answer.json()["error"]["code"] for answer in answers if answer.status_code != 201} <= {
        "sip_username_taken",
        "sip_settings_busy",
    }
    path = f"/sip_credentials/{made[0]['id']}"
    rotated = (await manager.post(f"{path}/rotate")).json()
    assert rotated["password"] != made[0]["password"]
    assert (await manager.delete(path)).json()["deleted"] is True
    error_of(await manager.get(path), 404, "sip_credential_not_found")
