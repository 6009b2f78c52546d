"""The events socket, deployed: who may connect, and what they may watch."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from core.domain.access import Scope, api_key_hash
from core.domain.organizations import Organization
from core.watcher_ports import Watcher
from kallglot import AsyncKallglot
from local.stack import Stack
from tests.integration.store import TENANT, Store, now
from tests.integration.wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")

CALL: dict[str, Any] = {"mode": "bidirectional_translation", "source_language": "en", "target_language": "es"}


@asynccontextmanager
async def watching(stack: Stack, query: str = "", headers: Mapping[str, str] | None = None) -> AsyncIterator[Wire]:
    async with connect(stack.addresses.events_url + query, additional_headers=headers) as socket:
        yield Wire(socket)


def key(stack: Stack) -> dict[str, str]:
    return {"X-API-Key": stack.addresses.api_key}


@pytest.mark.parametrize("query", ["", "?token=sk_test_wrong", "?token=kst_test_wrong&session_id=sess_1"])
async def test_without_a_credential_the_socket_does_not_open(stack: Stack, query: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with watching(stack, query):
            pass

    assert refused.value.response.status_code in (401, 403)


async def test_a_watcher_with_a_key_hears_of_its_sessions_end(stack: Stack, api: AsyncKallglot) -> None:
    session = await api.sessions.create(**CALL)
    async with watching(stack, headers=key(stack)) as wire:
        await wire.send({"action": "subscribe", "session_id": session["id"]})
        await wire.until("subscribed")

        await api.sessions.end(session["id"])

        ended = await wire.until("session.ended")
    assert (ended["session_id"], ended["status"], ended["reason"]) == (session["id"], "ended", "completed")


async def test_a_stream_token_watches_its_own_session_only(stack: Stack, api: AsyncKallglot) -> None:
    mine, other = [await api.sessions.create(**CALL) for _ in range(2)]
    async with watching(stack, f"?token={mine['stream']['token']}&session_id={mine['id']}") as wire:
        await wire.send({"action": "subscribe", "session_id": mine["id"]})
        await wire.until("subscribed")

        await wire.send({"action": "subscribe", "session_id": other["id"]})

        assert (await wire.until("error"))["error"]["code"] == "insufficient_permissions"


async def test_a_session_that_is_not_there_cannot_be_watched(stack: Stack) -> None:
    async with watching(stack, headers=key(stack)) as wire:
        await wire.send({"action": "subscribe", "session_id": "sess_0123456789ABCDEFGHJKMNPQRS"})

        assert (await wire.until("error"))["error"]["code"] == "session_not_found"


async def test_whoever_unsubscribes_hears_no_more(stack: Stack, api: AsyncKallglot) -> None:
    quiet, loud = [await api.sessions.create(**CALL) for _ in range(2)]
    async with watching(stack, headers=key(stack)) as wire:
        for session in (quiet, loud):
            await wire.send({"action": "subscribe", "session_id": session["id"]})
            await wire.until("subscribed")
        await wire.send({"action": "unsubscribe", "session_id": quiet["id"]})
        await wire.until("unsubscribed")

        await api.sessions.end(quiet["id"])
        await api.sessions.end(loud["id"])

        ended = await wire.until("session.ended")
    assert ended["session_id"] == loud["id"]
    assert not any(seen.get("session_id") == quiet["id"] and seen["type"] == "session.ended" for seen in wire.seen)


@pytest.mark.parametrize(
    ("message", "code"), [({"action": "dance"}, "unknown_action"), ("nonsense", "invalid_message")]
)
async def test_what_is_not_understood_is_said_and_the_socket_stays(
    stack: Stack, message: dict[str, str] | str, code: str
) -> None:
    async with watching(stack, headers=key(stack)) as wire:
        await wire.send(message)

        assert (await wire.until("error"))["error"]["code"] == code
        await wire.is_alive_by_action()


async def test_a_session_of_another_tenant_is_as_if_there_were_none(stack: Stack, api: AsyncKallglot) -> None:
    mine = await api.sessions.create(**CALL)
    stack.seeder.organization(Organization("org_stranger", "Stranger"))
    stranger = {"X-API-Key": stack.seeder.key("org_stranger")}
    told = []
    async with watching(stack, headers=stranger) as wire:
        for action in ("subscribe", "end_session"):
            for session_id in (mine["id"], "sess_0123456789ABCDEFGHJKMNPQRS"):
                await wire.send({"action": action, "session_id": session_id})
                refused = await wire.until("error")
                assert refused.pop("session_id") == session_id
                told.append(refused)
        await api.sessions.end(mine["id"])
        await wire.is_alive_by_action()
    assert told[0] == told[1] and told[2] == told[3]
    assert {refused["error"]["code"] for refused in told} == {"session_not_found"}
    assert {message["type"] for message in wire.seen} == {"error", "pong"}


async def test_a_session_is_ended_from_the_socket_by_who_may(stack: Stack, api: AsyncKallglot) -> None:
    session = await api.sessions.create(**CALL)
    reader = {"X-API-Key": stack.seeder.key(scopes=[Scope.SESSIONS_READ])}
    order = {"action": "end_session", "session_id": session["id"], "reason": "agent_hangup"}
    async with watching(stack, headers=reader) as wire:
        await wire.send(order)
        assert (await wire.until("error"))["error"]["code"] == "insufficient_permissions"
    assert (await api.sessions.get(session["id"]))["status"] == "created"
    async with watching(stack, headers=key(stack)) as wire:
        await wire.send(order)
        ended = await wire.until("ended")
    assert (ended["session_id"], ended["status"], ended["reason"]) == (session["id"], "ended", "agent_hangup")
    assert (await api.sessions.get(session["id"]))["end_reason"] == "agent_hangup"


async def test_a_stream_token_ends_its_own_session_and_no_other(stack: Stack, api: AsyncKallglot) -> None:
    mine, other = [await api.sessions.create(**CALL) for _ in range(2)]
    async with watching(stack, f"?token={mine['stream']['token']}&session_id={mine['id']}") as wire:
        await wire.send({"action": "end_session", "session_id": other["id"]})
        assert (await wire.until("error"))["error"]["code"] == "insufficient_permissions"
        await wire.send({"action": "end_session", "session_id": mine["id"]})
        assert (await wire.until("ended"))["status"] == "ended"
    assert (await api.sessions.get(other["id"]))["status"] == "created"


async def test_a_key_that_is_revoked_watches_nothing_from_its_next_message_on(
    stack: Stack, api: AsyncKallglot, store: Store
) -> None:
    session = await api.sessions.create(**CALL)
    secret = stack.seeder.key()
    async with watching(stack, headers={"X-API-Key": secret}) as wire:
        await wire.send({"action": "subscribe", "session_id": session["id"]})
        await wire.until("subscribed")
        held = stack.seeder.access.key_by_hash(api_key_hash(stack.seeder.pepper.value, secret))
        assert held is not None
        keys = stack.seeder.keys
        keys.revoke(replace(held, revoked_at=now()), keys.keyring(held.tenant).version)

        await wire.send({"action": "ping"})

        assert (await wire.until("error"))["error"]["code"] == "revoked_api_key"
    assert store.watchers.watching(TENANT, session["id"]) == []


async def test_a_subscription_of_a_connection_that_is_gone_is_pruned(
    stack: Stack, api: AsyncKallglot, store: Store
) -> None:
    session = await api.sessions.create(**CALL)
    ghost = Watcher("ghost0123456789", TENANT, now() + timedelta(hours=1))
    store.watchers.add(ghost)
    assert store.watchers.subscribe(ghost, session["id"], 100)
    async with watching(stack, headers=key(stack)) as wire:
        await wire.send({"action": "subscribe", "session_id": session["id"]})
        await wire.until("subscribed")

        await api.sessions.end(session["id"])

        await wire.until("session.ended")
        await gone(store, ghost)
        assert len(store.watchers.watching(TENANT, session["id"])) == 1


async def gone(store: Store, watcher: Watcher) -> None:
    async with asyncio.timeout(10):
        while await asyncio.to_thread(store.watchers.find, watcher.connection_id) is not None:
            await asyncio.sleep(0.1)


async def test_too_much_in_one_message_is_refused_and_the_socket_stays(stack: Stack) -> None:
    async with watching(stack, headers=key(stack)) as wire:
        await wire.send({"action": "subscribe", "session_id": "x" * 5000})
        assert (await wire.until("error"))["error"]["code"] == "message_too_large"
        await wire.is_alive_by_action()
