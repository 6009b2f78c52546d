"""The way to the worker that owns a session, for a socket that came to this one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from datetime import timedelta

import aiohttp
from aiohttp import web

from core.domain.rotation import Secret
from core.errors import Unavailable
from core.ports import Clock, Ids, WorkerDirectory
from media_worker.media_socket import Frame, MediaSocket
from media_worker.pipeline.offload import Offload
from media_worker.relay.line import Line
from media_worker.relay.permit import HEADER, Gate, NotPermitted, Way, permit
from media_worker.trace import HEADER as TRACE_HEADER
from media_worker.websockets_out import http_session

_log = logging.getLogger(__name__)
PATH = "/internal/sessions/{session_id}/relay"
_CONNECT = timedelta(seconds=3)
_BEAT_S = 5.0
_LARGEST_FRAME = 4 * 1024 * 1024
_FORWARDED = ("Authorization", "User-Agent", TRACE_HEADER)


class Relay:
    """`token_key` may block, as may the directory: both are asked off the loop."""

    def __init__(
        self,
        worker_id: str,
        directory: WorkerDirectory,
        token_key: Secret,
        offload: Offload,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._worker_id = worker_id
        self._directory = directory
        self._token_key = token_key
        self._offload = offload
        self._clock = clock
        self._ids = ids
        self._gate = Gate(worker_id)
        self._lines: set[Line] = set()
        self._guarded = 0
        self._http: aiohttp.ClientSession | None = None

    def __len__(self) -> int:
        return len(self._lines)

    @property
    def guarded(self) -> int:
        """Lines for which this worker's task is to be kept from being stopped."""
        return self._guarded

    async def carry(
        self,
        owner: str,
        session_id: str,
        request: web.Request,
        read: Iterable[Frame],
        client: MediaSocket,
        *,
        guarded: bool = True,
    ) -> None:
        """Pass the socket on to its owner, what was read from it included, until it is over.

        Raises Unavailable when the owner cannot be reached.
        """
        line = Line(await self._connect(owner, session_id, request), client)
        self._lines.add(line)
        self._guarded += guarded
        try:
            await line.carry(read)
        finally:
            self._lines.discard(line)
            self._guarded -= guarded

    async def check(self, request: web.Request) -> bool:
        """Whether this request comes from another worker."""
        known = await self._offload(self._token_key)
        shown, session_id = request.headers.get(HEADER, ""), request.match_info["session_id"]
        try:
            self._gate.check(known.values, shown, session_id, self._clock.now())
        except (NotPermitted, ValueError):
            _log.warning("a relay was refused", extra={"peer": request.remote})
            return False
        return True

    async def beat_for_ever(self) -> None:
        while True:
            await asyncio.sleep(_BEAT_S)
            await asyncio.gather(*(line.beat() for line in tuple(self._lines)))

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    async def _connect(
        self, owner: str, session_id: str, request: web.Request
    ) -> aiohttp.ClientWebSocketResponse[bool]:
        address = await self._offload(self._directory.address_of, owner)
        if address is None:
            raise Unavailable("owner_unreachable", "the worker that holds this session cannot be reached")
        known, now = await self._offload(self._token_key), self._clock.now()
        way = Way(session_id, self._worker_id, owner)
        shown = permit(known.in_use(now).value, way, now, self._ids.new("relay"))
        try:
            async with asyncio.timeout(_CONNECT.total_seconds()):
                return await self._session().ws_connect(
                    f"http://{address}{PATH.format(session_id=session_id)}",
                    params=request.query,
                    headers={HEADER: shown, **_forwarded(request)},
                    max_msg_size=_LARGEST_FRAME,
                    autoping=False,
                    decode_text=False,
                )
        except (aiohttp.ClientError, TimeoutError) as error:
            _log.warning("an owner cannot be reached", extra={"worker_id": owner, "code": type(error).__name__})
            raise Unavailable("owner_unreachable", "the worker that holds this session cannot be reached") from error

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            self._http = http_session()
        return self._http


def _forwarded(request: web.Request) -> dict[str, str]:
    """The token, where it came as a header, and what it is traced by; a query goes along anyway."""
    return {name: request.headers[name] for name in _FORWARDED if name in request.headers}
