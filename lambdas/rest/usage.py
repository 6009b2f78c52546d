"""/v1/usage."""

from __future__ import annotations

import re
from datetime import date, timedelta

from aws_lambda_powertools.event_handler import Response

from core.domain.usage import LONGEST_DAYS
from lambdas.rest.call import Call, json_response
from lambdas.rest.validation import invalid

_DEFAULT_DAYS = 30


def get(call: Call) -> Response[str]:
    """Both days included; left out, the thirty days that end today."""
    last = _day("to", call.query("to")) or call.services.usage.today()
    first = _day("from", call.query("from")) or _before(last, _DEFAULT_DAYS - 1)
    if first > last:
        raise invalid("from", "must not be after to")
    if (last - first).days >= LONGEST_DAYS:
        raise invalid("from", f"at most {LONGEST_DAYS} days can be asked for at once")
    return json_response(call.services.usage.report(call.tenant, first, last))


def _day(name: str, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise invalid(name, "must be a day, as in 2026-03-26")


def _before(day: date, days: int) -> date:
    return day - min(timedelta(days=days), day - date.min)
