"""The REST API: tables of routes, and what every answer has in common (request id, error envelope, log, metrics)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.metrics import MetricUnit

from core.domain import ids
from core.errors import KallglotError, NotFound
from lambdas.rest import (
    agents,
    api_keys,
    documents,
    knowledge_bases,
    knowledge_documents,
    languages,
    legs,
    recordings,
    sessions,
    sip,
    tool_results,
    transcripts,
    usage,
    webhook_deliveries,
    webhook_endpoints,
)
from lambdas.rest.call import Call, json_response, principal, told_headers
from lambdas.rest.errors import UNEXPECTED, Failure, MethodNotAllowed, failure_of
from lambdas.rest.route import Route
from lambdas.runtime import wiring
from lambdas.runtime.telemetry import describe, logger, metrics

ROUTES: tuple[Route, ...] = (
    *sessions.ROUTES,
    *legs.ROUTES,
    *tool_results.ROUTES,
    *transcripts.ROUTES,
    *recordings.ROUTES,
    *usage.ROUTES,
    *languages.ROUTES,
    *agents.ROUTES,
    *api_keys.ROUTES,
    *sip.ROUTES,
    *webhook_endpoints.ROUTES,
    *webhook_deliveries.ROUTES,
    *knowledge_bases.ROUTES,
    *knowledge_documents.ROUTES,
    *documents.ROUTES,
)

_LOGGED = (
    ids.SESSION,
    ids.RECORDING,
    ids.AGENT,
    ids.API_KEY,
    ids.ENDPOINT,
    ids.DELIVERY,
    ids.EVENT,
    ids.KNOWLEDGE_BASE,
    ids.DOCUMENT,
)
_PARAMETERS = frozenset(name for route in ROUTES for name in route.parameters)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return _app().answer(event, context)


@cache
def _app() -> Application:
    return Application(wiring.rest())


class Application:
    def __init__(self, services: wiring.Rest) -> None:
        self._services = services
        self._request_id = ""
        self._resolver = APIGatewayRestResolver()
        for route in ROUTES:
            self._add(route)
        self._resolver.not_found(self._not_found)
        self._resolver.exception_handler(KallglotError)(self._refuse)
        self._resolver.exception_handler(Exception)(self._fail)

    def answer(self, event: dict[str, Any], context: Any) -> dict[str, Any]:
        self._request_id = self._services.ids.new(ids.REQUEST)
        logger().append_keys(request_id=self._request_id)
        response = self._resolver.resolve(event, context)
        response["multiValueHeaders"]["X-Request-ID"] = [self._request_id]
        response["multiValueHeaders"] |= {name: [value] for name, value in told_headers(event).items()}
        _report(event, response["statusCode"])
        return response

    def _add(self, route: Route) -> None:
        def run(**parameters: str) -> Response[str]:
            return self._run(route, parameters)

        self._resolver.route(route.path, method=route.method)(run)

    def _run(self, route: Route, parameters: Mapping[str, str]) -> Response[str]:
        event = self._resolver.current_event.raw_event
        logger().append_keys(route=route.name, **_loggable(parameters))
        caller = principal(event, route.scope) if route.scope else None
        call = Call(event, self._services, caller, route.name)
        return route.run(call, **parameters)

    def _not_found(self, _error: Exception) -> Response[str]:
        """Of the resolver, which knows fewer characters than a path may have: an odd id is for the route to refuse."""
        method, path = self._resolver.current_event.http_method, self._resolver.current_event.path
        covering = [(route, found) for route in ROUTES if (found := route.match(path)) is not None]
        for route, parameters in covering:
            if route.method == method:
                return self._run(route, parameters)
        methods = sorted(route.method for route, _ in covering)
        if not methods:
            return self._refuse(NotFound("route_not_found", "there is no such route"))
        response = self._refuse(MethodNotAllowed("method_not_allowed", f"allowed: {', '.join(methods)}"))
        response.headers["Allow"] = ", ".join(methods)
        return response

    def _refuse(self, error: KallglotError) -> Response[str]:
        return self._tell(failure_of(error))

    def _fail(self, error: Exception) -> Response[str]:
        logger().error("unexpected", extra=describe(error))
        return self._tell(UNEXPECTED)

    def _tell(self, failure: Failure) -> Response[str]:
        logger().append_keys(code=failure.code)
        response = json_response(failure.body(self._request_id, self._services.docs_url), failure.status)
        if failure.retry_after_s is not None:
            response.headers["Retry-After"] = str(failure.retry_after_s)
        return response


def _loggable(parameters: Mapping[str, str]) -> dict[str, str]:
    """Of a path, only what looks like an identifier of ours: the rest may be anything."""
    return {name: value for name, value in parameters.items() if any(ids.is_one(value, of) for of in _LOGGED)}


def _report(event: Mapping[str, Any], status: int) -> None:
    logger().info("answered", extra={"method": event.get("httpMethod"), "status": status})
    metrics().add_metric(name=f"Answers{status // 100}xx", unit=MetricUnit.Count, value=1)
    metrics().flush_metrics()
    logger().remove_keys(["request_id", "route", "code", *_PARAMETERS])
