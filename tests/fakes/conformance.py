"""An answer against what the API's document says of its route: status, headers, media type, body, error code."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from jsonschema_rs import Draft202012Validator

from core.domain.events import Event, envelope
from lambdas.rest.app import ROUTES
from reference import openapi, webhooks

_NO_ROUTE = {404: "route_not_found", 405: "method_not_allowed"}
_NOT_DESCRIBED = frozenset({"content-type"})


def check(method: str, path: str, status: int, headers: Mapping[str, Sequence[str]], text: str) -> None:
    """AssertionError when the documents do not know such an answer."""
    described = _response(method, path, status)
    if described is None:
        _check_unrouted(status, text)
        return
    where = f"{method} {path} answered {status}"
    _check_headers(described, headers, where)
    content = described.get("content", {})
    if not content:
        assert text == "", f"{where} with a body, and none is documented"
        return
    kind = next(value[0] for name, value in headers.items() if name.lower() == "content-type")
    assert kind in content, f"{where} as {kind}, which is not documented"
    if kind == "application/json":
        _validate(content[kind]["schema"], json.loads(text), where)


def check_event(event: Event) -> None:
    """AssertionError when a customer would be told something else than the documents show of such an event."""
    if not event.type.is_internal:
        _validate(webhooks.body(event.type), envelope(event), f"{event.type.value} was told")


@cache
def _document() -> dict[str, Any]:
    return openapi.document(closed=True)


@cache
def _response(method: str, path: str, status: int) -> dict[str, Any] | None:
    """What is documented, with None where there is no such route."""
    route = next((route for route in ROUTES if route.method == method and route.match(path) is not None), None)
    if route is None:
        return None
    responses = _document()["paths"][openapi.path_of(route)][method.lower()]["responses"]
    assert str(status) in responses, f"{route.name} answered {status}, which is not documented"
    described: dict[str, Any] = responses[str(status)]
    shared = described.get("$ref", "").rpartition("/")[2]
    return _document()["components"]["responses"][shared] if shared else described


def _check_unrouted(status: int, text: str) -> None:
    error = json.loads(text)
    _validate({"$ref": "#/components/schemas/Error"}, error, "an unknown route")
    assert error["error"]["code"] == _NO_ROUTE[status]


def _check_headers(described: Mapping[str, Any], headers: Mapping[str, Sequence[str]], where: str) -> None:
    given = {name.lower() for name in headers} - _NOT_DESCRIBED
    known = {name.lower(): _document()["components"]["headers"][name] for name in described.get("headers", {})}
    assert given <= known.keys(), f"{where} with headers that are not documented: {sorted(given - known.keys())}"
    needed = {name for name, header in known.items() if header.get("required")}
    assert needed <= given, f"{where} without {sorted(needed - given)}"


def _validate(schema: Mapping[str, Any], value: Any, where: str) -> None:
    errors = [
        f"{error.instance_path}: {error.message[:300]}" for error in _validator(json.dumps(schema)).iter_errors(value)
    ]
    assert not errors, f"{where}, which does not fit its schema: {errors}"


@cache
def _validator(schema: str) -> Draft202012Validator:
    whole = json.loads(schema) | {"components": _document()["components"]}
    return Draft202012Validator(whole, validate_formats=True)
