"""Workers of two releases, over real sockets: who takes what while one replaces the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from tests.contract.relay.test_relay import closed, hear, until
from tests.contract.relay.workers import HOST, Served, worker
from tests.fakes.releases import Service

pytestmark = pytest.mark.enable_socket


@asynccontextmanager
async def rollout() -> AsyncIterator[tuple[Served, Served]]:
    async with worker("worker_1") as old, worker("worker_2", old, release="worker:2") as new:
        yield old, new


def deploy(release: str, *workers: Served) -> None:
    """All of them have heard of it, and those of the release have said that they are there."""
    service = workers[0].succession.releases
    assert isinstance(service, Service)
    service.release = release
    for each in workers:
        if each.succession.release == release:
            each.succession.announce()
    for each in workers:
        each.succession.look()


async def test_a_superseded_worker_passes_new_sessions_on_and_keeps_its_own() -> None:
    async with rollout() as (old, new):
        kept, fresh = old.plant.create(), old.plant.create()
        async with old.stream(kept, "customer") as before:
            await hear(before, "session.ready")
            deploy("worker:2", old, new)
            async with old.stream(fresh, "customer") as after, old.stream(kept, "agent") as joined:
                await hear(after, "session.ready")
                await hear(joined, "session.ready")
                assert (fresh.id in new.calls, fresh.id in old.calls) == (True, False)
                assert (kept.id in new.calls, kept.id in old.calls) == (False, True)


async def test_both_parties_of_a_new_session_meet_wherever_they_come_in() -> None:
    async with rollout() as (old, new):
        deploy("worker:2", old, new)
        session = old.plant.create()
        async with old.stream(session, "customer") as customer, old.stream(session, "agent") as agent:
            await hear(customer, "session.ready")
            await hear(agent, "session.ready")
            assert (len(old.calls), len(new.calls), len(old.relay)) == (0, 1, 2)
            # What it only passes on does not keep ECS from stopping it.
            assert old.relay.guarded == 0


async def test_what_was_relayed_before_still_guards_the_worker() -> None:
    async with rollout() as (old, new):
        session = new.plant.create()
        async with new.stream(session, "customer") as customer, old.stream(session, "agent") as agent:
            await hear(customer, "session.ready")
            await hear(agent, "session.ready")
            deploy("worker:2", old, new)
            assert old.relay.guarded == 1
        await until(lambda: old.relay.guarded == 0)


async def test_after_a_rollback_it_is_the_other_way_round() -> None:
    async with rollout() as (old, new):
        deploy("worker:2", old, new)
        deploy("worker:1", old, new)
        session = old.plant.create()
        async with new.stream(session, "customer") as customer:
            await hear(customer, "session.ready")
            assert (session.id in old.calls, session.id in new.calls) == (True, False)


async def test_a_release_without_a_living_worker_replaces_nobody() -> None:
    async with rollout() as (old, _new):
        deploy("worker:3", old)
        session = old.plant.create()
        async with old.stream(session, "customer") as customer:
            await hear(customer, "session.ready")
            assert session.id in old.calls


async def test_a_successor_that_has_just_died_is_a_reason_to_come_again() -> None:
    async with rollout() as (old, new):
        deploy("worker:2", old, new)
        old.plant.workers.forget("worker_2")
        async with old.stream(old.plant.create(), "customer") as customer:
            assert await closed(customer) == (1012, "owner_unreachable")


async def test_a_superseded_worker_is_healthy_and_says_what_it_is() -> None:
    async with rollout() as (old, new):
        deploy("worker:2", old, new)
        async with aiohttp.ClientSession() as http:
            for each, status in ((old, "superseded"), (new, "ok")):
                async with http.get(f"http://{HOST}:{each.port}/healthz") as health:
                    assert (health.status, (await health.json())["status"]) == (200, status)
