"""The function behind `/v1/telephony`: carriers' requests, and what every answer has in common."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.metrics import MetricUnit

from core.domain import ids
from core.errors import KallglotError, NotFound
from lambdas.rest.errors import UNEXPECTED, Failure, MethodNotAllowed, failure_of
from lambdas.runtime import telephony_wiring
from lambdas.runtime.telemetry import describe, logger, metrics
from lambdas.telephony.routes import ROUTES

_RUN = {route.path: route.run for route in ROUTES}


def handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    return answer(telephony_wiring.webhooks(), event)


def answer(services: telephony_wiring.Webhooks, event: Mapping[str, Any]) -> dict[str, Any]:
    """Of a request, the log has the path only: everything else may be a number."""
    request_id = services.ids.new(ids.REQUEST)
    path = str(event["path"]) if event["path"] in _RUN else "unknown"
    logger().append_keys(request_id=request_id, route=path)
    response = _response(services, event, request_id)
    logger().info("answered", extra={"status": response.status_code})
    metrics().add_metric(name=f"Answers{response.status_code // 100}xx", unit=MetricUnit.Count, value=1)
    metrics().flush_metrics()
    logger().remove_keys(["request_id", "route", "code"])
    headers = {name: str(value) for name, value in response.headers.items()}
    return {
        "statusCode": response.status_code,
        "headers": {**headers, "X-Request-ID": request_id},
        "body": response.body,
    }


def _response(services: telephony_wiring.Webhooks, event: Mapping[str, Any], request_id: str) -> Response[str]:
    try:
        return _run(services, event)
    except KallglotError as error:
        return _refusal(failure_of(error), request_id, services.docs_url)
    except Exception as error:
        logger().error("unexpected", extra=describe(error))
        return _refusal(UNEXPECTED, request_id, services.docs_url)


def _run(services: telephony_wiring.Webhooks, event: Mapping[str, Any]) -> Response[str]:
    run = _RUN.get(str(event["path"]))
    if run is None:
        raise NotFound("route_not_found", "there is no such route")
    if event["httpMethod"] != "POST":
        raise MethodNotAllowed("method_not_allowed", "allowed: POST")
    return run(services, event)


def _refusal(failure: Failure, request_id: str, docs_url: str) -> Response[str]:
    logger().append_keys(code=failure.code)
    headers = {"Retry-After": str(failure.retry_after_s)} if failure.retry_after_s is not None else {}
    headers |= {"Allow": "POST"} if failure.code == "method_not_allowed" else {}
    text = json.dumps(failure.body(request_id, docs_url), ensure_ascii=False)
    return Response(failure.status, "application/json", text, dict(headers))
