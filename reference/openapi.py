"""The OpenAPI 3.1 document, made from the tables of routes, of codes and of events."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from lambdas.rest.route import Route
from reference import parameters
from reference.events import EVENTS
from reference.headers import HEADERS
from reference.objects import all_objects
from reference.operations import BEARER, HEADER, operation
from reference.routes import ROUTES
from reference.schemas import schemas
from reference.sharing import share_responses
from reference.webhooks import webhooks

_BASE = "/v1"
_ALWAYS = ("Error", "Event")
_ABOUT = """\
Real-time call translation in your own AWS account.

Every answer carries `X-Request-ID`. Every refusal, whoever refuses, is an `Error`: program against `error.code`.
A path that exists answers 405 with `Allow` to a method it does not know, any other path 404.

A POST that creates or ends something takes an `Idempotency-Key`; its repeat within 24 hours returns the first answer.
"""


def document(*, closed: bool = False) -> dict[str, Any]:
    """`closed` forbids fields that are not described, as the tests want it of our own answers."""
    paths = _paths()
    responses = share_responses(paths)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Kallglot", "version": "v1", "description": _ABOUT},
        "servers": [{"url": "../v1", "description": "Where this document is served."}],
        "tags": [{"name": tag} for tag in dict.fromkeys([*(route.tag for route in ROUTES), "Events"])],
        "paths": paths,
        "webhooks": webhooks(),
        "components": {
            "securitySchemes": _security_schemes(),
            "headers": dict(HEADERS),
            "parameters": dict(parameters.COMPONENTS),
            "responses": responses,
            "schemas": schemas(_models(), closed=closed),
        },
    }


def path_of(route: Route) -> str:
    """As the document names it: without the version, which is the server's."""
    return route.path.removeprefix(_BASE).replace("<", "{").replace(">", "}")


def _paths() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for route in ROUTES:
        found.setdefault(path_of(route), {})[route.method.lower()] = operation(route)
    return found


def _models() -> set[type[BaseModel]]:
    objects = all_objects()
    named = {route.answer for route in ROUTES if route.answer} | {told.data for told in EVENTS.values()}
    return {objects[name] for name in named.union(_ALWAYS)} | {route.body for route in ROUTES if route.body}


def _security_schemes() -> dict[str, Any]:
    signatures = {route.signature for route in ROUTES if route.signature}
    return {
        BEARER: {"type": "http", "scheme": "bearer", "description": "An API key, `sk_live_…` or `sk_test_…`."},
        HEADER: {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same, in another header."},
    } | {name: {"type": "apiKey", "in": "header", "name": name} for name in sorted(signatures)}
