"""The worker's door: `/v1/sessions/{id}/connect` as a WebSocket, `/healthz` for the load balancer.

A socket is upgraded first and refused then, by close code: browsers cannot read the status of a failed upgrade. Only
a worker without room says so before the upgrade (503). A session that another worker holds is relayed to it; what comes
in by the relay's own door is served here or not at all, so that no socket goes in circles.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable

from aiohttp import web

from core.errors import InvalidRequest, KallglotError
from core.services.streams import HeldElsewhere
from media_worker.closing import CloseCode, close_code
from media_worker.frame_queue import FrameResponse
from media_worker.intercom import Intercom
from media_worker.limits import SocketLimits
from media_worker.media_socket import MediaSocket
from media_worker.messages import Failure
from media_worker.pipeline.calls import Calls
from media_worker.pipeline.conversation import Conversation
from media_worker.pipeline.leg import Leg
from media_worker.reception import Entry, Reception
from media_worker.relay.relay import PATH as RELAY_PATH
from media_worker.relay.relay import Relay
from media_worker.telemetry import Levels
from media_worker.trace import trace_id, trace_of

_log = logging.getLogger(__name__)
_TURNS = 20


class MediaServer:
    """Without a relay, a session that another worker holds is refused as one to come again for.

    `is_relieved` says whether a deployment has put others in this worker's place.
    """

    def __init__(
        self,
        calls: Calls,
        limits: SocketLimits | None = None,
        relay: Relay | None = None,
        is_relieved: Callable[[], bool] = lambda: False,
    ) -> None:
        self._calls = calls
        self._relay = relay
        self._limits = limits or SocketLimits()
        self._is_relieved = is_relieved
        self._numbers = itertools.count(1)
        self._sockets: dict[int, MediaSocket] = {}
        self._unknown = 0
        self._upgrading = 0
        self.stopping = False

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/v1/sessions/{session_id}/connect", self._connect)
        return app

    def relay_app(self) -> web.Application:
        """For a port that no load balancer leads to."""
        app = web.Application()
        app.router.add_get(RELAY_PATH, self._connect_worker)
        return app

    def dismiss(self) -> None:
        """Whoever is still here may come again, elsewhere: relayed sockets, and those without a token yet."""
        for socket in tuple(self._sockets.values()):
            socket.close(CloseCode.GOING_AWAY, "reconnect")

    async def _health(self, _request: web.Request) -> web.Response:
        """A superseded worker is as healthy as any: ECS would stop it at once, with its calls, were it not."""
        body = {
            "status": "stopping" if self.stopping else "superseded" if self._is_relieved() else "ok",
            "sessions": len(self._calls),
            "sockets": self.open_sockets,
        }
        return web.json_response(body, status=503 if self.stopping else 200)

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        return await self._upgrade(request, self._relay)

    async def _connect_worker(self, request: web.Request) -> web.StreamResponse:
        if self._relay is None or not await self._relay.check(request):
            return web.Response(status=403, text="not a worker of this deployment\n")
        return await self._upgrade(request, None)

    def has_room(self, session_id: str = "") -> bool:
        """For this session, or for any new one.

        Those being upgraded count as open, and as without a token: nobody has seen one.
        """
        sockets, unknown = self.open_sockets + self._upgrading, self._unknown + self._upgrading
        if self.stopping or sockets >= self._limits.sockets or unknown >= self._limits.waiting_sockets:
            return False
        return session_id in self._calls or (self._calls.takes_new and len(self._calls) < self._limits.sessions)

    async def _upgrade(self, request: web.Request, relay: Relay | None) -> web.StreamResponse:
        """`relay` is where a session that another worker holds goes; None where it may go no further."""
        if not self.has_room(request.match_info["session_id"]):
            return web.Response(status=503, headers={"Retry-After": "1"}, text="no room for another stream\n")
        response = FrameResponse(
            autoping=False,
            max_msg_size=self._limits.message_bytes,
            compress=False,
            decode_text=False,
        )
        self._upgrading += 1
        try:
            await response.prepare(request)
        finally:
            self._upgrading -= 1
        assert request.transport is not None
        number, socket = next(self._numbers), MediaSocket(response, request.transport, self._limits)
        self._sockets[number] = socket
        try:
            await self._serve(request, number, socket, relay)
        finally:
            del self._sockets[number]
            await socket.closed()
        return response

    @property
    def open_sockets(self) -> int:
        return len(self._sockets)

    def levels(self) -> Levels:
        """Of sessions and of sockets, the one that there is less room for."""
        full = max(len(self._calls) / self._limits.sessions, self.open_sockets / self._limits.sockets)
        return Levels(len(self._calls), self.open_sockets, None if self._is_relieved() else 100 * full)

    async def beat_for_ever(self) -> None:
        """Every socket is pinged once a heartbeat; not all of them in one moment."""
        for turn in itertools.cycle(range(_TURNS)):
            await asyncio.sleep(self._limits.heartbeat_s / _TURNS)
            for number, socket in tuple(self._sockets.items()):
                if number % _TURNS == turn:
                    socket.beat()

    async def _serve(self, request: web.Request, number: int, socket: MediaSocket, relay: Relay | None) -> None:
        trace_id.set(trace_of(request.headers))
        reception = Reception(request, self._limits)
        try:
            await self._take_part(reception, number, socket)
        except HeldElsewhere as held:
            await self._pass_on(held, relay, request, reception, socket)
        except KallglotError as error:
            _refuse(error, reception, socket)
        except Exception:
            # The last line of a socket: whatever it was, the client is told that it was not the client.
            _log.exception("a stream could not be taken")
            socket.close(CloseCode.OUR_FAULT, "internal_error")

    async def _pass_on(
        self, held: HeldElsewhere, relay: Relay | None, request: web.Request, reception: Reception, socket: MediaSocket
    ) -> None:
        """The owner asks for the token again, as of any other socket."""
        if relay is None:
            _refuse(held, reception, socket)
            return
        try:
            await relay.carry(
                held.owner, reception.session_id, request, reception.read, socket, guarded=not self._is_relieved()
            )
        except KallglotError as error:
            _refuse(error, reception, socket)

    async def _take_part(self, reception: Reception, number: int, socket: MediaSocket) -> None:
        entry = await self._entry(reception, socket)
        leg = Leg(number, entry.participant, reception.dialect, socket)
        leg.wants_original = entry.original_voice
        conversation = await self._calls.join(
            reception.session_id, entry.token, leg, entry.last_sequence, sessions=self._limits.sessions
        )
        _log.info("let in", extra={"session_id": reception.session_id})
        try:
            await self._converse(conversation, leg, socket)
        finally:
            conversation.leave(leg)

    async def _entry(self, reception: Reception, socket: MediaSocket) -> Entry:
        """Only so many sockets may stand at the door without a token."""
        if not reception.is_waiting:
            return await reception.entry(socket)
        self._unknown += 1
        try:
            return await reception.entry(socket)
        finally:
            self._unknown -= 1

    async def _converse(self, conversation: Conversation, leg: Leg, socket: MediaSocket) -> None:
        intercom = Intercom(conversation, leg, socket, self._limits, asyncio.get_running_loop().time)
        await socket.hear(intercom.take)


def _refuse(error: KallglotError, reception: Reception, socket: MediaSocket) -> None:
    _log.info("refused", extra={"code": error.code, "session_id": reception.known_session_id})
    if farewell := reception.dialect.send(Failure(error.code, error.message, fatal=True)):
        socket.send(farewell)
    socket.close(_refusal_code(error), error.code)


def _refusal_code(error: KallglotError) -> CloseCode:
    return CloseCode.BAD_MESSAGE if isinstance(error, InvalidRequest) else close_code(error)
