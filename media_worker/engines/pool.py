"""The engine pool: `ports.Engines` over a handful of engine processes.

A leg is pinned to the process with the fewest legs; a sentence goes to the process with the fewest requests. Limits
and what happens at them: `Limits`. A process that dies takes down what was under way on it, as errors that may be
retried, and is started again at once, then with growing pauses; calls never end because of it.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Self

from media_worker.engines import pool_requests, registry
from media_worker.engines.base import Capabilities, EngineError, LanguageNotServed, SpeechRequest, StreamSpec
from media_worker.engines.heartbeat import BeatRules, Heartbeat
from media_worker.engines.pool_link import EngineLink
from media_worker.engines.pool_listener import PoolListener
from media_worker.engines.pool_messages import Configure, FromProcess, Translate, Translated
from media_worker.engines.pool_requests import Answer, Timeouts
from media_worker.engines.pool_stats import PoolStats, ProcessStats, StageCost
from media_worker.engines.registry import EngineSettings, EnginesNotAvailable

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What may wait. Beyond it the newest is refused with a retryable error; nothing is dropped in silence."""

    backlog_s: float = 5.0
    """Audio of one stream not yet worked off; more fails the utterance (`recogniser_overloaded`)."""
    requests: int = 256
    """Requests under way per process; one more fails (`engines_overloaded`)."""
    text_chars: int = 5000
    """Length of one text to translate or to speak (`text_too_long`)."""


@dataclass(frozen=True, slots=True)
class Restarts:
    """The first restart is immediate; the pause then doubles up to a limit, and starts over after a healthy run."""

    first_pause_s: float = 0.2
    longest_pause_s: float = 10.0
    healthy_after_s: float = 60.0

    def pause_s(self, failures: int) -> float:
        return 0.0 if failures <= 1 else min(self.longest_pause_s, self.first_pause_s * 2.0 ** min(failures - 2, 16))


@dataclass(slots=True)
class _Slot:
    """One place for a process; the link in it changes when the process does."""

    link: EngineLink
    restarts: int = 0
    supervision: asyncio.Task[None] | None = None


@dataclass(slots=True)
class EnginePool:
    _configure: Configure
    _limits: Limits = field(default_factory=Limits)
    _timeouts: Timeouts = field(default_factory=Timeouts)
    _restarts: Restarts = field(default_factory=Restarts)
    _beats: BeatRules = field(default_factory=BeatRules)
    _watch: asyncio.Task[None] | None = None
    _slots: list[_Slot] = field(default_factory=list)
    _costs: dict[str, StageCost] = field(default_factory=dict)
    _capabilities: Capabilities | None = None
    _closing: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def start(
        cls,
        name: str,
        settings: EngineSettings,
        *,
        processes: int = 1,
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
        restarts: Restarts | None = None,
        beats: BeatRules | None = None,
    ) -> Self:
        """Start the processes and wait until all are ready; `EnginesNotAvailable` says why they are not."""
        registry.check(name)
        configure = Configure(name, str(settings.models_dir.absolute()), dict(settings.options))
        pool = cls(configure, limits or Limits(), timeouts or Timeouts(), restarts or Restarts(), beats or BeatRules())
        try:
            await pool._open(processes)
        except BaseException:
            await pool.close()
            raise
        return pool

    async def _open(self, processes: int) -> None:
        for _ in range(processes):
            slot = _Slot(self._new_link())
            slot.supervision = asyncio.create_task(self._supervise(slot))
            self._slots.append(slot)
        waiting = asyncio.gather(*(slot.link.ready for slot in self._slots))
        try:
            self._capabilities = (await asyncio.wait_for(waiting, self._timeouts.start_s))[0]
        except TimeoutError:
            raise EnginesNotAvailable(f"the engines were not ready after {self._timeouts.start_s:g} s") from None
        self._watch = asyncio.create_task(self._look_after_them())

    async def _look_after_them(self) -> None:
        """A process that stands still is no more use than a dead one, and says less about it."""
        loop = asyncio.get_running_loop()
        while not self._closing.is_set():
            for slot in self._slots:
                slot.link.look(loop.time())
            await self._pause(self._beats.every_s)

    def _new_link(self) -> EngineLink:
        return EngineLink(self._link_lost, self._costs, heartbeat=Heartbeat(self._beats))

    def _link_lost(self) -> None:
        """Put a fresh link in the place of every lost one, at once: what comes in waits there for its process."""
        for slot in self._slots:
            if slot.link.lost and not self._closing.is_set():
                slot.link = self._new_link()

    async def _supervise(self, slot: _Slot) -> None:
        loop, failures = asyncio.get_running_loop(), 0
        while not self._closing.is_set():
            started_s, link = loop.time(), slot.link
            try:
                await link.run(self._configure)
            except OSError:
                _log.exception("an engine process could not be started")
            if self._closing.is_set():
                return
            healthy = loop.time() - started_s > self._restarts.healthy_after_s
            failures = 1 if healthy else failures + 1
            slot.restarts += 1
            _log.warning("engine process %s ended; starting another", link.pid)
            await self._pause(self._restarts.pause_s(failures))

    async def _pause(self, pause_s: float) -> None:
        """Until the pause is over, or the pool closes."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._closing.wait(), pause_s)

    # ports.Engines

    @property
    def capabilities(self) -> Capabilities:
        if self._capabilities is None:
            raise EnginesNotAvailable("the engines have not started")
        return self._capabilities

    def telling(self, on_notice: Callable[[str], None]) -> EnginePool:
        """It tries nothing again, so there is nothing to tell."""
        return self

    def listen(self, spec: StreamSpec, on_partial: Callable[[str], None]) -> PoolListener:
        if not self.capabilities.hears(spec.language):
            raise LanguageNotServed("speech_unavailable")
        return PoolListener(self._quietest_for_leg, spec, on_partial, self._limits.backlog_s, self._timeouts)

    async def translate(self, text: str, source: str, target: str) -> str:
        if not self.capabilities.translates(source, target):
            raise LanguageNotServed("translation_unavailable")
        if source == target or not text.strip():
            return text
        link = self._link_for(text)
        number = link.next_number()
        message = Translate(number, text, source, target)
        return await pool_requests.ask(link, number, message, Answer(_text), self._timeouts.translate_s)

    async def speak(self, request: SpeechRequest) -> AsyncGenerator[bytes, None]:
        if request.language not in self.capabilities.speech_out:
            raise LanguageNotServed("speech_unavailable")
        link = self._link_for(request.text)
        pieces = pool_requests.speak(link, request, self._timeouts.speech_piece_s)
        try:
            async for pcm in pieces:
                yield pcm
        finally:
            await pieces.aclose()

    async def close(self) -> None:
        self._closing.set()
        for slot in self._slots:
            slot.link.hang_up()
        tasks = [slot.supervision for slot in self._slots]
        await asyncio.gather(*(task for task in (self._watch, *tasks) if task is not None))

    def stats(self) -> PoolStats:
        return PoolStats(tuple(_stats(slot) for slot in self._slots), dict(self._costs))

    # Choosing a process

    def _quietest_for_leg(self) -> EngineLink:
        return min(self._links(), key=lambda link: (not link.ready.done(), len(link.streams)))

    def _link_for(self, text: str) -> EngineLink:
        if len(text) > self._limits.text_chars:
            raise EngineError("text_too_long")
        if not _encodable(text):
            raise EngineError("text_not_unicode")
        link = min(self._links(), key=lambda link: (not link.ready.done(), len(link.requests)))
        if len(link.requests) >= self._limits.requests:
            raise EngineError("engines_overloaded", retryable=True)
        return link

    def _links(self) -> list[EngineLink]:
        if self._closing.is_set():
            raise EngineError("engines_closed")
        return [slot.link for slot in self._slots]


def _encodable(text: str) -> bool:
    """False for half a surrogate pair, which JSON lets through and no encoding takes."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _text(message: FromProcess) -> str:
    assert isinstance(message, Translated)
    return message.text


def _stats(slot: _Slot) -> ProcessStats:
    link = slot.link
    unheard_s = sum(stream.unheard_s for stream in link.streams.values())
    return ProcessStats(link.pid, link.ready.done(), len(link.streams), unheard_s, len(link.requests), slot.restarts)
