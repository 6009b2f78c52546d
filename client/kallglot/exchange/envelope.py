"""What an answer says beside its content: the error envelope, how long to wait, the headers of every answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from kallglot.exchange.steps import Answer


@dataclass(frozen=True, slots=True)
class AnswerInfo:
    """What the headers told. `request_id` is what support asks for; limits are of the key that was used."""

    status: int
    request_id: str | None
    replayed: bool
    headers: Mapping[str, str]

    @property
    def rate_limit_remaining(self) -> int | None:
        """How many more calls this key may make until `X-RateLimit-Reset`; None when the answer did not say."""
        left = self.headers.get("x-ratelimit-remaining", "")
        return int(left) if left.isdecimal() else None


def info(answer: Answer) -> AnswerInfo:
    headers = answer.headers
    replayed = headers.get("idempotency-replayed") == "true"
    return AnswerInfo(answer.status, headers.get("x-request-id"), replayed, headers)


def envelope(answer: Answer) -> Mapping[str, Any]:
    """The error object; empty for an answer that wears none, as a proxy's on the way."""
    try:
        error = json.loads(answer.content)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return {}
    return error if isinstance(error, dict) else {}


def retry_after_s(answer: Answer, wall_s: float) -> float | None:
    """The header, in seconds or as a date, else the envelope's word; None when neither can be read."""
    header = answer.headers.get("retry-after", "").strip()
    for text in (header, envelope(answer).get("retry_after")):
        seconds = _seconds(text)
        if seconds is not None:
            return seconds
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - wall_s)
    except (ValueError, TypeError, OverflowError):
        return None


def _seconds(text: Any) -> float | None:
    try:
        return max(0.0, float(text))
    except (ValueError, TypeError):
        return None
