"""The connection of a stream, for as long as its session lives: lost and made again, as one queue of messages.

One task owns it. It reads, judges with `reconnecting`, waits, connects again; everybody else waits for `up`, sends, and
takes messages from the queue. The queue is bounded: where nobody takes them, sound and partials are left out first;
when it is full all the same, reading stops, and in the end the server closes the stream as not read fast enough.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from kallglot.errors import ConnectionFailed, KallglotError
from kallglot.stream.closing import ENDED, Closing, SessionOver, StreamClosed, error_of
from kallglot.stream.finals import Finals
from kallglot.stream.messages import AudioOutput, Ended, Interrupted, Latency, Message, Ready, Transcript
from kallglot.stream.parsing import parse
from kallglot.stream.reconnecting import Absence, Again, Reconnecting, after, next_step
from kallglot.stream.socket import Gone, Opener, Socket

_MOST_MISSABLE, _MOST_WAITING = 5_000, 10_000
_GREETING_S = 20.0


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    token: str


Renew = Callable[[], Awaitable[Address]]
"""Asks the API for the stream's address again, with a token that is valid now."""


class Link:
    def __init__(
        self,
        address: Address | None,
        opener: Opener,
        *,
        renew: Renew | None = None,
        participant: str | None = None,
        last_sequence: int | None = None,
        policy: Reconnecting,
        draw: Callable[[], float] = random.random,
        restore: Callable[[Socket], Awaitable[None]],
    ) -> None:
        """`restore` says again to a new connection what the last one was told."""
        self._address = address
        self._open = opener
        self._renew = renew
        self._participant = participant
        self._finals = Finals(last_sequence)
        self._policy = policy
        self._draw = draw
        self._restore = restore
        self._socket: Socket | None = None
        self._changed = asyncio.Condition()
        self._messages: asyncio.Queue[Message | None] = asyncio.Queue(_MOST_WAITING)
        self._over: StreamClosed | KallglotError | None = None
        self._is_over = False
        self._hung_up = False
        self._said_goodbye = False

    @property
    def last_sequence(self) -> int | None:
        return self._finals.last_sequence

    def hang_up(self) -> None:
        """From here on it is no fault that the session has ended."""
        self._hung_up = True

    async def run(self) -> None:
        """Until the session has ended, or nothing can be done any more."""
        try:
            self._over = await self._kept_up()
        except KallglotError as error:
            self._over = error
        finally:
            await self._settle(None, is_over=True)
            await self._messages.put(None)

    async def up(self) -> Socket:
        """The connection, as soon as there is one. Raises the reason when there will be none."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._socket is not None or self._is_over)
        if self._socket is None:
            raise self._over or SessionOver(Closing(ENDED, "the session has ended"))
        return self._socket

    async def send(self, text: str) -> None:
        """On the connection there is, or the next one."""
        while True:
            socket = await self.up()
            try:
                await socket.send(text)
                return
            except Gone:
                await self._lost(socket)

    async def take(self) -> Message | None:
        """The next message; None after the last one of a session that has ended. Raises why it ended otherwise."""
        message = await self._messages.get()
        if message is None:
            self._messages.put_nowait(None)
            if self._over is not None:
                raise self._over
        return message

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def _kept_up(self) -> StreamClosed | None:
        """None when the session has ended."""
        absence = Absence(self._now(), self._policy.first_window_s)
        while True:
            closing, absence = await self._connected(absence)
            if self._is_end(closing):
                return None
            step = next_step(
                self._policy,
                absence,
                closing,
                now_s=self._now(),
                draw=self._draw(),
                can_renew=self._renew is not None,
            )
            if isinstance(step, StreamClosed):
                return step
            absence = await self._prepare(absence, step)

    async def _connected(self, absence: Absence) -> tuple[Closing, Absence]:
        """One connection from its beginning to its end. What it ends with is a new absence, if it came about at all."""
        socket = None
        try:
            address = await self._where()
            socket = await self._open(self._asked(address.url), address.token)
            await self._greeted(socket)
            await self._read(socket)
        except Gone as gone:
            if self._socket is None:
                return gone.closing, absence
            await self._settle(None)
            if not self._is_end(gone.closing):
                await self._messages.put(Interrupted(str(gone.closing)))
            return gone.closing, Absence(self._now(), self._policy.window_s)
        finally:
            if socket is not None:
                await socket.close()
        raise AssertionError("reading ends with Gone")

    async def _where(self) -> Address:
        if self._address is None:
            if self._renew is None:
                raise ValueError("a stream needs an address, or somebody to ask for one")
            try:
                self._address = await self._renew()
            except ConnectionFailed as error:
                raise Gone(Closing(reason=str(error))) from error
        return self._address

    def _asked(self, url: str) -> str:
        named = {"participant": self._participant, "last_sequence": self.last_sequence}
        query = urlencode({name: value for name, value in named.items() if value is not None})
        return f"{url}{'&' if '?' in url else '?'}{query}" if query else url

    async def _greeted(self, socket: Socket) -> None:
        """Part of the session: from here on others may send."""
        try:
            async with asyncio.timeout(_GREETING_S):
                while not isinstance(message := await self._receive(socket), Ready):
                    await self._pass_on(message)
        except TimeoutError:
            raise Gone(Closing(reason="the server did not greet")) from None
        await self._restore(socket)
        await self._messages.put(message)
        await self._settle(socket)

    async def _read(self, socket: Socket) -> None:
        while True:
            await self._pass_on(await self._receive(socket))

    async def _receive(self, socket: Socket) -> Message:
        try:
            return parse(await socket.receive())
        except ValueError as error:
            raise Gone(Closing(1002, "what came is no message of this protocol")) from error

    async def _pass_on(self, message: Message) -> None:
        if isinstance(message, Ended):
            self._said_goodbye = True
        if self._finals.is_new(message) and not (_can_be_missed(message) and self._messages.qsize() >= _MOST_MISSABLE):
            await self._messages.put(message)

    def _is_end(self, closing: Closing) -> bool:
        if closing.code == ENDED or self._said_goodbye:
            return True
        return self._hung_up and isinstance(error_of(closing), SessionOver)

    async def _prepare(self, absence: Absence, step: Again) -> Absence:
        await asyncio.sleep(step.after_s)
        if step.renew_token:
            self._address = None
        return after(absence, step)

    async def _lost(self, socket: Socket) -> None:
        """Wait until the task that reads has noticed, too."""
        async with self._changed:
            await self._changed.wait_for(lambda: self._socket is not socket or self._is_over)

    async def _settle(self, socket: Socket | None, *, is_over: bool = False) -> None:
        async with self._changed:
            self._socket = socket
            self._is_over = self._is_over or is_over
            self._changed.notify_all()

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()


def _can_be_missed(message: Message) -> bool:
    """Sound that nobody plays, and what a final will replace."""
    return isinstance(message, AudioOutput | Latency) or (isinstance(message, Transcript) and not message.is_final)
