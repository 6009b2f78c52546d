"""Whether, and after how long, a request is made again. Pure: no clock, no socket, no chance of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kallglot.exchange.envelope import retry_after_s
from kallglot.exchange.requests import Repeat, Request
from kallglot.exchange.steps import Answer, Fault, Outcome

_NOT_IMPLEMENTED = 501
_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class Retrying:
    """`timeout_s` bounds every wait of one attempt, `deadline_s` all attempts and the pauses between them.

    A pause grows from `first_pause_s` by doubling up to `longest_pause_s`, and is drawn from its upper half, so that
    many clients that failed together do not come back together. `max_attempts` 1 switches retries off.
    """

    max_attempts: int = 4
    timeout_s: float = 30.0
    deadline_s: float = 60.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 8.0

    def __post_init__(self) -> None:
        if self.max_attempts < 1:
            raise ValueError("max_attempts counts the first attempt: at least 1")

    def backoff_s(self, attempt: int, draw: float) -> float:
        """The pause after attempt number `attempt`; `draw` is in [0, 1)."""
        grown_s = self.first_pause_s * 2.0 ** min(attempt - 1, _DOUBLINGS)
        return min(self.longest_pause_s, grown_s) * (0.5 + draw / 2)


def pause_before_next(
    policy: Retrying, request: Request[Any], attempt: int, outcome: Outcome, draw: float, wall_s: float
) -> float | None:
    """Seconds to wait after attempt number `attempt` (1, 2, …) before another; None when there shall be none.

    `draw` is in [0, 1); `wall_s` is the Unix time, for a Retry-After that names a date.
    """
    asked_s = retry_after_s(outcome, wall_s) if isinstance(outcome, Answer) else None
    if attempt >= policy.max_attempts or not _may_pass(request, outcome, asked_s):
        return None
    if asked_s is not None:
        return asked_s + draw * policy.first_pause_s
    return policy.backoff_s(attempt, draw)


def _may_pass(request: Request[Any], outcome: Outcome, asked_s: float | None) -> bool:
    repeatable = request.repeat is not Repeat.IF_UNHEARD
    if isinstance(outcome, Fault):
        return not outcome.lasting and (repeatable or not outcome.reached)
    if outcome.status == 429 or (outcome.status == 409 and asked_s is not None):
        return True
    return repeatable and 500 <= outcome.status != _NOT_IMPLEMENTED
