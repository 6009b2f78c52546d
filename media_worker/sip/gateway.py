"""One process that telephones: open the doors, keep what must be kept, and leave in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

import aiohttp
from aiohttp import web

from core.errors import DependencyRefused, KallglotError
from core.services.sip_calls import SipCallService
from media_worker.pipeline.offload import Offload
from media_worker.protection import Protection
from media_worker.sip.dialing.promises import PromiseReader
from media_worker.sip.settings import GatewaySettings
from media_worker.sip.signalling.flows import Sockets
from media_worker.sip.switchboard import Switchboard
from media_worker.sip.telemetry import Reporter

_log = logging.getLogger(__name__)
_RENEW_S = 60.0


@dataclass(slots=True)
class Gateway:
    switchboard: Switchboard
    sockets: Sockets
    service: SipCallService
    offload: Offload
    http: aiohttp.ClientSession
    protection: Protection | None
    reporter: Reporter
    promises: PromiseReader | None = None

    async def serve(self, settings: GatewaySettings, stop: asyncio.Event, ready: Callable[[int], None]) -> bool:
        """Until `stop`. False when a part of it failed before. Raises OSError when a port is taken."""
        health = await self._health(settings)
        port = await self.sockets.open(settings.host, settings.port, settings.tls_port)
        tasks = [asyncio.create_task(work) for work in self._work(settings)]
        ready(port)
        try:
            return await _until(stop, tasks)
        finally:
            await self.switchboard.drain(settings.stop_s)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self.sockets.close()
            await health.cleanup()
            await self.http.close()
            if self.protection is not None:
                await self.protection.close()

    def _work(self, settings: GatewaySettings) -> list[Coroutine[None, None, None]]:
        reports = self.reporter.run(lambda: len(self.switchboard), settings.max_calls)
        work: list[Coroutine[None, None, None]] = [self._renew_for_ever(), reports]
        if self.promises is not None:
            work.append(self.promises.run())
        if self.protection is not None:
            work.append(self.protection.run(lambda: len(self.switchboard) > 0))
        return work

    async def _renew_for_ever(self) -> None:
        """The places of calls that are alive; those of a process that died come free by themselves."""
        while True:
            await asyncio.sleep(_RENEW_S)
            places = self.switchboard.places()
            if places:
                try:
                    await self.offload(self.service.renew, places)
                except (KallglotError, DependencyRefused) as error:
                    _log.warning("places of calls were not renewed", extra={"code": type(error).__name__})

    async def _health(self, settings: GatewaySettings) -> web.AppRunner:
        app = web.Application()
        app.router.add_get("/healthz", self._answer_health)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, settings.host, settings.health_port).start()
        return runner

    async def _answer_health(self, _request: web.Request) -> web.Response:
        draining = self.switchboard.is_draining
        body = {"status": "stopping" if draining else "ok", "calls": len(self.switchboard)}
        return web.json_response(body, status=503 if draining else 200)


async def _until(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> bool:
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait((stopping, *tasks), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    for task in done - {stopping}:
        _log.critical("a part of the gateway has failed", exc_info=task.exception())
    return not done - {stopping}
