"""The life of a worker process: sign in, serve, keep signing, hand over, sign out."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.errors import DependencyRefused, KallglotError
from core.ports import Clock, CommandSource, WorkerDirectory
from core.services.sessions import WORKER_DEAD_AFTER
from media_worker.doors import Doors, site
from media_worker.engines.ports import Engines
from media_worker.language_models.base import LanguageModel
from media_worker.pipeline.calls import Calls
from media_worker.pipeline.offload import Offload
from media_worker.pipeline.voice_activity import VoiceActivity
from media_worker.protection import Protection
from media_worker.relay.relay import Relay
from media_worker.relief import Relief
from media_worker.server import MediaServer
from media_worker.telemetry import Reporter

_log = logging.getLogger(__name__)
_BEAT_S = 5.0
_DEAD_AFTER_S = WORKER_DEAD_AFTER.total_seconds()
_POLL_S = 10
_POLL_AGAIN_S = 1.0


@dataclass(slots=True)
class Worker:
    """`beat_offload` has a thread of its own: a slow table must not make a living worker look dead."""

    id: str
    calls: Calls
    server: MediaServer
    engines: Engines
    voice_activity: VoiceActivity
    directory: WorkerDirectory
    inbox: CommandSource
    clock: Clock
    beat_offload: Offload
    language_model: LanguageModel | None = None
    relay: Relay | None = None
    protection: Protection | None = None
    relief: Relief | None = None
    reporter: Reporter | None = None
    address: str | None = None
    failed: bool = False
    _beaten_at: float = 0.0
    _signed_out: bool = False
    _gone: threading.Event = field(default_factory=threading.Event)

    async def serve(self, doors: Doors, stop: asyncio.Event, ready: Callable[[int], None]) -> None:
        """Until `stop`; `ready` is called with the port when sockets are taken.

        The door for other workers is open before they are told of it.
        """
        async with site(self.server.relay_app(), doors.host, doors.relay_port) as relay:
            self.address = f"{doors.private_host}:{await relay()}" if doors.private_host else None
            async with site(self.server.app(), doors.host, doors.port) as public:

                async def open_door() -> None:
                    ready(await public())

                await self.run(stop, open_door)

    async def run(self, stop: asyncio.Event, open_door: Callable[[], Awaitable[None]]) -> None:
        """From signing in to signing out; the door is opened in between."""
        await self._sign_in()
        tasks = [asyncio.create_task(work) for work in self._background()]
        try:
            await open_door()
            await self._until(stop, tasks)
            await self._hand_over()
        finally:
            await self._leave(tasks)

    def _background(self) -> tuple[Coroutine[Any, Any, None], ...]:
        work = [
            self._beat_for_ever(),
            self.calls.run(),
            self.calls.cry_out(),
            self.voice_activity.run(),
            self.server.beat_for_ever(),
        ]
        if self.relay is not None:
            work.append(self.relay.beat_for_ever())
        if self.protection is not None:
            work.append(self.protection.run(self._is_busy))
        if self.relief is not None:
            work.append(self.relief.run(self.server.has_room))
        if self.reporter is not None:
            work.append(self.reporter.run(self.server.levels))
        return tuple(work)

    def _is_busy(self) -> bool:
        """Calls of its own, waiting ones included, or those that it relays; not who merely knocks.

        Once it is superseded what it then begins to relay holds it no longer: such a task would never be without.
        """
        return len(self.calls) > 0 or (self.relay is not None and self.relay.guarded > 0)

    async def _until(self, stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
        """A worker whose heart or detector has stopped must not go on as if nothing had happened (`failed`)."""
        stopping = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait((stopping, *tasks), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        for task in done - {stopping}:
            self.failed = True
            _log.critical("a part of the worker has failed", exc_info=task.exception())

    async def _hand_over(self) -> None:
        """Everything on paper first, then out of the directory, then the clients may come again elsewhere."""
        _log.info("handing over", extra={"worker_id": self.id})
        self.server.stopping = True
        await self.calls.hand_over()
        self._signed_out = True
        await self._try("sign out", self.directory.forget, self.id)
        await self.calls.dismiss()
        self.server.dismiss()

    async def _leave(self, tasks: list[asyncio.Task[None]]) -> None:
        self._gone.set()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._try("close the inbox", self.inbox.close)
        for part in (self.relay, self.protection, self.language_model):
            if part is not None:
                await part.close()
        await self.engines.close()

    async def _try(self, what: str, work: Callable[..., None], *given: str) -> None:
        """On the way out: what fails is said and left, because clients and engines still wait to be told."""
        try:
            await self.beat_offload(work, *given)
        except (KallglotError, DependencyRefused) as error:
            _log.warning("could not %s", what, extra={"worker_id": self.id, "error": type(error).__name__})

    async def _sign_in(self) -> None:
        await self.beat_offload(self.inbox.open, self.id)
        await self._beat()
        poll = threading.Thread(target=self._poll, args=(asyncio.get_running_loop(),), name="inbox", daemon=True)
        poll.start()

    async def _beat_for_ever(self) -> None:
        """After a pause as long as others take for death (a stopped process, a lost table) nothing is certain.

        Until a beat has come through no session is taken on; then those that are held are read again, and those that
        another worker has taken meanwhile are let go.
        """
        while True:
            await asyncio.sleep(_BEAT_S)
            if self._signed_out:
                return
            was_away = self._is_overdue()
            self.calls.takes_new = not was_away
            try:
                await self._beat()
            except (KallglotError, DependencyRefused) as error:
                _log.warning("a heartbeat failed", extra={"worker_id": self.id, "error": type(error).__name__})
                continue
            if was_away:
                _log.warning("taken for dead, perhaps: reading every session again", extra={"worker_id": self.id})
                self.calls.look_again()
                self.calls.takes_new = True

    def _is_overdue(self) -> bool:
        return asyncio.get_running_loop().time() - self._beaten_at >= _DEAD_AFTER_S

    async def _beat(self) -> None:
        sent_at = asyncio.get_running_loop().time()
        await self.beat_offload(self.directory.beat, self.id, self.clock.now(), self.address)
        self._beaten_at = sent_at

    def _poll(self, loop: asyncio.AbstractEventLoop) -> None:
        """In its own thread, because it waits for the queue most of the time. No fault ends it but the worker's end."""
        while not self._gone.is_set():
            try:
                commands = self.inbox.receive(_POLL_S)
            except Exception as error:
                if self._gone.is_set():
                    return
                _log.warning("the inbox could not be read", extra={"worker_id": self.id, "error": type(error).__name__})
                self._gone.wait(_POLL_AGAIN_S)
                continue
            for command in commands:
                if not _handed(loop, self.calls.command, command):
                    return


def _handed(
    loop: asyncio.AbstractEventLoop, to: Callable[[Mapping[str, str]], None], command: Mapping[str, str]
) -> bool:
    """False when the loop has been closed in between."""
    try:
        loop.call_soon_threadsafe(to, command)
    except RuntimeError:
        return False
    return True
