"""One attempt to deliver: what came of it, and what of the answer is kept and heeded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

LONGEST_RETRY_AFTER = timedelta(hours=1)
LONGEST_EXCERPT_BYTES = 1024
_LONGEST_RETRY_AFTER_TEXT = 64


class Outcome(StrEnum):
    """What came of an attempt. The last four made no request."""

    SUCCEEDED = "succeeded"
    HTTP_STATUS = "http_status"
    REDIRECTED = "redirected"
    GONE = "gone"
    TIMEOUT = "timeout"
    CONNECTION_FAILED = "connection_failed"
    TLS_FAILED = "tls_failed"
    TARGET_REFUSED = "target_refused"
    CIRCUIT_OPEN = "circuit_open"
    ENDPOINT_DISABLED = "endpoint_disabled"
    EVENT_EXPIRED = "event_expired"

    @classmethod
    def of_status(cls, status: int) -> Outcome:
        if 200 <= status < 300:
            return cls.SUCCEEDED
        if 300 <= status < 400:
            return cls.REDIRECTED
        return cls.GONE if status == 410 else cls.HTTP_STATUS

    @property
    def is_final(self) -> bool:
        """No later attempt would end otherwise."""
        return self in (Outcome.SUCCEEDED, Outcome.GONE, Outcome.ENDPOINT_DISABLED, Outcome.EVENT_EXPIRED)

    @property
    def was_asked(self) -> bool:
        """Whether it says something about the endpoint: a request was made, or tried."""
        return self not in (Outcome.CIRCUIT_OPEN, Outcome.ENDPOINT_DISABLED, Outcome.EVENT_EXPIRED)


@dataclass(frozen=True, slots=True)
class Result:
    """What one attempt brought. `answer` is an excerpt of the response, `retry_after` its header as it came."""

    outcome: Outcome
    status: int | None = None
    answer: str = ""
    duration_ms: int = 0
    retry_after: str = ""


@dataclass(frozen=True, slots=True)
class Attempt:
    number: int
    at: datetime
    outcome: Outcome
    status: int | None = None
    duration_ms: int = 0


def retry_after(text: str, now: datetime) -> timedelta:
    """What a Retry-After asks for, in seconds or as a date; at most an hour, and nothing for what cannot be read."""
    return min(max(_asked_for(text.strip(), now), timedelta(0)), LONGEST_RETRY_AFTER)


def excerpt(answer: bytes) -> str:
    """The beginning of a response as text: at most a kilobyte, without what a terminal would obey."""
    text = answer[:LONGEST_EXCERPT_BYTES].decode(errors="ignore")
    kept = "".join(character for character in text if character.isprintable() or character in "\n\t")
    return kept.encode()[:LONGEST_EXCERPT_BYTES].decode(errors="ignore")


def _asked_for(text: str, now: datetime) -> timedelta:
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:9]), LONGEST_RETRY_AFTER.total_seconds()))
    try:
        at = parsedate_to_datetime(text[:_LONGEST_RETRY_AFTER_TEXT])
    except ValueError:
        return timedelta(0)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)) - now
