"""/v1/languages."""

from __future__ import annotations

from aws_lambda_powertools.event_handler import Response

from core.domain.engines import language_list
from lambdas.rest.call import Call, json_response


def get(call: Call) -> Response[str]:
    return json_response(language_list(call.services.engines))
