"""How a socket shows who it is: by the token of its upgrade, or by its first messages.

A carrier says `connected` first and brings its token with `start`; every other client brings it in its first message.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from aiohttp import web

from core.domain import ids
from core.errors import AuthenticationFailed, InvalidRequest, NotFound
from media_worker.dialects.base import Dialect
from media_worker.dialects.recognise import recognise
from media_worker.limits import SocketLimits
from media_worker.media_socket import Frame, MediaSocket
from media_worker.messages import Authentication, ClientMessage, Refused

_DIGITS = 9
_LONGEST_NAME = 255


@dataclass(frozen=True, slots=True)
class Entry:
    """What a client has shown to be let in."""

    token: str
    participant: str | None
    original_voice: bool = False
    last_sequence: int | None = None


class Reception:
    """Of one socket. `dialect` is how it is to be answered, as far as it is known; `read` is what it has said."""

    def __init__(self, request: web.Request, limits: SocketLimits) -> None:
        self._limits = limits
        self.session_id = request.match_info["session_id"]
        self.dialect: Dialect = recognise(None, self.session_id)
        self.read: list[Frame] = []
        self._named = request.query.get("participant")
        self._has = request.query.get("last_sequence")
        self._token = _upgrade_token(request)

    @property
    def is_waiting(self) -> bool:
        """The token is still to come."""
        return not self._token

    @property
    def known_session_id(self) -> str | None:
        """For the log: a path may say anything."""
        return self.session_id if ids.is_session_id(self.session_id) else None

    async def entry(self, socket: MediaSocket) -> Entry:
        """Raises NotFound, InvalidRequest or AuthenticationFailed."""
        if not ids.is_session_id(self.session_id):
            raise NotFound("session_not_found", "no such session")
        participant, last_sequence = _participant(self._named), _sequence(self._has)
        if self._token:
            return Entry(self._token, participant, last_sequence=last_sequence)
        shown = await self._first_words(socket)
        if not shown.token:
            raise AuthenticationFailed("missing_stream_token", "the first message must bring the stream token")
        if shown.last_sequence is not None:
            last_sequence = shown.last_sequence
        return Entry(shown.token, shown.participant or participant, shown.original_voice, last_sequence)

    async def _first_words(self, socket: MediaSocket) -> Authentication:
        """Within one limit for all of them."""
        try:
            async with asyncio.timeout(self._limits.token_wait_s):
                return await self._introduction(socket)
        except TimeoutError:
            raise AuthenticationFailed("missing_stream_token", "no stream token came in time") from None

    async def _introduction(self, socket: MediaSocket) -> Authentication:
        first = True
        async for frame in socket.frames():
            if len(frame.data) > self._limits.first_message_bytes:
                break
            if first and not frame.binary:
                self.dialect = recognise(frame.data, self.session_id)
            first = False
            self.read.append(frame)
            for message in self.dialect.receive(frame.data, binary=frame.binary):
                return self._shown(message)
        raise AuthenticationFailed("missing_stream_token", "no stream token came in time")

    def _shown(self, message: ClientMessage) -> Authentication:
        """The first message that says anything must be the one with the token."""
        if isinstance(message, Authentication):
            return message
        if isinstance(message, Refused) and self.dialect.paced:
            raise InvalidRequest(message.code, message.message)
        raise AuthenticationFailed("missing_stream_token", "the first message must bring the stream token")


def _upgrade_token(request: web.Request) -> str | None:
    scheme, _, credentials = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and credentials:
        return credentials.strip()
    return request.query.get("token") or None


def _participant(named: str | None) -> str | None:
    """Whether anybody is called so is seen when the session is known."""
    if named is not None and not 0 < len(named) <= _LONGEST_NAME:
        raise InvalidRequest("invalid_participant", "participant is customer, agent or a participant's id")
    return named


def _sequence(named: str | None) -> int | None:
    if named is None:
        return None
    if not (named.isascii() and named.isdigit() and len(named) <= _DIGITS):
        raise InvalidRequest("invalid_last_sequence", "last_sequence is the sequence of the last final you have")
    return int(named)
