"""The two that do I/O: a plan runs on either, step by step, on httpx.

An answer's body is read piece by piece, so that a deadline holds against a server that drips, and a download needs no
memory.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from kallglot.exchange.steps import Answer, Call, Fault, Outcome, Pause, Plan

T = TypeVar("T")

_HOPELESS = (httpx.UnsupportedProtocol, httpx.InvalidURL)
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_FAULTS = (httpx.TransportError, httpx.InvalidURL, httpx.DecodingError)


@dataclass(frozen=True, slots=True)
class BlockingDriver:
    http: httpx.Client
    sleep: Callable[[float], None]
    now: Callable[[], float]

    def run(self, plan: Plan[T]) -> T:
        outcome: Outcome | None = None
        with closing(plan):
            while True:
                try:
                    step = plan.send(outcome)
                except StopIteration as done:
                    result: T = done.value
                    return result
                outcome = self._call(step) if isinstance(step, Call) else None
                if isinstance(step, Pause):
                    self.sleep(step.seconds)

    def _call(self, call: Call) -> Outcome:
        reading = _Reading(call, self.now)
        try:
            with self.http.stream(**reading.request()) as response:
                reading.begin(response)
                for piece in response.iter_bytes():
                    reading.take(piece)
        except _FAULTS as error:
            return _fault(call, error)
        except _Overdue:
            return _overdue()
        return reading.answer()


@dataclass(frozen=True, slots=True)
class AsyncDriver:
    http: httpx.AsyncClient
    sleep: Callable[[float], Awaitable[None]]
    now: Callable[[], float]

    async def run(self, plan: Plan[T]) -> T:
        outcome: Outcome | None = None
        with closing(plan):
            while True:
                try:
                    step = plan.send(outcome)
                except StopIteration as done:
                    result: T = done.value
                    return result
                outcome = await self._call(step) if isinstance(step, Call) else None
                if isinstance(step, Pause):
                    await self.sleep(step.seconds)

    async def _call(self, call: Call) -> Outcome:
        reading = _Reading(call, self.now)
        try:
            async with self.http.stream(**reading.request()) as response:
                reading.begin(response)
                async for piece in response.aiter_bytes():
                    reading.take(piece)
        except _FAULTS as error:
            return _fault(call, error)
        except _Overdue:
            return _overdue()
        return reading.answer()


class _Overdue(Exception):
    """The deadline passed while the body was coming."""


class _Reading:
    """One answer while it comes in: into memory, or into the call's sink when it is a good one."""

    def __init__(self, call: Call, now: Callable[[], float]) -> None:
        self._call = call
        self._now = now
        self._status = 0
        self._headers: dict[str, str] = {}
        self._pieces: list[bytes] = []
        self._sink = call.sink

    def request(self) -> dict[str, Any]:
        call = self._call
        left_s = call.timeout_s if call.deadline is None else min(call.timeout_s, call.deadline - self._now())
        shown = {"method": call.method, "url": call.url, "headers": call.headers, "content": call.content}
        return {**shown, "timeout": max(left_s, 0.001), "follow_redirects": False}

    def begin(self, response: httpx.Response) -> None:
        self._status = response.status_code
        self._headers = {name.lower(): value for name, value in response.headers.items()}
        if not response.is_success:
            self._sink = None
        if self._sink is not None:
            self._sink.begin(self._status, self._headers)

    def take(self, piece: bytes) -> None:
        if self._sink is not None:
            self._sink.write(piece)
        else:
            self._pieces.append(piece)
        if self._call.deadline is not None and self._now() > self._call.deadline:
            raise _Overdue

    def answer(self) -> Answer:
        return Answer(self._status, self._headers, b"".join(self._pieces))


def _overdue() -> Fault:
    return Fault("the answer did not come within the deadline", timed_out=True)


def _fault(call: Call, error: Exception) -> Fault:
    """Only the origin of the address is told: a path may name a call, and a query may hold a signature."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(call.url))
    if isinstance(error, _HOPELESS):
        return Fault(f"{origin} is no address of an API: {error}", reached=False, lasting=True)
    if isinstance(error, _UNSENT):
        return Fault(f"{origin} cannot be reached: {error}", reached=False, timed_out=_is_timeout(error))
    told = str(error) or type(error).__name__
    return Fault(f"{origin} broke off: {told}", timed_out=_is_timeout(error))


def _is_timeout(error: Exception) -> bool:
    return isinstance(error, httpx.TimeoutException)
