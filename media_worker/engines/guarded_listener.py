"""One leg's recogniser behind the guard: its utterance is kept, so that it can be heard again from the beginning.

It is heard again when its process died, when it stands still (`watchdog`), or when its end failed in a way that may
pass; by the same engines as often as the rules allow, then by the others, if there are any. The client is told.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from media_worker.engines.base import EngineError, LanguageNotServed, Recognition, StreamSpec
from media_worker.engines.guard import Guard, Stage
from media_worker.engines.patience import may_pass, others_may
from media_worker.engines.ports import Engines, Listener
from media_worker.engines.watchdog import Watchdog

_BYTES_PER_SAMPLE = 2


class GuardedListener:
    """`ports.Listener`. All of it runs on the event loop; a piece of audio costs an append and two comparisons more."""

    def __init__(
        self,
        guard: Guard,
        fallback: Engines | None,
        spec: StreamSpec,
        on_partial: Callable[[str], None],
        on_notice: Callable[[str], None],
    ) -> None:
        if not guard.primary.capabilities.hears(spec.language):
            raise LanguageNotServed("speech_unavailable")
        self._guard = guard
        self._fallback = fallback
        self._spec = spec
        self._on_partial = on_partial
        self._on_notice = on_notice
        self._watch = Watchdog(guard.watch)
        self._ring: deque[bytes] = deque()
        self._ring_bytes = 0
        self._bytes_per_s = spec.rate_hz * _BYTES_PER_SAMPLE
        self._ring_limit = int(guard.watch.ring_s * self._bytes_per_s)
        self._inner: Listener | None = None
        self._by_others = False
        self._is_spent = False
        self._shown = 0
        self._is_ending = False
        self._leaving: set[asyncio.Task[None]] = set()

    @property
    def broken(self) -> EngineError | None:
        return self._inner.broken if self._inner is not None else None

    def begin(self, pcm: bytes = b"") -> None:
        self._ring.clear()
        self._ring_bytes = 0
        self._shown = 0
        self._is_spent = self._is_ending = False
        self._watch.begin()
        others = self._fallback is not None
        self._choose(by_others=not self._guard.tries_primary(Stage.HEAR, others=others))
        self._keep(pcm)
        self._listener().begin(pcm)

    def feed(self, pcm: bytes) -> None:
        self._keep(pcm)
        listener = self._listener()
        listener.feed(pcm)
        stuck = self._watch.fed(len(pcm) / self._bytes_per_s)
        if (stuck or listener.broken is not None) and not self._is_spent:
            self._hear_again(listener.broken or EngineError("recogniser_silent", retryable=True), stuck=stuck)

    async def finish(self) -> Recognition:
        time, failures = self._guard.time, 0
        self._is_ending = True
        ends_at = time() + self._guard.patience.finish_s
        while True:
            try:
                result = await self._finish(ends_at)
            except EngineError as error:
                failures += 1
                pause_s = self._guard.patience.pause_s(failures, self._guard.random)
                if time() + pause_s >= ends_at or not others_may(error):
                    raise
                await self._guard.pause(pause_s)
                if not self._hear_again(error):
                    raise
            else:
                if not self._by_others:
                    self._guard.succeeded(Stage.HEAR)
                return result

    async def close(self) -> None:
        inner, self._inner = self._inner, None
        if inner is not None:
            await inner.close()
        await asyncio.gather(*self._leaving)

    async def _finish(self, ends_at: float) -> Recognition:
        """Where others wait, these have half of the time."""
        left_s = max(0.0, ends_at - self._guard.time())
        share = 2 if self._fallback is not None and not self._by_others else 1
        try:
            return await asyncio.wait_for(self._listener().finish(), left_s / share)
        except TimeoutError:
            raise EngineError("recogniser_timeout", retryable=True) from None

    def _hear_again(self, error: EngineError, *, stuck: bool = False) -> bool:
        """From the beginning of the utterance. False when nobody is left to hear it; then it is not tried again."""
        guard, stage = self._guard, Stage.HEAR
        if not self._by_others and not stuck:
            guard.failed(stage, error.code)
        again = (may_pass(error) and not self._is_given_up) and self._watch.may_restart(guard.time())
        if not again and (self._fallback is None or self._by_others):
            self._is_spent = True
            return False
        self._choose(by_others=self._by_others or not again, anew=True)
        self._watch.told()
        guard.count(stage, "restarted" if again else "fell_back", error.code)
        self._on_notice("recognition_restarted" if again else "recognition_fell_back")
        self._listener().begin(b"".join(self._ring))
        return True

    @property
    def _is_given_up(self) -> bool:
        has_others = self._fallback is not None and not self._by_others
        return has_others and self._guard.circuits[Stage.HEAR].is_open

    def _choose(self, *, by_others: bool, anew: bool = False) -> None:
        """Have a listener of the right engines. One that is left is closed behind our back."""
        if self._inner is not None and not anew and by_others == self._by_others:
            return
        if by_others and not self._by_others and not anew:
            self._guard.count(Stage.HEAR, "fell_back", "")
            self._on_notice("recognition_fell_back")
        self._leave()
        self._by_others = by_others
        engines = self._fallback if by_others and self._fallback is not None else self._guard.primary
        self._inner = self._open(engines)

    def _open(self, engines: Engines) -> Listener:
        def partial(text: str) -> None:
            if self._inner is listener:
                self._partial(text)

        listener = engines.listen(self._spec, partial)
        return listener

    def _partial(self, text: str) -> None:
        """While it is heard again, nothing that is shown is taken back."""
        self._watch.told()
        if len(text) >= self._shown and not self._is_ending:
            self._shown = len(text)
            self._on_partial(text)

    def _leave(self) -> None:
        if self._inner is not None:
            task = asyncio.get_running_loop().create_task(self._inner.close())
            self._leaving.add(task)
            task.add_done_callback(self._leaving.discard)

    def _listener(self) -> Listener:
        if self._inner is None:
            raise EngineError("utterance_not_begun")
        return self._inner

    def _keep(self, pcm: bytes) -> None:
        """The utterance so far; the oldest goes where it is longer than any should be."""
        self._ring.append(pcm)
        self._ring_bytes += len(pcm)
        while self._ring_bytes > self._ring_limit and len(self._ring) > 1:
            self._ring_bytes -= len(self._ring.popleft())
