"""/v1/languages."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from core.domain.access import Scope
from core.domain.engines import language_list
from lambdas.rest.call import Call, json_response
from lambdas.rest.route import Route


def get(call: Call) -> Response[str]:
    """Every language a session may be created in, and what the running engines can do in it."""
    return json_response(language_list(call.services.engines))


ROUTES = (
    Route(
        *("GET", "/v1/languages", Scope.SESSIONS_READ, get),
        tag="Languages",
        summary="List languages",
        answer="LanguageList",
    ),
)
