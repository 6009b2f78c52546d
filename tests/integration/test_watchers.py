"""The events socket, deployed: who may connect, and what they may watch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from kallglot import AsyncKallglot
from local.stack import Stack
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
        await wire.send({"action": "ping"})
        await wire.until("pong")
