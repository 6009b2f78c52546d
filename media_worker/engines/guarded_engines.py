"""Engines behind a guard: tried again when that may help, other engines when it does not, and never in silence.

Written once around whatever `ports.Engines` there is. A frame of audio passes one method more on its way
(`guarded_listener`); translation and speech are guarded where they are asked for. A session has a view of its own
(`telling`), which tells its clients; what speaks for the engines as a whole is shared (`guard`).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import TypeVar

from media_worker.engines.base import Capabilities, EngineError, SpeechRequest, StreamSpec
from media_worker.engines.guard import Guard, Stage
from media_worker.engines.guarded_listener import GuardedListener
from media_worker.engines.patience import may_pass, others_may
from media_worker.engines.ports import Engines

Value = TypeVar("Value")


class GuardedEngines:
    """`ports.Engines`. What is served is what the first engines serve; the others step in for what they serve too."""

    def __init__(self, guard: Guard, on_notice: Callable[[str], None] = lambda code: None) -> None:
        self._guard = guard
        self._on_notice = on_notice
        self._told: set[str] = set()

    @property
    def capabilities(self) -> Capabilities:
        return self._guard.primary.capabilities

    @property
    def counts(self) -> Counter[str]:
        return self._guard.counts

    def telling(self, on_notice: Callable[[str], None]) -> GuardedEngines:
        return GuardedEngines(self._guard, on_notice)

    def listen(self, spec: StreamSpec, on_partial: Callable[[str], None]) -> GuardedListener:
        fallback = self._others(lambda served: served.hears(spec.language))
        return GuardedListener(self._guard, fallback, spec, on_partial, self._notice)

    async def translate(self, text: str, source: str, target: str) -> str:
        fallback = self._others(lambda served: served.translates(source, target))
        return await self._guarded(Stage.TRANSLATE, fallback, lambda engines: engines.translate(text, source, target))

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[bytes, None]:
        """Guarded until the first sound is there: what was heard cannot be said again."""
        fallback = self._others(lambda served: request.language in served.speech_out)

        def begin(engines: Engines) -> Awaitable[tuple[AsyncGenerator[bytes, None], bytes | None]]:
            own = request if engines is self._guard.primary else replace(request, voice=None)
            return _begun(engines, own)

        pieces, first = await self._guarded(Stage.SPEAK, fallback, begin)
        async with aclosing(pieces):
            if first is not None:
                yield first
            async for pcm in pieces:
                yield pcm

    async def close(self) -> None:
        engines = (self._guard.primary, self._guard.fallback)
        await asyncio.gather(*(each.close() for each in engines if each is not None))

    def _others(self, serve: Callable[[Capabilities], bool]) -> Engines | None:
        fallback = self._guard.fallback
        return fallback if fallback is not None and serve(fallback.capabilities) else None

    async def _guarded(
        self, stage: Stage, fallback: Engines | None, work: Callable[[Engines], Awaitable[Value]]
    ) -> Value:
        guard = self._guard
        if guard.tries_primary(stage, others=fallback is not None):
            try:
                value = await self._again_and_again(stage, fallback is not None, work)
            except EngineError as error:
                if not others_may(error):
                    raise
                guard.failed(stage, error.code)
                if fallback is None:
                    raise
            else:
                guard.succeeded(stage)
                return value
        assert fallback is not None
        self._fell_back(stage)
        return await work(fallback)

    async def _again_and_again(self, stage: Stage, others: bool, work: Callable[[Engines], Awaitable[Value]]) -> Value:
        guard, patience = self._guard, self._guard.patience
        ends_at = guard.time() + patience.answer_s / (2 if others else 1)
        failures = 0
        while True:
            try:
                return await asyncio.wait_for(work(guard.primary), max(0.0, ends_at - guard.time()))
            except TimeoutError:
                raise EngineError("engine_timed_out", retryable=True) from None
            except EngineError as error:
                failures += 1
                pause_s = patience.pause_s(failures, guard.random)
                if not may_pass(error) or failures >= patience.attempts or guard.time() + pause_s >= ends_at:
                    raise
                guard.count(stage, "retried", error.code)
            await guard.pause(pause_s)

    def _fell_back(self, stage: Stage) -> None:
        self._guard.count(stage, "fell_back", "")
        self._notice(f"{stage}_fell_back")

    def _notice(self, code: str) -> None:
        """To this session's clients; what goes on for the rest of a call is said once."""
        if code not in self._told or not code.endswith("_fell_back"):
            self._told.add(code)
            self._on_notice(code)


async def _begun(engines: Engines, request: SpeechRequest) -> tuple[AsyncGenerator[bytes, None], bytes | None]:
    """Speech with its first piece, which is None where there is nothing to be said."""
    pieces = _generator(engines, request)
    try:
        return pieces, await anext(pieces, None)
    except BaseException:
        await pieces.aclose()
        raise


async def _generator(engines: Engines, request: SpeechRequest) -> AsyncGenerator[bytes, None]:
    source = engines.speak(request)
    try:
        async for pcm in source:
            yield pcm
    finally:
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()
