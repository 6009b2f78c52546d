"""Sessions for telephones to call, and what the API says of them afterwards."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx

Json = Mapping[str, Any]
_AT_ONCE = 4
_PATIENCE_S = 20.0
_LOOK_S = 0.1


async def new(http: httpx.AsyncClient, **fields: Any) -> Json:
    """English is spoken by who calls, Spanish by the other side."""
    body = {"mode": "bidirectional_translation", "source_language": "en", "target_language": "es", **fields}
    answer = await http.post("/sessions", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def many(http: httpx.AsyncClient, number: int) -> list[str]:
    """Their ids."""
    turns = asyncio.Semaphore(_AT_ONCE)

    async def one() -> str:
        async with turns:
            return str((await new(http))["id"])

    return list(await asyncio.gather(*(one() for _ in range(number))))


async def shown(http: httpx.AsyncClient, session_id: str, part: str = "") -> Json:
    return dict((await http.get(f"/sessions/{session_id}{part}")).json())


async def until(http: httpx.AsyncClient, session_id: str, done: Callable[[Json], bool], part: str = "") -> Json:
    """What it says once it is so. Raises TimeoutError, with what it said last."""
    last: Json = {}
    try:
        async with asyncio.timeout(_PATIENCE_S):
            while not done(last := await shown(http, session_id, part)):
                await asyncio.sleep(_LOOK_S)  # polls what the gateway and the worker write
    except TimeoutError:
        raise TimeoutError(f"{session_id}{part}: {last}") from None
    return last
