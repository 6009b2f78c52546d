"""The public API as a client sees it: answers a test decides, and a clock that passes only in its pauses."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from kallglot import AsyncKallglot, Chances, Kallglot, Retrying

Answer = Callable[[httpx.Request], httpx.Response]
URL = "http://api.test"
KEY = "sk_test_1"


@dataclass
class Clock:
    """`slept` are the pauses that were asked for, in seconds."""

    now_s: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def now(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now_s += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)


@dataclass
class FakeApi:
    """Answers in turn; the last one again and again. An exception is raised instead of answered."""

    answers: Sequence[Answer | httpx.Response | Exception]
    seen: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.seen.append(request)
        answer = self.answers[min(len(self.seen), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, httpx.Response):
            # A response is read once; every request is given one of its own.
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
        return answer(request)

    @property
    def bodies(self) -> list[Any]:
        return [json.loads(request.content) for request in self.seen if request.content]

    @property
    def keys(self) -> list[str | None]:
        return [request.headers.get("Idempotency-Key") for request in self.seen]


class Driven:
    """One of the two clients, used the same way: `await driven(lambda client: client.sessions.get(…))`."""

    def __init__(self, kind: str, api: Answer, clock: Clock, **options: Any) -> None:
        keys = iter(f"key-{number}" for number in range(1, 1000))
        chances = Chances(clock.now, lambda: 1_800_000_000.0, lambda: 0.5, lambda: next(keys))
        settings: dict[str, Any] = {"transport": httpx.MockTransport(api), "chances": chances, **options}
        self.client: Any
        if kind == "blocking":
            self.client = Kallglot(URL, KEY, sleep=clock.sleep, **settings)
        else:
            self.client = AsyncKallglot(URL, KEY, sleep=clock.sleep_async, **settings)

    async def __call__(self, use: Callable[[Any], Any]) -> Any:
        made = use(self.client)
        return await made if inspect.isawaitable(made) else made

    async def items(self, use: Callable[[Any], Any]) -> list[Any]:
        made = use(self.client)
        return [each async for each in made] if hasattr(made, "__aiter__") else list(made)


def drive(kind: str, *answers: Answer | httpx.Response | Exception, clock: Clock | None = None, **options: Any) -> Any:
    """(the client, what it met)."""
    api = FakeApi(answers)
    return Driven(kind, api, clock or Clock(), **options), api


def refused(status: int, code: str = "some_code", headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
    error = {"type": "some_error", "code": code, "message": "It says why.", "request_id": "req_1", **more}
    return httpx.Response(status, json={"error": error}, headers=headers)


ONE_TRY = Retrying(max_attempts=1)
