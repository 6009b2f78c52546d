"""A call, and those who watch it: from its beginning, from its middle, and not to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from kallglot import AsyncKallglot
from local.stack import Stack
from tests.integration.store import TENANT, Store
from tests.integration.test_streams import new_session
from tests.integration.test_watchers import key, watching
from tests.integration.wire import Message, Wire, ready
from tests.integration.workers import speak

pytestmark = pytest.mark.asyncio(loop_scope="session")
SOON_S = 15.0


async def subscribe(wire: Wire, session: Mapping[str, Any], **more: int) -> Message:
    await wire.send({"action": "subscribe", "session_id": session["id"], **more})
    return await wire.until("subscribed")


async def listen(wire: Wire, finals: int) -> None:
    """Until so many finals have come; partials that came before and in between are kept in `seen`."""
    while len(of(wire, "transcript.final")) < finals:
        await wire.until("transcript.final", SOON_S)


def of(wire: Wire, kind: str) -> list[Message]:
    return [message for message in wire.seen if message["type"] == kind]


async def test_watchers_come_and_go_while_a_call_runs(
    stack: Stack, api: AsyncKallglot, store: Store, question: bytes
) -> None:
    session = await new_session(api)
    async with watching(stack, headers=key(stack)) as first, watching(stack, headers=key(stack)) as second:
        assert await subscribe(first, session) | {"session_id": ""} == {
            "type": "subscribed",
            "session_id": "",
            "status": "created",
            "last_sequence": 0,
            "replayed": 0,
        }
        async with ready(session) as call:
            await speak(call, "customer", question)
            said = [await call.until("transcript.final")]
            await listen(first, 1)
            assert of(first, "session.started")

            late = await subscribe(second, session, last_sequence=0)
            assert (late["status"], late["last_sequence"], late["replayed"]) == ("active", 1, 1)
            await listen(second, 1)
            await speak(call, "customer", question)
            said.append(await call.until("transcript.final"))
            await asyncio.gather(listen(first, 2), listen(second, 2))

            second.drop()
            await speak(call, "customer", question)
            said.append(await call.until("transcript.final"))
            await listen(first, 3)
        await api.sessions.end(session["id"])
        await first.until("session.ended")
        await nobody_else(store, session["id"])

    for watcher, heard in ((first, said), (second, said[:2])):
        assert [(m["id"], m["text"], m["sequence"]) for m in of(watcher, "transcript.final")] == [
            (m["id"], m["text"], m["sequence"]) for m in heard
        ]
        partials = of(watcher, "transcript.partial")
        assert said[1]["id"] in {partial["id"] for partial in partials}, "nothing was heard while it was said"
        assert all(partial["session_id"] == session["id"] and partial["text"] for partial in partials)
    # The first one came before there was a worker; the second utterance, at the latest, is heard while it is said.
    on_the_stream = {(m["id"], m["text"], m["end_time"]) for m in of(call, "transcript.partial")}
    assert {(m["id"], m["text"], m["end_time"]) for m in of(first, "transcript.partial")} <= on_the_stream


async def nobody_else(store: Store, session_id: str) -> None:
    """The one who vanished is forgotten: by its disconnect, or by the first push that did not reach it."""
    async with asyncio.timeout(SOON_S):
        while len(await asyncio.to_thread(store.watchers.watching, TENANT, session_id)) > 1:
            await asyncio.sleep(0.1)


async def test_where_nobody_watches_no_partial_leaves_the_worker(
    stack: Stack, api: AsyncKallglot, question: bytes
) -> None:
    watched, private = await new_session(api), await new_session(api)
    async with watching(stack, headers=key(stack)) as wire:
        await subscribe(wire, watched)
        async with ready(private) as call:
            await speak(call, "customer", question)
            await call.until("transcript.final")
            assert of(call, "transcript.partial")
            # Who comes now is told of what is said from now on, and of nothing that was said.
            await subscribe(wire, private)
            await speak(call, "customer", question)
            second = await call.until("transcript.final")
            await listen(wire, 1)
        assert {partial["id"] for partial in of(wire, "transcript.partial")} <= {second["id"]}
