"""The worker's door: `/v1/sessions/{id}/connect` as a WebSocket, `/healthz` for the load balancer.

A socket is upgraded first and refused then, by close code: browsers cannot read the status of a failed upgrade.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import WSMsgType, web

from core.domain import ids
from core.domain.sessions import Role
from core.errors import AuthenticationFailed, DependencyRefused, InvalidRequest, KallglotError, NotFound
from media_worker.closing import CloseCode, close_code
from media_worker.dialects.base import Dialect
from media_worker.dialects.recognise import recognise
from media_worker.limits import ByteBudget, SocketLimits
from media_worker.media_socket import MediaSocket
from media_worker.messages import Authentication, Failure, Refused
from media_worker.pipeline.calls import Calls
from media_worker.pipeline.conversation import Conversation
from media_worker.pipeline.leg import Leg

_log = logging.getLogger(__name__)
_DATA = (WSMsgType.TEXT, WSMsgType.BINARY)


@dataclass(frozen=True, slots=True)
class Frame:
    data: bytes
    binary: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """What a client has shown to be let in."""

    token: str
    participant: Role | None
    dialect: Dialect


class MediaServer:
    def __init__(self, calls: Calls, limits: SocketLimits | None = None) -> None:
        self._calls = calls
        self._limits = limits or SocketLimits()
        self._numbers = itertools.count(1)
        self.open_sockets = 0
        self._unknown = 0
        self.stopping = False

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/v1/sessions/{session_id}/connect", self._connect)
        return app

    async def _health(self, _request: web.Request) -> web.Response:
        body = {
            "status": "stopping" if self.stopping else "ok",
            "sessions": len(self._calls),
            "sockets": self.open_sockets,
        }
        return web.json_response(body, status=503 if self.stopping else 200)

    async def _connect(self, request: web.Request) -> web.StreamResponse:
        if self.stopping or self.open_sockets >= self._limits.sockets or self._unknown >= self._limits.waiting_sockets:
            return web.Response(status=503, headers={"Retry-After": "1"}, text="no room for another stream\n")
        response = web.WebSocketResponse(
            heartbeat=self._limits.heartbeat_s,
            max_msg_size=self._limits.message_bytes,
            compress=False,
            decode_text=False,
        )
        await response.prepare(request)
        assert request.transport is not None
        socket = MediaSocket(response, request.transport, self._limits)
        self.open_sockets += 1
        try:
            await self._serve(request, response, socket)
        finally:
            self.open_sockets -= 1
            await socket.closed()
        return response

    async def _serve(self, request: web.Request, response: web.WebSocketResponse[bool], socket: MediaSocket) -> None:
        session_id = request.match_info["session_id"]
        dialect = recognise(None, session_id)
        try:
            entry = await self._entry(request, response, session_id)
            dialect = entry.dialect
            leg = Leg(next(self._numbers), entry.participant, dialect, socket)
            conversation = await self._calls.join(session_id, entry.token, leg)
        except KallglotError as error:
            _log.info("refused", extra={"code": error.code})
            socket.send(dialect.send(Failure(error.code, error.message, fatal=True)))
            socket.close(_refusal_code(error), error.code)
            return
        except DependencyRefused:
            _log.exception("a stream could not be taken")
            socket.close(CloseCode.OUR_FAULT, "internal_error")
            return
        try:
            await self._converse(conversation, leg, response, socket)
        finally:
            conversation.leave(leg)

    async def _entry(self, request: web.Request, response: web.WebSocketResponse[bool], session_id: str) -> Entry:
        """The token of the upgrade, or of the first message."""
        if not ids.is_session_id(session_id):
            raise NotFound("session_not_found", "no such session")
        participant = _participant(request.query.get("participant"))
        if token := _upgrade_token(request):
            return Entry(token, participant, recognise(None, session_id))
        self._unknown += 1
        try:
            return await self._first_message(response, session_id, participant)
        finally:
            self._unknown -= 1

    async def _first_message(
        self, response: web.WebSocketResponse[bool], session_id: str, participant: Role | None
    ) -> Entry:
        try:
            async with asyncio.timeout(self._limits.token_wait_s):
                frame = await anext(_frames(response), None)
        except TimeoutError:
            frame = None
        if frame is None or len(frame.data) > self._limits.first_message_bytes:
            raise AuthenticationFailed("missing_stream_token", "no stream token came in time")
        dialect = recognise(frame.data, session_id)
        for message in dialect.receive(frame.data, binary=frame.binary):
            if isinstance(message, Authentication):
                return Entry(message.token, message.participant or participant, dialect)
        raise AuthenticationFailed("missing_stream_token", "the first message must bring the stream token")

    async def _converse(
        self, conversation: Conversation, leg: Leg, response: web.WebSocketResponse[bool], socket: MediaSocket
    ) -> None:
        """Every frame is parsed, heard and answered right here: no task, queue or thread in between."""
        now = asyncio.get_running_loop().time
        budget = ByteBudget(self._limits.inbound_bytes_s, self._limits.inbound_burst_bytes, now())
        bad = 0
        async for frame in _frames(response):
            if not budget.allows(len(frame.data), now()):
                socket.close(CloseCode.TOO_MUCH, "too much data")
            if socket.is_closing:
                return
            for message in leg.dialect.receive(frame.data, binary=frame.binary):
                bad = bad + 1 if isinstance(message, Refused) and message.malformed else 0
                conversation.receive(leg, message)
            if bad >= self._limits.bad_messages:
                socket.close(CloseCode.BAD_MESSAGE, "too many bad messages")
                return


async def _frames(response: web.WebSocketResponse[bool]) -> AsyncIterator[Frame]:
    """Data frames until the socket is closed, by either side. aiohttp answers pings and refuses what is too long."""
    async for message in response:
        if message.type in _DATA:
            yield Frame(message.data, message.type is WSMsgType.BINARY)


def _upgrade_token(request: web.Request) -> str | None:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return credentials.strip()
    return request.query.get("token") or None


def _participant(named: str | None) -> Role | None:
    if named is None:
        return None
    try:
        return Role(named)
    except ValueError:
        raise InvalidRequest("invalid_participant", "participant is customer or agent") from None


def _refusal_code(error: KallglotError) -> CloseCode:
    return CloseCode.BAD_MESSAGE if isinstance(error, InvalidRequest) else close_code(error)
