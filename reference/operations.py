"""One route → one operation of OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from inspect import cleandoc
from typing import Any

from lambdas.rest.route import Route
from reference.codes import CODES, by_status, codes_of
from reference.examples import EXAMPLES, error_example
from reference.headers import headers_of
from reference.parameters import parameters_of

BEARER, HEADER = "bearer", "header"


def operation(route: Route) -> dict[str, Any]:
    found = {
        "operationId": operation_id(route),
        "tags": [route.tag],
        "summary": route.summary,
        "description": _description(route),
        "parameters": parameters_of(route),
        "requestBody": _request(route) if route.body else None,
        "responses": {str(route.status): _success(route)} | _refusals(route),
        "security": _security(route),
    }
    return {key: value for key, value in found.items() if value not in (None, [])} | {"security": found["security"]}


def operation_id(route: Route) -> str:
    return f"{route.run.__module__.rpartition('.')[2]}_{route.run.__name__}"


def _description(route: Route) -> str:
    said = " ".join(cleandoc(route.run.__doc__ or "").split())
    return f"{said}\n\nScope: `{route.scope}`." if route.scope else said


def _request(route: Route) -> dict[str, Any]:
    assert route.body is not None
    content = {"schema": {"$ref": f"#/components/schemas/{route.body.__name__}"}}
    examples = EXAMPLES.get(operation_id(route), {}).get("request")
    return {
        "required": not route.body_optional,
        "content": {route.body_type: content | ({"examples": examples} if examples else {})},
    }


def _success(route: Route) -> dict[str, Any]:
    content: dict[str, Any] = {text: {"schema": {"type": "string"}} for text in route.texts}
    if route.answer:
        examples = EXAMPLES.get(operation_id(route), {}).get("response")
        told = {"schema": {"$ref": f"#/components/schemas/{route.answer}"}}
        content = {"application/json": told | ({"examples": examples} if examples else {})} | content
    return _response(route, route.status, HTTPStatus(route.status).phrase) | ({"content": content} if content else {})


def _refusals(route: Route) -> dict[str, Any]:
    return {str(status): _refusal(route, status, codes) for status, codes in by_status(codes_of(route))}


def _refusal(route: Route, status: int, codes: tuple[str, ...]) -> dict[str, Any]:
    """The envelope, with the codes that this route can give."""
    told = "\n".join(f"- `{code}`: {CODES[code].meaning}" for code in codes)
    narrowed = {"properties": {"error": {"properties": {"code": {"enum": list(codes)}}}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Error"}, narrowed]}
    content = {"schema": schema, "example": error_example(codes[0])}
    return _response(route, status, told) | {"content": {"application/json": content}}


def _response(route: Route, status: int, description: str) -> dict[str, Any]:
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in headers_of(route, status)}
    return {"description": description, "headers": headers}


def _security(route: Route) -> list[Mapping[str, Any]]:
    if route.scope:
        return [{BEARER: []}, {HEADER: []}]
    return [{route.signature: []}] if route.signature else []
