"""Follow a session from outside: every turn as soon as it is known, until the session has ended.

The transcript is asked for again and again, which works everywhere and misses nothing. Where the deployment's events
socket is known, it brings each turn at once, and the asking becomes the rare look that nothing was lost.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from kallglot.objects.transcripts import Turn
from kallglot.stream.messages import Ended, Message, Other, Pong, Ready, StreamError, Transcript
from kallglot.stream.parsing import parse, read
from kallglot.stream.socket import Gone, Opener, Socket

if TYPE_CHECKING:
    from kallglot.clients import AsyncKallglot

_LOOK_S = 1.0
_LOOK_WITH_SOCKET_S = 15.0
_AGAIN_S = 5.0
_PING_S = 20.0
_MOST_WAITING = 1000


async def watch(
    client: AsyncKallglot, session_id: str, events_url: str | None, key: str, opener: Opener
) -> AsyncIterator[Message]:
    """Finals, each once, and `Ended` last; by the events socket also partials and what else it tells (`Other`).

    Raises what asking for a transcript does.
    """
    seen: set[str] = set()
    async with _listening(session_id, events_url, key, opener) as pushed:
        while True:
            transcript = await client.sessions.transcript(session_id)
            for turn in transcript.turns:
                if turn.id not in seen:
                    seen.add(turn.id)
                    yield as_final(turn)
            if transcript.is_complete:
                yield Ended(session_id, (await client.sessions.get(session_id)).end_reason or "")
                return
            next_look_s = _now() + (_LOOK_WITH_SOCKET_S if pushed.is_live else _LOOK_S)
            while (message := await _pushed_until(pushed, next_look_s)) is not None:
                if _is_news(message, seen):
                    yield message


def as_final(turn: Turn) -> Message:
    """A turn of the transcript as a stream would have told it."""
    return read({**turn.raw, "type": "transcript.final", "is_final": True})


def _is_news(message: Message, seen: set[str]) -> bool:
    """Of a final, whether it is one; of a partial, whether its final is still to come."""
    if not isinstance(message, Transcript):
        return True
    is_new = message.id not in seen
    if message.is_final:
        seen.add(message.id)
    return is_new


class _Pushed:
    """What the socket brought; `is_live` while it is open."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[Message] = asyncio.Queue(_MOST_WAITING)
        self.is_live = False


async def _pushed_until(pushed: _Pushed, deadline_s: float) -> Message | None:
    """None when it is time to look. An end only makes that come at once: the look finds what else was said."""
    try:
        message = await asyncio.wait_for(pushed.messages.get(), max(0.0, deadline_s - _now()))
    except TimeoutError:
        return None
    return None if isinstance(message, Ended) else message


@asynccontextmanager
async def _listening(session_id: str, url: str | None, key: str, opener: Opener) -> AsyncIterator[_Pushed]:
    pushed = _Pushed()
    listening = asyncio.create_task(_listen(pushed, session_id, url, key, opener)) if url else None
    try:
        yield pushed
    finally:
        if listening is not None:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


async def _listen(pushed: _Pushed, session_id: str, url: str, key: str, opener: Opener) -> None:
    """A socket that breaks, or never opens, costs a little time and no turn."""
    while True:
        try:
            socket = await opener(url, key)
            try:
                await socket.send(json.dumps({"action": "subscribe", "session_id": session_id}))
                while True:
                    await _hear(socket, pushed)
            finally:
                await socket.close()
        except (Gone, ValueError):
            pushed.is_live = False
        await asyncio.sleep(_AGAIN_S)


async def _hear(socket: Socket, pushed: _Pushed) -> None:
    """A ping now and then: who says nothing is cut off in the end, and told no partials."""
    try:
        text = await asyncio.wait_for(socket.receive(), _PING_S)
    except TimeoutError:
        await socket.send(json.dumps({"action": "ping"}))
    else:
        await _keep(pushed, text)


async def _keep(pushed: _Pushed, text: str | bytes) -> None:
    message = parse(text)
    if isinstance(message, Other) and message.type == "subscribed":
        pushed.is_live = True
    elif not isinstance(message, Pong | Ready | StreamError):
        await pushed.messages.put(message)


def _now() -> float:
    return asyncio.get_running_loop().time()
