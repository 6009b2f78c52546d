"""Further media workers beside the stack's own, reached at their ports, with scripted engines to be quick."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus

from local import worker
from local.deploy import worker_environment
from local.stack import FOLDER, MODELS, Stack
from tests.integration.wire import Wire, wire

SCRIPTED = {"KALLGLOT_ENGINES": "scripted"}
FRAME_BYTES = 160
FRAME_S = 0.02
TAKEN_OVER_WITHIN_S = 30.0
_AGAIN_S = 0.5


@dataclass(frozen=True)
class Member:
    """One worker process. `stream` gives a session's wire to it."""

    process: Process
    port: int

    def stream(self, session: Mapping[str, Any], participant: str, query: str = "") -> dict[str, Any]:
        path = f"/v1/sessions/{session['id']}/connect?participant={participant}{query}"
        return {**session, "stream": {**session["stream"], "url": f"ws://127.0.0.1:{self.port}{path}"}}


@asynccontextmanager
async def member(
    stack: Stack, name: str, engines: Mapping[str, str] = SCRIPTED, models: Path = MODELS
) -> AsyncIterator[Member]:
    """A worker with the role and the environment of the deployed task, but for its engines."""
    declared = await asyncio.to_thread(worker_environment, stack.outputs)
    log = (FOLDER / "integration" / f"{name}.log").resolve()
    port = _free_port()
    async with worker.running({**declared, **engines}, port, log, models.resolve()) as process:
        yield Member(process, port)


async def speak(wire: Wire, speaker: str, mulaw: bytes, silence_s: float = 1.0) -> None:
    """At the pace of a microphone, which is the worker's only clock for a pause."""
    sound = mulaw + b"\xff" * int(silence_s * 8000)
    for start in range(0, len(sound), FRAME_BYTES):
        await wire.audio(sound[start : start + FRAME_BYTES], speaker)
        await asyncio.sleep(FRAME_S)


@asynccontextmanager
async def persistent(stream: Mapping[str, Any], within_s: float = TAKEN_OVER_WITHIN_S) -> AsyncIterator[Wire]:
    """A client that comes again while it is told to (1012, 503), as the contract asks; greeted when it is yielded."""
    async with contextlib.AsyncExitStack() as opened:
        async with asyncio.timeout(within_s):
            while True:
                attempt = contextlib.AsyncExitStack()
                if greeted := await _try(attempt, stream):
                    break
                await asyncio.sleep(_AGAIN_S)  # a client's own pause between two attempts
        opened.push_async_exit(attempt)
        yield greeted


async def _try(attempt: contextlib.AsyncExitStack, stream: Mapping[str, Any]) -> Wire | None:
    try:
        opened = await attempt.enter_async_context(wire(stream))
        await opened.until("session.ready")
    except InvalidStatus as refused:
        assert refused.response.status_code == 503
    except ConnectionClosed as closed:
        assert closed.rcvd is None or closed.rcvd.code == 1012, closed
    else:
        return opened
    await attempt.aclose()
    return None


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
