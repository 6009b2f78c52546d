"""Secrets are rotated in a deployed stack: what was made before still opens everything, and what is made after, too.

The functions and the workers of this stack read secrets again after five minutes only, so a worker of our own, and the
products of both versions, stand for what they would know by then.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import boto3
import httpx
import pytest
import pytest_asyncio

from core.adapters import clients
from core.adapters.dynamodb.access import DynamoAccess
from core.adapters.secrets import RotatableSecret
from core.adapters.system import SystemClock
from core.domain.access import stream_token
from core.domain.rotation import Versions
from core.services.rotating import Rotation
from kallglot import AsyncKallglot
from local.seed import Seeder
from local.stack import Stack
from tests.integration.store import TENANT, Store, function_named
from tests.integration.test_streams import new_session
from tests.integration.test_workers import at
from tests.integration.workers import member

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Vault:
    """Both secrets of the stack."""

    def __init__(self, stack: Stack) -> None:
        access = DynamoAccess(clients.dynamodb(), stack.outputs.access_table)
        self.pepper = self._rotation(stack.outputs.api_key_pepper_secret_arn, access)
        self.tokens = self._rotation(stack.outputs.stream_token_secret_arn, None)

    def _rotation(self, arn: str, access: DynamoAccess | None) -> Rotation:
        secret = RotatableSecret(clients.secrets_manager(), arn)
        return Rotation(secret, SystemClock(), lambda: b"n" * 64, access.every_key if access else tuple)


@pytest_asyncio.fixture(loop_scope="session")
async def vault(stack: Stack) -> AsyncIterator[Vault]:
    made = Vault(stack)
    before = {rotation: rotation.secret.read() for rotation in (made.pepper, made.tokens)}
    yield made
    for rotation, versions in before.items():
        await asyncio.to_thread(rotation.secret.write, versions)


def restarted(handler: str) -> None:
    """Its next request is answered by a process that has read nothing yet."""
    name = function_named(handler)["FunctionName"]
    functions = boto3.client("lambda")
    held = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": {**held, "ROTATED": "1"}})


async def test_api_keys_of_both_peppers_open_the_api(stack: Stack, vault: Vault) -> None:
    rotated = await asyncio.to_thread(lambda: vault.pepper.rotate(at_once=True))
    seeder = Seeder(stack.seeder.access, stack.seeder.keys, rotated.all[0])
    new = await asyncio.to_thread(seeder.key)
    await asyncio.to_thread(restarted, "lambdas.authorizer.app.handler")
    async with httpx.AsyncClient(base_url=stack.addresses.api_url, timeout=30) as http:
        for key, status in ((stack.addresses.api_key, 200), (new, 200), ("sk_test_" + "x" * 32, 401)):
            answer = await http.get("/sessions", headers={"Authorization": f"Bearer {key}"})
            assert answer.status_code == status, answer.text
    assert (await asyncio.to_thread(vault.pepper.living))[2] == 1


async def test_stream_tokens_of_both_keys_open_a_stream(
    api: AsyncKallglot, stack: Stack, store: Store, vault: Vault
) -> None:
    session = await new_session(api)
    versions: Versions = await asyncio.to_thread(lambda: vault.tokens.rotate(at_once=True))
    async with member(stack, "rotated") as worker:
        async with at(worker, session, "customer"):
            pass
        stored = store.sessions.find(TENANT, session["id"])
        assert stored is not None
        newest = versions.all[0].value
        token = stream_token(newest, stored.tenant, stored.id, stored.created_at, SystemClock().now())
        assert token.text != session["stream"]["token"]
        async with at(worker, {**session, "stream": {**session["stream"], "token": token.text}}, "agent"):
            pass
    await api.sessions.end(session["id"])
