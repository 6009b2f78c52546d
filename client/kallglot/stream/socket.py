"""The one place that knows the WebSocket library: opens a socket, and says in our words why one is gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus

from kallglot.about import USER_AGENT
from kallglot.stream.closing import Closing

_LARGEST_MESSAGE_BYTES = 4 * 1024 * 1024
_OPEN_S = 15.0


class Gone(Exception):
    """There is no socket (any more)."""

    def __init__(self, closing: Closing) -> None:
        self.closing = closing
        super().__init__(str(closing))


class Socket(Protocol):
    """Both methods raise Gone."""

    async def send(self, message: str) -> None: ...

    async def receive(self) -> str | bytes: ...

    async def close(self) -> None: ...


Opener = Callable[[str, str], Awaitable[Socket]]
"""From an address and a token; raises Gone."""


class _WebSocket:
    def __init__(self, connection: ClientConnection) -> None:
        self._connection = connection

    async def send(self, message: str) -> None:
        try:
            await self._connection.send(message)
        except ConnectionClosed as closed:
            raise Gone(_closing(closed)) from closed

    async def receive(self) -> str | bytes:
        try:
            return await self._connection.recv()
        except ConnectionClosed as closed:
            raise Gone(_closing(closed)) from closed

    async def close(self) -> None:
        await self._connection.close()


async def open_socket(url: str, token: str) -> Socket:
    """The token goes in a header, where no log of addresses sees it."""
    headers = {"Authorization": f"Bearer {token}"}
    try:
        connection = await connect(
            url,
            additional_headers=headers,
            user_agent_header=USER_AGENT,
            max_size=_LARGEST_MESSAGE_BYTES,
            compression=None,
            open_timeout=_OPEN_S,
        )
    except InvalidStatus as refusal:
        raise Gone(_refusal(refusal)) from refusal
    except (OSError, TimeoutError, InvalidHandshake, EOFError) as error:
        raise Gone(Closing(reason=f"cannot connect: {error or type(error).__name__}")) from error
    return _WebSocket(connection)


def _closing(closed: ConnectionClosed) -> Closing:
    frame = closed.rcvd
    return Closing(frame.code, frame.reason) if frame else Closing()


def _refusal(refusal: InvalidStatus) -> Closing:
    response = refusal.response
    wait = response.headers.get("Retry-After", "")
    return Closing(
        reason=response.reason_phrase,
        http_status=response.status_code,
        retry_after_s=float(wait) if wait.isdecimal() else None,
    )
