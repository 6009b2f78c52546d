"""Requests to an engine process: one with a single answer, and speech, which comes piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from media_worker.engines.base import EngineError, SpeechRequest
from media_worker.engines.pool_link import EngineLink
from media_worker.engines.pool_messages import Cancel, FromProcess, Message, MoreSpeech, Speak, Spoken

SPEECH_WINDOW = 8

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long an answer may take before the caller is told that there is none."""

    start_s: float = 60.0
    finish_s: float = 10.0
    translate_s: float = 5.0
    speech_piece_s: float = 5.0


class Answer(Generic[Value]):
    """The sink of a request with one answer."""

    def __init__(self, read: Callable[[FromProcess], Value]) -> None:
        self._read = read
        self.future: asyncio.Future[Value] = asyncio.get_running_loop().create_future()

    def receive(self, message: FromProcess) -> bool:
        if not self.future.done():
            self.future.set_result(self._read(message))
        return True

    def fail(self, error: EngineError) -> None:
        if not self.future.done():
            self.future.set_exception(error)


async def ask(link: EngineLink, number: int, message: Message, answer: Answer[Value], timeout_s: float) -> Value:
    """Send and wait. A caller that goes away, or waits too long, withdraws the request."""
    link.requests[number] = answer
    sent_s = asyncio.get_running_loop().time()
    link.send(message)
    try:
        return await asyncio.wait_for(answer.future, timeout_s)
    except TimeoutError:
        raise _too_late(link, sent_s) from None
    finally:
        withdraw(link, number)


def _too_late(link: EngineLink, sent_s: float) -> EngineError:
    """A process that did nothing at all meanwhile is taken for stuck and replaced."""
    if link.ready.done() and link.last_worked_s < sent_s:
        link.kill()
    return EngineError("engine_timed_out", retryable=True)


def withdraw(link: EngineLink, number: int) -> None:
    if link.requests.pop(number, None) is not None:
        link.send(Cancel(number))


class _Pieces:
    """The sink of speech. The process never has more than `SPEECH_WINDOW` pieces on their way, which bounds this."""

    def __init__(self) -> None:
        self.arrived: asyncio.Queue[bytes | EngineError | None] = asyncio.Queue()

    def receive(self, message: FromProcess) -> bool:
        pcm = message.pcm if isinstance(message, Spoken) else None
        self.arrived.put_nowait(pcm)
        return pcm is None

    def fail(self, error: EngineError) -> None:
        self.arrived.put_nowait(error)


async def speak(link: EngineLink, request: SpeechRequest, timeout_s: float) -> AsyncGenerator[bytes, None]:
    number, pieces = link.next_number(), _Pieces()
    link.requests[number] = pieces
    link.send(Speak(number, request, SPEECH_WINDOW))
    try:
        while (pcm := await _next(link, pieces, timeout_s)) is not None:
            yield pcm
            link.send(MoreSpeech(number))
    finally:
        withdraw(link, number)


async def _next(link: EngineLink, pieces: _Pieces, timeout_s: float) -> bytes | None:
    sent_s = asyncio.get_running_loop().time()
    try:
        item = await asyncio.wait_for(pieces.arrived.get(), timeout_s)
    except TimeoutError:
        raise _too_late(link, sent_s) from None
    if isinstance(item, EngineError):
        raise item
    return item
