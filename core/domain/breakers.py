"""How an endpoint fares: when it is left alone for a while, and when it is given up.

While a breaker is open an attempt is counted and not made, so that every delivery ends by its schedule; the last
attempt of a schedule is always made. A breaker is never open for longer than OPEN_FOR's last, which is shorter than the
third delay of the schedule: an endpoint that recovers gets everything with the attempt after that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

FAILURES_TO_OPEN = 10
OPEN_FOR = (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4), timedelta(minutes=5))
FAILING_TO_DISABLE = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Health:
    """`failures` in a row, the first of which was at `failing_since`. No request until `open_until`, then one at a time
    until one succeeds."""

    failures: int = 0
    failing_since: datetime | None = None
    open_until: datetime | None = None


def opened_until(health: Health, now: datetime) -> datetime | None:
    """After a failure: until when the endpoint is left alone. Longer with every failure that follows."""
    if health.failures < FAILURES_TO_OPEN:
        return None
    further = health.failures - FAILURES_TO_OPEN
    return now + OPEN_FOR[min(further, len(OPEN_FOR) - 1)]


def is_given_up(health: Health, now: datetime) -> bool:
    """After a failure: whether the endpoint has done nothing but fail for days, and often enough to mean it."""
    if health.failing_since is None or health.failures < FAILURES_TO_OPEN:
        return False
    return now - health.failing_since >= FAILING_TO_DISABLE
