"""Why a stream was closed, and what each reason means to its client (contract section 9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kallglot.errors import KallglotError

ENDED = 1000


@dataclass(frozen=True, slots=True)
class Closing:
    """A WebSocket's close code, or the HTTP status that answered its upgrade; neither where a connection just broke."""

    code: int | None = None
    reason: str = ""
    http_status: int | None = None
    retry_after_s: float | None = None

    def __str__(self) -> str:
        shown = self.code if self.code is not None else self.http_status and f"HTTP {self.http_status}"
        return " ".join(str(part) for part in (shown, self.reason) if part) or "connection lost"


class StreamClosed(KallglotError):
    """The stream is over for a reason of its own; `code` is one of contract section 9, None where there was none."""

    means = ""

    def __init__(self, closing: Closing) -> None:
        self.closing = closing
        self.code = closing.code
        self.reason = closing.reason
        super().__init__(f"{self.means or 'the stream was closed'} ({closing})")


class MessageRefused(StreamClosed):
    """4400."""

    means = "the server understood too little of what was sent"


class TokenRejected(StreamClosed):
    """4401, and a fresh token was not to be had or did not help."""

    means = "the stream token is wrong or has expired"


class SessionNotFound(StreamClosed):
    """4404."""

    means = "there is no such session"


class SessionOver(StreamClosed):
    """4409."""

    means = "the session has ended"


class ReconnectWindowOver(StreamClosed):
    """4410, or as long a time in which no connection came about."""

    means = "the stream was away for too long"


class TooMuchData(StreamClosed):
    """4429, or one message of more than a megabyte (1009)."""

    means = "more was sent, or less read, than a call needs"


_BY_CODE: Mapping[int, type[StreamClosed]] = {
    1009: TooMuchData,
    4400: MessageRefused,
    4401: TokenRejected,
    4404: SessionNotFound,
    4409: SessionOver,
    4410: ReconnectWindowOver,
    4429: TooMuchData,
}
_BY_STATUS: Mapping[int, type[StreamClosed]] = {401: TokenRejected, 403: TokenRejected, 404: SessionNotFound}


def error_of(closing: Closing) -> StreamClosed:
    kind = _BY_CODE.get(closing.code or 0) or _BY_STATUS.get(closing.http_status or 0) or StreamClosed
    return kind(closing)
