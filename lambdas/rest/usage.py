"""/v1/usage."""

from __future__ import annotations

from datetime import date, timedelta

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from core.domain.usage import LONGEST_DAYS
from core.errors import invalid_field
from lambdas.rest.call import Call, json_response
from lambdas.rest.queries import UsageQuery
from lambdas.rest.route import Route
from lambdas.rest.validation import validated_query

_DEFAULT_DAYS = 30


def get(call: Call) -> Response[str]:
    """What was used by UTC day, both days included; left out, they are the thirty that end today."""
    asked = validated_query(UsageQuery, call.event)
    last = asked.last or call.services.usage.today()
    first = asked.first or _before(last, _DEFAULT_DAYS - 1)
    if first > last:
        raise invalid_field("from", "must not be after to")
    if (last - first).days >= LONGEST_DAYS:
        raise invalid_field("from", f"at most {LONGEST_DAYS} days can be asked for at once")
    return json_response(call.services.usage.report(call.tenant, first, last))


def _before(day: date, days: int) -> date:
    return day - min(timedelta(days=days), day - date.min)


ROUTES = (
    Route(
        *("GET", "/v1/usage", Scope.SESSIONS_READ, get),
        tag="Usage",
        summary="Retrieve usage by day",
        query=UsageQuery,
        answer="Usage",
    ),
)
