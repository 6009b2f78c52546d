"""A deployment under live calls, and its rollback: workers of two releases beside each other.

The service and its task definitions are the emulator's ECS; what a task would read of itself is served from here.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import boto3
import httpx
import pytest
import pytest_asyncio
from aiohttp import web

from kallglot import AsyncKallglot
from local.stack import Stack
from media_worker.doors import site
from tests.integration.test_streams import new_session
from tests.integration.test_workers import at, sessions_at
from tests.integration.workers import SCRIPTED, Member, member

pytestmark = pytest.mark.asyncio(loop_scope="session")
# Asked of ECS every 20 s where it is deployed, and every 2 s here.
_SOON = {"RELIEF_TURN_S": "0.5"}
_NOTICED_WITHIN_S = 40.0


@dataclass(frozen=True)
class Rollout:
    """The deployed service, and two revisions of its task definition."""

    ecs: Any
    cluster: str
    service: str
    old: str
    new: str

    def deploy(self, release: str) -> None:
        self.ecs.update_service(cluster=self.cluster, service=self.service, taskDefinition=release)

    @asynccontextmanager
    async def task(self, release: str) -> AsyncIterator[str]:
        """Where a task of this release reads what it is."""
        family, _, revision = release.rpartition("/")[2].partition(":")
        told = {"Cluster": self.cluster, "ServiceName": self.service, "Family": family, "Revision": revision}
        address = {"Networks": [{"IPv4Addresses": ["127.0.0.1"]}]}

        async def container(_request: web.Request) -> web.Response:
            return web.json_response(address)

        async def task(_request: web.Request) -> web.Response:
            return web.json_response(told)

        app = web.Application()
        app.router.add_get("/v4/worker", container)
        app.router.add_get("/v4/worker/task", task)
        async with site(app, "127.0.0.1", 0) as opened:
            yield f"http://127.0.0.1:{await opened()}/v4/worker"


@pytest_asyncio.fixture(loop_scope="session")
async def rollout(stack: Stack) -> AsyncIterator[Rollout]:
    made = await asyncio.to_thread(_made, stack)
    yield made
    await asyncio.to_thread(made.deploy, made.old)


def _made(stack: Stack) -> Rollout:
    ecs: Any = boto3.client("ecs")
    cluster, service = _workers(ecs, stack.outputs.task_definition_arn)
    old = ecs.describe_task_definition(taskDefinition=stack.outputs.task_definition_arn)["taskDefinition"]
    copied = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "cpu", "memory")
    again = {name: old[name] for name in copied if name in old}
    new = ecs.register_task_definition(**again)["taskDefinition"]
    return Rollout(ecs, cluster, service, old["taskDefinitionArn"], new["taskDefinitionArn"])


def _workers(ecs: Any, task_definition: str) -> tuple[str, str]:
    """Cluster and service of the media workers; gateways have others."""
    for cluster in ecs.list_clusters()["clusterArns"]:
        services = ecs.list_services(cluster=cluster)["serviceArns"]
        for service in ecs.describe_services(cluster=cluster, services=services)["services"]:
            if service["taskDefinition"] == task_definition:
                return cluster, service["serviceArn"]
    raise LookupError(task_definition)


@asynccontextmanager
async def worker(stack: Stack, rollout: Rollout, name: str, release: str) -> AsyncIterator[Member]:
    async with (
        rollout.task(release) as metadata,
        member(stack, name, {**SCRIPTED, **_SOON, "ECS_CONTAINER_METADATA_URI_V4": metadata}) as up,
    ):
        yield up


async def status_becomes(worker: Member, status: str) -> None:
    """Asks again and again: the worker asks ECS by its own clock."""
    deadline = time.monotonic() + _NOTICED_WITHIN_S
    async with httpx.AsyncClient(trust_env=False) as http:
        while True:
            told = (await http.get(f"http://127.0.0.1:{worker.port}/healthz")).json()["status"]
            if told == status:
                return
            assert time.monotonic() < deadline, f"the worker says {told}"
            await asyncio.sleep(0.5)


async def test_a_deployment_leaves_calls_where_they_are_and_takes_the_new_ones(
    api: AsyncKallglot, stack: Stack, rollout: Rollout
) -> None:
    running, fresh, after = [await new_session(api) for _ in range(3)]
    async with (
        worker(stack, rollout, "old", rollout.old) as old,
        at(old, running, "customer") as customer,
        worker(stack, rollout, "new", rollout.new) as new,
    ):
        await asyncio.to_thread(rollout.deploy, rollout.new)
        await status_becomes(old, "superseded")
        async with at(old, fresh, "customer") as passed_on, at(old, running, "agent"):
            assert (await sessions_at(old), await sessions_at(new)) == (1, 1)
            for wire in (customer, passed_on):
                await wire.text("still here", "customer")
                await wire.until("transcript.final")
        await asyncio.to_thread(rollout.deploy, rollout.old)
        await status_becomes(old, "ok")
        await status_becomes(new, "superseded")
        async with at(new, after, "customer"):
            assert (await sessions_at(old), await sessions_at(new)) == (2, 1)
    for session in (running, fresh, after):
        await api.sessions.end(session["id"])
