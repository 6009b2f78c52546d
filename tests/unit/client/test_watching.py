"""A session seen from outside: every turn once, by looking, and at once where a socket tells."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from kallglot import AsyncKallglot, NotFound
from kallglot.stream.closing import Closing
from kallglot.stream.messages import Ended, Message, Other, Transcript
from kallglot.stream.socket import Gone, Socket
from kallglot.watching import watch
from tests.fakes.api import KEY, URL, refused
from tests.fakes.virtual_time import virtual_time


class Session:
    """What the API says of it, and the socket that tells of it."""

    def __init__(self) -> None:
        self.turns: list[dict[str, Any]] = []
        self.ended = False
        self.looks: list[float] = []
        self.pushes: asyncio.Queue[str] = asyncio.Queue()
        self.sent: list[Any] = []
        self.openings = 0
        self.broken = False

    def __call__(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/transcript"):
            self.looks.append(asyncio.get_running_loop().time())
            status = "completed" if self.ended else "in_progress"
            return httpx.Response(200, json={"id": "trn_1", "status": status, "turns": list(self.turns)})
        return httpx.Response(200, json={"id": "sess_1", "status": "ended", "end_reason": "completed"})

    def said(self, *, pushed: bool = False) -> None:
        number = len(self.turns) + 1
        self.turns.append({"id": f"seg_{number}", "sequence": number, "text": f"{number}", "start_time": number})
        if pushed:
            self.push({"type": "transcript.final", "session_id": "sess_1", "is_final": True, **self.turns[-1]})

    def push(self, message: dict[str, Any]) -> None:
        self.pushes.put_nowait(json.dumps(message))

    async def open(self, _url: str, key: str) -> Socket:
        assert key == KEY
        self.openings += 1
        if self.broken:
            raise Gone(Closing(http_status=503))
        self.push({"type": "subscribed", "session_id": "sess_1"})
        return self

    async def send(self, message: str) -> None:
        self.sent.append(json.loads(message))

    async def receive(self) -> str | bytes:
        message = await self.pushes.get()
        if message == "break":
            raise Gone(Closing())
        return message

    async def close(self) -> None: ...


async def everything(session: Session, into: list[Message], events_url: str | None = None) -> None:
    async with AsyncKallglot(URL, KEY, transport=httpx.MockTransport(session)) as client:
        async for message in watch(client, "sess_1", events_url, KEY, session.open):
            into.append(message)


def numbers(messages: list[Message]) -> list[int]:
    return [message.sequence for message in messages if isinstance(message, Transcript)]


@virtual_time
async def test_looking_every_second_finds_every_turn_and_the_end() -> None:
    session, seen = Session(), list[Message]()
    session.said()
    watching = asyncio.create_task(everything(session, seen))
    for _ in range(3):
        await asyncio.sleep(1.5)
        session.said()
    session.ended = True
    await watching
    assert numbers(seen) == [1, 2, 3, 4]
    assert seen[-1] == Ended("sess_1", "completed")
    assert len(session.looks) == pytest.approx(6, abs=1)
    assert session.openings == 0


@virtual_time
async def test_a_socket_tells_at_once_and_looking_becomes_rare() -> None:
    session, seen = Session(), list[Message]()
    watching = asyncio.create_task(everything(session, seen, "wss://events.test"))
    await asyncio.sleep(1.5)
    for _ in range(5):
        session.said(pushed=True)
        await asyncio.sleep(0.1)
        assert numbers(seen) == list(range(1, len(session.turns) + 1))
    looks = len(session.looks)
    await asyncio.sleep(20)
    assert len(session.looks) - looks <= 2
    session.push({"type": "recording.ready", "session_id": "sess_1"})
    session.ended = True
    session.said()  # the last words, of which no push came
    session.push({"type": "session.ended", "session_id": "sess_1", "reason": "completed"})
    await watching
    assert numbers(seen) == [1, 2, 3, 4, 5, 6]
    assert [message.type for message in seen if isinstance(message, Other)] == ["recording.ready"]
    assert seen[-1] == Ended("sess_1", "completed")
    assert session.sent == [{"action": "subscribe", "session_id": "sess_1"}, {"action": "ping"}]


@virtual_time
async def test_what_is_told_twice_is_passed_on_once_and_in_any_order() -> None:
    session, seen = Session(), list[Message]()
    watching = asyncio.create_task(everything(session, seen, "wss://events.test"))
    await asyncio.sleep(1.5)
    session.said()
    session.said(pushed=True)
    session.push({"type": "transcript.final", "id": "seg_2", "sequence": 2, "is_final": True})
    await asyncio.sleep(20)
    assert sorted(numbers(seen)) == [1, 2]
    session.ended = True
    await watching


@virtual_time
async def test_partials_are_passed_on_until_their_final_has_come() -> None:
    session, seen = Session(), list[Message]()
    partial = {"type": "transcript.partial", "id": "seg_1", "sequence": 1, "text": "hel", "is_final": False}
    watching = asyncio.create_task(everything(session, seen, "wss://events.test"))
    await asyncio.sleep(1.5)
    session.push(partial)
    session.push({**partial, "text": "hello"})
    await asyncio.sleep(0.1)
    session.said(pushed=True)
    await asyncio.sleep(0.1)
    session.push(partial)
    await asyncio.sleep(0.1)
    session.ended = True
    await watching
    shown = [(message.text, message.is_final) for message in seen if isinstance(message, Transcript)]
    assert shown == [("hel", False), ("hello", False), ("1", True)]


@virtual_time
async def test_a_socket_that_breaks_or_never_opens_costs_no_turn() -> None:
    session, seen = Session(), list[Message]()
    watching = asyncio.create_task(everything(session, seen, "wss://events.test"))
    await asyncio.sleep(1.5)
    session.broken = True
    session.pushes.put_nowait("break")
    for _ in range(10):
        session.said()
        await asyncio.sleep(3)
    assert session.openings > 4
    session.ended = True
    await watching
    assert numbers(seen) == list(range(1, 11))


@virtual_time
async def test_a_session_that_is_not_there_cannot_be_watched() -> None:
    client = AsyncKallglot(URL, KEY, transport=httpx.MockTransport(lambda _: refused(404, "session_not_found")))
    with pytest.raises(NotFound):
        async for _ in client.watch("sess_1"):
            raise AssertionError("nothing is to be seen")
    await client.close()
