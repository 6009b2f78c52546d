"""What a tenant used, by UTC day: the sum of what its sessions were metered (contract section 7).

Days are counted in whole microseconds. A session's contribution is always the difference of two of its stored
meters, each rounded once, so that what is added to days sums to exactly what the session says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from core.domain.sessions import Session, Usage
from core.domain.views import usage_object

LONGEST_DAYS = 366
_MICROS = 1_000_000


@dataclass(frozen=True, slots=True)
class Addition:
    """Microseconds to add to one day."""

    day: date
    active_us: int
    translation_us: int
    ai_agent_us: int


def metered(session: Session, reported: Usage) -> Usage:
    """The meters after a worker's report: they never run back, and nothing counts beyond the session's end.

    A worker hears of an end a moment late, and a report may come twice or be overtaken by its successor's.
    """
    most_s = session.duration_s(session.ended_at) if session.ended_at else float("inf")
    held = session.usage
    return Usage(
        max(held.active_s, min(reported.active_s, most_s)),
        max(held.translation_s, min(reported.translation_s, most_s)),
        max(held.ai_agent_s, min(reported.ai_agent_s, most_s)),
    )


def addition(before: Usage, after: Usage, now: datetime) -> Addition | None:
    """What the day of `now` (UTC) grows by; None when it does not."""
    grown = tuple(_micros(new) - _micros(old) for new, old in zip(_meters(after), _meters(before), strict=True))
    return Addition(now.date(), *grown) if any(grown) else None


def summed(additions: Iterable[Addition]) -> dict[date, Usage]:
    """By day; a day to which nothing was added is left out."""
    days: dict[date, tuple[int, int, int]] = {}
    for each in additions:
        active, translation, ai_agent = days.get(each.day, (0, 0, 0))
        days[each.day] = active + each.active_us, translation + each.translation_us, ai_agent + each.ai_agent_us
    return {day: Usage(*(micros / _MICROS for micros in sums)) for day, sums in days.items()}


def usage_report(first: date, last: date, used: Mapping[date, Usage]) -> dict[str, Any]:
    """Every day from `first` to `last`, both included, and their total."""
    days = [(day, used.get(day, Usage())) for day in _days(first, last)]
    return {
        "object": "usage",
        "from": first.isoformat(),
        "to": last.isoformat(),
        "data": [{"date": day.isoformat(), **usage_object(usage)} for day, usage in days],
        "total": usage_object(_total(usage for _, usage in days)),
    }


def _total(usages: Iterable[Usage]) -> Usage:
    columns = list(zip(*(_meters(usage) for usage in usages), strict=True))
    return Usage(*(sum(_micros(seconds) for seconds in column) / _MICROS for column in columns))


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _meters(usage: Usage) -> tuple[float, float, float]:
    return usage.active_s, usage.translation_s, usage.ai_agent_s


def _micros(seconds: float) -> int:
    return round(seconds * _MICROS)
